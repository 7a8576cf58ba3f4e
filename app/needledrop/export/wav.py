# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stereo WAV files, written by hand: no library stamps a time or a version into the header, so bytes repeat.

24 bits are rounded without dither: the error lies 144 dB below full scale, under the noise of any recording, and the
mixer's 32-bit floats carry no more than 24 bits themselves. Past 4 GiB the file becomes RF64 (EBU Tech 3306).
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Iterable
from typing import BinaryIO

import numpy as np

from needledrop.core.music import FloatArray

_CHANNELS = 2
_FRONT_LEFT_RIGHT = 3
_SUBTYPE_TAIL = bytes.fromhex("000000001000800000aa00389b71")
_LARGEST_RIFF = 0xFFFFFFFF


class SampleFormat(enum.Enum):
    """How samples are stored."""

    PCM_24 = "pcm24"
    FLOAT_32 = "float32"

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample of one channel."""
        return 3 if self is SampleFormat.PCM_24 else 4


def write_wav(
    file: BinaryIO, blocks: Iterable[FloatArray], frames: int, sample_rate: int, sample_format: SampleFormat
) -> None:
    """Write a header for `frames` and then the blocks of float32 [n, 2]; samples beyond full scale are clipped in PCM.

    Raises:
        ValueError: the blocks do not add up to `frames`.
        OSError: the file cannot be written.
    """
    file.write(wav_header(frames, sample_rate, sample_format))
    written = 0
    for block in blocks:
        file.write(_encoded(block, sample_format))
        written += len(block)
    if written != frames:
        raise ValueError(f"{written} frames came, {frames} were announced")
    if frames * _CHANNELS * sample_format.sample_bytes % 2:
        file.write(b"\0")


def wav_header(frames: int, sample_rate: int, sample_format: SampleFormat) -> bytes:
    """RIFF or RF64 header up to the first sample."""
    frame_bytes = _CHANNELS * sample_format.sample_bytes
    body_bytes = frames * frame_bytes
    fmt = _format_chunk(sample_rate, sample_format)
    fact = struct.pack("<4sII", b"fact", 4, min(frames, _LARGEST_RIFF))
    riff_bytes = 4 + len(fmt) + len(fact) + 8 + body_bytes + body_bytes % 2
    if riff_bytes <= _LARGEST_RIFF:
        return b"".join(
            (struct.pack("<4sI4s", b"RIFF", riff_bytes, b"WAVE"), fmt, fact, struct.pack("<4sI", b"data", body_bytes))
        )
    sizes = struct.pack("<4sIQQQI", b"ds64", 28, riff_bytes + 36, body_bytes, frames, 0)
    head = struct.pack("<4sI4s", b"RF64", _LARGEST_RIFF, b"WAVE")
    return b"".join((head, sizes, fmt, fact, struct.pack("<4sI", b"data", _LARGEST_RIFF)))


def _format_chunk(sample_rate: int, sample_format: SampleFormat) -> bytes:
    """WAVE_FORMAT_EXTENSIBLE, which 24 bits ask for."""
    bits = 8 * sample_format.sample_bytes
    frame_bytes = _CHANNELS * sample_format.sample_bytes
    code = 1 if sample_format is SampleFormat.PCM_24 else 3
    byte_rate = sample_rate * frame_bytes
    plain = struct.pack("<4sIHHIIHH", b"fmt ", 40, 0xFFFE, _CHANNELS, sample_rate, byte_rate, frame_bytes, bits)
    return plain + struct.pack("<HHIH", 22, bits, _FRONT_LEFT_RIGHT, code) + _SUBTYPE_TAIL


def _encoded(block: FloatArray, sample_format: SampleFormat) -> bytes:
    if sample_format is SampleFormat.FLOAT_32:
        return block.astype("<f4").tobytes()
    scaled = np.clip(np.rint(block.astype(np.float64) * 2**23), -(2**23), 2**23 - 1).astype("<i4")
    return np.ascontiguousarray(scaled).view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
