# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of a video for a viewer: from any place, in the order of display, each with the time it is shown.

Frames are scaled only when they are painted, so that passing over the beginning of a long group costs decoding alone.
HDR is shown as it is stored, as in thumbnails. Nothing is kept here; whoever shows pictures keeps them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import av.error
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from needledrop.media import faults
from needledrop.media.camera_raw import refuse_camera_raw
from needledrop.media.container import open_media, picture_start_s, picture_stream, refuse_encrypted, require_decoder
from needledrop.media.faults import AnyPath, media_faults
from needledrop.media.hardware import hardware_decoder
from needledrop.media.probe import shown_size

FOREVER_S = float("inf")
_DECODER_THREADS = 2
_BACKDROP = 24
# Containers are indexed by decoding time, some not at all: how far before the wanted place to look in turn.
_LOOK_BACK_S = (0.0, 1.0, 5.0, 30.0)


@dataclass(frozen=True, slots=True)
class ViewerFrame:
    """One picture, shown from start_s until end_s (FOREVER_S for the last), in seconds from the first picture."""

    start_s: float
    end_s: float
    decoded: VideoFrame


class ViewerFrames:
    """The moving pictures of one file. Use as a context manager; not thread-safe.

    Args:
        path: A video file.
        is_hardware_tried: Look for a device that decodes; software is taken where there is none.

    Attributes: size (width, height) as shown: upright, square pixels; frame_s: how long a frame usually lasts.

    Raises:
        KnownError: see `media_faults`; code "no-video" without moving pictures, "camera-raw" where only the maker's
            own program can decode them.
    """

    def __init__(self, path: AnyPath, *, is_hardware_tried: bool = True) -> None:
        refuse_camera_raw(path)
        self.path = path
        self.size = (0, 0)
        self._reformatter = VideoReformatter()
        self._frames: Iterator[VideoFrame] = iter(())
        self._held: VideoFrame | None = None
        self._container = open_media(path)
        try:
            self._stream = self._picture()
            if is_hardware_tried and (device := hardware_decoder(self._stream.codec_context.codec.canonical_name)):
                self._container.close()
                self._container = open_media(path, device)
                self._stream = self._picture()
            self._prepare()
        except BaseException:
            self._container.close()
            raise

    def __enter__(self) -> ViewerFrames:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the file."""
        self._frames = iter(())
        self._container.close()

    def _picture(self) -> VideoStream:
        stream = picture_stream(self._container)
        if stream is None:
            raise faults.no_video(self.path)
        require_decoder(self.path, stream)
        stream.codec_context.thread_type = "AUTO"
        stream.codec_context.thread_count = _DECODER_THREADS
        return stream

    def _prepare(self) -> None:
        self._tick_s = self._stream.time_base or Fraction(1, 1000)
        self._first_pts = self._stream.start_time or 0
        self._zero_s = picture_start_s(self._stream)
        rate = self._stream.average_rate or self._stream.guessed_rate or Fraction(25)
        self.frame_s = float(1 / rate)
        first = self._go_to(self._first_pts)
        if first is None:
            raise faults.nothing_decoded(self.path)
        turn_deg = -round(first.rotation / 90) * 90 % 360
        self.size = shown_size(first.width, first.height, self._stream.sample_aspect_ratio, turn_deg)

    def hurry(self, is_hurried: bool) -> None:
        """Leave out frames that no other refers to: half the work, for playing several times as fast."""
        self._stream.codec_context.skip_frame = "NONREF" if is_hurried else "DEFAULT"

    def seek(self, at_s: float) -> None:
        """Make `next` begin at or before the picture shown at `at_s`: at its key frame."""
        for back_s in _LOOK_BACK_S:
            place = self._first_pts + int((at_s - back_s) / self._tick_s)
            if place <= self._first_pts:
                break
            first = self._go_to(place)
            if first is not None and self._time_s(first) <= at_s:
                return
        self._go_to(self._first_pts)

    def _go_to(self, pts: int) -> VideoFrame | None:
        self._is_from_start = pts <= self._first_pts
        try:
            self._container.seek(min(pts, 0) if self._is_from_start else pts, stream=self._stream)
        except av.error.FFmpegError:
            pass  # A file without an index: it can only be read on.
        self._frames = self._decoded()
        with media_faults(self.path):
            self._held = next(self._frames, None)
        return self._held

    def next(self) -> ViewerFrame | None:
        """The following picture; None after the last."""
        held = self._held
        if held is None:
            return None
        start_s = 0.0 if self._is_from_start else max(0.0, self._time_s(held))
        self._is_from_start = False
        with media_faults(self.path):
            for following in self._frames:
                end_s = self._time_s(following)
                if end_s > start_s:
                    self._held = following
                    return ViewerFrame(start_s, end_s, held)
        self._held = None
        return ViewerFrame(start_s, FOREVER_S, held)

    def paint(self, frame: ViewerFrame, target: NDArray[np.uint8]) -> None:
        """Scale a picture into `target`, uint8 [height, width, 4] as blue, green, red, unused; upright."""
        decoded = frame.decoded
        turns = round(decoded.rotation / 90) % 4
        height, width = target.shape[:2]
        stored_width, stored_height = (height, width) if turns % 2 else (width, height)
        small = self._reformatter.reformat(
            decoded, stored_width, stored_height, "bgra", interpolation=Interpolation.BILINEAR, threads=1
        )
        plane = small.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[:stored_height]
        picture = rows[:, : 4 * stored_width].reshape(stored_height, stored_width, 4)
        target[:] = np.rot90(picture, turns) if turns else picture
        if any(component.is_alpha for component in decoded.format.components):
            alpha = target[..., 3:].astype(np.uint16)
            target[..., :3] = (target[..., :3] * alpha + _BACKDROP * (255 - alpha)) // 255

    def _time_s(self, frame: VideoFrame) -> float:
        pts = frame.pts if frame.pts is not None else frame.dts
        if pts is None:
            return 0.0
        return float(pts * (frame.time_base or self._tick_s) - self._zero_s)

    def _decoded(self) -> Iterator[VideoFrame]:
        """Frames from where the file stands; a packet that cannot be decoded costs its frames, never the video."""
        has_begun = False
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.error.FFmpegError):
                return
            if not has_begun:
                refuse_encrypted(self.path, packet)
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                continue
            for frame in frames:
                has_begun = True
                if not frame.is_corrupt:
                    yield frame
