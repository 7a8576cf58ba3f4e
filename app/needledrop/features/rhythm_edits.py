# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's corrections of a rhythm: what becomes of the beats when they are doubled, shifted, tapped anew.

Only arithmetic on values. What a correction came to (`CorrectedBeats`) is kept as it is and laid over whatever a later
analysis finds, for a doubling would be wrong on top of an analysis that has learnt better.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.core.music import ONSET_RATE_HZ, CorrectedBeats, FloatArray, Rhythm, RhythmEdit, TimeArray
from needledrop.features.beat_warping import anchors_of, beat_at, inserted_beat, moved_beat
from needledrop.features.tapped_beats import tapped_beats
from needledrop.features.tempo_map import tempo_map

SLOWEST_BPM, FASTEST_BPM = 20.0, 400.0
METRES = (3, 4, 5, 6, 7)
_FEWEST_BEATS = 2
_NEAR_FRAMES = 3
# Beats are kept to a microsecond: finer than any listener, and their text stays short.
_DECIMALS = 6


@dataclasses.dataclass(frozen=True)
class _Beats:
    """Beats [B] in seconds, the indices of those that begin a bar, and beats a bar."""

    times_s: TimeArray
    downbeats: NDArray[np.intp]
    per_bar: int


def edited(
    rhythm: Rhythm, edits: Sequence[RhythmEdit], duration_s: float, earlier: Sequence[RhythmEdit] = ()
) -> Rhythm:
    """The rhythm after the corrections, in their order.

    Args:
        earlier: The corrections that led to `rhythm`: beats that they put somewhere stay there.

    Raises:
        KnownError: "bad-value": there are no beats to correct, or a value lies outside what music has.
    """
    beats = _beats_of(rhythm)
    end_s = rhythm.ending_s if 0 < rhythm.ending_s <= duration_s else duration_s
    for index, edit in enumerate(edits):
        if edit.kind == "grid":
            beats = _grid(edit, end_s, beats.per_bar)
        elif edit.kind == "taps":
            beats = _tapped(edit, rhythm, end_s, beats.per_bar)
        elif edit.kind == "move":
            anchors_s = anchors_of((*earlier, *edits[:index]))
            beats = dataclasses.replace(beats, times_s=moved_beat(_there(beats).times_s, edit, anchors_s, duration_s))
        else:
            beats = _checked(_CHANGES[edit.kind](_there(beats), edit, duration_s))
    return _with_beats(rhythm, beats) if edits else rhythm


def kept_beats(corrected: Rhythm, edits: Sequence[RhythmEdit]) -> CorrectedBeats:
    """What to keep of a rhythm that these corrections led to."""
    return CorrectedBeats(
        tuple(edits),
        tuple(np.round(corrected.beats_s, _DECIMALS).tolist()),
        tuple(np.round(corrected.downbeats_s, _DECIMALS).tolist()),
        corrected.beats_per_bar,
    )


def with_kept_beats(analysed: Rhythm, kept: CorrectedBeats) -> Rhythm:
    """What analysis found, with the user's beats in place of its own."""
    times_s = np.asarray(kept.beats_s, np.float64)
    downbeats = np.flatnonzero(np.isin(times_s, np.asarray(kept.downbeats_s)))
    return _with_beats(analysed, _Beats(times_s, downbeats, kept.beats_per_bar))


def _beats_of(rhythm: Rhythm) -> _Beats:
    return _Beats(rhythm.beats_s, np.flatnonzero(np.isin(rhythm.beats_s, rhythm.downbeats_s)), rhythm.beats_per_bar)


def _with_beats(rhythm: Rhythm, beats: _Beats) -> Rhythm:
    tempo_bpm = _tempo_bpm(beats.times_s)
    return dataclasses.replace(
        rhythm,
        beats_s=beats.times_s,
        beat_strength=_strengths(rhythm.onset_curve, beats.times_s),
        downbeats_s=beats.times_s[beats.downbeats],
        tempo_bpm=tempo_bpm,
        tempo_alternatives_bpm=(tempo_bpm / 2, tempo_bpm * 2),
        confidence=1.0,
        beats_per_bar=beats.per_bar,
        tempo_map=tempo_map(beats.times_s),
    )


