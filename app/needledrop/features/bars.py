# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a track sounds like around each place where it could be cut, and how two places line up to the sample.

Computed on demand from the sound of one track: what the library stores is too coarse (four seconds) to tell two bars
apart, and to store this for every track would be for the few that are ever cut. Decides nothing about cuts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray, TimeArray
from needledrop.features.spectrum import PowerSpectra, Resampler, mel_bank
from needledrop.features.tonality import CHROMA_RATE_HZ, ChromaCollector

RATE = 24_000
MEL_RATE_HZ = 100.0
MEL_BANDS = 24
_FRAME = 1024
_TONAL_RATE, _TONAL_FRAME = 12_000, 1536
# Levels are told apart down to this far below the loudest frame of the track.
_RANGE_DB = 60.0
_SILENT_DB = -100.0
ENVELOPE_RATE_HZ = 1000.0
_ENVELOPE_HOP = round(RATE / ENVELOPE_RATE_HZ)
# Two places are brought into line by at most this much.
ALIGN_S = 0.02
# Two beats or three around both places: one attack may be another instrument's.
_ALIGN_AROUND_S = 0.6
# From this likeness of the waves on they are taken for copies and lined up to the sample.
_COPY_LIKENESS = 0.9
_COPY_REACH_S = 0.0015


@dataclass(frozen=True)
class TrackSound:
    """One track at the resolution that cutting needs.

    mono [samples] at RATE; mel_db [frames, MEL_BANDS] at MEL_RATE_HZ, dB above the floor (0.._RANGE_DB); chroma
    [frames, 12] at CHROMA_RATE_HZ, each row of length 1 or 0; envelope [n] is the rise of level at ENVELOPE_RATE_HZ.
    """

    mono: FloatArray
    mel_db: FloatArray
    chroma: FloatArray
    envelope: FloatArray

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.mono) / RATE


def listen(mono: FloatArray) -> TrackSound:
    """Describe a track from its mono mix at RATE, float32 [samples]."""
    spectra = PowerSpectra(_FRAME, round(RATE / MEL_RATE_HZ))
    bank = mel_bank(RATE, _FRAME, MEL_BANDS, 40.0, 10_000.0)
    batches = [power @ bank for power in (*spectra.feed(mono), *spectra.finish())]
    mel = np.concatenate([*batches, np.zeros((0, MEL_BANDS), np.float32)])
    level = 10.0 * np.log10(mel + 1e-12)
    top = float(level.max()) if len(level) else 0.0
    mel_db = np.maximum(level - max(top - _RANGE_DB, _SILENT_DB), 0.0).astype(np.float32)
    return TrackSound(mono, mel_db, _chroma(mono), _envelope(mono))


def _chroma(mono: FloatArray) -> FloatArray:
    resampler = Resampler(RATE, _TONAL_RATE)
    spectra = PowerSpectra(_TONAL_FRAME, round(_TONAL_RATE / CHROMA_RATE_HZ))
    collector = ChromaCollector(_TONAL_RATE, _TONAL_FRAME)
    for power in (*spectra.feed(resampler.feed(mono, last=True)), *spectra.finish()):
        collector.feed(power)
    chroma = collector.finish()
    length = np.linalg.norm(chroma, axis=1, keepdims=True)
    return np.asarray(np.where(length > 1e-6, chroma / np.maximum(length, 1e-6), 0.0), np.float32)


def _envelope(mono: FloatArray) -> FloatArray:
    """Rise of level within 10 ms; the mono mix is differentiated, so that basses count less."""
    steps = np.diff(mono, prepend=np.float32(0.0))
    whole = len(steps) // _ENVELOPE_HOP
    power = np.square(steps[: whole * _ENVELOPE_HOP]).reshape(whole, _ENVELOPE_HOP).mean(axis=1)
    smooth = np.hanning(12)[1:-1]
    if whole <= len(smooth):
        return np.zeros(whole, np.float32)
    level = np.log(np.convolve(power, smooth / smooth.sum(), "same") + 1e-7)
    return np.append(np.zeros(10), np.maximum(level[10:] - level[:-10], 0.0)).astype(np.float32)


