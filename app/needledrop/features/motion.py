# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Motion energy and its accents, from dense optical flow: DIS on the CPU (Kroeger et al. 2016), or a method given.

Flow is taken between pictures about 1/MOTION_RATE_HZ apart and given in pixels per frame of 1/25 s at FLOW_SIZE. Only a
few numbers per pair are kept. Flow across a shot boundary means nothing and is bridged.
"""

from __future__ import annotations

from array import array
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import CLIP_S, FloatArray, TimeArray
from needledrop.core.picture import MOTION_RATE_HZ, Motion
from needledrop.features.warping import Warper

_FRAME_S = 1 / 25
_LONGEST_PAIR_S = 1.0  # Pictures further apart (a still, a gap) tell nothing of motion between them.
_DISSOLVE_REACH_S = 0.3
_ACCENT_PAIRS = 3  # An accent compares the mean of so many pairs before it with as many after.
_ACCENT_MIN_CHANGE = 0.35  # log(1 + pixels per frame)
_ACCENT_FULL_CHANGE = 2.0  # A change that counts as strength 1.
_ACCENT_GAP_S = 0.24
_ACCENT_CONTRAST = 2.0  # How far an accent stands out from the usual change around it.
_ACCENT_NEIGHBOURHOOD = 12  # Pairs on either side.


class FlowMethod(Protocol):
    """A way to compute dense optical flow. What two methods give is never compared: see Motion.method."""

    @property
    def name(self) -> str:
        """The value of Motion.method."""

    @property
    def batch(self) -> int:
        """How many pairs of pictures it likes to get at once."""

    def flows(self, old: NDArray[np.uint8], new: NDArray[np.uint8]) -> FloatArray:
        """Where each pixel of `old` has gone in `new`, both grey [n, h, w]: float32 [n, h, w, 2], x and y in pixels."""


class DisFlow:
    """Dense inverse search (Kroeger et al. 2016), fast on one core."""

    name = "dis"
    batch = 1

    def __init__(self) -> None:
        self._warper = Warper()

    def flows(self, old: NDArray[np.uint8], new: NDArray[np.uint8]) -> FloatArray:
        """See FlowMethod."""
        if len(old) == 1:
            return self._warper.flow(old[0], new[0])[np.newaxis]
        return np.stack([self._warper.flow(*pair) for pair in zip(old, new, strict=True)])


class MotionMeter:
    """Measures motion in grey pictures fed in order."""

    def __init__(self, method: FlowMethod | None = None) -> None:
        self._method: FlowMethod = method or DisFlow()
        self._waiting: list[tuple[float, float, NDArray[np.uint8], NDArray[np.uint8]]] = []
        self._last: tuple[float, NDArray[np.uint8]] | None = None
        self._next_s = 0.0
        self._rows = array("d")  # Per pair: its start, its end, mean magnitude, mean dx, mean dy.

    def feed(self, t_s: float, grey: NDArray[np.uint8]) -> None:
        """Take the next picture [h, w]; those between two ticks of MOTION_RATE_HZ are passed over."""
        if t_s + 1e-6 < self._next_s:
            return
        self._next_s = (np.floor(t_s * MOTION_RATE_HZ + 1e-6) + 1) / MOTION_RATE_HZ
        if self._last is not None:
            last_s, last = self._last
            if last.shape == grey.shape and t_s - last_s <= _LONGEST_PAIR_S:
                self._take_pair(last_s, t_s, last, grey)
        self._last = (t_s, grey)

    def finish(self, duration_s: float, cuts_s: TimeArray, dissolves_s: TimeArray) -> Motion:
        """The curve, accents and clips from 0 to `duration_s`, bridged over the boundaries given."""
        self._measure_waiting()
        pairs = np.array(self._rows, np.float64).reshape(-1, 5)
        pairs = pairs[~_crosses(pairs, cuts_s, 0.0) & ~_crosses(pairs, dissolves_s, _DISSOLVE_REACH_S)]
        count = max(1, int(np.ceil(duration_s * MOTION_RATE_HZ - 1e-6)))
        ticks_s = np.arange(count) / MOTION_RATE_HZ
        curves = np.zeros((3, count))
        if len(pairs):
            middles_s = (pairs[:, 0] + pairs[:, 1]) / 2
            curves = np.stack([np.interp(ticks_s, middles_s, pairs[:, column]) for column in (2, 3, 4)])
        accents_s, strength = _accents(pairs)
        return Motion(self._method.name, curves[0].astype(np.float32), accents_s, strength, _clips(curves, duration_s))

    def _take_pair(self, last_s: float, t_s: float, last: NDArray[np.uint8], grey: NDArray[np.uint8]) -> None:
        if self._waiting and self._waiting[0][2].shape != grey.shape:
            self._measure_waiting()
        self._waiting.append((last_s, t_s, last, grey))
        if len(self._waiting) >= self._method.batch:
            self._measure_waiting()

    def _measure_waiting(self) -> None:
        if not self._waiting:
            return
        starts_s, ends_s, old, new = zip(*self._waiting, strict=True)
        self._waiting.clear()
        for start_s, end_s, flow in zip(
            starts_s, ends_s, self._method.flows(np.stack(old), np.stack(new)), strict=True
        ):
            self._rows.extend((start_s, end_s, *_flow_figures(flow, _FRAME_S / (end_s - start_s))))


def _flow_figures(flow: FloatArray, scale: float) -> tuple[float, float, float]:
    """Mean magnitude, mean dx and mean dy of a flow [h, w, 2], times `scale`."""
    import cv2

    magnitude = cv2.magnitude(np.ascontiguousarray(flow[:, :, 0]), np.ascontiguousarray(flow[:, :, 1]))
    dx, dy = cv2.mean(flow)[:2]
    return cv2.mean(magnitude)[0] * scale, dx * scale, dy * scale


def _crosses(pairs: TimeArray, instants_s: TimeArray, reach_s: float) -> NDArray[np.bool_]:
    """True for pairs that end at or after an instant they begin before, give or take `reach_s`."""
    first = np.searchsorted(instants_s, pairs[:, 0] - reach_s + 1e-6)
    last = np.searchsorted(instants_s, pairs[:, 1] + reach_s + 1e-6)
    return np.asarray(last > first)


def _accents(pairs: TimeArray) -> tuple[TimeArray, FloatArray]:
    """Instants of sudden change of motion with their strengths, inside unbroken runs of pairs."""
    found: list[tuple[float, float]] = []
    breaks = np.flatnonzero(pairs[1:, 0] - pairs[:-1, 1] > 1e-6) + 1
    for run in np.split(pairs, breaks):
        if len(run) >= 2 * _ACCENT_PAIRS:
            found += _accents_of_run(run)
    accents = np.array(found, np.float64).reshape(-1, 2)
    return accents[:, 0], accents[:, 1].astype(np.float32)


def _accents_of_run(run: TimeArray) -> list[tuple[float, float]]:
    totals = np.cumsum(np.concatenate([np.zeros((1, 3)), run[:, 2:]]), axis=0)
    ends = np.arange(_ACCENT_PAIRS, len(run) - _ACCENT_PAIRS + 1)
    before = (totals[ends] - totals[ends - _ACCENT_PAIRS]) / _ACCENT_PAIRS
    after = (totals[ends + _ACCENT_PAIRS] - totals[ends]) / _ACCENT_PAIRS
    change = np.log1p(np.linalg.norm(after - before, axis=1))
    found: list[tuple[float, float]] = []
    for index in np.argsort(-change, kind="stable"):
        if change[index] < _ACCENT_MIN_CHANGE:
            break
        around = change[max(0, index - _ACCENT_NEIGHBOURHOOD) : index + _ACCENT_NEIGHBOURHOOD + 1]
        t_s = float(run[ends[index] - 1, 1])
        is_peak = change[index] >= change[max(0, index - 2) : index + 3].max()
        is_near = any(abs(t_s - other_s) < _ACCENT_GAP_S for other_s, _ in found)
        if is_peak and not is_near and change[index] >= _ACCENT_CONTRAST * np.median(around):
            found.append((t_s, min(1.0, float(change[index]) / _ACCENT_FULL_CHANGE)))
    return sorted(found)


def _clips(curves: TimeArray, duration_s: float) -> FloatArray:
    """Mean and standard deviation of the magnitude, mean dx and dy, per clip of CLIP_S."""
    count = max(1, int(np.ceil(duration_s / CLIP_S - 1e-6)))
    clips = np.zeros((count, 4), np.float32)
    width = round(CLIP_S * MOTION_RATE_HZ)
    for index in range(count):
        part = curves[:, index * width : (index + 1) * width]
        if part.shape[1]:
            clips[index] = (part[0].mean(), part[0].std(), part[1].mean(), part[2].mean())
    return clips
