# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a file says how long it should be, so that one cut short can be told from one that ends there."""

from __future__ import annotations

import os

from av.audio.stream import AudioStream
from av.container import InputContainer

from needledrop.media.faults import AnyPath, media_faults

_LARGEST_OGG_PAGE = 65307
_END_OF_STREAM = 4
_UNKNOWN_SIZE = 0x7FFFF000  # Recorders that never came back to write the size leave one from here up.
_GUESSED = frozenset({"mp3", "aac", "ac3", "eac3", "dts", "mpegts", "mpegps", "amr"})


def declares_duration(path: AnyPath, container: InputContainer, stream: AudioStream) -> bool:
    """Whether the duration was written into the file, not guessed by libav from its size and bit rate."""
    if container.format.name == "mp3":
        return _has_frame_count(path)
    return container.format.name not in _GUESSED and bool(stream.duration or container.duration)


def _has_frame_count(path: AnyPath) -> bool:
    """Whether the first MP3 frame is a Xing, Info or VBRI header."""
    with media_faults(path), open(os.fspath(path), "rb") as file:  # noqa: PTH123  (bytes paths)
        head = file.read(10)
        if head[:3] == b"ID3" and len(head) == 10:
            size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
            file.seek(10 + size)
        else:
            file.seek(0)
        frame = file.read(4096)
    return any(mark in frame for mark in (b"Xing", b"Info", b"VBRI"))


def lacks_end(path: AnyPath, container: InputContainer) -> bool:
    """Whether an Ogg file lacks the page marked as its last, or a WAV file is shorter than its header says.

    libav takes the duration of both from what is there.
    """
    if container.format.name not in {"ogg", "wav"}:
        return False
    with media_faults(path), open(os.fspath(path), "rb") as file:  # noqa: PTH123  (bytes paths)
        head = file.read(8)
        size = file.seek(0, os.SEEK_END)
        if head[:4] == b"RIFF":
            declared = int.from_bytes(head[4:], "little")
            return size < declared < _UNKNOWN_SIZE
        file.seek(max(0, size - _LARGEST_OGG_PAGE - 27))
        return container.format.name == "ogg" and _is_cut_inside(file.read())


def _is_cut_inside(tail: bytes) -> bool:
    """Whether the last Ogg page in the bytes is incomplete or not marked as the end of the stream."""
    at = tail.rfind(b"OggS")
    if at < 0 or len(tail) < at + 27:
        return True
    segments = tail[at + 26]
    length = 27 + segments + sum(tail[at + 27 : at + 27 + segments])
    return not tail[at + 5] & _END_OF_STREAM or len(tail) < at + length
