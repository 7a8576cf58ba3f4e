# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A print of every picture of a video, small enough to keep: by it a shot is found again in another cut of the film.

A print is the picture's brightness on a grid of 16 x 9. It outlives another codec, another size and a mild change of
level; it does not outlive another crop.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GRID = (16, 9)
MOST_RATE_HZ = 30.0


@dataclass(frozen=True)
class PicturePrints:
    """prints uint8 [n, 144]: the picture that is shown at n / rate_hz seconds, its rows one after another."""

    rate_hz: float
    prints: NDArray[np.uint8]

    @property
    def duration_s(self) -> float:
        """How long a stretch the prints cover."""
        return len(self.prints) / self.rate_hz


class PrintsMeter:
    """Takes the pictures of a video in order, RGB uint8 [h, w, 3], and keeps one print for each tick of its clock."""

    def __init__(self, frame_rate_hz: float) -> None:
        self.rate_hz = min(max(frame_rate_hz, 1.0), MOST_RATE_HZ)
        self._prints: list[NDArray[np.uint8]] = []
        self._last: NDArray[np.uint8] | None = None

    def feed(self, t_s: float, rgb: NDArray[np.uint8]) -> None:
        """The picture that is shown from t_s on."""
        import cv2

        # A tick belongs to the picture that is on in its middle: time stamps are rounded by containers.
        tick = max(0, round(t_s * self.rate_hz))
        if self._last is not None:
            self._prints += [self._last] * (tick - len(self._prints))
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        self._last = np.asarray(cv2.resize(grey, GRID, interpolation=cv2.INTER_AREA), np.uint8).reshape(-1)
        if len(self._prints) <= tick:
            self._prints += [self._last] * (tick + 1 - len(self._prints))
        else:
            self._prints[tick] = self._last

    def finish(self, duration_s: float) -> PicturePrints:
        """Every print, the last one held to the end of the video."""
        if self._last is not None:
            self._prints += [self._last] * (round(duration_s * self.rate_hz) - len(self._prints))
        size = GRID[0] * GRID[1]
        prints = np.stack(self._prints) if self._prints else np.zeros((0, size), np.uint8)
        return PicturePrints(self.rate_hz, prints)
