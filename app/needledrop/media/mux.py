# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Picture of one file + blocks of sound -> a new movie. The picture is copied packet by packet where that is exact.

Copied: the target container holds the codec, the range begins on a key frame (within half a millisecond) and no frame
kept is predicted from one that is dropped. Everything the stream carries comes along: rotation, colour tags and HDR
metadata, alpha, variable frame times. Otherwise the picture is encoded anew, frame-exactly: an edit list over hidden
frames would be faster, but editors disagree on honouring it. Subtitles, data and further pictures are left out.

Time zero is the first frame of the picture. Sound is encoded with its encoder's delay declared to the container (an
edit list in MP4 and MOV, codec delay in Matroska and WebM), so that players begin with its first sample.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import av.error
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from needledrop.core.errors import BrokenMedia, KnownError
from needledrop.core.music import FloatArray
from needledrop.core.paths import display_path
from needledrop.core.progress import CancelToken
from needledrop.core.times import TimeRange, format_time
from needledrop.media.container import open_media
from needledrop.media.faults import media_faults
from needledrop.media.output_file import output_error
from needledrop.media.picture_encoder import MovieQuality, PictureEncoder
from needledrop.media.picture_span import (
    PictureSpan,
    codec_name,
    has_alpha,
    picture_span,
    require_picture,
    seek_to_span,
    tags,
    why_encode,
)
from needledrop.media.sound_encoder import SoundEncoder

_LEAD_S = 0.5  # Sound is written this far ahead of the picture, so that the muxer need not hold packets back.

_KEPT_TAGS = ("language", "timecode", "alpha_mode", "stereo_mode")  # The last two change what WebM shows.
_MOST_REORDERED = 32  # Frames a decoder may hold back: 16 in H.264 and HEVC, in fields twice as many.

_FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
_SOUND_CODECS = {"mp4": "aac", "mov": "aac", "matroska": "libopus", "webm": "libopus"}
_SUFFIXES = {
    "h264": ".mp4", "hevc": ".mp4", "av1": ".mp4", "mpeg4": ".mp4", "vp8": ".webm", "vp9": ".webm",
    "prores": ".mov", "qtrle": ".mov", "png": ".mov", "dnxhd": ".mov", "cfhd": ".mov", "mjpeg": ".mov",
}  # fmt: skip


@dataclass(frozen=True)
class MovieResult:
    """What was written. `why_encoded` says in words why the picture was not copied; empty where it was."""

    why_encoded: str
    picture_frames: int
    sound_frames: int

    @property
    def is_picture_copied(self) -> bool:
        """True where the picture's packets are those of the source, byte for byte."""
        return not self.why_encoded


def suffix_for_copy(video_path: Path) -> str:
    """The suffix of a container that takes this file's picture as it is; ".mkv" where no usual one does.

    Raises:
        KnownError: the file cannot be read or has no picture.
    """
    with contextlib.closing(open_media(video_path)) as source:
        return _SUFFIXES.get(codec_name(require_picture(source, video_path)), ".mkv")


def write_movie(
    video_path: Path,
    out_path: Path,
    time_range: TimeRange,
    sound: Iterable[FloatArray],
    *,
    quality: MovieQuality,
    report_s: Callable[[float], None] = lambda done_s: None,
    cancel: CancelToken | None = None,
) -> MovieResult:
    """Write the picture of `video_path` in `time_range` with `sound` to `out_path`, whose suffix chooses the container.

    Args:
        out_path: Is replaced; `written_whole` gives a path that may be.
        time_range: Zero is the first frame. The picture may end before the range does; the sound may too.
        sound: Blocks of float32 [n, 2] at SOUND_RATE, drawn as the picture advances.
        report_s: Called with the seconds of the range that are written.

    Raises:
        KnownError: "disk-full", "unwritable", unreadable source, or a suffix that names no container we write.
        Cancelled: asked to stop.
    """
    format_name = _FORMATS.get(out_path.suffix.lower())
    if format_name is None:
        raise KnownError(
            f"'{out_path.suffix}' is no movie container this program writes.",
            remedy="Use .mp4, .mov, .mkv or .webm.",
            code="unsupported",
        )
    with media_faults(video_path), contextlib.closing(open_media(video_path)) as source:
        picture = require_picture(source, video_path)
        span = picture_span(source, picture, time_range)
        why = why_encode(video_path, span, format_name)
        with _Movie(out_path, format_name, sound, report_s, cancel or CancelToken()) as movie:
            if why:
                why += "; its transparency is lost" if has_alpha(picture) else ""
                frames = _encode_picture(source, picture, span, movie, quality)
            else:
                frames = _copy_picture(source, picture, span, movie, quality)
            if not frames:
                raise _no_frame(video_path, time_range)
            movie.finish()
    return MovieResult(why, frames, movie.sound_frames)


def _no_frame(video_path: Path, time_range: TimeRange) -> KnownError:
    start, end = format_time(float(time_range.start_s)), format_time(float(time_range.end_s))
    return BrokenMedia(
        f"'{display_path(video_path.name)}' shows no picture between {start} and {end}.",
        remedy="Choose a range inside the video.",
        code="no-picture",
    )


