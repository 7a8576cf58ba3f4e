# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a rhythm to markers: which beats, downbeats and sections an editor wants, and where a cue puts them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from needledrop.core.cue import Cue
from needledrop.core.marker import Marker, MarkerKind
from needledrop.core.music import BREAK, BUILD, DROP, INTRO, OUTRO, SECTION, Rhythm
from needledrop.core.work import TimelineMarker

EVERY = (1, 2, 4, 8)
_ROLE_NAMES = {
    INTRO: "Intro", BUILD: "Build", DROP: "Drop/chorus", BREAK: "Break/verse", OUTRO: "Outro", SECTION: "Section",
}  # fmt: skip
# Two markers nearer than this are one moment: the greater kind stays.
_ONE_MOMENT_S = 0.02
# A cue that begins on a beat plays it, whatever rounding did to either time.
_EARLY_S = 0.002
Bars = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class MarkerChoice:
    """Which moments are wanted: every how many beats (of EVERY; None for no beats that begin no bar), downbeats, and
    sections."""

    every: int | None = 1
    downbeats: bool = True
    sections: bool = True


def bars_of(rhythm: Rhythm) -> Bars:
    """All beats in seconds, a bar each; those before the first downbeat are a bar of their own."""
    beats_s = rhythm.beats_s
    if not len(beats_s):
        return ()
    cuts = np.unique(np.searchsorted(beats_s, rhythm.downbeats_s))
    return tuple(tuple(bar.tolist()) for bar in np.split(beats_s, cuts) if len(bar))


def markers_of(rhythm: Rhythm, choice: MarkerChoice) -> list[Marker]:
    """Markers in seconds of the track, in order of time.

    Every 2 in bars of four are their beats 1 and 3, every 8 each second bar: the count begins anew with each bar, or
    bars, that it divides into, and runs on from the first downbeat where it divides into none (2 in bars of three).
    """
    found = _beat_markers(rhythm, choice)
    if choice.sections:
        found += [_section_marker(rhythm, index) for index in range(len(rhythm.sections_s))]
    return _one_each(found)


def _beat_markers(rhythm: Rhythm, choice: MarkerChoice) -> list[Marker]:
    bars, per_bar = bars_of(rhythm), rhythm.beats_per_bar
    has_pickup = bool(bars) and not (len(rhythm.downbeats_s) and bars[0][0] >= rhythm.downbeats_s[0])
    first = 0 if has_pickup else 1
    running = -len(bars[0]) if has_pickup else 0
    markers = []
    for bar, beats_s in enumerate(bars, first):
        # Beats of a pickup are counted from the bar line they lead to.
        skipped = max(per_bar - len(beats_s), 0) if bar == 0 else 0
        for at, beat_s in enumerate(beats_s, skipped):
            is_first = at == 0 and bar > 0
            if _is_wanted(choice, bar, at, running, per_bar, is_first=is_first):
                kind = MarkerKind.DOWNBEAT if is_first else MarkerKind.BEAT
                markers.append(Marker(beat_s, kind, f"Bar {bar}" if is_first else f"{bar}.{at + 1}", bar, at + 1))
            running += 1
    return markers


def _is_wanted(choice: MarkerChoice, bar: int, at: int, running: int, per_bar: int, *, is_first: bool) -> bool:
    if choice.every is None:
        return choice.downbeats and is_first
    if choice.every % per_bar == 0:
        return is_first and (bar - 1) % (choice.every // per_bar) == 0
    return at % choice.every == 0 if per_bar % choice.every == 0 else running % choice.every == 0


def _section_marker(rhythm: Rhythm, index: int) -> Marker:
    role = rhythm.section_roles[index] if rhythm.section_roles else SECTION
    start_s = float(rhythm.sections_s[index])
    return Marker(start_s, MarkerKind.SECTION, f"{index + 1} {_ROLE_NAMES[role]}")


def _one_each(markers: Iterable[Marker]) -> list[Marker]:
    """In order of time, of those at one moment the greatest; it keeps the bar and the beat of the other."""
    kept: list[Marker] = []
    for marker in sorted(markers, key=lambda marker: (marker.time_s, marker.kind)):
        if kept and marker.time_s - kept[-1].time_s < _ONE_MOMENT_S:
            greater, other = max(marker, kept[-1], key=_kind), min(marker, kept[-1], key=_kind)
            kept[-1] = replace(greater, bar=greater.bar or other.bar, beat=greater.beat or other.beat)
        else:
            kept.append(marker)
    return kept


def _kind(marker: Marker) -> MarkerKind:
    return marker.kind


def named_markers(markers: Iterable[TimelineMarker]) -> list[Marker]:
    """The user's own markers; one without a name is called by its number."""
    return [
        Marker(one.time_s, MarkerKind.NAMED, one.name or f"Marker {number}") for number, one in enumerate(markers, 1)
    ]


def in_cue(markers: Sequence[Marker], cue: Cue) -> list[Marker]:
    """Those that the cue plays, in seconds of the timeline; what it plays twice is marked twice."""
    return _one_each(
        replace(marker, time_s=time_s)
        for to_timeline in _pieces(cue)
        for marker in markers
        if (time_s := to_timeline(marker.time_s)) is not None
    )


def bars_in_cue(bars: Bars, cue: Cue) -> Bars:
    """The beats that the cue plays, in seconds of the timeline, bar by bar."""
    placed = []
    for to_timeline in _pieces(cue):
        for bar in bars:
            played = tuple(time_s for beat_s in bar if (time_s := to_timeline(beat_s)) is not None)
            if played:
                placed.append(played)
    return tuple(placed)


def _pieces(cue: Cue) -> list[Callable[[float], float | None]]:
    """For each piece of a cue, where on the timeline it puts a moment of the track; None for what it does not play."""
    places: list[Callable[[float], float | None]] = []
    start_s = cue.record_in_s
    for piece in cue.pieces:

        def place(
            track_s: float, start_s: float = start_s, in_s: float = piece.source_in_s, out_s: float = piece.source_out_s
        ) -> float | None:
            is_played = in_s - _EARLY_S <= track_s < out_s - _EARLY_S
            return max(start_s + (track_s - in_s) * cue.stretch, cue.record_in_s) if is_played else None

        places.append(place)
        start_s += piece.duration_s * cue.stretch
    return places
