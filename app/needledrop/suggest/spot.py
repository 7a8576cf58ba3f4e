# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spotting: where in a whole film music should come in and go out, from speech, silence, movement and turning points.

Proposes ranges and says why; choosing music for them is `engine.suggest`, range by range.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from needledrop.core.music import LOUDNESS_RATE_HZ, FloatArray, TimeArray
from needledrop.core.picture import VideoFeatures
from needledrop.core.times import TimeRange, format_time
from needledrop.suggest.picture_shape import CURVE_RATE_HZ, energy_of_video, rise_curve

SHORTEST_S = 20.0
LONGEST_S = 240.0
# What a second is worth: open picture asks for music, speech asks for none; silence and movement ask for more.
_OPEN_WORTH = 0.35
_SPEECH_COST = 1.0
_SILENCE_WORTH = 0.3
_MOVEMENT_WORTH = 0.15
# Every cue must earn its entrance; a good place to enter or leave is worth some seconds.
_CUE_COST = 6.0
_TURN_WORTH = 3.0
_SPEECH_EDGE_WORTH = 2.5
_EDGE_REACH_S = 2.5
_SILENT_LUFS = -45.0
_SPEECH_BLUR_S = 3.0
_RISE_SPAN = round(6.0 * CURVE_RATE_HZ)
_TICK = 48000
# Where a film is not cut for this long, edges of speech and a coarse grid stand in for cuts.
_UNCUT_S = 30.0


@dataclass(frozen=True)
class SpotRange:
    """A stretch that wants music, and why; times_s are instants to look at."""

    time_range: TimeRange
    reason: str
    times_s: tuple[float, ...]


@dataclass(frozen=True)
class _Boundaries:
    """Where music may come in or go out, [n] rising, with what each place is worth for either."""

    times_s: TimeArray
    entry: TimeArray
    leave: TimeArray


def spot(video: VideoFeatures) -> list[SpotRange]:
    """Music-in and music-out points for a whole video, in order, not overlapping; neighbours may touch.

    Each range is 20 s to 4 min long and begins and ends on a cut where there is one; a video shorter than 40 s is one
    range. The chosen set is the best of all sets of ranges on these boundaries (dynamic programming).
    """
    if video.duration_s < 2.0 * SHORTEST_S:
        whole = (0.0, video.duration_s)
        return [_spotted(video, whole)] if _speech_share(video, *whole) < 0.8 else []
    worth = _worth_before(video)
    boundaries = _boundaries(video)
    return [_spotted(video, span) for span in _best_spans(boundaries, worth)]


def _best_spans(boundaries: _Boundaries, worth_before: TimeArray) -> list[tuple[float, float]]:
    """The set of spans between boundaries with the highest total worth."""
    times = boundaries.times_s
    worth = np.interp(times * CURVE_RATE_HZ, np.arange(len(worth_before)), worth_before)
    best = np.zeros(len(times))
    origin = np.full(len(times), -1)
    for end in range(1, len(times)):
        best[end] = best[end - 1]
        low, high = np.searchsorted(times, (times[end] - LONGEST_S - 1e-6, times[end] - SHORTEST_S + 1e-6))
        if high <= low:
            continue
        totals = best[low:high] + boundaries.entry[low:high] - worth[low:high]
        start = low + int(totals.argmax())
        total = float(totals.max()) + worth[end] + boundaries.leave[end] - _CUE_COST
        if total > best[end] + 1e-9:
            best[end], origin[end] = total, start
    spans: list[tuple[float, float]] = []
    end = len(times) - 1
    while end > 0:
        if origin[end] < 0:
            end -= 1
            continue
        spans.append((float(times[origin[end]]), float(times[end])))
        end = int(origin[end])
    return spans[::-1]


def _worth_before(video: VideoFeatures) -> TimeArray:
    """The summed worth of music before each frame at CURVE_RATE_HZ, [frames + 1]."""
    energy = energy_of_video(video)
    speech = _speech_density(video, len(energy))
    worth = _OPEN_WORTH - (_OPEN_WORTH + _SPEECH_COST) * speech
    worth += _SILENCE_WORTH * _is_silent(video, len(energy)) * (1.0 - speech)
    worth += _MOVEMENT_WORTH * np.clip(energy, -1.0, 2.0) * (1.0 - speech)
    return np.concatenate([[0.0], np.cumsum(worth / CURVE_RATE_HZ)])


def _boundaries(video: VideoFeatures) -> _Boundaries:
    times = _places(video)
    energy = energy_of_video(video)
    rise = rise_curve(energy, _RISE_SPAN)
    frames = np.clip((times * CURVE_RATE_HZ).astype(np.int64), 0, len(rise) - 1)
    turn = np.clip(rise[frames].astype(np.float64), -1.5, 1.5)
    speech = video.soundtrack.speech_s.reshape(-1, 2)
    after_speech = _near(times, speech[:, 1], behind=_EDGE_REACH_S, ahead=0.3)
    before_speech = _near(times, speech[:, 0], behind=0.3, ahead=_EDGE_REACH_S)
    return _Boundaries(
        times_s=times,
        entry=_TURN_WORTH * np.maximum(turn, 0.0) + _SPEECH_EDGE_WORTH * after_speech,
        leave=_TURN_WORTH * np.maximum(-turn, 0.0) + _SPEECH_EDGE_WORTH * before_speech,
    )


