# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of a video, one after the other, small enough to analyse.

Every frame is decoded and scaled straight to the analysis size; nothing of full size is kept, so memory does not grow
with the length. A packet that cannot be decoded costs its frames, never the video. This module does not judge what
is in the pictures.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from queue import Full, Queue
from typing import Any, TypeVar

import av
import av.error
import numpy as np
from av.container import InputContainer
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from needledrop.core.picture import FLOW_SIZE
from needledrop.media.container import open_media, picture_start_s, picture_stream, refuse_encrypted, require_decoder
from needledrop.media.faults import AnyPath, no_video, nothing_decoded

MAX_FRAME_RATE_HZ = 125.0  # Of faster cameras the frames in between are decoded but not scaled.
_DECODER_THREADS = 2
_BACKWARD_JUMP_S = 1.0  # Time running back further than this is a new clock, less is a frame out of order.
_PQ_TRANSFER = 16  # AVCOL_TRC_SMPTE2084
_DIFFUSE_WHITE_NITS = 203.0  # ITU-R BT.2408
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AnalysisFrame:
    """One decoded picture. t_s counts from the start of the video stream; rgb uint8 [height, width, 3] is upright and
    fits FLOW_SIZE with the aspect kept; faults is the number of packets or frames lost to damage so far."""

    t_s: float
    rgb: NDArray[np.uint8]
    faults: int = 0


def analysis_frames(path: AnyPath, *, is_every_frame: bool = True) -> Iterator[AnalysisFrame]:
    """Decode the first video stream of `path` from start to end.

    Args:
        path: A video file.
        is_every_frame: False is the fast mode: frames no other frame refers to are skipped and deblocking is left
            out. Cuts are then late by up to the distance of two reference frames.

    Yields:
        Frames in the order of display, t_s strictly increasing.

    Raises:
        KnownError: the file cannot be opened (see `media_faults`), is encrypted, has no moving pictures (code
            "no-video"), or not one of them can be decoded.
    """
    faults = 0
    count = 0
    with open_media(path) as container:
        stream = picture_stream(container)
        if stream is None:
            raise no_video(path)
        require_decoder(path, stream)
        _set_up_decoder(stream, is_every_frame)
        clock = _Clock(stream)
        scaler = _Scaler(stream)
        for frame in _decoded(path, container, stream):
            if frame is None or frame.is_corrupt:
                faults += 1
                continue
            t_s = clock.time_of(frame)
            if t_s is None:
                continue
            rgb = scaler.scale(frame)
            if rgb is None:
                faults += 1
                continue
            count += 1
            yield AnalysisFrame(t_s, rgb, faults)
    if count == 0:
        raise nothing_decoded(path, f"{faults} damaged packets")


def prefetched(source: Iterator[T], depth: int = 16) -> Iterator[T]:
    """Run `source` in a thread of its own, at most `depth` items ahead. What it raises is raised here.

    Closing this generator stops the thread and closes `source`.
    """
    items: Queue[tuple[bool, Any]] = Queue(depth)
    is_closed = threading.Event()
    thread = threading.Thread(target=_fill, args=(source, items, is_closed), name="prefetch", daemon=True)
    thread.start()
    try:
        while True:
            is_item, item = items.get()
            if is_item:
                yield item
            elif item is None:
                return
            else:
                raise item
    finally:
        is_closed.set()
        thread.join()


def _fill(source: Iterator[T], items: Queue[tuple[bool, Any]], is_closed: threading.Event) -> None:
    end: BaseException | None = None
    try:
        for item in source:
            if not _put(items, (True, item), is_closed):
                break
    except BaseException as error:  # It is raised again in the consumer's thread.
        end = error
    finally:
        close = getattr(source, "close", None)
        if close is not None:
            close()
    _put(items, (False, end), is_closed)


def _put(items: Queue[tuple[bool, Any]], item: tuple[bool, Any], is_closed: threading.Event) -> bool:
    while not is_closed.is_set():
        try:
            items.put(item, timeout=0.1)
        except Full:
            continue
        return True
    return False


def _set_up_decoder(stream: av.VideoStream, is_every_frame: bool) -> None:
    context = stream.codec_context
    context.thread_type = "AUTO"
    context.thread_count = _DECODER_THREADS
    if not is_every_frame:
        context.skip_frame = "NONREF"
        context.options = {"skip_loop_filter": "all"}


