# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocks for the sound device, copied out of the pages that the decode process mixed: the very samples export writes.

Whatever changes what is heard (another candidate, a gain, a jump, a loop that turns back) changes the source of the
samples at the start of a block; what was heard before runs on for FADE frames under what is heard now, so there is no
click. Runs in the sound device's callback: it copies and adds, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.mix.curves import fade_down, fade_up
from needledrop.mix.mixer import CHUNK
from needledrop.preview.shared_state import SharedState, read_page
from needledrop.preview.transport import Stretch

FADE = 240  # 5 ms at 48 kHz


@dataclass(frozen=True)
class Source:
    """Where samples come from: a lane in one of its lives. `family` tells edits of one mix from other mixes."""

    lane: int
    epoch: int
    family: int


class PlaybackMixer:
    """Reads stretches from sources and joins them without a click. One thread calls `render`.

    Args:
        state: Whose pages are read.
        end: First frame after the timeline; beyond it, and before zero, there is silence.
    """

    def __init__(self, state: SharedState, end: int) -> None:
        self._state = state
        self.end = end
        self._source: Source | None = None
        self._stretch: Stretch | None = None
        self._fading: FloatArray = np.zeros((0, 2), np.float32)
        self._is_family = False

    def is_ready(self, source: Source, position: float, speed: float) -> bool:
        """Whether the pages under the playhead and the one that follows are there."""
        here, last = int(position) // CHUNK, self.end // CHUNK
        pages = (here, here + (1 if speed >= 0 else -1))
        headers = self._state.page_headers[source.lane]
        known = {int(page) for epoch, page in headers if epoch == source.epoch}
        return all(page in known for page in pages if 0 <= page <= last)

    def render(self, source: Source, stretches: list[Stretch]) -> FloatArray | None:
        """Float32 [frames, 2] of all stretches; None where a page is missing (nothing has changed then)."""
        parts = [self._samples(source, stretch) for stretch in stretches]
        sounds = [part for part in parts if part is not None]
        if len(sounds) != len(parts):
            return None
        joined = [self._join(source, stretch, part) for stretch, part in zip(stretches, sounds, strict=True)]
        return np.concatenate(joined) if joined else np.zeros((0, 2), np.float32)

    def silence(self, frames: int) -> FloatArray:
        """Silence, into which whatever was heard fades."""
        quiet = Stretch(0.0, frames, 0.0, is_silent=True)
        return self._join(None, quiet, np.zeros((frames, 2), np.float32))

    def _join(self, source: Source | None, stretch: Stretch, samples: FloatArray) -> FloatArray:
        if stretch.is_silent:
            source = None
        if not self._continues(source, stretch):
            self._fading = self._continuation()
            self._is_family = (
                source is not None
                and self._source is not None
                and self._stretch is not None
                and source.family == self._source.family
                and stretch.start == self._stretch.end
            )
        self._source, self._stretch = source, stretch
        return self._faded(samples)

    def _continues(self, source: Source | None, stretch: Stretch) -> bool:
        before = self._stretch
        if before is None or source != self._source:
            return before is None and source is None
        return source is None or (stretch.start == before.end and stretch.speed == before.speed)

    def _continuation(self) -> FloatArray:
        """What would have been heard next, FADE frames of it; where its page is gone, its last value."""
        if self._source is None or self._stretch is None:
            under = np.zeros((FADE, 2), np.float32)
        else:
            ahead = Stretch(self._stretch.end, FADE, self._stretch.speed)
            read = self._samples(self._source, ahead)
            under = np.repeat(self._last_value(), FADE, axis=0) if read is None else read
        return self._faded(under)

    def _last_value(self) -> FloatArray:
        assert self._source is not None and self._stretch is not None
        last = Stretch(self._stretch.end - self._stretch.speed, 1, self._stretch.speed)
        read = self._samples(self._source, last)
        return np.zeros((1, 2), np.float32) if read is None else read

    def _faded(self, samples: FloatArray) -> FloatArray:
        """Lay what is still fading under the samples; what is left of it stays for the next block."""
        count = min(len(self._fading), len(samples))
        if not count:
            return samples
        done = FADE - len(self._fading)
        span = (done, done + count)
        rise, fall = fade_up(0, FADE, span), fade_down(FADE, FADE, span)
        if self._is_family:  # The same music at another level: powers would add up to a bump.
            rise, fall = np.square(rise), np.square(fall)
        mixed = samples.copy()
        mixed[:count] = samples[:count] * rise[:, np.newaxis] + self._fading[:count] * fall[:, np.newaxis]
        np.clip(mixed[:count], -1.0, 1.0, out=mixed[:count])
        self._fading = self._fading[count:]
        return mixed

    # -- reading -----------------------------------------------------------------------------------------------

    def _samples(self, source: Source, stretch: Stretch) -> FloatArray | None:
        if stretch.is_silent:
            return np.zeros((stretch.frames, 2), np.float32)
        if stretch.speed == 1.0 and stretch.start == int(stretch.start):
            return self._timeline(source, int(stretch.start), int(stretch.start) + stretch.frames)
        edges = stretch.start + stretch.speed * np.arange(stretch.frames + 1, dtype=np.float64)
        first, last = int(np.floor(edges.min())) - 1, int(np.ceil(edges.max())) + 2
        sound = self._timeline(source, first, last)
        return None if sound is None else _resampled(sound, edges - first)

    def _timeline(self, source: Source, start: int, end: int) -> FloatArray | None:
        """Frames [start, end) of the timeline; None where one of them is missing."""
        out = np.zeros((end - start, 2), np.float32)
        position = max(0, start)
        stop = min(end, self.end)
        while position < stop:
            page, skip = divmod(position, CHUNK)
            until = min(CHUNK, skip + stop - position)
            part = read_page(self._state, source.lane, source.epoch, page, (skip, until))
            if part is None:
                return None
            out[position - start : position - start + len(part)] = part
            position += len(part)
        return out


def _resampled(sound: FloatArray, edges: NDArray[np.floating[Any]]) -> FloatArray:
    """The sound at any speed: between samples where it is slow, else means of what each new sample stands for.

    The means are a low-pass filter too: without one high notes would fold down.
    """
    at = np.arange(len(sound) + 1)
    if abs(edges[-1] - edges[0]) < len(edges) - 1:
        return np.stack([np.interp(edges[:-1], at[:-1], side) for side in sound.T], axis=1).astype(np.float32)
    total = np.concatenate([np.zeros((1, 2)), np.cumsum(sound, axis=0, dtype=np.float64)])
    between = np.stack([np.interp(edges, at, side) for side in total.T], axis=1)
    return (np.diff(between, axis=0) / np.diff(edges)[:, np.newaxis]).astype(np.float32)
