# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user can do: search, listen, use, stop, copy the credits. None of them waits for Needledrop."""

# Blender reads the annotations below as properties: ruff: noqa: F722, F821, RUF012
import re
import uuid
from functools import partial
from pathlib import Path
from typing import Any

import bpy

from .bridge import BridgeError, read_installation
from .listening import Listening
from .placing import credits_of, lay_music, music_folder
from .preferences import install_file, preferences
from .session import Session, State
from .strips import read_timeline, sequencer_scene
from .timeline import Question, question, single_film
from .timeline_file import timeline_name, write_timeline

LOOK_EVERY_S = 0.1
session = Session()
listening = Listening()
_shown: list[dict[str, Any]] = []


class Suggest(bpy.types.Operator):
    """Find music in your library for the preview range, or the scene where there is none"""

    bl_idname = "needledrop.suggest"
    bl_label = "Suggest Music"

    @classmethod
    def poll(cls, context: Any) -> bool:
        return sequencer_scene(context) is not None

    def execute(self, context: Any) -> set[str]:
        scene = sequencer_scene(context)
        timeline = read_timeline(scene)
        if not timeline.under_range():
            self.report({"WARNING"}, "There is no picture in the range: add a movie strip, or change the range")
            return {"CANCELLED"}
        listening.stop()
        words, count = context.window_manager.needledrop_words, preferences(context).count
        try:
            installation = read_installation(install_file(context))
            project = installation.handover_dir / timeline_name(timeline.name, _film(), scene.name)
            if single_film(timeline) is None:
                write_timeline(timeline, project)
            session.suggest(installation, question(timeline, project, words, count))
        except BridgeError as error:
            session.refuse(error)
        _look()
        return {"FINISHED"}


class Cancel(bpy.types.Operator):
    """Stop the search"""

    bl_idname = "needledrop.cancel"
    bl_label = "Stop"

    @classmethod
    def poll(cls, _context: Any) -> bool:
        return session.state is State.SEARCHING

    def execute(self, _context: Any) -> set[str]:
        session.cancel()
        return {"FINISHED"}


class Audition(bpy.types.Operator):
    """Listen to this music, mixed as it would lie under the picture; once more to stop"""

    bl_idname = "needledrop.audition"
    bl_label = "Listen"

    number: bpy.props.IntProperty(options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, _context: Any) -> bool:
        return session.state is State.LISTED and not session.step

    def execute(self, context: Any) -> set[str]:
        if listening.number == self.number:
            listening.stop()
            return {"FINISHED"}
        listening.stop()
        scene = sequencer_scene(context)
        session.audition(self.number, partial(_play, scene.name, self.number))
        _look()
        return {"FINISHED"}


class Use(bpy.types.Operator):
    """Lay this music on a new channel under the cut"""

    bl_idname = "needledrop.use"
    bl_label = "Use"

    number: bpy.props.IntProperty(options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, _context: Any) -> bool:
        return session.state is State.LISTED and not session.step

    def execute(self, context: Any) -> set[str]:
        listening.stop()
        settings = preferences(context)
        how = {"is_editable": settings.levels == "EDITABLE", "markers": settings.markers}
        place = partial(_place, sequencer_scene(context).name, session.question, how)
        session.use(self.number, music_folder(bpy.data.filepath), place)
        _look()
        return {"FINISHED"}


class CopyCredits(bpy.types.Operator):
    """Copy what the licences of the music in this scene want to be published"""

    bl_idname = "needledrop.copy_credits"
    bl_label = "Copy Credits"

    @classmethod
    def poll(cls, context: Any) -> bool:
        scene = sequencer_scene(context)
        return scene is not None and bool(credits_of(scene))

    def execute(self, context: Any) -> set[str]:
        context.window_manager.clipboard = credits_of(sequencer_scene(context))
        self.report({"INFO"}, "The credits are in the clipboard")
        return {"FINISHED"}


def look() -> float | None:
    """Take what came and show it; Blender calls it again as long as there is something to wait for."""
    session.pump()
    listening.notice_end()
    _show_suggestions()
    _redraw()
    return LOOK_EVERY_S if session.is_busy or listening.number is not None else None


def stop_looking() -> None:
    """Leave the search and be silent: the add-on goes."""
    session.cancel()
    listening.stop()
    if bpy.app.timers.is_registered(look):
        bpy.app.timers.unregister(look)


def _look() -> None:
    if not bpy.app.timers.is_registered(look):
        # Another file may be opened meanwhile; then the answer says that its scene is gone.
        bpy.app.timers.register(look, first_interval=LOOK_EVERY_S, persistent=True)


def _play(scene_name: str, number: int, path: Path) -> None:
    scene, asked = bpy.data.scenes.get(scene_name), session.question
    entry = next((one for one in session.suggestions if one["number"] == number), None)
    if scene is None or asked is None or entry is None:
        return
    here_s = float((scene.frame_current - asked.zero_frame) / asked.rate)
    inside = entry["start_s"] <= here_s < entry["end_s"]
    try:
        listening.play(number, path, here_s - entry["start_s"] if inside else 0.0)
    except BridgeError as error:
        session.error = error


def _place(scene_name: str, asked: Question, how: dict[str, Any], answer: dict[str, Any]) -> None:
    scene = bpy.data.scenes.get(scene_name)
    if scene is None:
        session.error = BridgeError("no-scene", f"There is no scene {scene_name} any more.", "Search again.")
        return
    try:
        lay_music(scene, asked, answer, how["is_editable"], how["markers"])
    except BridgeError as error:
        session.error = error
        return
    if how["is_editable"] and answer["original"] is None:
        session.notes = ["This music is cut together or stretched: it was laid as finished sound."]
    _push_undo(f"Music: {answer['title']}")


def _push_undo(message: str) -> None:
    """One step in the history, with a name. Timers have no window, and the history belongs to one."""
    windows = bpy.context.window_manager.windows
    with bpy.context.temp_override(window=windows[0] if len(windows) else None):
        bpy.ops.ed.undo_push(message=message)


def _film() -> str:
    """What tells this film from others: its file, or a mark that lasts until another is opened."""
    unsaved: str = bpy.app.driver_namespace.setdefault("needledrop_film", uuid.uuid4().hex)  # Cleared at each opening.
    return bpy.data.filepath or unsaved


def _show_suggestions() -> None:
    """Fill the window's list with what was found, where that changed."""
    global _shown
    if _shown is session.suggestions:
        return
    _shown = session.suggestions
    manager = bpy.context.window_manager
    manager.needledrop_list.clear()
    for one in _shown:
        entry = manager.needledrop_list.add()
        entry.number, entry.name = one["number"], one["title"]
        entry.detail = " · ".join(part for part in (_tempo(one), _licence_family(one)) if part)
    manager.needledrop_active = 0


def _licence_family(one: dict[str, Any]) -> str:
    """Rows are narrow: "CC-BY-SA-4.0" is "CC-BY-SA" there."""
    return re.sub(r"-\d\.\d$", "", one.get("licence") or "")


def _tempo(one: dict[str, Any]) -> str:
    return f"{one['bpm']:.0f}" if one.get("bpm") else ""


def _redraw() -> None:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "SEQUENCE_EDITOR":
                area.tag_redraw()


CLASSES = (Suggest, Cancel, Audition, Use, CopyCredits)
