# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a video's container says in words: its tags, the names of its chapters, the lines of its subtitle streams.

Decodes no picture and no sound. Never fails over a broken stream: what was read before it counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import av.error
from av.container import InputContainer

from needledrop.media.container import open_media
from needledrop.media.faults import AnyPath, media_faults
from needledrop.media.subtitles import MOST_LINES, event_lines

_LONGEST_TAG = 4000
_MOST_CHAPTERS = 200
# Enough for the subtitles of hours of video, little enough not to read a camera original to its end.
_MOST_BYTES = 2 << 30
_BITMAPS = frozenset({"dvd_subtitle", "hdmv_pgs_subtitle", "dvb_subtitle", "xsub"})


@dataclass(frozen=True)
class ContainerTexts:
    """Tags by their name in small letters, chapter names in order, and subtitle lines in order (of the first text
    stream that holds any)."""

    tags: Mapping[str, str]
    chapters: tuple[str, ...]
    subtitles: tuple[str, ...]


def container_texts(path: AnyPath) -> ContainerTexts:
    """Read what a container says.

    Raises:
        KnownError: see `media_faults`.
    """
    with open_media(path) as container, media_faults(path):
        tags = {name.casefold(): _text(value) for name, value in container.metadata.items()}
        chapters = [_text(chapter["metadata"].get("title", "")) for chapter in container.chapters()[:_MOST_CHAPTERS]]
        subtitles = tuple(event_lines(_events(container)))
        return ContainerTexts(tags, tuple(name for name in chapters if name), subtitles)


def _events(container: InputContainer) -> Iterator[str]:
    """The events of the text stream of subtitles that speaks first."""
    streams = [stream for stream in container.streams.subtitles if _is_text(stream)]
    if not streams:
        return
    chosen, count, size = -1, 0, 0
    try:
        for packet in container.demux():
            size += packet.size
            if size > _MOST_BYTES or count >= MOST_LINES:
                return
            if packet.stream not in streams or chosen not in (-1, packet.stream.index):
                continue
            for event in _decoded_events(packet):
                chosen, count = packet.stream.index, count + 1
                yield event
    except av.error.FFmpegError:
        return


def _decoded_events(packet: Any) -> list[str]:
    try:
        return [_text(part.ass) for part in packet.decode() if getattr(part, "ass", None)]
    except av.error.FFmpegError:
        return []


def _is_text(stream: Any) -> bool:
    context = stream.codec_context  # None without a decoder
    return context is not None and context.codec.canonical_name not in _BITMAPS


def _text(value: str | bytes) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return text.encode("utf-8", "replace").decode("utf-8")[:_LONGEST_TAG].strip("\0 \t\r\n")
