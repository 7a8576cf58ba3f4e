# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The video's own sound, as far as ducking needs it: how loud it is, and where somebody speaks."""

from __future__ import annotations

import math

import numpy as np

from needledrop.core.music import LOUDNESS_RATE_HZ, FloatArray
from needledrop.core.picture import Soundtrack
from needledrop.features.loudness import FLOOR_LUFS, LoudnessMeter
from needledrop.features.speech import SpeechFigures, speech_stretches

_BLOCK_STEPS = 10  # Steps of the loudness curve measured at once.


def no_soundtrack() -> Soundtrack:
    """The soundtrack of a video without sound."""
    return Soundtrack(False, np.zeros((0, 2)), FLOOR_LUFS, np.zeros(0, np.float32))


class SoundtrackAnalyser:
    """Takes stereo sound in blocks of any size; not for two threads at once.

    Args:
        sample_rate: Hz of the samples fed.
    """

    def __init__(self, sample_rate: int) -> None:
        self._loudness = LoudnessMeter(sample_rate)
        self._speech = SpeechFigures(sample_rate)
        self._period = sample_rate * _BLOCK_STEPS / LOUDNESS_RATE_HZ
        self._waiting: list[FloatArray] = []
        self._waiting_count = 0
        self._blocks = 0

    def feed(self, stereo: FloatArray) -> None:
        """Take the next float32 [n, 2]."""
        self._waiting.append(stereo)
        self._waiting_count += len(stereo)
        if self._waiting_count < self._next_size():
            return
        waiting = np.concatenate(self._waiting)
        while len(waiting) >= (size := self._next_size()):
            self._measure(waiting[:size])
            waiting = waiting[size:]
        self._waiting, self._waiting_count = [waiting], len(waiting)

    def finish(self) -> Soundtrack:
        """The features; has_sound is False where nothing was fed."""
        rest = np.concatenate([*self._waiting, np.zeros((0, 2), np.float32)])
        if self._blocks == 0 and not len(rest):
            return no_soundtrack()
        if len(rest):
            self._measure(rest)
        loudness = self._loudness.finish(-math.inf)
        speech_s = speech_stretches(self._speech.finish())
        return Soundtrack(True, speech_s, loudness.integrated_lufs, loudness.curve_lufs)

    def _next_size(self) -> int:
        return round((self._blocks + 1) * self._period) - round(self._blocks * self._period)

    def _measure(self, stereo: FloatArray) -> None:
        self._loudness.feed(stereo)
        self._speech.feed(stereo.mean(axis=1, dtype=np.float32))
        self._blocks += 1
