# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel in the sequencer's sidebar. Draws what the session says; computes and asks nothing."""

# Blender reads the annotations below as properties: ruff: noqa: F722, F821, RUF012
import textwrap
from typing import Any

import bpy

from .operators import listening, session
from .placing import credits_of
from .preferences import preferences
from .session import State
from .strips import scene_range, scene_rate, sequencer_scene
from .timeline import range_words

# A character of Blender's interface font at scale 1 is about so wide, in pixels.
_CHARACTER_PX = 7
_LEAST_CHARACTERS = 24
MOST_REASONS = 3


class Suggestion(bpy.types.PropertyGroup):
    """A row of the list; the rest is with the session."""

    number: bpy.props.IntProperty()
    detail: bpy.props.StringProperty()


class SuggestionList(bpy.types.UIList):
    """The suggestions, best first."""

    bl_idname = "NEEDLEDROP_UL_suggestions"

    def draw_item(
        self, _context: Any, layout: Any, _data: Any, item: Any, _icon: Any, _active_data: Any, _active: Any
    ) -> None:
        row = layout.split(factor=0.56, align=True)
        row.label(text=f"{item.number}  {item.name}")
        row = row.row(align=True)
        side = row.row(align=True)
        side.alignment = "RIGHT"
        side.active = False
        side.label(text=item.detail)
        is_heard = listening.number == item.number
        row.operator(
            "needledrop.audition", text="", icon="PAUSE" if is_heard else "PLAY", emboss=False
        ).number = item.number


class MusicPanel(bpy.types.Panel):
    """Sequencer > Sidebar > Music."""

    bl_idname = "NEEDLEDROP_PT_music"
    bl_label = "Needledrop"
    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Music"

    def draw(self, context: Any) -> None:
        scene = sequencer_scene(context)
        if scene is None:
            self.layout.label(text="Choose a scene for the sequencer")
            return
        width = max(_LEAST_CHARACTERS, int(context.region.width / _CHARACTER_PX / context.preferences.system.ui_scale))
        _draw_search(self.layout, context, scene)
        _draw_state(self.layout, width)
        if session.state is State.LISTED:
            _draw_list(self.layout, context.window_manager, width)
        _draw_options(self.layout, context, scene)


def _draw_search(layout: Any, context: Any, scene: Any) -> None:
    column = layout.column()
    row = column.row()
    row.active = False
    row.label(text=range_words(*scene_range(scene), scene_rate(scene)), icon="PREVIEW_RANGE")
    column.prop(context.window_manager, "needledrop_words", text="", icon="VIEWZOOM")
    if session.state is State.SEARCHING:
        column.operator("needledrop.cancel", icon="CANCEL")
    else:
        row = column.row()
        row.scale_y = 1.3
        row.operator("needledrop.suggest", icon="SOUND")


def _draw_state(layout: Any, width: int) -> None:
    if session.step and hasattr(layout, "progress"):
        layout.progress(text=f"{session.step}...", factor=session.share or 0.0)
    elif session.step:
        share = f" {session.share:.0%}" if session.share is not None else ""
        layout.label(text=f"{session.step}...{share}", icon="SORTTIME")
    if session.error is not None:
        box = layout.box()
        _draw_words(box, session.error.sentence, width, "ERROR")
        _draw_words(box, session.error.remedy, width)
    for note in session.notes:
        _draw_words(layout, note, width, "INFO")


def _draw_list(layout: Any, manager: Any, width: int) -> None:
    if not session.suggestions:
        _draw_words(layout, "Nothing in your library fits. Widen the range, or change the words.", width)
        return
    layout.template_list(SuggestionList.bl_idname, "", manager, "needledrop_list", manager, "needledrop_active", rows=6)
    if 0 <= manager.needledrop_active < len(session.suggestions):
        _draw_entry(layout.box(), session.suggestions[manager.needledrop_active], width)


def _draw_entry(box: Any, one: dict[str, Any], width: int) -> None:
    column = box.column(align=True)
    column.label(text=one["title"])
    facts = [one.get("artist") or "", f"{one['bpm']:.0f} BPM" if one.get("bpm") else "", one.get("key") or ""]
    quiet = column.column(align=True)
    quiet.active = False
    quiet.label(text=" · ".join(fact for fact in facts if fact))
    quiet.label(text=f"Licence: {one.get('licence') or 'not known'}")
    if hasattr(column, "progress"):
        column.progress(text="Match", factor=min(1.0, max(0.0, float(one.get("match") or 0.0))))
    else:
        quiet.label(text=f"Match {float(one.get('match') or 0.0):.2f} of 1")
    for reason in one.get("reasons", [])[:MOST_REASONS]:
        _draw_words(column, reason, width)
    for warning in one.get("warnings", []):
        _draw_words(column, warning, width, "ERROR")
    row = box.row(align=True)
    row.scale_y = 1.2
    is_heard = listening.number == one["number"]
    listen = row.operator(
        "needledrop.audition", text="Stop" if is_heard else "Listen", icon="PAUSE" if is_heard else "PLAY"
    )
    listen.number = one["number"]
    row.operator("needledrop.use", icon="CHECKMARK").number = one["number"]


def _draw_options(layout: Any, context: Any, scene: Any) -> None:
    settings = preferences(context)
    column = layout.column(align=True)
    column.prop(settings, "levels")
    column.prop(settings, "markers")
    if credits_of(scene):
        layout.operator("needledrop.copy_credits", icon="COPYDOWN")


def _draw_words(layout: Any, words: str, width: int, icon: str = "NONE") -> None:
    """A sentence in as many lines as it needs: labels do not break."""
    column = layout.column(align=True)
    for number, line in enumerate(textwrap.wrap(words, width)):
        column.label(text=line, icon=icon if number == 0 else "NONE")


CLASSES = (Suggestion, SuggestionList, MusicPanel)
