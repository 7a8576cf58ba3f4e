# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A range of a picture stream in its own ticks, and whether it can be copied packet by packet and stay exact."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from needledrop.core.errors import BrokenMedia, KnownError
from needledrop.core.paths import display_path
from needledrop.core.times import TimeRange, format_time
from needledrop.media.container import open_media, picture_start_s, picture_stream, refuse_encrypted

_TOLERANCE_S = Fraction(1, 1000)  # Matroska rounds times to a millisecond.

_HOLDS = {
    "mp4": frozenset({"h264", "hevc", "av1", "mpeg4"}),
    "mov": frozenset({"h264", "hevc", "prores", "mjpeg", "mpeg4", "qtrle", "png", "dnxhd", "cfhd"}),
    "webm": frozenset({"vp8", "vp9", "av1"}),
}  # Matroska holds everything.
_HAS_EDIT_LISTS = frozenset({"mp4", "mov"})
_GIVES_ALL_TIMES = frozenset({"mp4", "matroska", "webm"})  # In others (AVI) each packet has to be looked at.

_ALPHA_FORMATS = ("yuva", "rgba", "argb", "bgra", "abgr", "gbrap", "ya8", "ya16")


@dataclass(frozen=True)
class PictureSpan:
    """The range in ticks of the stream, end exclusive; `is_whole` where it takes in every frame.

    start_ticks is where the range begins exactly, start_pts the nearest tick.
    """

    start_ticks: Fraction
    start_pts: int
    end_pts: int
    tolerance: int
    is_whole: bool


def require_picture(source: InputContainer, path: Path) -> VideoStream:
    """The stream of moving pictures; demuxing then gives nothing else.

    Raises:
        BrokenMedia: there is none ("no-picture").
    """
    stream = picture_stream(source)
    if stream is None or stream.codec_context is None:
        raise BrokenMedia(
            f"'{display_path(path.name)}' has no moving picture.", remedy="Choose a video file.", code="no-picture"
        )
    for other in source.streams:
        if other is not stream:
            other.discard = av.stream.Discard.all
    return stream


def codec_name(picture: VideoStream) -> str:
    """The codec, whichever library decodes it: "av1", not "libdav1d"."""
    return picture.codec_context.codec.canonical_name


def tags(picture: VideoStream) -> dict[str, str]:
    """The stream's tags by lower-case name; Matroska writes names in capitals."""
    return {name.lower(): text for name, text in picture.metadata.items()}


def has_alpha(picture: VideoStream) -> bool:
    """True where the picture has a transparency channel; WebM keeps it beside the picture and says so in a tag."""
    pixel_format = picture.codec_context.pix_fmt or ""
    return pixel_format.startswith(_ALPHA_FORMATS) or tags(picture).get("alpha_mode") == "1"


def picture_span(source: InputContainer, picture: VideoStream, time_range: TimeRange) -> PictureSpan:
    """`time_range`, whose zero is the first frame, in ticks of the stream.

    Raises:
        KnownError: the range begins after the picture has ended ("bad-range").
    """
    tick_s = picture.time_base or Fraction(1, 1000)
    zero_s = picture_start_s(picture)
    length_s = picture.duration * tick_s if picture.duration else Fraction(source.duration or 0, av.time_base)
    if 0 < length_s <= time_range.start_s:
        raise KnownError(
            f"The picture ends at {format_time(float(length_s))}, before the range begins.",
            remedy="Choose a range inside the video.",
            code="bad-range",
        )
    start_ticks = (zero_s + time_range.start_s) / tick_s
    return PictureSpan(
        start_ticks,
        round(start_ticks),
        round((zero_s + time_range.end_s) / tick_s),
        int(_TOLERANCE_S / tick_s),
        is_whole=time_range.start_s == 0 and length_s > 0 and time_range.end_s >= length_s - _TOLERANCE_S,
    )


def seek_to_span(source: InputContainer, picture: VideoStream, span: PictureSpan) -> None:
    """Make demuxing begin at a key frame shown at or before the start of the span.

    Containers are indexed by decoding time: the key frame found first may be shown after the start, and the frames
    before it cannot be decoded without the one before. Hence the second look.
    """
    first, latest = picture.start_time or 0, span.start_pts + span.tolerance
    target = latest
    while target > first:
        source.seek(target, stream=picture)
        packet = next((packet for packet in source.demux(picture) if packet.size), None)
        if packet is not None and (packet.pts is None or packet.pts <= latest):
            source.seek(target, stream=picture)
            return
        found = packet.dts if packet is not None else None
        target = min(target, target if found is None else found) - 1 - span.tolerance
    if span.start_pts > first:
        source.seek(min(0, first), stream=picture)


def why_encode(path: Path, span: PictureSpan, format_name: str) -> str:
    """Why the picture cannot be copied into `format_name`, in words; empty where it can.

    Reads the packets of the range, but only the first of a whole file in a container that gives all times.

    Raises:
        KnownError: the picture is encrypted.
    """
    with contextlib.closing(open_media(path)) as source:  # A view of its own: the caller's stays at its start.
        picture = require_picture(source, path)
        codec = codec_name(picture)
        if codec not in _HOLDS.get(format_name, {codec}):
            return f"{format_name} does not take {codec} pictures"
        seek_to_span(source, picture, span)
        return _why_not_exact(path, source, picture, span, format_name)


def _why_not_exact(
    path: Path, source: InputContainer, picture: VideoStream, span: PictureSpan, format_name: str
) -> str:
    is_first, has_late = True, False
    for packet in source.demux(picture):
        if packet.size == 0:
            continue
        if is_first:
            refuse_encrypted(path, packet)
        if packet.pts is None:
            return "the file does not say when its frames are shown"
        if is_first and not packet.is_keyframe:
            return "the file does not begin with a key frame"
        if is_first and not span.is_whole and abs(packet.pts - span.start_pts) > span.tolerance:
            return "the range does not begin on a key frame"
        if packet.is_discard and format_name not in _HAS_EDIT_LISTS:
            return "the file hides frames in a way the new container cannot"
        if span.is_whole and _GIVES_ALL_TIMES & set(source.format.name.split(",")):
            return ""
        is_first = False
        if packet.dts is not None and packet.dts >= span.end_pts:
            break
        if packet.pts >= span.end_pts - span.tolerance:
            has_late = True
        elif has_late:
            return "the last frames of the range are predicted from later ones"
    return "the range holds no frame" if is_first else ""