def _tempo_bpm(times_s: TimeArray) -> float:
    """Tempo of the steps that are within a tenth of the median step; rounded, so that 120 stays 120."""
    steps = np.diff(times_s)
    median = float(np.median(steps))
    return round(60.0 / float(steps[np.abs(steps - median) <= 0.1 * median].mean()), 4)


def _strengths(onset_curve: NDArray[np.uint8], times_s: TimeArray) -> FloatArray:
    """The highest onset strength within _NEAR_FRAMES of each beat, 0..1."""
    if not len(onset_curve):
        return np.zeros(len(times_s), np.float32)
    frames = np.round(times_s * ONSET_RATE_HZ).astype(np.intp)
    near = frames[:, None] + np.arange(-_NEAR_FRAMES, _NEAR_FRAMES + 1)
    return np.asarray(onset_curve[np.clip(near, 0, len(onset_curve) - 1)].max(axis=1) / 255.0, np.float32)


def _there(beats: _Beats) -> _Beats:
    if len(beats.times_s) >= _FEWEST_BEATS:
        return beats
    raise KnownError(
        "The track has no beats that could be corrected.",
        remedy="Give them: --bpm 120 --first 0.5, or --tap with the times of four beats or more.",
        code="bad-value",
    )


def _checked(beats: _Beats) -> _Beats:
    if len(beats.times_s) < _FEWEST_BEATS:
        raise KnownError(
            "That would leave no beats within the track.", remedy="Choose smaller steps.", code="bad-value"
        )
    check_tempo(_tempo_bpm(beats.times_s))
    return beats


def check_tempo(bpm: float) -> None:
    """Refuse what is no tempo.

    Raises:
        KnownError: "bad-value".
    """
    if not SLOWEST_BPM <= bpm <= FASTEST_BPM:
        raise KnownError(
            f"{bpm:g} beats a minute is no tempo.",
            remedy=f"Tempi from {SLOWEST_BPM:g} to {FASTEST_BPM:g} can be kept.",
            code="bad-value",
        )


def _grid(edit: RhythmEdit, end_s: float, per_bar: int) -> _Beats:
    check_tempo(edit.bpm)
    if not 0 <= edit.seconds < end_s:
        raise KnownError(
            f"The first beat, {edit.seconds:g} s, lies outside the music, which ends at {end_s:.1f} s.",
            remedy="Give the time of a beat of this track.",
            code="bad-value",
        )
    step_s = 60.0 / edit.bpm
    count = math.ceil((end_s - edit.seconds) / step_s)
    times_s: TimeArray = edit.seconds + step_s * np.arange(count, dtype=np.float64)
    return _checked(_Beats(times_s, _regular(0, per_bar, len(times_s)), per_bar))


def _tapped(edit: RhythmEdit, rhythm: Rhythm, end_s: float, per_bar: int) -> _Beats:
    times_s, first = tapped_beats(edit.taps_s, rhythm.onset_curve, end_s)
    return _checked(_Beats(times_s, _regular(first, per_bar, len(times_s)), per_bar))


def _doubled(beats: _Beats, edit: RhythmEdit, duration_s: float) -> _Beats:
    between = (beats.times_s[:-1] + beats.times_s[1:]) / 2
    times_s = np.sort(np.concatenate([beats.times_s, between]))
    return _Beats(times_s, _filled(beats.downbeats * 2, beats.per_bar, len(times_s)), beats.per_bar)


