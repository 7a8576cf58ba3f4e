# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory that the program and its decode process share: pages of sound, pictures, and one row of numbers.

Each array has one writer. A reader looks at the header before and after it copies: what was overwritten meanwhile does
not count. Nothing here decodes, mixes or waits.
"""

from __future__ import annotations

import contextlib
import time
from enum import IntEnum
from multiprocessing.shared_memory import SharedMemory

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.mix.mixer import CHUNK

LANES = 12  # Nine candidates, the project's own cues, the original sound, and one being made ready.
PAGES = 24  # Of CHUNK frames: 4 seconds a lane.
MOST_PICTURES = 48
PICTURE_BYTES = 64 << 20
HEARD_FRAMES = 1 << 15

EMPTY = -1


class Slot(IntEnum):
    """Places in the row of numbers. The program writes the first part, the decode process what follows LEVELS."""

    POSITION = 0  # frames of the timeline
    SPEED = 1
    IS_PLAYING = 2
    END = 3  # frames
    LANE = 4  # the one heard
    NEXT_LANE = 5  # the one that is to be heard, or EMPTY
    LOOP_START = 6  # frames, or EMPTY
    LOOP_END = 7
    VIEW_WIDTH = 8  # device pixels
    VIEW_HEIGHT = 9
    JUMPS = 10  # grows with each seek, so that work on an old place is dropped
    HEARD = 11  # frames written to `heard`
    LEVELS = 16
    MOMENTARY = 17
    SHORT_TERM = 18
    TRUE_PEAK = 19
    SOUND_BEAT = 20  # monotonic seconds: the thread lives
    PICTURE_BEAT = 21


class PictureField(IntEnum):
    """Columns of a picture's header."""

    SERIAL = 0  # 0: nothing here
    START_S = 1
    END_S = 2
    WIDTH = 3
    HEIGHT = 4
    OFFSET = 5


_PARTS = (
    ("numbers", np.float64, (32,)),
    ("page_headers", np.int64, (LANES, PAGES, 2)),  # epoch of the lane, number of the page
    ("picture_headers", np.float64, (MOST_PICTURES, len(PictureField))),
    ("heard", np.float32, (HEARD_FRAMES, 2)),
    ("pages", np.float32, (LANES, PAGES, CHUNK, 2)),
    ("pictures", np.uint8, (PICTURE_BYTES,)),
)


class SharedState:
    """One block of shared memory as named arrays. The side that made it also removes it.

    Attributes: numbers float64 [32] by Slot; page_headers int64 [LANES, PAGES, 2]; pages float32 [LANES, PAGES, CHUNK,
    2]; picture_headers float64 [MOST_PICTURES, 6]; pictures uint8 [PICTURE_BYTES]; heard float32 [HEARD_FRAMES, 2].
    """

    numbers: NDArray[np.float64]
    page_headers: NDArray[np.int64]
    picture_headers: NDArray[np.float64]
    heard: FloatArray
    pages: FloatArray
    pictures: NDArray[np.uint8]

    def __init__(self, name: str | None = None) -> None:
        size = sum(int(np.prod(shape)) * np.dtype(kind).itemsize for _, kind, shape in _PARTS)
        self._is_owner = name is None
        self._memory = SharedMemory(name, create=name is None, size=size)
        offset = 0
        for part, kind, shape in _PARTS:
            array: NDArray[np.generic] = np.ndarray(shape, kind, self._memory.buf, offset)
            setattr(self, part, array)
            offset += array.nbytes
        if self._is_owner:
            self.page_headers.fill(EMPTY)
            self.numbers[[Slot.NEXT_LANE, Slot.LOOP_START, Slot.LOOP_END]] = EMPTY

    @property
    def name(self) -> str:
        """What the other side opens it by."""
        return self._memory.name

    def number(self, slot: Slot) -> float:
        """One number of the row."""
        return float(self.numbers[slot])

    def beat(self, slot: Slot) -> None:
        """Say that the thread which owns `slot` is alive."""
        self.numbers[slot] = time.monotonic()

    def forget(self) -> None:
        """Declare every page and picture empty: whoever wrote them is gone."""
        self.page_headers.fill(EMPTY)
        self.picture_headers.fill(0)

    def close(self) -> None:
        """Release the memory; the arrays are gone."""
        for part, _, _ in _PARTS:
            setattr(self, part, None)
        with contextlib.suppress(BufferError):
            self._memory.close()
        if self._is_owner:
            with contextlib.suppress(FileNotFoundError):
                self._memory.unlink()


def read_page(state: SharedState, lane: int, epoch: int, page: int, span: tuple[int, int]) -> FloatArray | None:
    """Frames [span) of a page of sound, copied; None where it is not there (yet, or any more)."""
    headers = state.page_headers[lane]
    places = np.flatnonzero((headers[:, 1] == page) & (headers[:, 0] == epoch))
    if not len(places):
        return None
    place = int(places[0])
    copy = state.pages[lane, place, span[0] : span[1]].copy()
    is_whole = headers[place, 1] == page and headers[place, 0] == epoch
    return copy if is_whole else None


def write_page(state: SharedState, lane: int, place: int, key: tuple[int, int], samples: FloatArray) -> None:
    """Put a page of sound at a place of a lane; key is (epoch, number of the page)."""
    header = state.page_headers[lane, place]
    header[:] = EMPTY
    state.pages[lane, place] = samples
    header[0], header[1] = key
