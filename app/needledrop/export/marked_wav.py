# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A WAV file that carries its markers as cue points with labels, as audio editors keep them.

Source: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0": chunk `cue `, and `labl` in
a LIST of type `adtl`.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from typing import BinaryIO

from needledrop.core.marker import Marker
from needledrop.core.music import FloatArray
from needledrop.export.wav import SampleFormat, write_wav


def write_marked_wav(
    file: BinaryIO, blocks: Iterable[FloatArray], frames: int, sample_rate: int, markers: Iterable[Marker]
) -> None:
    """Write 24-bit stereo with a cue point for each marker within it; file must be open for reading too.

    Raises:
        ValueError: the blocks do not add up to `frames`.
        OSError: the file cannot be written.
    """
    write_wav(file, blocks, frames, sample_rate, SampleFormat.PCM_24)
    points = [(round(marker.time_s * sample_rate), marker.label) for marker in markers]
    chunks = _cue_chunks([(position, label) for position, label in points if 0 <= position < frames])
    file.write(chunks)
    size = file.seek(0, os.SEEK_END) - 8
    file.seek(0)
    is_rf64 = file.read(4) == b"RF64"
    # RF64 (EBU Tech 3306) keeps its size behind the head of its ds64 chunk.
    file.seek(20 if is_rf64 else 4)
    file.write(struct.pack("<Q" if is_rf64 else "<I", size))


def _cue_chunks(points: list[tuple[int, str]]) -> bytes:
    if not points:
        return b""
    cues = [
        struct.pack("<II4sIII", number, position, b"data", 0, 0, position)
        for number, (position, _) in enumerate(points, 1)
    ]
    labels = b"".join(_label(number, label) for number, (_, label) in enumerate(points, 1))
    cue = struct.pack("<4sII", b"cue ", 4 + 24 * len(cues), len(cues)) + b"".join(cues)
    return cue + struct.pack("<4sI4s", b"LIST", 4 + len(labels), b"adtl") + labels


def _label(number: int, text: str) -> bytes:
    body = struct.pack("<I", number) + text.encode("utf-8") + b"\0"
    return struct.pack("<4sI", b"labl", len(body)) + body + b"\0" * (len(body) % 2)
