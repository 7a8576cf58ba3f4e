# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one mixer: cues and the video's own sound in, limited stereo blocks out, at any position.

Preview, playback and export all call it. It works on a fixed grid of CHUNK frames from time zero and cuts blocks out
of that, so what sounds at a frame depends neither on the blocks asked for nor on the order. Positions are frames of the
timeline. Not for two threads at once; no Qt, no files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from needledrop.core.cue import Cue
from needledrop.core.music import FloatArray
from needledrop.mix.limiter import (
    HISTORY,
    LOOK_AHEAD,
    PEAK_CONTEXT,
    Attenuation,
    limiter_gain,
    required_attenuation_db,
)
from needledrop.mix.placement import PlacedCue
from needledrop.mix.reader import SampleReader

CHUNK = 8192
SAMPLE_RATE = 48_000
_KEPT_CHUNKS = 16

Samples = TypeVar("Samples", bound=NDArray[np.floating[Any]])


class Mixer:
    """Mixes cues under the video's own sound and keeps the sum below -1 dBTP.

    Args:
        cues: In any order; they may overlap and are summed.
        sources: A reader per track id; every cue's track must be in it.
        own_sound: The video's sound at unity, positions being those of the timeline; None mutes it.
        sample_rate: Of all readers and of the result.

    Raises:
        KeyError: a cue's track has no reader.
    """

    def __init__(
        self,
        cues: Sequence[Cue],
        sources: Mapping[int, SampleReader],
        own_sound: SampleReader | None = None,
        *,
        sample_rate: int = SAMPLE_RATE,
    ) -> None:
        self._rate = sample_rate
        self._cues = [PlacedCue(cue, sources[cue.track_id], sample_rate) for cue in cues]
        self._own_sound = own_sound
        self._sums: _Chunks[FloatArray] = _Chunks(self._sum_chunk)
        self._needs: _Chunks[Attenuation] = _Chunks(self._need_chunk)
        self._limited: _Chunks[FloatArray] = _Chunks(self._limit_chunk)

    @property
    def sample_rate(self) -> int:
        """Frames per second of what `render` returns."""
        return self._rate

    def render(self, start_frame: int, frames: int) -> FloatArray:
        """Float32 [frames, 2] from `start_frame` of the timeline; the same samples however it is cut into blocks."""
        return self._limited.cut(start_frame, start_frame + frames)

    def blocks(self, start_frame: int, end_frame: int, frames: int = CHUNK) -> Iterator[FloatArray]:
        """Blocks [<= frames, 2] that cover [start_frame, end_frame) in order, made as they are asked for."""
        for start in range(start_frame, end_frame, frames):
            yield self.render(start, min(frames, end_frame - start))

    def _sum_chunk(self, index: int) -> FloatArray:
        block = np.zeros((CHUNK, 2), np.float32)
        if index < 0:
            return block
        start = index * CHUNK
        if self._own_sound is not None:
            own = self._own_sound.read(start, CHUNK)[:CHUNK]
            block[: len(own)] += own
        for cue in self._cues:
            cue.add_to(block, start)
        # A broken file may decode to NaN or infinity; one such sample would silence the limiter for good.
        return block if np.isfinite(block).all() else np.nan_to_num(block, copy=False, posinf=0.0, neginf=0.0)

    def _need_chunk(self, index: int) -> Attenuation:
        start = index * CHUNK
        return required_attenuation_db(self._sums.cut(start - PEAK_CONTEXT, start + CHUNK + PEAK_CONTEXT))

    def _limit_chunk(self, index: int) -> FloatArray:
        start = index * CHUNK
        gain = limiter_gain(self._needs.cut(start - HISTORY, start + CHUNK + LOOK_AHEAD), self._rate)
        block = self._sums[index]
        return block if gain is None else block * gain[:, np.newaxis]


class _Chunks(Generic[Samples]):
    """Chunks made on demand; the latest few are kept, because look-ahead and release reach across them."""

    def __init__(self, make: Callable[[int], Samples]) -> None:
        self._make = make
        self._kept: dict[int, Samples] = {}

    def __getitem__(self, index: int) -> Samples:
        if index not in self._kept:
            made = self._make(index)
            while len(self._kept) >= _KEPT_CHUNKS:
                del self._kept[next(iter(self._kept))]
            self._kept[index] = made
        return self._kept[index]

    def cut(self, start: int, end: int) -> Samples:
        """Frames [start, end) as an array of its own."""
        first, last = start // CHUNK, max(start, end - 1) // CHUNK
        parts = [
            self[index][max(0, start - index * CHUNK) : min(CHUNK, end - index * CHUNK)]
            for index in range(first, last + 1)
        ]
        return cast("Samples", np.concatenate(parts))
