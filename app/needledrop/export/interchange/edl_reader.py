# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Edit decision lists (CMX 3600) as edits. They say no frame rate: the reader is told, or takes the usual one.

Source: CMX 3600 as SMPTE 258M describes it; comments as Avid, Premiere Pro and DaVinci Resolve write them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from needledrop.core.edit import ClipKind, EditClip, EditMarker, ProjectEdit
from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.export.interchange.frame_rates import frames_of_timecode
from needledrop.export.interchange.media_paths import MediaFinder
from needledrop.export.interchange.roles import role_of
from needledrop.export.interchange.safe_xml import broken, read_bytes

USUAL_RATE = Fraction(25)
_DROP_RATE = Fraction(30000, 1001)
_TC = r"(\d{2}:\d{2}:\d{2}[:;.]\d{2,3})"
_EVENT = re.compile(rf"^\s*(\d+)\s+(\S+)\s+(\S+)\s+(\S+)(?:\s+(\d+))?\s+{_TC}\s+{_TC}\s+{_TC}\s+{_TC}\s*$")
_NAME = re.compile(r"^\*?\s*(FROM|TO) CLIP NAME:\s*(.+?)\s*$", re.IGNORECASE)
_FILE = re.compile(r"^\*?\s*(?:SOURCE FILE|MEDIA FILE|FROM FILE|FROM CLIP):\s*(.+?)\s*$", re.IGNORECASE)
_LOCATOR = re.compile(rf"^\*?\s*LOC:\s*{_TC}\s+(\S+)\s*(.*?)\s*$", re.IGNORECASE)
_RESOLVE_MARK = re.compile(r"\|M:([^|]*?)\s*\|")
_MOST_EVENTS = 100_000
_Seconds = Callable[[str], Fraction]


@dataclass
class _Event:
    """One line; where a transition makes a pair of two, to_name is what comes."""

    reel: str
    channels: str
    kind: str
    times: tuple[str, str, str, str]
    name: str = ""
    to_name: str = ""
    file: str = ""
    mark: str = ""


def read_edl(path: Path, frame_rate: Fraction | None = None) -> ProjectEdit:
    """The events of a list; a list of markers has none of them, only markers.

    Args:
        frame_rate: Of the timeline. None takes 29.97 for drop-frame timecode and 25 otherwise, and says so.

    Raises:
        KnownError: "missing", "broken-project" or "unsafe-project".
    """
    text = read_bytes(path).decode("utf-8-sig", "replace")
    name = display_path(path.name)
    events, locators, title, is_drop = _parsed(text, name)
    if not events:
        raise broken(name, "no event")
    rate = frame_rate or (_DROP_RATE if is_drop else USUAL_RATE)
    notes = () if frame_rate else (f"An EDL says no frame rate; {float(rate):g} frames a second were taken.",)
    try:
        return _edit(path, title, rate, is_drop, events, locators, notes)
    except KnownError as error:
        raise broken(name, error.sentence) from error


def _parsed(text: str, name: str) -> tuple[list[_Event], list[tuple[str, str]], str, bool]:
    events: list[_Event] = []
    locators: list[tuple[str, str]] = []
    title, is_drop = "", False
    for line in text.splitlines():
        if match := _EVENT.match(line):
            if len(events) >= _MOST_EVENTS:
                raise broken(name, "more events than any list")
            events.append(
                _Event(match[2], match[3].upper(), match[4].upper(), (match[6], match[7], match[8], match[9]))
            )
        elif line.upper().startswith("TITLE:"):
            title = line[6:].strip()
        elif line.upper().startswith("FCM:"):
            is_drop = "NON" not in line.upper() and "DROP" in line.upper()
        elif match := _LOCATOR.match(line):
            locators.append((match[1], match[3]))
        elif events:
            _add_comment(events[-1], line)
    is_drop = is_drop or any(";" in time for event in events for time in event.times)
    return events, locators, title, is_drop


def _add_comment(event: _Event, line: str) -> None:
    if match := _NAME.match(line):
        if match[1].upper() == "FROM":
            event.name = match[2]
        else:
            event.to_name = match[2]
    elif match := _FILE.match(line):
        event.file = match[1]
    elif match := _RESOLVE_MARK.search(line):
        event.mark = match[1]


def _edit(
    path: Path,
    title: str,
    rate: Fraction,
    is_drop: bool,
    events: list[_Event],
    locators: list[tuple[str, str]],
    notes: tuple[str, ...],
) -> ProjectEdit:
    def seconds(text: str) -> Fraction:
        return frames_of_timecode(text, rate, is_drop=is_drop) / rate

    # A list of markers alone, as DaVinci Resolve writes it: its events are one frame long and of no reel.
    cuts = [event for event in events if not event.mark]
    first_s = min(seconds(event.times[2]) for event in events)
    start_s = min(first_s, min((seconds(time) for time, _ in locators), default=first_s))
    finder = MediaFinder(path)
    clips = [clip for event in cuts for clip in _clips(event, seconds, start_s, finder)]
    marks = [(event.times[2], event.mark) for event in events if event.mark]
    markers = [EditMarker(seconds(time) - start_s, label) for time, label in (*marks, *locators)]
    clips = [clip for clip in clips if clip.duration_s > 0]
    return ProjectEdit(
        name=title or path.stem,
        frame_rate=rate,
        clips=tuple(clips),
        markers=tuple(sorted(markers, key=lambda marker: marker.time_s)),
        start_frame=round(start_s * rate),
        is_drop_frame=is_drop,
        names=tuple(dict.fromkeys([title, *(clip.name for clip in clips)])),
        notes=notes,
        duration_s=max((clip.record_out_s for clip in clips), default=Fraction(0)),
    )


def _clips(event: _Event, seconds: _Seconds, start_s: Fraction, finder: MediaFinder) -> list[EditClip]:
    """One clip for each channel that an event cuts: V, A, A2, AA, B (both), AA/V."""
    times = [seconds(time) for time in event.times]
    is_black = event.reel.upper() in {"BL", "BLACK"}
    name = (event.to_name if event.kind != "C" else "") or event.name or event.reel
    source = None if is_black else finder.source(event.file or name, is_in_timecode=True)
    clips = []
    for kind, track in _channels(event.channels):
        clips.append(
            EditClip(
                name=name,
                kind=kind,
                track=track,
                source=source,
                source_in_s=times[0],
                source_out_s=times[1],
                record_in_s=times[2] - start_s,
                record_out_s=times[3] - start_s,
                role=role_of(name) if kind is ClipKind.SOUND else role_of(),
            )
        )
    return [] if is_black else clips


def _channels(channels: str) -> list[tuple[ClipKind, int]]:
    found: list[tuple[ClipKind, int]] = []
    if "V" in channels or channels == "B":
        found.append((ClipKind.PICTURE, 0))
    if channels == "B" or "AA" in channels:
        found.append((ClipKind.SOUND, 0))
    elif match := re.search(r"A(\d*)", channels):
        found.append((ClipKind.SOUND, max(0, int(match[1] or 1) - 1)))
    return found
