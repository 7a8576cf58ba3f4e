# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a track plays in a sound, from when to when, and exactly where and how fast: peak by peak.

Each peak of the track's fingerprint is looked for where it would be in the sound. How likely it is to be met there by
chance is measured at the same pitch at other times of the sound, so that held notes and dense sound prove nothing. The
stretch is the one with the greatest sum of log likelihood ratios (Kadane's maximum subarray).
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.features.landmarks import SoundPeaks

# What share of the peaks of music under loud speech is met beyond chance, at least (0.5 at 6 dB below, see
# docs/personalisation.md).
_MET = 0.33
_LEAST_CHANCE = 0.03
# How far beside a peak it is looked for by chance: no multiple of each other, beyond any note's attack.
_ASIDE_FRAMES = (-521, -389, -263, -173, -101, -67, 61, 83, 149, 227, 331, 449)
_BINS = 512
_EXPLAINED_FRAMES, _EXPLAINED_BINS = 4, 2
# In the map: a peak within a frame and a bin; one in this very frame, within a bin.
_NEAR, _AT = np.uint8(1), np.uint8(2)
_FEWEST_FITTED = 12
_SEARCH_FRAMES, _SEARCH_SPEED = 8, 0.008
_NEAR_FRAMES = 500
# A gap in the evidence costs no more than this: music is ducked to nothing for a sentence and comes back.
_DEEPEST_GAP = 12.0


@dataclass(frozen=True)
class Line:
    """Frame of the track at a frame of the sound: track_frame + (frame - this frame) * speed; heard at `pitch`."""

    frame: float
    track_frame: float
    speed: float
    pitch: float

    def heard_at(self, track_frames: NDArray[np.int64]) -> NDArray[np.float64]:
        """Frames of the sound at which frames of the track are heard."""
        return np.asarray(self.frame + (track_frames - self.track_frame) / self.speed, np.float64)


@dataclass(frozen=True)
class Alignment:
    """A track in a sound, from start_frame to end_frame of the sound: the evidence in nats, the share of the track's
    peaks that was met there, and what of it is chance."""

    line: Line
    start_frame: float
    end_frame: float
    evidence: float
    met: float
    chance: float


class SoundMap:
    """The peaks of a sound as a map to look up: is there one here, give or take a frame and a bin?"""

    def __init__(self, peaks: SoundPeaks) -> None:
        self.frame_count = peaks.frame_count
        # One byte a place: a film of two hours has 360,000 frames.
        self._map = np.zeros((peaks.frame_count + 2, _BINS), np.uint8)
        frames, bins = peaks.frames.astype(np.int64) + 1, np.rint(peaks.bins).astype(np.int64)
        for along in (-1, 0, 1):
            for across in (-1, 0, 1):
                self._map[np.clip(frames + along, 0, len(self._map) - 1), bins + across] |= _NEAR
            self._map[frames, bins + along] |= _AT

    def has(self, frames: NDArray[np.int64], bins: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether there is a peak at each place; never outside the sound. Any shapes that broadcast."""
        inside = (frames >= 0) & (frames < self.frame_count) & (bins >= 0) & (bins < _BINS)
        is_near = self._map[np.where(inside, frames + 1, 0), np.where(inside, bins, 0)] != 0
        return np.asarray(is_near & inside)

    def lateness(self, frames: NDArray[np.int64], bins: NDArray[np.int64]) -> NDArray[np.float64]:
        """By how many frames, at most 2, the nearest peak is later than each place; NaN where there is none, or where
        an early and a late one are as near."""
        steps = np.array([-2, -1, 0, 1, 2])
        at = np.clip(frames[:, None] + 1 + steps, 0, len(self._map) - 1)
        is_there = (self._map[at, np.clip(bins, 0, _BINS - 1)[:, None]] & _AT) != 0
        distance = np.where(is_there, np.abs(steps), 9)
        nearest = distance.min(axis=1)
        is_nearest = distance == nearest[:, None]
        is_clear = (nearest < 9) & (is_nearest.sum(axis=1) == 1)
        return np.where(is_clear, steps[is_nearest.argmax(axis=1)], np.nan)

    def without(self, frames: NDArray[np.int64], bins: NDArray[np.int64]) -> SoundMap:
        """The same without what is near some places: what one track explains."""
        rest = copy(self)
        rest._map = self._map.copy()
        for along in range(-_EXPLAINED_FRAMES, _EXPLAINED_FRAMES + 1):
            for across in range(-_EXPLAINED_BINS, _EXPLAINED_BINS + 1):
                at = np.clip(frames + 1 + along, 0, len(self._map) - 1), np.clip(bins + across, 0, _BINS - 1)
                rest._map[at] = 0
        return rest


def align(sound: SoundMap, frames: NDArray[np.int64], bins: NDArray[np.int64], line: Line) -> Alignment | None:
    """Where a track plays along about this line; None where nothing speaks for it.

    Args:
        frames, bins: the track's peaks, both [n], in the order of time.
    """
    is_varied = line.pitch != 1.0
    near = np.abs(line.heard_at(frames) - line.frame) <= _NEAR_FRAMES
    line = _refined(sound, frames[near], bins[near], line, _SEARCH_SPEED if is_varied else 1.5 * _SEARCH_SPEED)
    found = stretch(sound, frames, bins, line)
    for span in (0.003, 0.001):
        if found is None:
            return None
        heard = found.line.heard_at(frames)
        inside = (heard >= found.start_frame) & (heard <= found.end_frame)
        line = _centred(found.line, (found.start_frame + found.end_frame) / 2)
        line = _refined(sound, frames[inside], bins[inside], line, span)
        line = _fitted(sound, frames[inside], bins[inside], line)
        found = stretch(sound, frames, bins, line)
    if found is None:
        return None
    # At speeds next to 1 the search may have taken the one way of playing for the other.
    other = stretch(sound, frames, bins, replace(found.line, pitch=1.0 if is_varied else found.line.speed))
    return other if other is not None and other.evidence > found.evidence else found


def stretch(sound: SoundMap, frames: NDArray[np.int64], bins: NDArray[np.int64], line: Line) -> Alignment | None:
    """The stretch of the sound in which a track is heard along a line, whatever speaks against it elsewhere."""
    heard = np.rint(line.heard_at(frames)).astype(np.int64)
    inside = np.flatnonzero((heard >= 0) & (heard < sound.frame_count))
    if not len(inside):
        return None
    heard, pitch = heard[inside], np.rint(bins[inside] * line.pitch).astype(np.int64)
    is_met = sound.has(heard, pitch)
    aside = heard[:, None] + np.array(_ASIDE_FRAMES)
    is_there = (aside >= 0) & (aside < sound.frame_count)
    by_chance = sound.has(aside, pitch[:, None])
    chance = (by_chance.sum(axis=1) + _LEAST_CHANCE) / (is_there.sum(axis=1) + 1)
    chance = np.clip(np.maximum(chance, _LEAST_CHANCE), 0.0, 0.95)
    expected = chance + (1 - chance) * _MET
    nats = np.where(is_met, np.log(expected / chance), np.log((1 - expected) / (1 - chance)))
    first, last, evidence = _greatest_run(nats)
    if evidence <= 0:
        return None
    met, by = float(is_met[first:last].mean()), float(chance[first:last].mean())
    return Alignment(line, float(heard[first]), float(heard[last - 1]), evidence, met, by)


def met_places(
    sound: SoundMap, frames: NDArray[np.int64], bins: NDArray[np.int64], found: Alignment
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Frames and bins of the sound at which the track's peaks were met."""
    heard = np.rint(found.line.heard_at(frames)).astype(np.int64)
    pitch = np.rint(bins * found.line.pitch).astype(np.int64)
    inside = (heard >= found.start_frame) & (heard <= found.end_frame)
    inside &= sound.has(heard, pitch)
    return heard[inside], pitch[inside]


def _refined(sound: SoundMap, frames: NDArray[np.int64], bins: NDArray[np.int64], line: Line, span: float) -> Line:
    """The line around the given one, up to `span` faster or slower, on which the most peaks are met."""
    if not len(frames):
        return line
    steps = np.arange(-_SEARCH_FRAMES, _SEARCH_FRAMES + 1)
    best, best_line = -1.0, line
    for change in np.linspace(-span, span, 17):
        tried = _at_speed(line, line.speed + change)
        heard = np.rint(tried.heard_at(frames)).astype(np.int64)
        pitch = np.rint(bins * tried.pitch).astype(np.int64)
        met = sound.has(heard[:, None] + steps, pitch[:, None]).sum(axis=0)
        # Peaks are met a frame early and late, too: the middle of the plateau is the place.
        smooth = np.convolve(met, [1.0, 2.0, 1.0], "same")
        at = int(np.argmax(smooth))
        if smooth[at] > best:
            best = float(smooth[at])
            best_line = replace(tried, frame=tried.frame + float(steps[at]))
    return best_line


def _fitted(sound: SoundMap, frames: NDArray[np.int64], bins: NDArray[np.int64], line: Line) -> Line:
    """The line by least squares through the very peaks: within a frame each side the search cannot tell lines apart."""
    heard = np.rint(line.heard_at(frames)).astype(np.int64)
    late = sound.lateness(heard, np.rint(bins * line.pitch).astype(np.int64))
    clear = np.isfinite(late)
    if clear.sum() < _FEWEST_FITTED or np.ptp(heard[clear]) < _NEAR_FRAMES // 2:
        return line
    slope, shift = np.polyfit(heard[clear] - line.frame, late[clear], 1)
    return replace(_at_speed(line, line.speed / (1 + float(slope))), frame=line.frame + float(shift))


def _at_speed(line: Line, speed: float) -> Line:
    return replace(line, speed=speed, pitch=line.pitch if line.pitch == 1.0 else speed)


def _centred(line: Line, frame: float) -> Line:
    return replace(line, frame=frame, track_frame=line.track_frame + (frame - line.frame) * line.speed)


def _greatest_run(nats: FloatArray | NDArray[np.float64]) -> tuple[int, int, float]:
    """First, one past the last, and sum of the run with the greatest sum; a run ends for good where it has lost
    _DEEPEST_GAP since its best."""
    best, best_first, best_last = 0.0, 0, 0
    total, first, peak = 0.0, 0, 0.0
    for at, value in enumerate(nats.tolist()):
        total += value
        if total > best:
            best, best_first, best_last = total, first, at + 1
        peak = max(peak, total)
        if total <= 0 or total < peak - _DEEPEST_GAP:
            total, first, peak = 0.0, at + 1, 0.0
    return best_first, best_last, best
