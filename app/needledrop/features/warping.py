# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Can motion explain the change from one picture to another? Warps along the optical flow (DIS, on the CPU)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray

_BLUR = 1.5  # Pixels; what is left after a warp at single pixels is noise.
_MIN_SIDE = 32  # Pixels; on lower pictures that are wide OpenCV's method reads beyond them and crashes.

_BLOCKS = (10, 5)
_MIN_BLOCK_CONTRAST = 3.0  # RMS on a scale of 0..255
_MIN_BLOCK_LIKENESS = 0.6


class Warper:
    """Holds the flow method; not for two threads at once. All pictures are grey uint8 [h, w] of one size."""

    def __init__(self) -> None:
        import cv2

        cv2.setNumThreads(1)  # Pictures this small gain nothing from threads; waking them cost 6 % of the time.
        method: Any = cv2  # The stubs of some releases lack this class.
        self._method = method.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._grid: FloatArray = np.zeros((0, 0, 2), np.float32)

    def flow(self, old: NDArray[np.uint8], new: NDArray[np.uint8]) -> FloatArray:
        """Where each pixel of `old` has gone in `new`: float32 [h, w, 2], x and y in pixels."""
        rows, columns = new.shape
        below, right = max(0, _MIN_SIDE - rows), max(0, _MIN_SIDE - columns)
        if below or right:
            old, new = (np.pad(picture, ((0, below), (0, right)), mode="edge") for picture in (old, new))
        return np.asarray(self._method.calc(old, new, None), np.float32)[:rows, :columns]

    def warp(self, old: NDArray[np.uint8], new: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """`old` moved onto `new` along the flow between them."""
        import cv2

        if self._grid.shape[:2] != new.shape:
            rows, columns = new.shape
            x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
            self._grid = np.stack([x, y], axis=-1)
        where = self._grid + self.flow(new, old)
        nowhere: Any = None  # The stubs do not know that an absolute map needs no second one.
        return np.asarray(cv2.remap(old, where, nowhere, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)

    def unexplained(self, old: NDArray[np.uint8], new: NDArray[np.uint8]) -> float:
        """The share of the structure of `new` that `old`, warped, does not give: 0 (all explained) to 2."""
        import cv2

        if old.shape != new.shape:
            return 1.0
        size = (max(1, new.shape[1] // 2), max(1, new.shape[0] // 2))
        warped = cv2.resize(self.warp(old, new), size, interpolation=cv2.INTER_AREA).astype(np.float32)
        return decorrelation(warped, cv2.resize(new, size, interpolation=cv2.INTER_AREA).astype(np.float32))

    def lost_share(self, old: NDArray[np.uint8], new: NDArray[np.uint8]) -> float:
        """The share (0..1) of the blocks with any structure in which `old`, warped, is not like `new`."""
        if old.shape != new.shape:
            return 1.0
        first, second = _blocks(self.warp(old, new)), _blocks(new)
        energies = (first * first).mean(axis=1), (second * second).mean(axis=1)
        has_structure = np.maximum(*energies) > _MIN_BLOCK_CONTRAST**2
        likeness = (first * second).mean(axis=1) / np.sqrt(energies[0] * energies[1] + 1.0)
        return float((likeness[has_structure] < _MIN_BLOCK_LIKENESS).mean()) if has_structure.any() else 0.0

    def twin_error(
        self, before: NDArray[np.uint8], now: NDArray[np.uint8], after: NDArray[np.uint8]
    ) -> tuple[float, float]:
        """How opposite (-1..1) the errors are by which `before` and `after`, warped, miss `now`, and the smaller
        error's RMS against the contrast of `now`."""
        shown = _blurred(now)
        first = _blurred(self.warp(before, now)) - shown
        second = _blurred(self.warp(after, now)) - shown
        energies = (float((first * first).mean()), float((second * second).mean()))
        opposition = -float((first * second).mean()) / np.sqrt(energies[0] * energies[1] + 0.25)
        return opposition, float(np.sqrt(min(energies))) / (float(now.std()) + 5.0)


def decorrelation(a: FloatArray, b: FloatArray) -> float:
    """1 minus the correlation of two pictures on a scale of 0..255: 0 (same structure) to 2."""
    a = a - a.mean()
    b = b - b.mean()
    # The constant makes two almost even pictures (noise on black) alike.
    return 1.0 - float(((a * b).mean() + 4.0) / np.sqrt(((a * a).mean() + 4.0) * ((b * b).mean() + 4.0)))


def _blocks(picture: NDArray[np.uint8]) -> FloatArray:
    """The picture in _BLOCKS blocks of 8 x 9 values, each about its mean: [blocks, 72]."""
    import cv2

    columns, rows = _BLOCKS
    small = np.asarray(cv2.resize(picture, (8 * columns, 9 * rows), interpolation=cv2.INTER_AREA), np.float32)
    blocks = small.reshape(rows, 9, columns, 8).swapaxes(1, 2).reshape(rows * columns, 72)
    return np.asarray(blocks - blocks.mean(axis=1, keepdims=True))


def _blurred(picture: NDArray[np.uint8]) -> FloatArray:
    import cv2

    return np.asarray(cv2.GaussianBlur(picture.astype(np.float32), (0, 0), _BLUR), np.float32)
