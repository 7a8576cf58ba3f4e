# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each clip of a track sounds like: level, colour, texture. One row of CLIP_DESCRIPTORS per CLIP_S seconds."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import CLIP_DESCRIPTORS, CLIP_S, LOUDNESS_RATE_HZ, ONSET_RATE_HZ, Clips, FloatArray
from needledrop.features.tonality import CHROMA_RATE_HZ, key_scores

STEP_FRAMES = 50
_CLIP_FRAMES = round(CLIP_S * ONSET_RATE_HZ)
_SPARSE = 4
_MFCC = 13
_REFERENCE_HZ = 55.0
_LOW_BELOW_HZ, _HIGH_ABOVE_HZ = 250.0, 4000.0
_ROLLOFF_SHARE = 0.85
_HIGHEST_HZ = 10_000.0
_FLOOR_DB = -100.0
_LOG_FLOOR = math.log(1e-7)
_PULSE_LOW_S, _PULSE_HIGH_S = 0.25, 1.5


class TimbreCollector:
    """Gathers the sample and spectrum descriptors of consecutive clips."""

    def __init__(self, rate: int, frame_samples: int, mel_bands: int) -> None:
        self._hz = (np.arange(frame_samples // 2 + 1) * rate / frame_samples).astype(np.float32)
        self._audible = slice(1, int(np.searchsorted(self._hz, _HIGHEST_HZ)))
        self._octaves = np.log2(self._hz[self._audible] / _REFERENCE_HZ)
        self._dct = _dct_matrix(mel_bands)
        self._rows: list[dict[str, float]] = []
        self._spectra: list[dict[str, float]] = []
        self._steps: list[FloatArray] = []
        self._power: list[FloatArray] = []
        self._mel: list[FloatArray] = []
        self._held = 0

    def feed_samples(self, stereo: FloatArray, mono: FloatArray, resampled: FloatArray) -> None:
        """Take one whole clip (the last may be shorter): stereo [n, 2], its mono mix [n], and that at another rate."""
        flat = stereo.reshape(-1)
        energy, mono_energy = float(np.dot(flat, flat)), float(np.dot(mono, mono))
        rms = math.sqrt(mono_energy / max(len(mono), 1))
        peak = max(float(mono.max()), -float(mono.min())) if len(mono) else 0.0
        signs = np.signbit(resampled)
        crossings = int(np.count_nonzero(signs[1:] != signs[:-1]))
        self._rows.append(
            {
                "level_db": _db(energy / max(flat.size, 1)),
                "crest_db": 20 * math.log10(peak / rms) if rms > 1e-6 else 0.0,
                "stereo_width": min(max(1 - 2 * mono_energy / energy, 0.0), 1.0) if energy > 1e-9 else 0.0,
                "zero_crossing": crossings / max(len(resampled), 1),
            }
        )

    def feed_frames(self, power: FloatArray, log_mel: FloatArray) -> None:
        """Take spectra [n, bins] and log-mel [n, bands] at ONSET_RATE_HZ."""
        while len(power):
            room = _CLIP_FRAMES - self._held
            self._power.append(power[:room])
            self._mel.append(log_mel[:room])
            self._held += len(power[:room])
            power, log_mel = power[room:], log_mel[room:]
            if self._held == _CLIP_FRAMES:
                self._close_clip()

    def _close_clip(self) -> None:
        if not self._held:
            return
        power, log_mel = np.concatenate(self._power), np.maximum(np.concatenate(self._mel), _LOG_FLOOR)
        self._power, self._mel, self._held = [], [], 0
        starts = np.arange(0, len(log_mel), STEP_FRAMES)
        counts = np.diff(np.append(starts, len(log_mel)))[:, None]
        steps = (np.add.reduceat(log_mel, starts, axis=0) / counts) @ self._dct
        self._steps.append(steps.astype(np.float32))
        cepstrum = (steps * counts).sum(axis=0) / len(log_mel)
        row = self._colour(power[::_SPARSE].mean(axis=0))
        row["flux"] = float(np.abs(np.diff(log_mel[::_SPARSE], axis=0)).mean()) if len(log_mel) > _SPARSE else 0.0
        row |= {f"mfcc_{i}": float(cepstrum[i]) for i in range(1, _MFCC + 1)}
        self._spectra.append(row)

    def _colour(self, power: FloatArray) -> dict[str, float]:
        """Descriptors of one mean power spectrum [bins], less the first bin (DC) and where the resampler rolls off."""
        power = power[self._audible] + np.float32(1e-14)
        hz, octaves = self._hz[self._audible], self._octaves
        magnitude = np.sqrt(power)
        weight = magnitude / magnitude.sum()
        centroid = float(np.dot(weight, octaves))
        rolloff = hz[int(np.searchsorted(np.cumsum(power), _ROLLOFF_SHARE * power.sum()).clip(0, len(hz) - 1))]
        low, high = float(weight[hz < _LOW_BELOW_HZ].sum()), float(weight[hz > _HIGH_ABOVE_HZ].sum())
        return {
            "centroid_oct": centroid,
            "bandwidth_oct": math.sqrt(max(float(np.dot(weight, (octaves - centroid) ** 2)), 0.0)),
            "rolloff_oct": math.log2(float(rolloff) / _REFERENCE_HZ),
            "flatness_db": 10 * math.log10(math.exp(float(np.log(power).mean())) / float(power.mean())),
            "low_share": low,
            "mid_share": max(1.0 - low - high, 0.0),
            "high_share": high,
        }

    def steps(self) -> FloatArray:
        """Cepstra [steps, 14] of the track, STEP_FRAMES apart, coefficient 0 (level) first. Call after finish."""
        return np.concatenate([*self._steps, np.zeros((0, _MFCC + 1), np.float32)])

    def finish(
        self, strength: FloatArray, onsets: NDArray[np.intp], chroma: FloatArray, step_lufs: NDArray[np.float64]
    ) -> Clips:
        """Add what comes from whole-track curves: onset strength and frames, chroma, loudness steps of 100 ms."""
        self._close_clip()
        count = len(self._rows)
        values = np.zeros((count, len(CLIP_DESCRIPTORS)), np.float32)
        for index, row in enumerate(self._rows):
            spectrum = self._spectra[min(index, len(self._spectra) - 1)] if self._spectra else {}
            first, last = index * _CLIP_FRAMES, (index + 1) * _CLIP_FRAMES
            row = row | spectrum | _rhythm_texture(strength[first:last], onsets[(onsets >= first) & (onsets < last)])
            row |= _harmony(_stretch(chroma, index, CHROMA_RATE_HZ))
            row["level_range_db"] = _range_db(_stretch(step_lufs, index, LOUDNESS_RATE_HZ))
            values[index] = [row.get(name, 0.0) for name in CLIP_DESCRIPTORS]
        return Clips(np.nan_to_num(values, posinf=0.0, neginf=0.0))


def _stretch(curve: NDArray[np.floating], index: int, rate_hz: float) -> NDArray[np.floating]:
    size = round(CLIP_S * rate_hz)
    return curve[index * size : (index + 1) * size]


def _db(power: float) -> float:
    return max(10 * math.log10(power), _FLOOR_DB) if power > 0 else _FLOOR_DB


def _range_db(levels: NDArray[np.floating]) -> float:
    if len(levels) < 2:
        return 0.0
    low, high = np.percentile(levels, [10, 95])
    return float(high - low)


def _dct_matrix(bands: int) -> FloatArray:
    """Orthonormal DCT-II [bands, 14], so that coefficients follow level in decibels."""
    at = (np.arange(bands) + 0.5) * np.pi / bands
    matrix = np.cos(at[:, None] * np.arange(_MFCC + 1)[None, :]) * math.sqrt(2 / bands)
    matrix[:, 0] /= math.sqrt(2)
    return np.asarray(matrix, np.float32)


def _rhythm_texture(strength: FloatArray, onsets: NDArray[np.intp]) -> dict[str, float]:
    seconds = len(strength) / ONSET_RATE_HZ
    if seconds < 0.5:
        return {}
    centred = strength - strength.mean()
    spectrum = np.fft.rfft(centred, 2 * len(centred))
    lags = np.fft.irfft(np.abs(spectrum) ** 2)[: len(centred)]
    low, high = round(_PULSE_LOW_S * ONSET_RATE_HZ), round(_PULSE_HIGH_S * ONSET_RATE_HZ)
    beat_lags = lags[low : min(high, len(lags) // 2)]
    clarity = float(beat_lags.max() / lags[0]) if lags[0] > 1e-9 and len(beat_lags) else 0.0
    return {
        "onset_density_hz": len(onsets) / seconds,
        "onset_strength": float(strength.mean()),
        "pulse_clarity": max(clarity, 0.0),
    }


def _harmony(chroma: NDArray[np.floating]) -> dict[str, float]:
    """How much, how clearly and how brightly the harmony of one clip [frames, 12] moves."""
    if len(chroma) < 4 or not chroma.any():
        return {}
    unit = chroma / np.maximum(np.linalg.norm(chroma, axis=1, keepdims=True), 1e-6)
    half = max(len(unit) // 4, 1)
    scores = key_scores(chroma.sum(axis=0, keepdims=True))[0]
    return {
        "harmonic_change": float(np.linalg.norm(unit[half:] - unit[:-half], axis=1).mean()),
        "tonal_clarity": float(scores.max()),
        "majorness": float(scores[:12].max() - scores[12:].max()),
    }
