# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples of a track in, every audio feature out, in one pass and little memory.

The stream is cut into chunks of CLIP_S whatever the caller's blocks are, so results never depend on block sizes.
Only curves and landmarks are kept: about 0.03 MB a second, whatever the sample rate.
"""

from __future__ import annotations

import math

import numpy as np

from needledrop.core.music import CLIP_S, LOUDNESS_RATE_HZ, ONSET_RATE_HZ, FloatArray, MusicFeatures
from needledrop.features import onsets
from needledrop.features.fingerprint import FRAME_S, LandmarkCollector
from needledrop.features.loudness import LoudnessMeter
from needledrop.features.peaks import PeaksBuilder
from needledrop.features.rhythm import RhythmInput, find_rhythm
from needledrop.features.sections import ending_s
from needledrop.features.spectrum import PowerSpectra, Resampler, mel_bank
from needledrop.features.timbre import TimbreCollector
from needledrop.features.tonality import CHROMA_RATE_HZ, ChromaCollector, find_key
from needledrop.features.true_peak import TruePeakMeter

# Raise one whenever the same samples give another result for that set.
FEATURE_VERSIONS = {"rhythm": 5, "tonality": 1, "loudness": 1, "clips": 2, "fingerprint": 1, "peaks": 1}

TONAL_RATE = 12_000
TONAL_FRAME_SAMPLES = 1536
_TONAL_PER_CHROMA = round(1 / (FRAME_S * CHROMA_RATE_HZ))
_MEL_FLOOR = np.float32(math.exp(-onsets.LOG_RANGE))


class MusicAnalyser:
    """Feed it a track from its first sample, then finish once."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._chunk = np.empty((round(CLIP_S * sample_rate), 2), np.float32)
        self._filled = 0
        self._samples = 0
        self._loudness = LoudnessMeter(sample_rate)
        self._true_peak = TruePeakMeter(sample_rate)
        self._peaks = PeaksBuilder(sample_rate)
        self._fast = _FastSpectra(sample_rate)
        self._slow = _TonalSpectra()

    def feed(self, stereo: FloatArray) -> None:
        """Take the next samples, float32 [n, 2] of any length, finite, full scale 1."""
        taken = 0
        while taken < len(stereo):
            if self._filled == len(self._chunk):
                self._analyse(self._chunk, last=False)
                self._filled = 0
            count = min(len(stereo) - taken, len(self._chunk) - self._filled)
            self._chunk[self._filled : self._filled + count] = stereo[taken : taken + count]
            self._filled += count
            taken += count
        self._samples += len(stereo)

    def _analyse(self, stereo: FloatArray, *, last: bool) -> None:
        mono = stereo @ np.array([0.5, 0.5], np.float32)
        self._loudness.feed(stereo)
        self._true_peak.feed(stereo)
        self._peaks.feed(mono)
        resampled = self._fast.feed(stereo, mono, last=last)
        self._slow.feed(resampled, last=last)

    def finish(self) -> MusicFeatures:
        """Every feature set. Short, silent and empty tracks give finite values and no beats."""
        if self._filled:
            self._analyse(self._chunk[: self._filled], last=True)
            self._filled = 0
        duration_s = self._samples / self._rate
        loudness = self._loudness.finish(self._true_peak.finish())
        step_lufs = self._loudness.step_lufs()
        chroma = self._slow.chroma.finish()
        frames = math.floor(duration_s * ONSET_RATE_HZ) + 1 if self._samples else 0
        mel_codes = self._fast.onsets.codes()[:frames]
        flux = self._fast.onsets.finish(frames, loudness.integrated_lufs)
        total = flux.sum(axis=1)
        strength = onsets.normalised(total)
        clips = self._fast.timbre.finish(strength, onsets.onset_frames(strength, total), chroma, step_lufs)
        ending = ending_s(step_lufs, 1 / LOUDNESS_RATE_HZ, loudness.integrated_lufs, duration_s)
        timbre = self._fast.timbre.steps()
        rhythm = find_rhythm(RhythmInput(mel_codes, flux, chroma, timbre, step_lufs, duration_s, ending))
        return MusicFeatures(
            duration_s=duration_s,
            rhythm=rhythm,
            tonality=find_key(chroma),
            loudness=loudness,
            clips=clips,
            fingerprint=self._slow.landmarks.finish(),
            peaks=self._peaks.finish(),
        )


class _FastSpectra:
    """Short frames at ONSET_RATE_HZ: onsets and timbre."""

    def __init__(self, sample_rate: int) -> None:
        self._resampler = Resampler(sample_rate, onsets.RATE)
        self._spectra = PowerSpectra(onsets.FRAME_SAMPLES, onsets.HOP, first_frame=-onsets.LEAD_FRAMES)
        self._mel = mel_bank(onsets.RATE, onsets.FRAME_SAMPLES, onsets.MEL_BANDS, onsets.MEL_LOW_HZ, onsets.MEL_HIGH_HZ)
        self._lead = onsets.LEAD_FRAMES
        self.onsets = onsets.OnsetCollector()
        self.timbre = TimbreCollector(onsets.RATE, onsets.FRAME_SAMPLES, onsets.MEL_BANDS)

    def feed(self, stereo: FloatArray, mono: FloatArray, *, last: bool) -> FloatArray:
        """Take one chunk, give its mono mix at onsets.RATE."""
        resampled = self._resampler.feed(mono, last=last)
        self.timbre.feed_samples(stereo, mono, resampled)
        batches = [*self._spectra.feed(resampled), *(self._spectra.finish() if last else ())]
        if batches:
            power = np.concatenate(batches)
            log_mel = np.log(power @ self._mel + _MEL_FLOOR)
            self.onsets.feed(log_mel)
            lead = min(self._lead, len(power))
            self._lead -= lead
            self.timbre.feed_frames(power[lead:], log_mel[lead:])
        return resampled


class _TonalSpectra:
    """Long frames of the lower frequencies: chroma and landmarks."""

    def __init__(self) -> None:
        self._resampler = Resampler(onsets.RATE, TONAL_RATE)
        self._spectra = PowerSpectra(TONAL_FRAME_SAMPLES, round(TONAL_RATE * FRAME_S))
        self._frames = 0
        self.chroma = ChromaCollector(TONAL_RATE, TONAL_FRAME_SAMPLES)
        self.landmarks = LandmarkCollector()

    def feed(self, mono: FloatArray, *, last: bool) -> None:
        """Take the next samples at onsets.RATE."""
        resampled = self._resampler.feed(mono, last=last)
        batches = [*self._spectra.feed(resampled), *(self._spectra.finish() if last else ())]
        if not batches:
            return
        power = np.concatenate(batches)
        self.chroma.feed(power[-self._frames % _TONAL_PER_CHROMA :: _TONAL_PER_CHROMA])
        self.landmarks.feed(power)
        self._frames += len(power)
