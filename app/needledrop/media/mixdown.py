# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decoded blocks brought to the channels and the sample rate asked for, by libswresample.

Mono becomes stereo by doubling, stereo mono by averaging, anything more by libswresample's own downmix (never
normalised: the mixer sets levels).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

import av
import av.error
import numpy as np

from needledrop.core.music import FloatArray
from needledrop.media.sample_blocks import Block

_FILTER_FRAMES = 1024  # libswresample's filter is 32 samples long, times the ratio when the rate goes down.
_LAYOUTS = {1: "mono", 2: "stereo"}


def converted(blocks: Iterator[Block], source_rate: int, layout_name: str, rate: int, channels: int) -> Iterator[Block]:
    """Yield (position at `rate`, float32 [n, channels]) for blocks that begin at `aligned_start` or at 0."""
    mixed = _mixed(blocks, layout_name, channels)
    return mixed if rate == source_rate else _resampled(mixed, source_rate, rate, channels)


def aligned_start(position: int, source_rate: int, rate: int) -> int:
    """The source sample from which to convert so that the output at `position` equals that of a read from 0.

    It is one where the resampler's phase is zero, and far enough before to fill its filter.
    """
    if source_rate == rate:
        return position
    divisor = gcd(source_rate, rate)
    step = source_rate // divisor
    margin = _FILTER_FRAMES * -(-source_rate // rate)
    return max(0, position // (rate // divisor) - -(-margin // step)) * step


def _mixed(blocks: Iterator[Block], layout_name: str, channels: int) -> Iterator[Block]:
    matrix: FloatArray | None = None
    for start, block in blocks:
        if block.shape[1] == channels:
            yield start, block
            continue
        if matrix is None or len(matrix) != block.shape[1]:
            matrix = downmix_matrix(layout_name, block.shape[1], channels)
        yield start, np.ascontiguousarray(block @ matrix)


def downmix_matrix(layout_name: str, source_channels: int, channels: int) -> FloatArray:
    """Gains [source_channels, channels]; each source is heard alone once to learn libswresample's matrix."""
    if source_channels == 1:
        return np.ones((1, channels), np.float32)
    if source_channels == 2 and channels == 1:
        return np.full((2, 1), 0.5, np.float32)
    impulses = np.eye(source_channels, dtype=np.float32).reshape(1, -1)
    try:
        frame = av.AudioFrame.from_ndarray(impulses, format="flt", layout=layout_name)
        frame.sample_rate = 48000
        mixer = av.AudioResampler(format="flt", layout=_LAYOUTS[channels], rate=48000)
        out = [_samples(part, channels) for part in (*mixer.resample(frame), *mixer.resample(None))]
        gains = np.concatenate(out)
    except (av.error.FFmpegError, ValueError):
        gains = np.zeros((0, channels), np.float32)
    if len(gains) == source_channels:
        return gains
    # Channels without a place in the room: all to the middle.
    return np.full((source_channels, channels), 1.0 / source_channels, np.float32)


def _resampled(blocks: Iterator[Block], source_rate: int, rate: int, channels: int) -> Iterator[Block]:
    resampler = av.AudioResampler(format="flt", layout=_LAYOUTS[channels], rate=rate)
    position: int | None = None
    end = 0
    for start, block in blocks:
        if position is None:
            position = start * rate // source_rate
        end = start + len(block)
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="flt", layout=_LAYOUTS[channels])
        frame.sample_rate = source_rate
        for out in resampler.resample(frame):
            samples = _samples(out, channels)
            yield position, samples
            position += len(samples)
    if position is None:
        return
    missing = -(-end * rate // source_rate) - position  # The length is exact, whatever the filter gives at the end.
    tail = [_samples(out, channels) for out in resampler.resample(None)]
    samples = np.concatenate([*tail, np.zeros((max(0, missing), channels), np.float32)])[: max(0, missing)]
    if len(samples):
        yield position, samples


def _samples(frame: av.AudioFrame, channels: int) -> FloatArray:
    """A frame in format "flt" as [n, channels]."""
    return np.asarray(frame.to_ndarray(), np.float32).reshape(-1, channels)
