# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gain, fades and ducking of a cue as keyframes of a strip's volume. Knows nothing of Blender.

Fades have equal power, as in Needledrop's own mix: one segment that rises as sin and falls as cos, which a keyframe
of Blender can say (`SINE`, eased out and in). Ducking is straight in dB and Blender straight in amplitude, so its
slopes are cut into steps of at most STEP_DB.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

STEP_DB = 3.0
LEAST_APART = 0.02  # frames
LINEAR, RISE, FALL = "linear", "rise", "fall"
_SAME_DB = 1e-6


@dataclass(frozen=True)
class VolumeKey:
    """A keyframe: frames from the strip's start, amplitude, and how the segment after it goes to the next."""

    frame: float
    volume: float
    shape: str = LINEAR


def volume_keys(original: Mapping[str, Any], frames: int, rate: Fraction) -> list[VolumeKey]:
    """The keyframes of `original` of a `use` answer over a strip of `frames`; one where the volume stays the same."""
    cue = _Levels(original, float(frames / rate))
    if cue.fade_in_s + cue.fade_out_s > cue.length_s:
        keys = [VolumeKey(frame, cue.amplitude(float(frame / rate))) for frame in range(frames + 1)]
    else:
        keys = _fade_in(cue, rate) + _body(cue, rate) + _fade_out(cue, frames, rate)
    levels = {round(key.volume, 9) for key in keys}
    return keys[:1] if len(levels) == 1 else _apart(keys)


def _apart(keys: list[VolumeKey]) -> list[VolumeKey]:
    """Without those that Blender would take for one: of two the later stays."""
    kept = keys[:1]
    for key in keys[1:]:
        if key.frame - kept[-1].frame < LEAST_APART:
            kept.pop()
        kept.append(key)
    return kept


class _Levels:
    """The level of a cue at any moment."""

    def __init__(self, original: Mapping[str, Any], length_s: float) -> None:
        self.length_s = length_s
        self.gain_db = float(original["gain_db"])
        self.fade_in_s = min(float(original["fade_in_s"]), length_s)
        self.fade_out_s = min(float(original["fade_out_s"]), length_s)
        self.duck = sorted((float(at), float(db)) for at, db in original["duck"])

    def level_db(self, at_s: float) -> float:
        """Gain and ducking, without fades."""
        if not self.duck:
            return self.gain_db
        before = [point for point in self.duck if point[0] <= at_s]
        after = [point for point in self.duck if point[0] > at_s]
        if not before or not after:
            return self.gain_db + (before[-1][1] if before else after[0][1])
        (start, low), (end, high) = before[-1], after[0]
        return self.gain_db + low + (high - low) * (at_s - start) / (end - start)

    def amplitude(self, at_s: float) -> float:
        """All of it."""
        left_s = self.length_s - at_s
        fades = 1.0
        if at_s < self.fade_in_s:
            fades *= math.sin(math.pi / 2 * max(0.0, at_s) / self.fade_in_s)
        if left_s < self.fade_out_s:
            fades *= math.sin(math.pi / 2 * max(0.0, left_s) / self.fade_out_s)
        return _linear(self.level_db(at_s)) * fades

    def is_steady(self, start_s: float, end_s: float) -> bool:
        """Whether nothing is ducked there, or all of it alike."""
        inside = [at for at, _ in self.duck if start_s < at < end_s]
        levels = [self.level_db(at) for at in (start_s, *inside, end_s)]
        return max(levels) - min(levels) < _SAME_DB


def _fade_in(cue: _Levels, rate: Fraction) -> list[VolumeKey]:
    if cue.fade_in_s <= 0:
        return []
    if cue.is_steady(0.0, cue.fade_in_s):
        return [VolumeKey(0.0, 0.0, RISE)]
    frames = range(math.ceil(cue.fade_in_s * rate))
    return [VolumeKey(frame, cue.amplitude(float(frame / rate))) for frame in frames]


def _body(cue: _Levels, rate: Fraction) -> list[VolumeKey]:
    """From the end of the fade-in to the beginning of the fade-out, both with it."""
    start_s, end_s = cue.fade_in_s, cue.length_s - cue.fade_out_s
    times = [start_s, *(at for at, _ in cue.duck if start_s < at < end_s), end_s]
    levels = [cue.level_db(at) for at in times]
    keys = [VolumeKey(start_s * float(rate), _linear(levels[0]))]
    for (from_s, from_db), (to_s, to_db) in pairwise(zip(times, levels, strict=True)):
        steps = max(1, math.ceil(abs(to_db - from_db) / STEP_DB - _SAME_DB))
        for step in range(1, steps + 1):
            part = step / steps
            at_s = from_s + part * (to_s - from_s)
            keys.append(VolumeKey(at_s * float(rate), _linear(from_db + part * (to_db - from_db))))
    if cue.fade_out_s > 0 and cue.is_steady(end_s, cue.length_s):
        keys[-1] = replace(keys[-1], shape=FALL)
    return keys


def _fade_out(cue: _Levels, frames: int, rate: Fraction) -> list[VolumeKey]:
    """What follows on the body's last key, which says itself how it falls."""
    if cue.fade_out_s <= 0:
        return []
    start_s = cue.length_s - cue.fade_out_s
    if cue.is_steady(start_s, cue.length_s):
        return [VolumeKey(frames, 0.0)]
    first = math.floor(start_s * rate) + 1
    return [VolumeKey(frame, cue.amplitude(float(frame / rate))) for frame in range(first, frames + 1)]


def _linear(level_db: float) -> float:
    return float(10 ** (level_db / 20))
