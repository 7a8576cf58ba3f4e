# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cue is, in words: the line in its block, and what a screen reader says of it. Draws nothing."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from needledrop.core.times import format_time
from needledrop.gui.widgets.timeline.cue_parts import Handle, Part
from needledrop.gui.widgets.timeline.cue_times import removals
from needledrop.gui.widgets.timeline.data import TimelineCue


def _tr(text: str) -> str:
    return QCoreApplication.translate("Timeline", text)


def precise_time(seconds: float) -> str:
    """Seconds with a tenth: "0:48.2"."""
    tenths = max(0, round(seconds * 10))
    return f"{format_time(tenths // 10)}.{tenths % 10}"


def cue_story(placed: TimelineCue) -> str:
    """Where in the track the cue begins, its stretch, and bars removed or repeated: "from 0:48.2 · +0.0 % · ..."."""
    cue = placed.cue
    speed = f"{cue.speed_percent - 100.0:+.1f} %".replace("-", "\u2212").replace("\u22120.0", "+0.0")
    parts = [_tr("from {time}").format(time=precise_time(cue.pieces[0].source_in_s)), speed]
    for joint_s, bars in removals(cue, placed.track.rhythm):
        parts.append(_splice_text(bars, format_time(joint_s)))
    return " · ".join(parts)


def cue_sentence(placed: TimelineCue, number: int, count: int, handle: Handle) -> str:
    """A cue and the handle that keys act on, for a screen reader."""
    cue = placed.cue
    where = _tr("Cue {number} of {count}: {title}, from {start} to {end}").format(
        number=number + 1,
        count=count,
        title=placed.track.title,
        start=precise_time(cue.record_in_s),
        end=precise_time(cue.record_out_s),
    )
    return f"{where}. {handle_text(placed, handle)}"


def handle_text(placed: TimelineCue, handle: Handle) -> str:
    """A handle with its value."""
    cue = placed.cue
    match handle.part:
        case Part.BODY:
            return _tr("Position {time}").format(time=precise_time(cue.record_in_s))
        case Part.SLIP:
            return _tr("Slip, from {time} of the track").format(time=precise_time(cue.pieces[0].source_in_s))
        case Part.START:
            return _tr("Start {time}").format(time=precise_time(cue.record_in_s))
        case Part.END:
            return _tr("End {time}").format(time=precise_time(cue.record_out_s))
        case Part.FADE_IN:
            return _tr("Fade in {length} s").format(length=f"{cue.fade_in_s:.2f}")
        case Part.FADE_OUT:
            return _tr("Fade out {length} s").format(length=f"{cue.fade_out_s:.2f}")
        case Part.GAIN:
            return _tr("Gain {gain} dB").format(gain=f"{cue.gain_db:+.1f}".replace("-", "\u2212"))
        case Part.DUCKING:
            return _tr("Ducking {depth} dB under speech").format(depth=f"{-cue.ducking.depth_db:.1f}")
        case Part.JOINT:
            return _tr("Splice {number}").format(number=handle.joint + 1)


def edit_text(handle: Handle) -> str:
    """What changing a handle is called in the list of undo steps."""
    match handle.part:
        case Part.BODY:
            return _tr("Move cue")
        case Part.SLIP:
            return _tr("Slip music")
        case Part.START:
            return _tr("Trim start")
        case Part.END:
            return _tr("Trim end")
        case Part.FADE_IN:
            return _tr("Change fade-in")
        case Part.FADE_OUT:
            return _tr("Change fade-out")
        case Part.GAIN:
            return _tr("Change gain")
        case Part.DUCKING:
            return _tr("Change ducking")
        case Part.JOINT:
            return _tr("Move splice")


def _splice_text(bars: float, time: str) -> str:
    whole = round(bars)
    if whole == 0 or abs(bars - whole) > 0.15:
        return _tr("spliced at {time}").format(time=time)
    if whole == 1:
        return _tr("1 bar removed at {time}").format(time=time)
    if whole == -1:
        return _tr("1 bar repeated at {time}").format(time=time)
    if whole > 0:
        return _tr("{bars} bars removed at {time}").format(bars=whole, time=time)
    return _tr("{bars} bars repeated at {time}").format(bars=-whole, time=time)