class _Movie:
    """The file being written: sound is drawn and encoded a little ahead of the picture.

    Closes with its index on success; on failure it closes too, and the first error speaks.
    """

    def __init__(
        self,
        path: Path,
        format_name: str,
        blocks: Iterable[FloatArray],
        report_s: Callable[[float], None],
        cancel: CancelToken,
    ) -> None:
        self._path = path
        self.format_name = format_name
        self._blocks = iter(blocks)
        self._report_s = report_s
        self._cancel = cancel
        self._sound: SoundEncoder | None = None
        with self._write_faults():
            self.target: OutputContainer = av.open(str(path.absolute()), "w", format=format_name)
            # No version, no random ids: the same bytes each time.
            self.target.flags |= cast(Any, av.container.Flags.bitexact).value

    def __enter__(self) -> _Movie:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            with self._write_faults():
                self.target.close()
            return
        with contextlib.suppress(av.error.FFmpegError, OSError, ValueError):
            self.target.close()

    @property
    def sound_frames(self) -> int:
        """Frames of sound taken so far."""
        return self._sound.frames if self._sound else 0

    def add_sound_stream(self, quality: MovieQuality) -> None:
        """Add the stream of sound; call after the picture's, since players take the first for the main one."""
        self._sound = SoundEncoder(
            self.target, _SOUND_CODECS[self.format_name], quality.sound_bit_rate, is_fast=quality.is_sound_fast
        )

    def add_picture(self, packet: Packet[Any], time_s: float) -> None:
        """Write a packet of the picture at `time_s`, and the sound up to there."""
        self._cancel.check()
        self._add_sound(time_s + _LEAD_S)
        self._mux(packet)
        self._report_s(max(0.0, time_s))

    def finish(self) -> None:
        """Write the rest of the sound and the encoder's tail."""
        self._add_sound(float("inf"))
        if self._sound is not None:
            for packet in self._sound.finish():
                self._mux(packet)
            self._report_s(self._sound.time_s)

    def _add_sound(self, until_s: float) -> None:
        while self._sound is not None and self._sound.time_s < until_s:
            block = next(self._blocks, None)
            if block is None:
                return
            for packet in self._sound.encode(block):
                self._mux(packet)
            self._cancel.check()

    def _mux(self, packet: Packet[Any]) -> None:
        with self._write_faults():
            self.target.mux_one(packet)

    @contextlib.contextmanager
    def _write_faults(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise output_error(error, self._path) from error


def _encode_picture(
    source: InputContainer, picture: VideoStream, span: PictureSpan, movie: _Movie, quality: MovieQuality
) -> int:
    encoder = PictureEncoder(movie.target, picture, span, quality)
    movie.add_sound_stream(quality)
    frames = 0
    for time_s, packet in encoder.packets(source):
        movie.add_picture(packet, time_s)
        frames += 1
    return frames


def _copy_picture(
    source: InputContainer, picture: VideoStream, span: PictureSpan, movie: _Movie, quality: MovieQuality
) -> int:
    stream = movie.target.add_stream_from_template(picture, opaque=True)
    stream.codec_context.codec_tag = _codec_tag(source, picture, movie.format_name)
    stream.disposition = picture.disposition
    stream.metadata.update({key: tag for key, tag in tags(picture).items() if key in _KEPT_TAGS})
    if span.start_pts != (picture.start_time or 0):
        stream.metadata.pop("timecode", None)  # It is that of the first frame, which is not in the range.
    movie.add_sound_stream(quality)
    frames, last_dts = 0, None
    tick_s = picture.time_base or Fraction(1, 1000)
    seek_to_span(source, picture, span)
    for pts, dts, packet in _with_decoding_times(_packets_of(source, picture, span)):
        dts -= span.start_pts
        # Files with jumbled times exist; muxers refuse them although the pictures are fine.
        last_dts = dts if last_dts is None else max(dts, last_dts + 1)
        packet.dts, packet.pts = last_dts, max(pts - span.start_pts, last_dts)
        packet.stream = stream
        movie.add_picture(packet, float(packet.pts * tick_s))
        frames += 1
    return frames


def _packets_of(
    source: InputContainer, picture: VideoStream, span: PictureSpan
) -> Iterator[tuple[int, Packet[VideoStream]]]:
    """(pts, packet) of the range in decoding order; `why_encode` has seen to it that they stand alone."""
    for packet in source.demux(picture):
        if packet.size == 0 or packet.pts is None:
            continue
        if span.is_whole:
            yield packet.pts, packet
            continue
        if packet.dts is not None and packet.dts >= span.end_pts:
            return
        # Before the start: leading pictures of an open group, predicted from what lies before the range.
        if span.start_pts - span.tolerance <= packet.pts < span.end_pts - span.tolerance:
            yield packet.pts, packet


def _with_decoding_times(
    packets: Iterator[tuple[int, Packet[VideoStream]]],
) -> Iterator[tuple[int, int, Packet[VideoStream]]]:
    """(pts, dts, packet). Matroska stores no decoding times, and libav cannot guess those of the first few packets:
    they are counted back from the first that is known."""
    early: list[tuple[int, Packet[VideoStream]]] = []
    for pts, packet in packets:
        if packet.dts is None and len(early) < _MOST_REORDERED:
            early.append((pts, packet))
            continue
        dts = packet.dts if packet.dts is not None else pts
        yield from _counted_back(early, dts)
        early.clear()
        yield pts, dts, packet
    if early:
        yield from _counted_back(early, min(pts for pts, _ in early) + (early[-1][1].duration or 1))


def _counted_back(
    early: list[tuple[int, Packet[VideoStream]]], next_dts: int
) -> Iterator[tuple[int, int, Packet[VideoStream]]]:
    for index, (pts, packet) in enumerate(early):
        yield pts, next_dts - (len(early) - index) * (packet.duration or 1), packet


def _codec_tag(source: InputContainer, picture: VideoStream, format_name: str) -> str:
    """The tag in the new container: the source's where both are of the QuickTime family, else the muxer's own choice.

    HEVC is "hvc1" there: Apple's players refuse "hev1", the muxer's default.
    """
    if format_name not in {"mp4", "mov"}:
        return "\0\0\0\0"
    if "mp4" in source.format.name:
        return picture.codec_context.codec_tag
    return "hvc1" if codec_name(picture) == "hevc" else "\0\0\0\0"
