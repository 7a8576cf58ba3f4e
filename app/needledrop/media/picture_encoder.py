# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of a range -> a new picture stream, for where packets cannot be copied. Each frame keeps its own time.

Rotation, pixel aspect, colour tags and bit depth are kept; H.264 carries no alpha and no mastering metadata.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av.error
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from needledrop.media.picture_span import PictureSpan, seek_to_span

# What libx264 takes; everything else goes to the nearest of the first two.
_DIRECT = {"yuv420p", "yuv420p10le", "yuv422p", "yuv422p10le", "yuv444p", "yuv444p10le", "yuvj420p"}

_MOST_SUBTICKS = 1000


@dataclass(frozen=True)
class MovieQuality:
    """How well to encode: x264 constant rate factor and preset (only where the picture cannot be copied), sound.

    is_sound_fast takes AAC's quick coder: two to two and a half times as fast, 3 to 4 dB more noise.
    """

    crf: int
    preset: str
    sound_bit_rate: int
    is_sound_fast: bool = False


class PictureEncoder:
    """Decodes the frames of a span and encodes them for one stream of an open container."""

    def __init__(self, target: OutputContainer, picture: VideoStream, span: PictureSpan, quality: MovieQuality) -> None:
        self._picture = picture
        self._span = span
        is_webm = target.format.name == "webm"
        self._stream = target.add_stream(
            "libvpx-vp9" if is_webm else "libx264", rate=picture.average_rate or picture.guessed_rate or Fraction(25)
        )
        context, source = self._stream.codec_context, picture.codec_context
        self._size = source.width // 2 * 2 or 2, source.height // 2 * 2 or 2
        self._format = "yuv420p" if is_webm else _pixel_format(source.pix_fmt or "yuv420p")
        context.width, context.height, context.pix_fmt = *self._size, self._format
        # Fine enough for the range's own start: it need not lie on a tick, and the sound begins exactly there.
        self._scale = span.start_ticks.limit_denominator(_MOST_SUBTICKS).denominator
        context.time_base = (picture.time_base or Fraction(1, 1000)) / self._scale
        if source.sample_aspect_ratio:
            context.sample_aspect_ratio = source.sample_aspect_ratio
        context.thread_type = "AUTO"
        context.options = _options(quality, is_webm)
        source.thread_type = "AUTO"
        self._has_first = False

    def packets(self, source: InputContainer) -> Iterator[tuple[float, Packet[Any]]]:
        """Give (seconds of the range, packet) in order of encoding."""
        time_s = 0.0
        for pts, frame in self._frames(source):
            time_s = float(pts * self._stream.codec_context.time_base)
            for packet in self._stream.encode(frame):
                yield time_s, packet
        for packet in self._stream.encode(None):
            yield time_s, packet

    def _frames(self, source: InputContainer) -> Iterator[tuple[int, VideoFrame]]:
        """(pts, frame) on screen during the span, from the one that is there when it begins; its first is at zero."""
        span = self._span
        before: VideoFrame | None = None
        for pts, frame in self._decoded(source):
            if pts >= span.end_pts - span.tolerance and pts > span.start_pts:
                break
            if pts <= span.start_pts + span.tolerance:
                before = frame
                continue
            if before is not None:
                yield self._prepared(span.start_pts, before)
                before = None
            yield self._prepared(pts, frame)
        if before is not None:
            yield self._prepared(span.start_pts, before)

    def _decoded(self, source: InputContainer) -> Iterator[tuple[int, VideoFrame]]:
        seek_to_span(source, self._picture, self._span)
        for packet in source.demux(self._picture):
            try:
                frames = packet.decode()
            except av.error.FFmpegError:  # A damaged frame costs itself, not the movie.
                continue
            for frame in frames:
                pts = frame.pts if frame.pts is not None else frame.dts
                if pts is not None:
                    yield pts, frame

    def _prepared(self, source_pts: int, frame: VideoFrame) -> tuple[int, VideoFrame]:
        if not self._has_first:
            self._describe(frame)
            self._has_first = True
        pts = max(0, round((source_pts - self._span.start_ticks) * self._scale))
        ready = frame.reformat(*self._size, format=self._format)
        ready.pts, ready.time_base = pts, self._stream.codec_context.time_base
        ready.pict_type = PictureType.NONE  # Or the encoder would repeat the source's choice of key frames.
        return pts, ready

    def _describe(self, frame: VideoFrame) -> None:
        """Tag the stream as the frame is tagged: a container's own tags may be missing or wrong."""
        if frame.rotation:
            self._stream.set_display_rotation(frame.rotation)
        for tag in ("color_range", "color_primaries", "color_trc", "colorspace"):
            setattr(self._stream.codec_context, tag, int(getattr(frame, tag)))


def _pixel_format(source: str) -> str:
    if source in _DIRECT:
        return source
    is_deep = any(mark in source for mark in ("10", "12", "14", "16", "48", "64"))
    return "yuv420p10le" if is_deep else "yuv420p"


def _options(quality: MovieQuality, is_webm: bool) -> dict[str, str]:
    if is_webm:
        return {"crf": str(quality.crf + 10), "b": "0", "deadline": "realtime", "cpu-used": "6", "row-mt": "1"}
    return {"crf": str(quality.crf), "preset": quality.preset}
