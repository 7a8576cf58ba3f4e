# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gallery keeps of one track, condensed from its feature sets: arousal, valence, an energy curve.

Only arithmetic on feature values; it must not read files. The two affective axes follow the common findings:
arousal rises with tempo, event density, loudness and spectral brightness; valence with the major mode, tempo and
brightness (Hevner 1935; Gagnon & Peretz 2003; Gabrielsson & Lindstrom 2010; Eerola 2011). They are rough, monotone
scales to compare tracks with pictures, not statements about a piece.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import (
    CLIP_DESCRIPTORS,
    LOUDNESS_RATE_HZ,
    ONSET_RATE_HZ,
    Clips,
    FloatArray,
    Loudness,
    Rhythm,
    Tonality,
)

ENERGY_RATE_HZ = 1.0
_CENTROID = CLIP_DESCRIPTORS.index("centroid_oct")
# How far one second may stand above or below its track, in arousal units: 10 LU of loudness, a full onset curve.
_LOUDNESS_SPAN = 0.25
_ONSET_SPAN = 0.35
# The middle of 133 pieces of game, orchestral and electronic music; the tracker's own tempo spans 70 to 180 there.
_MIDDLE_DENSITY_HZ = 3.0
_MIDDLE_LUFS = -16.0
_MIDDLE_CENTROID_OCT = 3.7
# A slope farther from the tracker's tempo than this has been through a change of tempo or of octave.
_SAME_TEMPO = 0.01
_SMOOTHING = np.array([0.25, 0.5, 0.25])


def exact_tempo_bpm(rhythm: Rhythm) -> float:
    """Tempo from the slope of beat time over beat number where that is the tracker's, only finer; 0 without beats."""
    beats = rhythm.beats_s
    if len(beats) < 4:
        return rhythm.tempo_bpm
    number = np.arange(len(beats)) - (len(beats) - 1) / 2.0
    period_s = float(number @ beats / (number @ number))
    slope_bpm = 60.0 / period_s
    return slope_bpm if abs(slope_bpm / max(rhythm.tempo_bpm, 1.0) - 1.0) <= _SAME_TEMPO else rhythm.tempo_bpm


def mean_descriptor(clips: Clips) -> FloatArray:
    """The mean clip, float32 [len(CLIP_DESCRIPTORS)]; zeros for a track without clips."""
    if len(clips.values) == 0:
        return np.zeros(len(CLIP_DESCRIPTORS), dtype=np.float32)
    mean: FloatArray = np.nan_to_num(clips.values).mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean


def arousal(rhythm: Rhythm, loudness: Loudness, descriptor: FloatArray) -> float:
    """How activating a track is as a whole, 0 (still) to 1 (driving); descriptor as from mean_descriptor."""
    density = np.tanh((rhythm.onset_density_hz - _MIDDLE_DENSITY_HZ) / 2.5)
    level = np.tanh((loudness.integrated_lufs - _MIDDLE_LUFS) / 8.0)
    tempo = np.tanh(2.0 * np.log2(rhythm.tempo_bpm / 110.0)) if rhythm.tempo_bpm > 0 else -0.5
    return float(np.clip(0.5 + 0.2 * density + 0.12 * _brightness(descriptor) + 0.12 * level + 0.14 * tempo, 0.0, 1.0))


def valence(rhythm: Rhythm, tonality: Tonality, descriptor: FloatArray) -> float:
    """How bright in mood a track is as a whole, 0 (dark) to 1 (bright)."""
    mode = (1.0 if tonality.is_major else -1.0) * tonality.confidence if tonality.tonic >= 0 else 0.0
    tempo = np.tanh(1.5 * np.log2(rhythm.tempo_bpm / 100.0)) if rhythm.tempo_bpm > 0 else 0.0
    return float(np.clip(0.5 + 0.25 * mode + 0.15 * tempo + 0.1 * _brightness(descriptor), 0.0, 1.0))


def _brightness(descriptor: FloatArray) -> float:
    return float(np.tanh((float(descriptor[_CENTROID]) - _MIDDLE_CENTROID_OCT) / 1.0))


def energy_curve(
    duration_s: float, rhythm: Rhythm, loudness: Loudness, level: float, rate_hz: float = ENERGY_RATE_HZ
) -> FloatArray:
    """Arousal over time, float32 [ceil(duration_s * rate_hz)], around `level`; not clipped, so that shapes survive.

    rate_hz must divide LOUDNESS_RATE_HZ.
    """
    count = max(1, int(np.ceil(duration_s * rate_hz)))
    relative_lu = np.clip(loudness.curve_lufs - loudness.integrated_lufs, -30.0, 10.0)
    swell = _means(relative_lu, round(LOUDNESS_RATE_HZ / rate_hz), count, fill=-30.0) / 10.0
    onset = _means(rhythm.onset_curve, round(ONSET_RATE_HZ / rate_hz), count, fill=0.0) / 255.0
    curve = level + _LOUDNESS_SPAN * swell + _ONSET_SPAN * (onset - onset.mean())
    padded = np.pad(curve, 1, mode="edge")
    return np.convolve(padded, _SMOOTHING, mode="valid").astype(np.float32)


def _means(curve: NDArray[Any], step: int, count: int, fill: float) -> NDArray[np.float64]:
    """Means of each `step` values, [count]; `fill` where the curve has ended."""
    values = np.asarray(curve, dtype=np.float64)[: count * step]
    if len(values) == 0:
        return np.full(count, fill)
    starts = np.arange(0, len(values), step)
    means = np.add.reduceat(values, starts) / np.diff(np.append(starts, len(values)))
    return np.concatenate([means, np.full(count - len(means), fill)])
