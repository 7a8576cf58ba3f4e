# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rhythm of a whole track from its spectra: the one door to tempo, beats, bars and sections."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.models import shipped_tensors
from needledrop.core.music import ONSET_RATE_HZ, FloatArray, Rhythm, TimeArray
from needledrop.features.beat_decoding import decode_bars, decode_beats, in_eighths, near_beats
from needledrop.features.beat_network import RATE_HZ, Activations, BeatWeights, activations
from needledrop.features.beats import beat_strengths, refined_times
from needledrop.features.onsets import as_curve, normalised, onset_frames
from needledrop.features.section_roles import RolesInput, find_roles
from needledrop.features.sections import find_sections
from needledrop.features.tempo_map import tempo_map
from needledrop.features.tonality import CHROMA_RATE_HZ

# Below this confidence there is no pulse that a listener would clap to: no tempo and no beats are given.
LEAST_CONFIDENCE = 0.15
_FEWEST_BEATS = 8
BEAT_MODEL = "beats-2"
# Mean activation on the beats found in notes and clicks at random times, and where beats are plain.
_UNSURE, _SURE = 0.45, 0.85
# Share of the track between the first beat and the last: by chance in what has no pulse, and where it has one.
_STRAY, _COVERED = 0.1, 0.5
# Change of tempo (a logarithm) from four beats to the next four: people playing in time, and rubato.
_IN_TIME, _WANDERING = 0.025, 0.045
_LOW_WEIGHT, _MIDDLE_WEIGHT, _HIGH_WEIGHT = 1.0, 0.6, 0.2


@dataclass(frozen=True)
class RhythmInput:
    """Curves of one track: log-mel codes [frames, MEL_BANDS] (features.onsets.as_codes) and flux [frames, 3] (low,
    middle, high bands) at ONSET_RATE_HZ, chroma [n, 12] at CHROMA_RATE_HZ, timbre [steps, n] at the step of sections,
    loudness of 100 ms steps in LUFS, where the music ends."""

    mel_codes: NDArray[np.uint8]
    flux: FloatArray
    chroma: FloatArray
    timbre: FloatArray
    step_lufs: NDArray[np.float64]
    duration_s: float
    ending_s: float


@dataclass(frozen=True)
class _Pulse:
    beats_s: TimeArray
    strengths: FloatArray
    downbeats_s: TimeArray
    beats_per_bar: int
    tempo_bpm: float
    confidence: float


def find_rhythm(given: RhythmInput) -> Rhythm:
    """Everything about time in the track."""
    low, middle, high = (normalised(given.flux[:, band]) for band in range(3))
    strength = np.asarray(_LOW_WEIGHT * low + _MIDDLE_WEIGHT * middle + _HIGH_WEIGHT * high, np.float32)
    total = given.flux.sum(axis=1)
    pulse = _find_pulse(strength, given.mel_codes, given.chroma)
    has_pulse = pulse.confidence >= LEAST_CONFIDENCE and len(pulse.beats_s) >= _FEWEST_BEATS
    nothing = np.zeros(0)
    downbeats_s = pulse.downbeats_s if has_pulse else nothing
    beats_s = pulse.beats_s if has_pulse else nothing
    chroma = _per_step(given.chroma)
    sections_s, section_novelty = find_sections(given.timbre, chroma, downbeats_s, beats_s, given.ending_s)
    roles, role_confidence = find_roles(
        RolesInput(given.step_lufs, total, given.timbre, chroma, sections_s, given.ending_s)
    )
    tempo = pulse.tempo_bpm if has_pulse else 0.0
    return Rhythm(
        beats_s=beats_s,
        beat_strength=pulse.strengths if has_pulse else nothing.astype(np.float32),
        downbeats_s=downbeats_s,
        tempo_bpm=tempo,
        tempo_alternatives_bpm=(tempo / 2, tempo * 2) if has_pulse else (),
        confidence=pulse.confidence,
        beats_per_bar=pulse.beats_per_bar,
        onset_curve=as_curve(total),
        onset_density_hz=len(onset_frames(normalised(total), total)) / given.duration_s
        if given.duration_s > 0
        else 0.0,
        sections_s=sections_s,
        section_novelty=section_novelty,
        ending_s=given.ending_s,
        tempo_map=tempo_map(beats_s),
        section_roles=roles,
        section_role_confidence=role_confidence,
    )


def _find_pulse(strength: FloatArray, mel_codes: NDArray[np.uint8], chroma: FloatArray) -> _Pulse:
    if not strength.any():
        return _Pulse(np.zeros(0), np.zeros(0, np.float32), np.zeros(0), 4, 0.0, 0.0)
    heard = activations(mel_codes, chroma, BeatWeights(**shipped_tensors(BEAT_MODEL)))
    frames = decode_beats(heard)
    frames, bars = in_eighths(frames, decode_bars(frames, heard), heard)
    beats_s = refined_times(frames, strength)
    return _Pulse(
        beats_s=beats_s,
        strengths=beat_strengths(frames, strength),
        downbeats_s=beats_s[bars.downbeats],
        beats_per_bar=bars.beats_per_bar,
        tempo_bpm=_steady_tempo(beats_s),
        confidence=_confidence(heard, frames) * _steadiness(frames),
    )


def _steady_tempo(beats_s: TimeArray) -> float:
    """Tempo of the steps that are within a tenth of the median step."""
    if len(beats_s) < 2:
        return 0.0
    steps = np.diff(beats_s)
    # One of the steps, never the mean of two that are far apart.
    median = float(np.percentile(steps, 50, method="lower"))
    return 60.0 / float(steps[np.abs(steps - median) <= 0.1 * median].mean()) if median > 0 else 0.0


def _confidence(heard: Activations, frames: NDArray[np.intp]) -> float:
    """How sure the network is of the beats, and of how much of the track."""
    if len(frames) < _FEWEST_BEATS:
        return 0.0
    sure = float(near_beats(heard.beat, frames).mean())
    covered = (frames[-1] - frames[0]) / ONSET_RATE_HZ * RATE_HZ / len(heard.beat)
    parts = (sure - _UNSURE) / (_SURE - _UNSURE), (covered - _STRAY) / (_COVERED - _STRAY)
    return float(np.prod(np.clip(parts, 0.0, 1.0)))


def _steadiness(frames: NDArray[np.intp]) -> float:
    """1 where the tempo keeps from one four beats to the next, 0 where it seldom does: a chain that was found in rubato
    claims a pulse that is not there. One change of tempo is none, nor is a beat that is counted double for a while."""
    if len(frames) < _FEWEST_BEATS + 1:
        return 1.0
    spans = (frames[4:] - frames[:-4]).astype(np.float64)
    changes = np.log2(spans[4:] / spans[:-4])
    wander = float(np.median(np.abs(changes - np.round(changes)))) * np.log(2.0)
    return float(np.clip((_WANDERING - wander) / (_WANDERING - _IN_TIME), 0.0, 1.0))


def _per_step(chroma: FloatArray) -> FloatArray:
    """Chroma averaged over the steps of sections and normalised to sum 1."""
    size = round(CHROMA_RATE_HZ / 2)
    starts = np.arange(0, len(chroma), size)
    if not len(starts):
        return np.zeros((0, 12), np.float32)
    sums = np.add.reduceat(chroma, starts, axis=0)
    return np.asarray(sums / np.maximum(sums.sum(axis=1, keepdims=True), 1e-3), np.float32)
