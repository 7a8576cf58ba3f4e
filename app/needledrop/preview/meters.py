# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Levels of what is heard just now: momentary and short-term loudness, and true peak.

Sources: EBU Tech 3341 (windows of 0.4 and 3 s, ungated), ITU-R BS.1770-4 (weighting, true peak).
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from needledrop.core.music import FloatArray
from needledrop.features.block_filter import BlockFilter
from needledrop.features.loudness import FLOOR_LUFS, k_weighting
from needledrop.features.true_peak import FLOOR_DBTP, TruePeakMeter

_STEP_S = 0.1
_MOMENTARY_STEPS = 4
_SHORT_TERM_STEPS = 30
_PEAK_STEPS = 15  # A peak stands for 1.5 s.
_OVERLAP = 64  # A peak between two steps is found in the second one.
_OFFSET_LU = -0.691  # BS.1770-4, equation 2


@dataclass(frozen=True)
class Levels:
    """Loudness in LUFS over 0.4 s and 3 s, floor -70; true peak of the last 1.5 s in dBTP, floor -120."""

    momentary_lufs: float = FLOOR_LUFS
    short_term_lufs: float = FLOOR_LUFS
    true_peak_dbtp: float = FLOOR_DBTP


class HeardMeter:
    """Takes what is heard in blocks of any length. Memory does not grow."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._step = round(_STEP_S * sample_rate)
        self._filter = BlockFilter(k_weighting(sample_rate), channels=2)
        self._waiting: FloatArray = np.zeros((0, 2), np.float32)
        self._before: FloatArray = np.zeros((_OVERLAP, 2), np.float32)
        self._energies: deque[float] = deque(maxlen=_SHORT_TERM_STEPS)
        self._peaks_dbtp: deque[float] = deque(maxlen=_PEAK_STEPS)

    def feed(self, stereo: FloatArray) -> None:
        """Take float32 [n, 2]."""
        waiting = np.concatenate([self._waiting, stereo])
        while len(waiting) >= self._step:
            self._take(waiting[: self._step])
            waiting = waiting[self._step :]
        self._waiting = waiting.copy()

    def _take(self, step: FloatArray) -> None:
        weighted = self._filter.feed(np.ascontiguousarray(step.T))
        self._energies.append(float(np.square(weighted, dtype=np.float64).sum()) / self._step)
        peak = TruePeakMeter(self._rate)
        peak.feed(np.concatenate([self._before, step]))
        self._peaks_dbtp.append(peak.finish())
        self._before = step[-_OVERLAP:].copy()

    def levels(self) -> Levels:
        """Levels as of the last whole tenth of a second; windows that are not full yet count as padded with silence."""
        energies = list(self._energies)
        return Levels(
            _lufs(sum(energies[-_MOMENTARY_STEPS:]) / _MOMENTARY_STEPS),
            _lufs(sum(energies) / _SHORT_TERM_STEPS),
            max(self._peaks_dbtp, default=FLOOR_DBTP),
        )


def _lufs(energy: float) -> float:
    return max(FLOOR_LUFS, _OFFSET_LU + 10 * math.log10(energy)) if energy > 0 else FLOOR_LUFS
