# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a file the same one after it was renamed, moved or re-tagged: a hash of its compressed sound.

It must not decode, and must not look at names, tags, covers or dates.
"""

from __future__ import annotations

import hashlib
import struct

import av.error
from av.container import InputContainer
from av.stream import Discard, Stream

from needledrop.media import faults
from needledrop.media.container import open_media, picture_stream
from needledrop.media.faults import AnyPath, media_faults

_VIDEO_BYTES = 2_000_000  # Of a video, this much of its beginning, with its duration, tells it from any other.


def content_hash(path: AnyPath) -> str:
    """BLAKE2b (128 bits, hex) of the compressed packets: all of the first sound stream of a music file; of a video
    the first 2 MB of sound and picture, and the duration.

    Raises:
        KnownError: see `media_faults`; also when no packet can be read.
    """
    with open_media(path) as container, media_faults(path):
        picture = picture_stream(container)
        sound = next(iter(container.streams.audio), None)
        streams: list[Stream] = [stream for stream in (picture, sound) if stream is not None]
        if not streams:
            raise faults.no_audio(path)
        for stream in container.streams:
            if stream not in streams:
                stream.discard = Discard.all
        digest = hashlib.blake2b(digest_size=16)
        size = _hash_packets(container, streams, digest, None if picture is None else _VIDEO_BYTES)
        if size == 0:
            raise faults.nothing_decoded(path)
        if picture is not None:
            digest.update(struct.pack("<q", container.duration or 0))
        return digest.hexdigest()


def _hash_packets(container: InputContainer, streams: list[Stream], digest: hashlib.blake2b, limit: int | None) -> int:
    """Feed packets to the digest until `limit` bytes; how many bytes it took. A broken end is left out."""
    size = 0
    try:
        for packet in container.demux(streams):
            if packet.size:
                digest.update(memoryview(packet))
                size += packet.size
            if limit is not None and size >= limit:
                break
    except av.error.FFmpegError:
        pass
    return size