def _halved(beats: _Beats, edit: RhythmEdit, duration_s: float) -> _Beats:
    """Every second beat, of the two ways that which keeps more of the downbeats; the first of those stays one."""
    parity = int(np.sum(beats.downbeats % 2) * 2 > len(beats.downbeats))
    times_s = beats.times_s[parity::2]
    candidates = beats.downbeats[beats.downbeats % 2 == parity] // 2
    accepted: list[int] = []
    for candidate in candidates.tolist():
        if not accepted or candidate - accepted[-1] >= beats.per_bar:
            accepted.append(candidate)
    return _Beats(times_s, _filled(np.array(accepted, np.intp), beats.per_bar, len(times_s)), beats.per_bar)


def _shifted(beats: _Beats, edit: RhythmEdit, duration_s: float) -> _Beats:
    within = edit.beats % beats.per_bar if edit.beats >= 0 else -(-edit.beats % beats.per_bar)
    moved = beats.downbeats + within
    moved = moved[(moved >= 0) & (moved < len(beats.times_s))]
    return _Beats(beats.times_s, _filled(moved, beats.per_bar, len(beats.times_s)), beats.per_bar)


def _in_metre(beats: _Beats, edit: RhythmEdit, duration_s: float) -> _Beats:
    if edit.beats not in METRES:
        raise KnownError(
            f"Bars of {edit.beats} beats cannot be kept.",
            remedy=f"Choose one of {', '.join(map(str, METRES))}.",
            code="bad-value",
        )
    first = int(beats.downbeats[0]) if len(beats.downbeats) else 0
    return _Beats(beats.times_s, _regular(first, edit.beats, len(beats.times_s)), edit.beats)


def _moved(beats: _Beats, edit: RhythmEdit, duration_s: float) -> _Beats:
    if not abs(edit.seconds) < duration_s:
        raise KnownError(
            f"The beats cannot be moved by {edit.seconds:g} s.",
            remedy="Give seconds, such as 0.02 or -0.02.",
            code="bad-value",
        )
    times_s: TimeArray = beats.times_s + edit.seconds
    is_inside = (times_s >= 0) & (times_s < duration_s)
    is_downbeat = np.isin(np.arange(len(times_s)), beats.downbeats)
    return _Beats(times_s[is_inside], np.flatnonzero(is_downbeat[is_inside]), beats.per_bar)


def _inserted(beats: _Beats, edit: RhythmEdit, duration_s: float) -> _Beats:
    times_s, at = inserted_beat(beats.times_s, edit, duration_s)
    return _Beats(times_s, beats.downbeats + (beats.downbeats >= at), beats.per_bar)


def _deleted(beats: _Beats, edit: RhythmEdit, duration_s: float) -> _Beats:
    """Where the beat began a bar, the next one does."""
    at = beat_at(beats.times_s, edit.seconds)
    times_s = np.delete(beats.times_s, at)
    downbeats = np.unique(beats.downbeats - (beats.downbeats > at))
    return _Beats(times_s, downbeats[downbeats < len(times_s)], beats.per_bar)


def _regular(first: int, per_bar: int, count: int) -> NDArray[np.intp]:
    """Downbeats every `per_bar` of `count` beats, one of them the beat `first`."""
    return np.arange(first % per_bar, count, per_bar, dtype=np.intp)


def _filled(downbeats: NDArray[np.intp], per_bar: int, count: int) -> NDArray[np.intp]:
    """Those downbeats with more between, before and after them, so that no bar is longer than `per_bar` beats."""
    if not len(downbeats):
        return _regular(0, per_bar, count)
    before = np.arange(downbeats[0] % per_bar, downbeats[0], per_bar, dtype=np.intp)
    ends = np.append(downbeats[1:], count)
    bars = [np.arange(start, end, per_bar, dtype=np.intp) for start, end in zip(downbeats, ends, strict=True)]
    return np.concatenate([before, *bars])


_CHANGES: Mapping[str, Callable[[_Beats, RhythmEdit, float], _Beats]] = {
    "double": _doubled,
    "halve": _halved,
    "shift": _shifted,
    "metre": _in_metre,
    "offset": _moved,
    "insert": _inserted,
    "delete": _deleted,
}
