# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening files with libav: any path, no network, plain errors, and which streams count as picture."""

from __future__ import annotations

import os
from fractions import Fraction
from typing import Any

import av
from av.codec.hwaccel import HWAccel
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream

from needledrop.media import faults
from needledrop.media.faults import AnyPath, media_faults

# A playlist or a reference movie must not make us open other files or reach the network.
_OPTIONS = {"protocol_whitelist": "file", "enable_drefs": "0"}
_NOT_PICTURE = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image


def open_media(path: AnyPath, hwaccel: HWAccel | None = None) -> InputContainer:
    """Open a file for reading; the caller closes it.

    Args:
        path: Any path, bytes too.
        hwaccel: The device to decode pictures on; None decodes on the processor.

    Raises:
        KnownError: the file is missing, unreadable, empty, no media, or broken.
    """
    # An absolute path: libav would take "a:b.mp3" for a protocol. Undecodable bytes pass as surrogates.
    name = os.path.abspath(os.fsdecode(path))  # noqa: PTH100  (pathlib would normalise differently)
    with media_faults(path):
        if os.path.getsize(name) == 0:  # noqa: PTH202  Some demuxers take it for a stream without channels.
            raise faults.empty(path)
        return av.open(name, "r", options=dict(_OPTIONS), metadata_errors="replace", hwaccel=hwaccel)


def picture_stream(container: InputContainer) -> av.VideoStream | None:
    """The first stream of moving pictures; cover art is none."""
    for stream in container.streams.video:
        if not stream.disposition & _NOT_PICTURE:
            return stream
    return None


def require_decoder(path: AnyPath, stream: Stream) -> None:
    """Raise the KnownError that fits when a stream cannot be decoded at all."""
    if stream.codec_context is None:
        raise faults.unsupported(path)


def refuse_encrypted(path: AnyPath, packet: Packet[Any]) -> None:
    """Raise KnownError where a packet is encrypted (libav would decode noise)."""
    if packet.has_sidedata("encryption_info"):
        raise faults.encrypted(path)


def picture_start_s(stream: Stream) -> Fraction:
    """When the first picture is shown, on the container's clock, in exact seconds."""
    return Fraction(stream.start_time or 0) * (stream.time_base or Fraction(1))