def slices_around(sound: TrackSound, edges_s: TimeArray) -> FloatArray:
    """Features [n, slices, MEL_BANDS + 12] of the slices between neighbouring edges_s [n, slices + 1] of the track.

    Levels are in units of 10 dB; what lies outside the track is silence.
    """
    mel = _means_between(sound.mel_db / 10.0, MEL_RATE_HZ, edges_s)
    # A chroma frame is longer than a slice may be: it is read at the slice's middle.
    middle = np.round(0.5 * (edges_s[:, :-1] + edges_s[:, 1:]) * CHROMA_RATE_HZ).astype(np.int64)
    inside = (middle >= 0) & (middle < len(sound.chroma))
    chroma = np.zeros((*middle.shape, 12), np.float32)
    chroma[inside] = sound.chroma[middle[inside]]
    return np.concatenate([mel, chroma], axis=2)


def _means_between(curves: FloatArray, rate_hz: float, edges_s: TimeArray) -> FloatArray:
    """Means of curves [frames, k] between edges, [n, slices, k]; a slice shorter than a frame is one frame."""
    total = np.concatenate([np.zeros((1, curves.shape[1])), np.cumsum(curves, axis=0, dtype=np.float64)])
    at = np.round(edges_s * rate_hz).astype(np.int64)
    first, last = at[:, :-1], np.maximum(at[:, 1:], at[:, :-1] + 1)
    sums = total[np.clip(last, 0, len(curves))] - total[np.clip(first, 0, len(curves))]
    return np.asarray(sums / (last - first)[:, :, np.newaxis], np.float32)


def attack_near(sound: TrackSound, at_s: float, reach_s: float = 0.03) -> float:
    """When the clearest rise of level within reach_s of a time begins; the time itself where nothing rises."""
    first = max(0, round((at_s - reach_s) * ENVELOPE_RATE_HZ))
    around = sound.envelope[first : round((at_s + reach_s) * ENVELOPE_RATE_HZ) + 1]
    if not len(around) or around.max() < 0.3:
        return at_s
    top = int(around.argmax())
    rising = np.flatnonzero(around[: top + 1] < 0.25 * around[top])
    return (first + (int(rising[-1]) + 1 if len(rising) else 0)) / ENVELOPE_RATE_HZ


def alignment_s(sound: TrackSound, out_s: float, in_s: float) -> float:
    """By how much later than in_s the track must be entered so that its beats go on in time after out_s.

    The shift, within ALIGN_S, at which the rises of level around both places agree best; where the waves themselves
    are copies of each other it is exact to the sample.
    """
    coarse = _best_lag(sound.envelope, ENVELOPE_RATE_HZ, out_s, in_s, ALIGN_S)
    shift_s = coarse[0] / ENVELOPE_RATE_HZ
    fine, likeness = _best_lag(sound.mono, float(RATE), out_s, in_s + shift_s, _COPY_REACH_S)
    return shift_s + fine / RATE if likeness >= _COPY_LIKENESS else shift_s


def _best_lag(curve: FloatArray, rate_hz: float, out_s: float, in_s: float, reach_s: float) -> tuple[int, float]:
    """Shift of the entry in samples, and the normalised correlation there; 0 where one side is not in the track."""
    half, reach = round(_ALIGN_AROUND_S * rate_hz), round(reach_s * rate_hz)
    leave, enter = round(out_s * rate_hz), round(in_s * rate_hz)
    if min(leave - half, enter - half - reach) < 0 or max(leave + half, enter + half + reach) > len(curve):
        return 0, 0.0
    there = curve[leave - half : leave + half].astype(np.float64)
    here = curve[enter - half - reach : enter + half + reach].astype(np.float64)
    power = np.convolve(np.square(here), np.ones(2 * half), "valid")
    products = np.correlate(here, there, "valid")
    likeness: NDArray[np.float64] = products / np.sqrt(np.maximum(power * np.square(there).sum(), 1e-12))
    # Of shifts that are equally good the smallest is the honest one.
    best = int(np.argmax(likeness - 1e-6 * np.abs(np.arange(len(likeness)) - reach)))
    return best - reach, float(likeness[best])
