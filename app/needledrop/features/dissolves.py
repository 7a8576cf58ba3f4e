# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gradual shot boundaries: dissolves, and fades through an even picture (black, white).

In a dissolve every picture is a mix of the one before it began and the one after it ended, with a share that climbs
steadily; and motion cannot explain the change: the pictures shortly before and after, warped along their optical flow,
miss the one in the middle by errors that are large and of opposite sign. Works at 12.5 pictures a second.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray, TimeArray
from needledrop.features.warping import Warper

GREY_SIZE = (80, 45)
_TICK_S = 0.08
_HALF_WIDTHS = (3, 5, 8, 12)  # Ticks from the middle to either end.
_MIN_QUALITY = 0.5
_MIN_MIX_CONTRAST = 0.03  # RMS of the luma; with less at an end it is a fade, or light.
_MIN_APART = 0.06
_MAX_LIKENESS = 0.85  # Of the structure; two pictures more alike are one under changing light.
_MIN_UNEXPLAINED = 0.26
_MIN_DIP = 0.1  # Of the contrast: two different pictures half over half have less than each alone.
_CELL_CHANGE = 0.04  # Of a thumbnail's pixel, 0..1
_WIDE_SHARE = 0.6  # Of the picture; where less changes, lights come and go.
_LIGHT_SHARE = 0.9  # Of a change of luma in one direction, as light makes it,
_LOST_SHARE_IN_LIGHT = 0.5  # unless this share of the structure is gone with it.
_FAST_SHIFT = 0.05  # Of the width in a tick; no flow follows so fast a pan, and what it leaves resembles a mix.
_NMS_S = 1.0  # Of several findings within this time, or a dissolve's length, only the best stays.
_EVEN_CONTRAST = 0.012  # RMS of the luma; a picture with less shows nothing.
_SHOWN_CONTRAST = 0.018
_LONGEST_EVEN_S = 3.0  # A longer even stretch is a shot of its own.
_FADE_REACH_S = 0.1


@dataclass(frozen=True)
class _Mix:
    middle_s: float
    first_s: float
    last_s: float
    score: float


class DissolveDetector:
    """Finds gradual boundaries in pictures fed in order."""

    def __init__(self) -> None:
        self._ring: deque[tuple[float, FloatArray, NDArray[np.uint8]]] = deque(maxlen=2 * _HALF_WIDTHS[-1] + 1)
        self._found: list[_Mix] = []
        self._fades = _FadeDetector()
        self._warper = Warper()
        self._next_s = 0.0

    def feed(self, t_s: float, thumbnail: FloatArray, grey: NDArray[np.uint8]) -> None:
        """Take the next picture: a thumbnail [rows, columns, 3] (Y, Cr, Cb in 0..1) and its luma at any size."""
        self._fades.feed(t_s, thumbnail)
        if t_s + 1e-6 < self._next_s:
            return
        import cv2

        self._next_s = max(self._next_s + _TICK_S, t_s)
        small = np.asarray(cv2.resize(grey, GREY_SIZE, interpolation=cv2.INTER_AREA), np.uint8)
        self._ring.append((t_s, thumbnail, small))
        if len(self._ring) == self._ring.maxlen:
            self._judge()

    def finish(self, cuts_s: TimeArray) -> list[tuple[float, float]]:
        """Middles and strengths of the gradual boundaries, given the hard cuts, which none may contain."""
        kept = self._fades.finish(cuts_s)
        found = [
            mix
            for mix in self._found
            if not _any_within(cuts_s, mix.first_s, mix.last_s) and not self._fades.is_near(mix.middle_s)
        ]
        for mix in sorted(found, key=lambda mix: -mix.score):
            if any(abs(mix.middle_s - other_s) < max(_NMS_S, mix.last_s - mix.first_s) for other_s, _ in kept):
                continue
            near = [other for other in found if abs(other.middle_s - mix.middle_s) < _NMS_S / 2]
            middle_s = np.average([other.middle_s for other in near], weights=[np.exp(other.score) for other in near])
            kept.append((float(middle_s), float(1 / (1 + np.exp(-mix.score)))))
        return sorted(kept)

    def _judge(self) -> None:
        middle = _HALF_WIDTHS[-1]
        thumbnails = np.stack([thumbnail for _, thumbnail, _ in self._ring])
        contrasts = thumbnails[:, :, :, 0].std(axis=(1, 2))
        pictures = thumbnails.reshape(len(thumbnails), -1)
        best = (0.0, 0.0, 0)
        for half in _HALF_WIDTHS:
            window = slice(middle - half, middle + half + 1)
            if contrasts[window].min() < _EVEN_CONTRAST or contrasts[window][[0, -1]].min() < _MIN_MIX_CONTRAST:
                continue
            quality, apart = mix_quality(pictures[window])
            if quality >= _MIN_QUALITY and quality * apart > best[0] * best[1]:
                best = (quality, apart, half)
        if best[2]:
            self._weigh(*best)

    def _weigh(self, quality: float, apart: float, half: int) -> None:
        middle = _HALF_WIDTHS[-1]
        reach = max(2, half // 2)
        before, now, after = (self._ring[middle + offset][2] for offset in (-reach, 0, reach))
        opposition, error = self._warper.twin_error(before, now, after)
        # Weights of a logistic regression over made-up shots with pans, passing objects, flashes and changing light.
        score = 17.0 * quality + 15.0 * min(apart, 0.2) + 0.9 * opposition + 7.9 * min(error, 0.6) - 18.0
        if score > 0 and self._is_other(half) and not self._is_fast_pan(half):
            times = [self._ring[middle + offset][0] for offset in (-half, 0, half)]
            self._found.append(_Mix(times[1], times[0], times[2], score))

    def _is_other(self, half: int) -> bool:
        """False where both ends show one scene, moved, in other light, with a title or with fireworks over it."""
        middle = _HALF_WIDTHS[-1]
        (_, first_thumbnail, first), (_, _, now), (_, last_thumbnail, last) = (
            self._ring[middle + offset] for offset in (-half, 0, half)
        )
        difference = last_thumbnail - first_thumbnail
        has_changed = np.abs(difference).max(axis=2) > _CELL_CHANGE
        if has_changed.mean() < _WIDE_SHARE or contrast_dip(first, now, last) < _MIN_DIP:
            return False
        luma = difference[:, :, 0][has_changed]
        is_light = abs(luma.sum()) > _LIGHT_SHARE * np.abs(luma).sum()
        if is_light and self._warper.lost_share(first, last) < _LOST_SHARE_IN_LIGHT:
            return False
        unexplained = max(self._warper.unexplained(first, last), self._warper.unexplained(last, first))
        return unexplained >= _MIN_UNEXPLAINED

    def _is_fast_pan(self, half: int) -> bool:
        """True where every picture is the one before, shifted far (by phase correlation)."""
        import cv2

        middle = _HALF_WIDTHS[-1]
        pictures = [self._ring[middle + offset][2].astype(np.float32) for offset in range(-half, half + 1)]
        shifts = [cv2.phaseCorrelate(old, new, _hann_window())[0] for old, new in pairwise(pictures)]
        return float(np.median(np.hypot(*np.transpose(shifts)))) > _FAST_SHIFT * GREY_SIZE[0]


@cache
def _hann_window() -> FloatArray:
    import cv2

    return np.asarray(cv2.createHanningWindow(GREY_SIZE, cv2.CV_32F), np.float32)


def contrast_dip(first: NDArray[np.uint8], now: NDArray[np.uint8], last: NDArray[np.uint8]) -> float:
    """By which share the contrast of the picture between lies below that of the ends."""
    import cv2

    # Blurred, for motion and noise at single pixels fade in any mix.
    ends_and_now = [cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 1.5).std() for picture in (first, last, now)]
    return float(1 - ends_and_now[2] / ((ends_and_now[0] + ends_and_now[1]) / 2 + 2.0))


