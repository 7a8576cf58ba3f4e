# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""EBU R128 loudness of a stream: K-weighting, gating, loudness range, momentary curve. True peak is in true_peak.

Sources: ITU-R BS.1770-4 (filters, gating), EBU Tech 3341 (momentary), EBU Tech 3342 (range).
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import LOUDNESS_RATE_HZ, FloatArray, Loudness
from needledrop.features.block_filter import BlockFilter

FLOOR_LUFS = -70.0
_OFFSET_LU = -0.691
_MOMENTARY_BLOCKS = 4
_SHORT_TERM_BLOCKS = 30


def k_weighting(rate: int) -> NDArray[np.float64]:
    """Second-order sections [2, 6] of the K-weighting at any sample rate (BS.1770-4 annex 1, bilinear transform)."""
    shelf_gain = 10 ** (3.999843853973347 / 20)
    shelf_band = shelf_gain**0.4996667741545416
    k, q = math.tan(math.pi * min(1681.974450955533, rate * 0.45) / rate), 0.7071752369554196
    norm = 1 + k / q + k * k
    shelf = [
        (shelf_gain + shelf_band * k / q + k * k) / norm,
        2 * (k * k - shelf_gain) / norm,
        (shelf_gain - shelf_band * k / q + k * k) / norm,
        1.0,
        2 * (k * k - 1) / norm,
        (1 - k / q + k * k) / norm,
    ]
    k, q = math.tan(math.pi * 38.13547087602444 / rate), 0.5003270373238773
    norm = 1 + k / q + k * k
    high_pass = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm]
    return np.array([shelf, high_pass])


class LoudnessMeter:
    """Gathers the energy of K-weighted stereo in steps of 100 ms; feed blocks must start on such a step."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._filter = BlockFilter(k_weighting(sample_rate), channels=2)
        self._energies: list[NDArray[np.float64]] = []
        self._samples = 0

    def feed(self, stereo: FloatArray) -> None:
        """Take float32 [n, 2]."""
        self._energies.append(self._step_energies(self._filter.feed(stereo.T)))
        self._samples += len(stereo)

    def _step_energies(self, weighted: FloatArray) -> NDArray[np.float64]:
        """Mean energy (left plus right) of each 100 ms step; a last part of a step counts as padded with silence."""
        samples = weighted.shape[1]
        first = round(self._samples * LOUDNESS_RATE_HZ / self._rate)
        last = math.ceil((self._samples + samples) * LOUDNESS_RATE_HZ / self._rate - 1e-9)
        edges = [round(i * self._rate / LOUDNESS_RATE_HZ) - self._samples for i in range(first, last)]
        edges.append(samples)
        sums = [sum(float(np.dot(part, part)) for part in weighted[:, a:b]) for a, b in pairwise(edges)]
        return np.array(sums) * LOUDNESS_RATE_HZ / self._rate

    def step_lufs(self) -> NDArray[np.float64]:
        """Loudness [steps] of each 100 ms on its own, floor -70."""
        return _to_lufs(np.concatenate([*self._energies, np.zeros(0)]))

    def finish(self, true_peak_dbtp: float) -> Loudness:
        """All of it; silence and the empty stream give -70 LUFS and a range of 0."""
        steps = np.concatenate([*self._energies, np.zeros(0)])
        whole = int(self._samples * LOUDNESS_RATE_HZ / self._rate + 1e-9)
        momentary = _sliding_mean(steps[: max(whole, 1)], _MOMENTARY_BLOCKS)
        return Loudness(
            integrated_lufs=_integrated_lufs(momentary),
            range_lu=_range_lu(_sliding_mean(steps[:whole], _SHORT_TERM_BLOCKS)),
            true_peak_dbtp=true_peak_dbtp,
            curve_lufs=_centred_curve(steps),
        )


def _to_lufs(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(_OFFSET_LU + 10 * np.log10(np.maximum(energy, 1e-30)), FLOOR_LUFS)


def _sliding_mean(steps: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Means over `length` consecutive steps, overlapping; what is shorter than one window is measured as it is."""
    if len(steps) == 0:
        return np.zeros(0)
    if len(steps) < length:
        return np.array([steps.mean()])
    return np.convolve(steps, np.full(length, 1.0 / length), "valid")


def _integrated_lufs(momentary: NDArray[np.float64]) -> float:
    """Absolute gate at -70 LUFS, then a relative gate 10 LU below what passed (BS.1770-4)."""
    loud = momentary[_to_lufs(momentary) > FLOOR_LUFS]
    if not len(loud):
        return FLOOR_LUFS
    gated = loud[_to_lufs(loud) > float(_to_lufs(loud.mean())) - 10.0]
    return float(_to_lufs(gated.mean())) if len(gated) else FLOOR_LUFS


def _range_lu(short_term: NDArray[np.float64]) -> float:
    """Loudness range: 10th to 95th percentile of short-term loudness, gated at -70 LUFS and -20 LU (Tech 3342)."""
    loud = short_term[_to_lufs(short_term) > FLOOR_LUFS]
    if len(loud) < 2:
        return 0.0
    levels = _to_lufs(loud)
    levels = levels[levels >= float(_to_lufs(loud.mean())) - 20.0]
    low, high = np.percentile(levels, [10, 95])
    return float(high - low)


def _centred_curve(steps: NDArray[np.float64]) -> FloatArray:
    """Momentary loudness whose frame i is centred at step i: two steps before and two after."""
    padded = np.concatenate([np.zeros(2), steps, np.zeros(2)])
    return _to_lufs(np.convolve(padded, np.full(_MOMENTARY_BLOCKS, 0.25), "valid"))[: len(steps)].astype(np.float32)
