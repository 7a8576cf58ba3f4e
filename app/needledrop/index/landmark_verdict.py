# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the proposed tracks a sound really holds, from when to when: each must prove itself on what the surer ones
leave unexplained, so that two recordings of one sound, or two pieces with one sample, are not both believed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.progress import CancelToken
from needledrop.features.fingerprint import FRAME_S
from needledrop.features.landmark_alignment import Alignment, Line, SoundMap, align, met_places, stretch
from needledrop.index.landmark_search import Candidate

# Nats. On the half of the mixes it was set on, proposals that were wrong thinned out e-fold every 4 nats, from 8 above
# 18 in ten minutes of sound against 10,000 tracks: above 40 about one is left in 100 films of 3 minutes
# (tests/benchmarks/bench_past_edits.py prints that half and another).
LEAST_EVIDENCE = 40.0
_SHORTEST_FRAMES = 3.0 / FRAME_S
_JOINED_FRAMES, _SAME_LINE_FRAMES = 15.0 / FRAME_S, 0.3 / FRAME_S

TrackPeaks = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True)
class Heard:
    """A track (its row) heard from start_s to end_s of a sound, from track_start_s of it on; evidence in nats."""

    row: int
    start_s: float
    end_s: float
    track_start_s: float
    speed: float
    evidence: float

    @property
    def confidence(self) -> float:
        """0..1, one half where the evidence is just enough."""
        return self.evidence / (self.evidence + LEAST_EVIDENCE)


def heard_tracks(
    sound: SoundMap,
    proposed: Sequence[Candidate],
    peaks_of: Callable[[int], TrackPeaks],
    cancel: CancelToken,
    least: float = LEAST_EVIDENCE,
) -> list[Heard]:
    """The tracks that a sound holds, in the order of time.

    Args:
        peaks_of: the peaks of a row's fingerprint, as features.landmarks.fingerprint_peaks gives them.

    Raises:
        Cancelled: stopped by the user.
    """
    aligned: list[tuple[int, Alignment]] = []
    for one in proposed:
        cancel.check()
        found = align(sound, *peaks_of(one.row), Line(one.frame, one.track_frame, one.speed, one.pitch))
        if found is not None and found.evidence >= least:
            aligned.append((one.row, found))
    aligned.sort(key=lambda pair: (-pair[1].evidence, pair[0]))
    believed: list[tuple[int, Alignment]] = []
    rest = sound
    for row, sure in aligned:
        left = stretch(rest, *peaks_of(row), sure.line)
        if left is None or left.evidence < least or left.end_frame - left.start_frame < _SHORTEST_FRAMES:
            continue
        if any(row == other and _overlap(left, one) for other, one in believed):
            continue  # The same track again, a bar or a note's tail beside: music repeats itself.
        believed.append((row, left))
        rest = rest.without(*met_places(rest, *peaks_of(row), left))
    return _joined(believed)


def _overlap(one: Alignment, other: Alignment) -> bool:
    common = min(one.end_frame, other.end_frame) - max(one.start_frame, other.start_frame)
    return common > 0.2 * min(one.end_frame - one.start_frame, other.end_frame - other.start_frame)


def _joined(believed: Sequence[tuple[int, Alignment]]) -> list[Heard]:
    """Runs of one track along one line with a short gap between them are one use of it."""
    runs: list[tuple[int, Alignment, float, float, float]] = []
    for row, one in sorted(believed, key=lambda pair: (pair[1].start_frame, pair[0])):
        place = next((n for n, run in enumerate(runs) if run[0] == row and _continues(run[1], run[3], one)), None)
        if place is None:
            runs.append((row, one, one.start_frame, one.end_frame, one.evidence))
        else:
            _, first, start, end, evidence = runs[place]
            runs[place] = (row, first, start, max(end, one.end_frame), evidence + one.evidence)
    return [_heard(*run) for run in runs]


def _continues(before: Alignment, end: float, after: Alignment) -> bool:
    if after.start_frame - end > _JOINED_FRAMES:
        return False
    frame = after.start_frame
    places = [one.line.track_frame + (frame - one.line.frame) * one.line.speed for one in (before, after)]
    return abs(places[0] - places[1]) <= _SAME_LINE_FRAMES


def _heard(row: int, one: Alignment, start: float, end: float, evidence: float) -> Heard:
    track_start = one.line.track_frame + (start - one.line.frame) * one.line.speed
    track_start_s = max(0.0, float(track_start) * FRAME_S)
    return Heard(row, start * FRAME_S, end * FRAME_S, track_start_s, float(one.line.speed), evidence)