def _decoded(path: AnyPath, container: InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame | None]:
    """Yield the decoder's frames, and None for each packet it refused."""
    packets = container.demux(stream)
    has_begun = False
    while True:
        packet: av.Packet[Any] | None = None  # None flushes the decoder.
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.error.FFmpegError:  # A file cut off inside a packet; nothing readable follows.
            yield None
        if packet is not None and not has_begun:
            refuse_encrypted(path, packet)
        try:
            for frame in stream.codec_context.decode(packet):
                has_begun = True
                yield frame
        except EOFError:
            return
        except av.error.FFmpegError:
            yield None
        if packet is None:
            return


class _Clock:
    """Turns timestamps into seconds from the start of the stream, strictly increasing."""

    def __init__(self, stream: av.VideoStream) -> None:
        self._time_base = float(stream.time_base or Fraction(1, 1000))
        # A stream that does not say when it starts starts with its first frame.
        self._offset_s: float | None = None if stream.start_time is None else -float(picture_start_s(stream))
        rate = stream.average_rate or stream.guessed_rate
        self._nominal_s = float(1 / rate) if rate else 0.04
        self._last_s = -1.0
        self._last_kept_s = -1.0

    def time_of(self, frame: av.VideoFrame) -> float | None:
        """Seconds from the stream's start; None for a frame that is not to be shown or comes too soon."""
        t_s = self._raw_time(frame)
        if t_s < -1e-6:  # Before an edit list's start.
            return None
        t_s = max(t_s, 0.0)
        if t_s <= self._last_s:
            if self._last_s - t_s < _BACKWARD_JUMP_S:
                return None
            continued_s = self._last_s + self._nominal_s
            self._offset_s = (self._offset_s or 0.0) + continued_s - t_s
            t_s = continued_s
        self._last_s = t_s
        if self._last_kept_s >= 0 and t_s - self._last_kept_s < 0.99 / MAX_FRAME_RATE_HZ:
            return None
        self._last_kept_s = t_s
        return t_s

    def _raw_time(self, frame: av.VideoFrame) -> float:
        pts = frame.pts if frame.pts is not None else frame.dts
        if pts is None:
            return self._last_s + self._nominal_s if self._last_s >= 0 else 0.0
        base = float(frame.time_base) if frame.time_base else self._time_base
        if self._offset_s is None:
            self._offset_s = -pts * base
        return pts * base + self._offset_s


class _Scaler:
    """Brings frames to the analysis size: upright, square pixels, standard range, over black."""

    def __init__(self, stream: av.VideoStream) -> None:
        self._stream = stream
        self._reformatter = VideoReformatter()
        self._size_of: dict[tuple[int, int, int], tuple[int, int]] = {}

    def scale(self, frame: av.VideoFrame) -> NDArray[np.uint8] | None:
        """The picture as uint8 [height, width, 3]; None where it cannot be converted."""
        quarter_turns = round(frame.rotation / 90) % 4
        width, height = self._target_size(frame, quarter_turns)
        has_alpha = any(component.is_alpha for component in frame.format.components)
        try:
            small = self._reformatter.reformat(
                frame, width, height, "rgba" if has_alpha else "rgb24", interpolation=Interpolation.AREA, threads=1
            ).to_ndarray()
        except (av.error.FFmpegError, ValueError):
            return None
        if has_alpha:
            small = (small[:, :, :3].astype(np.uint16) * small[:, :, 3:] // 255).astype(np.uint8)
        if frame.color_trc == _PQ_TRANSFER:
            small = _pq_to_sdr()[small]
        return np.ascontiguousarray(np.rot90(small, quarter_turns))

    def _target_size(self, frame: av.VideoFrame, quarter_turns: int) -> tuple[int, int]:
        key = (frame.width, frame.height, quarter_turns)
        if key not in self._size_of:
            aspect = self._stream.sample_aspect_ratio
            displayed_width = frame.width * (float(aspect) if aspect else 1.0)
            box = FLOW_SIZE if quarter_turns % 2 == 0 else FLOW_SIZE[::-1]
            scale = min(box[0] / displayed_width, box[1] / frame.height)
            self._size_of[key] = (max(8, round(displayed_width * scale)), max(8, round(frame.height * scale)))
        return self._size_of[key]


@cache
def _pq_to_sdr() -> NDArray[np.uint8]:
    """A table from 8-bit PQ (SMPTE ST 2084) to 8-bit sRGB-like values, highlights rolled off."""
    code = (np.arange(256) / 255.0) ** (1 / 78.84375)
    nits = 10000.0 * (np.maximum(code - 0.8359375, 0) / (18.8515625 - 18.6875 * code)) ** (1 / 0.1593017578125)
    light = nits / _DIFFUSE_WHITE_NITS
    shown = light * (1 + light / 25) / (1 + light)  # Reinhard's curve; 5 times diffuse white (1000 nits) becomes white.
    return (np.clip(shown, 0, 1) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8)
