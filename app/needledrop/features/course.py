# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a piece goes in the course of time: two steps a second of music and of pictures, from what analysis keeps.

What the learned matcher compares where it says when a track should begin. Levels do not count here, changes do: the
steps of an item are in deviations from its own mean.
"""

from __future__ import annotations

import numpy as np

from needledrop.core.music import LOUDNESS_RATE_HZ, ONSET_RATE_HZ, FloatArray, Loudness, Rhythm
from needledrop.core.picture import PictureRows
from needledrop.features.picture_rows import ROWS

STEPS_HZ = 2.0
MUSIC_STEPS = ("level", "onset_mean", "onset_greatest")
PICTURE_STEPS = ("speed_mean", "speed_greatest", "breaks", "brightness", "contrast", "saturation", "warmth")
_QUIETEST_LUFS = -60.0
_FARTHEST = 4.0
# Changes below these are none: a held note, a still picture.
_MUSIC_FLAT = (0.5, 0.005, 0.01)
_PICTURE_FLAT = (0.02, 0.02, 0.05, 0.004, 0.004, 0.004, 0.004)
_COLOURS = slice(ROWS["hue"] + ROWS["value"], ROWS["hue"] + ROWS["value"] + ROWS["colour"])


def music_steps(rhythm: Rhythm, loudness: Loudness) -> FloatArray:
    """Steps [n, len(MUSIC_STEPS)] of a track from time zero on, each of half a second."""
    curve = np.nan_to_num(loudness.curve_lufs, nan=_QUIETEST_LUFS)
    level = np.asarray(np.maximum(curve, _QUIETEST_LUFS), np.float32)
    onsets = np.asarray(rhythm.onset_curve / 255, np.float32)
    count = min(len(level) * STEPS_HZ / LOUDNESS_RATE_HZ, len(onsets) * STEPS_HZ / ONSET_RATE_HZ)
    struck = _by_step(onsets, ONSET_RATE_HZ, max(1, int(np.ceil(count - 1e-6))))
    levels = _by_step(level, LOUDNESS_RATE_HZ, len(struck))
    steps = np.column_stack([levels.mean(axis=1), struck.mean(axis=1), struck.max(axis=1)])
    return _standardised(steps, _MUSIC_FLAT)


def picture_steps(rows: PictureRows) -> FloatArray:
    """Steps [n, len(PICTURE_STEPS)] of a video or a range of it. A break counts in the step in which the new picture is
    first seen."""
    count = max(1, int(np.ceil((len(rows.flow) + 1) * STEPS_HZ / rows.rate_hz - 1e-6)))
    pairs = np.stack([np.log1p(rows.flow), rows.is_break.astype(np.float32)])
    # The first picture has no pair before it.
    speed, breaks = (_by_step(np.concatenate([one[:1], one]), rows.rate_hz, count) for one in pairs)
    breaks[0, 0] = 0.0
    seconds = np.minimum(np.arange(count) / STEPS_HZ, len(rows.seconds) - 1).astype(np.intp)
    seen = rows.seconds[seconds, _COLOURS]
    steps = np.column_stack([speed.mean(axis=1), speed.max(axis=1), breaks.sum(axis=1), seen])
    return _standardised(steps, _PICTURE_FLAT)


def _by_step(curve: FloatArray, rate_hz: float, count: int) -> FloatArray:
    """The values of a curve by step [count, values a step]; the last value stands for those that are missing."""
    wanted = count * round(rate_hz / STEPS_HZ)
    values = np.asarray(curve[:wanted], np.float32) if len(curve) else np.zeros(1, np.float32)
    filled = np.full(wanted, values[-1], np.float32)
    filled[: len(values)] = values
    return filled.reshape(count, -1)


def _standardised(steps: FloatArray, flat: tuple[float, ...]) -> FloatArray:
    """In deviations from the item's own mean; 0 throughout where an item hardly changes."""
    spread = steps.std(axis=0)
    moving = spread > np.array(flat, np.float32)
    scaled = (steps - steps.mean(axis=0)) / np.where(moving, spread, 1.0)
    return np.asarray(np.clip(np.where(moving, scaled, 0.0), -_FARTHEST, _FARTHEST), np.float32)