def mix_quality(pictures: FloatArray) -> tuple[float, float]:
    """How well the pictures [n, values] between the first and the last are a steady mix of these two, 0..1, and how
    far these two lie apart (RMS)."""
    first, last = pictures[0], pictures[-1]
    step = last - first
    size = float(step @ step)
    apart = float(np.sqrt(size / len(step)))
    if apart < _MIN_APART or _likeness(first, last) > _MAX_LIKENESS:
        return 0.0, apart
    inner = pictures[1:-1] - first
    share = inner @ step / size
    rest = inner - share[:, None] * step
    unexplained = float(np.sqrt((rest * rest).sum(axis=1) / size).mean())
    steps = np.diff(np.concatenate([[0.0], share, [1.0]]))
    # A cut makes one great step, a dissolve many small ones.
    evenness = 1.0 - max(0.0, float(steps.max()) - 2.0 / len(steps)) - float(np.abs(steps[steps < 0]).sum())
    return max(0.0, 1.0 - unexplained) * max(0.0, evenness), apart


class _FadeDetector:
    """Finds short even stretches with different pictures before and after."""

    def __init__(self) -> None:
        self._shown: FloatArray | None = None  # The last picture that shows something.
        self._first_even_s: float | None = None
        self._is_even = False
        self._last_even_s = 0.0
        self._stretches: list[tuple[float, float]] = []

    def feed(self, t_s: float, thumbnail: FloatArray) -> None:
        contrast = float(thumbnail[:, :, 0].std())
        if contrast < _EVEN_CONTRAST:
            self._is_even = True
            if self._first_even_s is None and self._shown is not None:
                self._first_even_s = t_s
            return
        if self._is_even:
            self._is_even, self._last_even_s = False, t_s
        if contrast < _SHOWN_CONTRAST:
            return
        if self._first_even_s is not None and self._shown is not None:
            # The same picture before and after means a flash or a blackout.
            if _likeness(self._shown.reshape(-1), thumbnail.reshape(-1)) < _MAX_LIKENESS:
                self._stretches.append((self._first_even_s, self._last_even_s))
            self._first_even_s = None
        self._shown = thumbnail

    def is_near(self, t_s: float) -> bool:
        """True where a fade may still be under way, whether its even stretch is a boundary or not."""
        return any(first_s - _NMS_S <= t_s <= last_s + _NMS_S for first_s, last_s in self._stretches)

    def finish(self, cuts_s: TimeArray) -> list[tuple[float, float]]:
        return [
            ((first_s + last_s) / 2, 0.8)
            for first_s, last_s in self._stretches
            if last_s - first_s <= _LONGEST_EVEN_S
            and not _any_within(cuts_s, first_s - _FADE_REACH_S, last_s + _FADE_REACH_S)
        ]


def _any_within(times_s: TimeArray, first_s: float, last_s: float) -> bool:
    return bool(np.any((times_s >= first_s) & (times_s <= last_s)))


def _likeness(a: FloatArray, b: FloatArray) -> float:
    a = a[0::3] - a[0::3].mean()
    b = b[0::3] - b[0::3].mean()
    return float(a @ b / np.sqrt((a @ a) * (b @ b) + 1e-9))