def _places(video: VideoFeatures) -> TimeArray:
    """The ends of the video, its cuts, and stand-ins where it is not cut for long."""
    cuts = video.shots.cuts_s
    places = np.unique(np.concatenate([[0.0], cuts[(cuts > 0) & (cuts < video.duration_s)], [video.duration_s]]))
    edges = np.unique(np.clip(video.soundtrack.speech_s.ravel(), 0.0, video.duration_s))
    extra = [edge for edge in edges.tolist() if np.abs(places - edge).min() > _UNCUT_S / 3.0]
    places = np.unique(np.concatenate([places, extra]))
    fill = [
        np.linspace(low, high, int((high - low) // _UNCUT_S) + 2)[1:-1]
        for low, high in itertools.pairwise(places)
        if high - low > 2.0 * _UNCUT_S
    ]
    return np.unique(np.concatenate([places, *fill]))


def _near(times: TimeArray, marks: TimeArray, behind: float, ahead: float) -> TimeArray:
    """1 where a mark lies at most `behind` before or `ahead` after an instant, else 0."""
    if len(marks) == 0:
        return np.zeros(len(times))
    rising = np.sort(marks)
    first = np.searchsorted(rising, times - behind, side="left")
    last = np.searchsorted(rising, times + ahead, side="right")
    return (last > first).astype(np.float64)


def _speech_density(video: VideoFeatures, count: int) -> TimeArray:
    """The share of speech around each frame at CURVE_RATE_HZ, 0..1."""
    time_s = (np.arange(count) + 0.5) / CURVE_RATE_HZ
    density = np.zeros(count)
    for low, high in video.soundtrack.speech_s.reshape(-1, 2).tolist():
        density[(time_s >= low) & (time_s < high)] = 1.0
    width = max(1, round(_SPEECH_BLUR_S * CURVE_RATE_HZ))
    return np.convolve(np.pad(density, width, mode="edge"), np.ones(width) / width, mode="same")[width:-width]


def _is_silent(video: VideoFeatures, count: int) -> TimeArray:
    """1 where the video's own sound is as good as silent."""
    curve: FloatArray = video.soundtrack.curve_lufs
    if not video.soundtrack.has_sound or len(curve) == 0:
        return np.ones(count)
    frames = ((np.arange(count) + 0.5) / CURVE_RATE_HZ * LOUDNESS_RATE_HZ).astype(np.int64)
    return (curve[np.minimum(frames, len(curve) - 1)] < _SILENT_LUFS).astype(np.float64)


def _speech_share(video: VideoFeatures, start_s: float, end_s: float) -> float:
    speech = video.soundtrack.speech_s.reshape(-1, 2)
    covered = np.clip(np.minimum(speech[:, 1], end_s) - np.maximum(speech[:, 0], start_s), 0.0, None)
    return float(covered.sum() / max(end_s - start_s, 1e-9))


def _spotted(video: VideoFeatures, span: tuple[float, float]) -> SpotRange:
    start_s, end_s = span
    time_range = TimeRange(Fraction(round(start_s * _TICK), _TICK), Fraction(round(end_s * _TICK), _TICK))
    text = f"music from {format_time(start_s)} to {format_time(end_s)}: {', '.join(_causes(video, start_s, end_s))}"
    return SpotRange(time_range, text, (start_s, end_s))


def _causes(video: VideoFeatures, start_s: float, end_s: float) -> list[str]:
    """What speaks for music here, in words with numbers."""
    causes = []
    speech = video.soundtrack.speech_s.reshape(-1, 2)
    share = _speech_share(video, start_s, end_s)
    causes.append("nobody speaks" if share < 0.01 else f"speech in only {100 * share:.0f} % of it")
    if len(speech) and _near(np.array([start_s]), speech[:, 1], behind=_EDGE_REACH_S, ahead=0.3)[0]:
        causes.append("it begins as a speaker ends")
    if len(speech) and _near(np.array([end_s]), speech[:, 0], behind=0.3, ahead=_EDGE_REACH_S)[0]:
        causes.append("it leaves before the next words")
    energy = energy_of_video(video)
    frame = min(int(start_s * CURVE_RATE_HZ), len(energy) - 1)
    if start_s > 0 and rise_curve(energy, _RISE_SPAN)[frame] > 0.5:
        causes.append(f"the picture gains pace at {format_time(start_s)}")
    silent = _is_silent(video, len(energy))[frame : max(frame + 1, int(end_s * CURVE_RATE_HZ))]
    if video.soundtrack.has_sound and silent.mean() > 0.5:
        causes.append("the original sound is silent")
    return causes
