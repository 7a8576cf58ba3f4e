# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocks of stereo float samples -> one sound stream of a movie, its first sample at time zero of the file."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, cast

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from needledrop.core.music import FloatArray

SOUND_RATE = 48_000


class SoundEncoder:
    """Encodes for one stream of an open container. The encoder's delay becomes negative time, which the muxer declares.

    Attributes: frames taken so far.
    """

    def __init__(self, target: OutputContainer, codec: str, bit_rate: int, *, is_fast: bool = False) -> None:
        stream = target.add_stream(codec, rate=SOUND_RATE, layout="stereo", bit_rate=bit_rate)
        self._stream = cast(AudioStream, stream)
        if is_fast and codec == "aac":
            self._stream.codec_context.options = {"aac_coder": "fast"}
        self.frames = 0

    @property
    def time_s(self) -> float:
        """How much sound was taken, in seconds."""
        return self.frames / SOUND_RATE

    def encode(self, block: FloatArray) -> Iterator[Packet[Any]]:
        """Take float32 [n, 2] and give the packets that are ready; the rest follows later."""
        if not len(block):
            return
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout="stereo")
        frame.sample_rate = SOUND_RATE
        frame.time_base = Fraction(1, SOUND_RATE)
        frame.pts = self.frames
        self.frames += len(block)
        yield from self._stream.encode(frame)

    def finish(self) -> Iterator[Packet[Any]]:
        """Give what the encoder still holds."""
        yield from self._stream.encode(None)
