# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the timeline can do by name: one table feeds its keys, its menu, the palette and the shortcut sheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from needledrop.gui.widgets.timeline.cue_parts import Part
from needledrop.gui.widgets.timeline.timeline import Timeline


@dataclass(frozen=True)
class Command:
    """Something the timeline does.

    Attributes:
        id: Stable, as actions want it.
        text: In the imperative, translated.
        keys: As QKeySequence spells them.
        run: Does it.
        is_cue: Is about a cue, and answers to its keys only where the timeline has the focus.
        needs_cue: Does nothing unless a cue is selected.
        is_repeating: A held key repeats it.
        category: Of actions.CATEGORIES.
    """

    id: str
    text: str
    keys: tuple[str, ...]
    run: Callable[[], object]
    is_cue: bool = True
    needs_cue: bool = True
    is_repeating: bool = False
    category: str = "Timeline"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Timeline", text)


def timeline_commands(timeline: Timeline) -> list[Command]:
    """Every command of a timeline."""
    return [*_walking(timeline), *_nudging(timeline), *_shaping(timeline), *_marking(timeline), *_viewing(timeline)]


def _walking(timeline: Timeline) -> list[Command]:
    keys = timeline.cue_keys
    rows: list[tuple[str, str, tuple[str, ...], Callable[[], object]]] = [
        ("next-cue", _tr("Select next cue"), ("Alt+Right",), lambda: keys.select_next(1)),
        ("previous-cue", _tr("Select previous cue"), ("Alt+Left",), lambda: keys.select_next(-1)),
        ("next-handle", _tr("Hold next handle"), ("E",), lambda: keys.walk_handles(1)),
        ("previous-handle", _tr("Hold previous handle"), ("Shift+E",), lambda: keys.walk_handles(-1)),
    ]
    return [Command(f"timeline.{name}", text, key, run, needs_cue=False) for name, text, key, run in rows]


def _nudging(timeline: Timeline) -> list[Command]:
    keys = timeline.cue_keys
    rows: list[tuple[str, str, tuple[str, ...], Callable[[], object]]] = [
        ("frame-left", _tr("Nudge a frame earlier"), (",",), lambda: timeline.nudge_frames(-1)),
        ("frame-right", _tr("Nudge a frame later"), (".",), lambda: timeline.nudge_frames(1)),
        ("beat-left", _tr("Nudge a beat earlier"), ("Shift+,", "Shift+<"), lambda: keys.nudge_beats(-1)),
        ("beat-right", _tr("Nudge a beat later"), ("Shift+.", "Shift+>"), lambda: keys.nudge_beats(1)),
        ("slip-frame-left", _tr("Slip a frame earlier"), ("Alt+,",), lambda: keys.slip_frames(-1)),
        ("slip-frame-right", _tr("Slip a frame later"), ("Alt+.",), lambda: keys.slip_frames(1)),
        ("slip-beat-left", _tr("Slip a beat earlier"), ("Alt+Shift+,", "Alt+Shift+<"), lambda: keys.slip_beats(-1)),
        ("slip-beat-right", _tr("Slip a beat later"), ("Alt+Shift+.", "Alt+Shift+>"), lambda: keys.slip_beats(1)),
    ]
    return [Command(f"timeline.{name}", text, key, run, is_repeating=True) for name, text, key, run in rows]


def _shaping(timeline: Timeline) -> list[Command]:
    keys = timeline.cue_keys
    rows: list[tuple[str, str, tuple[str, ...], Callable[[], object]]] = [
        ("cue-here", _tr("Move cue to playhead"), ("Shift+P",), lambda: keys.bring_to_playhead(Part.BODY)),
        ("trim-start", _tr("Trim start to playhead"), ("[",), lambda: keys.bring_to_playhead(Part.START)),
        ("trim-end", _tr("Trim end to playhead"), ("]",), lambda: keys.bring_to_playhead(Part.END)),
        ("fade-in", _tr("Fade in to playhead"), ("Ctrl+[",), lambda: keys.bring_to_playhead(Part.FADE_IN)),
        ("fade-out", _tr("Fade out from playhead"), ("Ctrl+]",), lambda: keys.bring_to_playhead(Part.FADE_OUT)),
        ("toggle-fade-in", _tr("Fade-in on or off"), (), lambda: keys.toggle_fade(Part.FADE_IN)),
        ("toggle-fade-out", _tr("Fade-out on or off"), (), lambda: keys.toggle_fade(Part.FADE_OUT)),
        ("remove-splice", _tr("Remove splice"), ("Ctrl+Backspace",), keys.remove_splice),
        ("remove-cue", _tr("Remove cue"), ("Del", "Backspace"), timeline.remove_selected),
    ]
    return [Command(f"timeline.{name}", text, key, run) for name, text, key, run in rows]


def _marking(timeline: Timeline) -> list[Command]:
    keys = timeline.time_keys
    rows: list[tuple[str, str, tuple[str, ...], Callable[[], object]]] = [
        ("marks.in", _tr("Mark in"), ("I",), keys.set_in),
        ("marks.out", _tr("Mark out"), ("O",), keys.set_out),
        ("marks.clear", _tr("Clear range"), ("Alt+X",), keys.clear_range),
        ("marks.cue", _tr("Range of the cue"), ("R",), keys.range_of_cue),
        ("marks.suggest", _tr("Find other music for the cue"), ("Shift+R",), timeline.suggest_for_cue),
        ("marks.add", _tr("Add or name marker"), ("M",), keys.mark),
        ("marks.name", _tr("Name marker"), ("Shift+M",), keys.name_marker),
        ("marks.remove", _tr("Remove marker"), ("Ctrl+Alt+M",), keys.remove_marker),
        ("marks.next", _tr("Next marker"), (), lambda: keys.step_marker(1)),
        ("marks.previous", _tr("Previous marker"), (), lambda: keys.step_marker(-1)),
    ]
    return [Command(id, text, key, run, is_cue=False, needs_cue=False, category="Marks") for id, text, key, run in rows]


def _viewing(timeline: Timeline) -> list[Command]:
    rows: list[tuple[str, str, tuple[str, ...], Callable[[], object]]] = [
        ("zoom-in", _tr("Zoom in"), ("=", "+"), lambda: timeline.zoom(1.25)),
        ("zoom-out", _tr("Zoom out"), ("-",), lambda: timeline.zoom(0.8)),
        ("fit", _tr("Show whole video"), ("Shift+Z",), timeline.fit),
        ("beats", _tr("Change how many beats are shown"), ("B",), timeline.cycle_beats),
        ("snapping", _tr("Snapping on or off"), ("S",), timeline.toggle_snapping),
    ]
    return [Command(f"timeline.{name}", text, key, run, is_cue=False, needs_cue=False) for name, text, key, run in rows]
