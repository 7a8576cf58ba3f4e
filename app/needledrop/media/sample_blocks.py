# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small decoded frames collected into large float blocks: one copy per plane, one conversion per block.

Knows sample formats and nothing of files or time stamps.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from needledrop.core.music import FloatArray

BLOCK_FRAMES = 65536
Block = tuple[int, FloatArray]

_FORMATS: dict[str, tuple[Any, float]] = {
    "u8": (np.uint8, 1 / 128), "s16": (np.int16, 1 / 2**15), "s32": (np.int32, 1 / 2**31),
    "s64": (np.int64, 1 / 2**63), "flt": (np.float32, 1.0), "dbl": (np.float64, 1.0),
}  # fmt: skip


class SampleGatherer:
    """Collects frames of one format; `take` hands the block over."""

    def __init__(self) -> None:
        self._raw: NDArray[Any] | None = None
        self._count = 0
        self._start = 0

    def fits(self, frame: AudioFrame) -> bool:
        """Whether the frame still goes into this block."""
        return self._raw is None or self._count + frame.samples <= BLOCK_FRAMES or self._count == 0

    def add(self, frame: AudioFrame, skip: int, position: int) -> None:
        """Append a frame without its first `skip` samples; `position` is where the first one kept lies."""
        planes = frame.planes
        count = frame.samples
        width = frame.layout.nb_channels if len(planes) == 1 else 1
        if self._raw is None or self._raw.shape[1] < (self._count + count) * width:
            name = frame.format.name
            self._dtype, self._scale = _FORMATS[name.removesuffix("p")]
            self._raw = np.empty((len(planes), max(BLOCK_FRAMES, count) * width), self._dtype)
            self._width = width
            self._count = 0
        if self._count == 0:
            self._start = position
        begin, stop = self._count * width, (self._count + count - skip) * width
        raw, dtype = self._raw, self._dtype
        for index, plane in enumerate(planes):
            raw[index, begin:stop] = np.frombuffer(
                memoryview(plane), dtype, (count - skip) * width, skip * width * raw.itemsize
            )
        self._count += count - skip

    def take(self) -> Block | None:
        """The samples so far as float32 [n, channels], and their position."""
        if self._raw is None or self._count == 0:
            return None
        count, self._count = self._count, 0
        raw = self._raw[:, : count * self._width]
        shaped = raw[0].reshape(count, self._width) if len(raw) == 1 else raw.T
        samples: FloatArray = np.empty(shaped.shape, np.float32)
        if shaped.dtype == np.uint8:
            np.subtract(shaped, np.float32(128.0), out=samples)
            samples *= np.float32(self._scale)
        elif self._scale == 1.0:
            samples[:] = shaped
        else:
            np.multiply(shaped, np.float32(self._scale), out=samples, casting="same_kind")
        return self._start, samples


def silence(count: int, channels: int) -> Iterator[FloatArray]:
    """Yield `count` zeros in blocks; nothing where `count` is not positive."""
    while count > 0:
        size = min(count, BLOCK_FRAMES)
        yield np.zeros((size, channels), np.float32)
        count -= size
