# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decoded sound kept in memory, so that several mixes of the same files at the same place decode them once."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from needledrop.core.music import FloatArray
from needledrop.mix.reader import SampleReader

_BLOCK = 32_768  # 0.7 s, 256 KiB


class PcmStore:
    """Blocks of sound of any number of readers under one budget, least recently used out first. Not thread-safe."""

    def __init__(self, budget_bytes: int = 160 << 20) -> None:
        self._most = max(1, budget_bytes // (_BLOCK * 8))
        self._blocks: OrderedDict[tuple[object, int], FloatArray] = OrderedDict()

    def block(self, key: object, index: int, source: SampleReader) -> FloatArray:
        """Block number `index` of a reader known by `key`."""
        place = (key, index)
        if place in self._blocks:
            self._blocks.move_to_end(place)
            return self._blocks[place]
        while len(self._blocks) >= self._most:
            self._blocks.popitem(last=False)
        sound = np.zeros((_BLOCK, 2), np.float32)
        read = source.read(index * _BLOCK, _BLOCK)
        sound[: len(read)] = read
        self._blocks[place] = sound
        return sound


class StoredSound:
    """A `SampleReader` over another whose samples stay in a store."""

    def __init__(self, key: object, source: SampleReader, store: PcmStore) -> None:
        self._key = key
        self._source = source
        self._store = store

    def read(self, start_frame: int, frames: int) -> FloatArray:
        """Float32 [frames, 2]; zeros before the start and after the end."""
        out = np.zeros((frames, 2), np.float32)
        position, stop = max(0, start_frame), start_frame + frames
        while position < stop:
            index, skip = divmod(position, _BLOCK)
            part = self._store.block(self._key, index, self._source)[skip : skip + stop - position]
            out[position - start_frame : position - start_frame + len(part)] = part
            position += len(part)
        return out


class SummedSound:
    """Several readers heard at once at unity."""

    def __init__(self, sources: list[SampleReader]) -> None:
        self._sources = sources

    def read(self, start_frame: int, frames: int) -> FloatArray:
        """Float32 [frames, 2]."""
        out = np.zeros((frames, 2), np.float32)
        for source in self._sources:
            part = source.read(start_frame, frames)
            out[: len(part)] += part
        return out
