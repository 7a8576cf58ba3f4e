# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single pictures of a video, upright and in square pixels: thumbnails, and frames for tests and drawing.

HDR is shown as it is stored, without tone mapping: duller than meant, good enough to recognise a scene.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import av
import av.error
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from needledrop.media import faults
from needledrop.media.container import open_media, picture_stream, refuse_encrypted, require_decoder
from needledrop.media.faults import AnyPath, media_faults
from needledrop.media.probe import shown_size

Picture = NDArray[np.uint8]

_BACKDROP = 24.0  # Grey level that shows through transparent pictures.
_PACKETS_TRIED = 600
_QUALITY = "3"  # of 2 (best) to 31


def thumbnail(path: AnyPath, at_s: float, height: int) -> bytes:
    """A JPEG of the picture shown at `at_s` seconds (the last one where the video is shorter), `height` pixels high.

    Raises:
        KnownError: see `media_faults`; code "no-video" without moving pictures.
    """
    return encode_jpeg(read_frame(path, at_s, height))


def read_frame(path: AnyPath, at_s: float, height: int | None = None) -> Picture:
    """The picture shown at `at_s` seconds as RGB [height, width, 3], at its own height where none is given.

    Raises:
        KnownError: see `media_faults`; code "no-video" without moving pictures.
    """
    with open_media(path) as container, media_faults(path):
        stream = picture_stream(container)
        if stream is None:
            raise faults.no_video(path)
        require_decoder(path, stream)
        stream.thread_type = "AUTO"
        frame = _frame_at(path, container, stream, at_s)
        return _upright(frame, stream, height)


def encode_jpeg(picture: Picture) -> bytes:
    """RGB [height, width, 3] as the bytes of a JPEG file."""
    buffer = BytesIO()
    with av.open(buffer, "w", format="mjpeg") as target:
        stream = target.add_stream("mjpeg", rate=1, options={"qmin": _QUALITY, "qmax": _QUALITY})
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuvj420p"
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuvj420p")
        for packet in (*stream.encode(frame), *stream.encode(None)):
            target.mux(packet)
    return buffer.getvalue()


def _frame_at(path: AnyPath, container: InputContainer, stream: VideoStream, at_s: float) -> VideoFrame:
    time_base = stream.time_base
    start = stream.start_time or 0
    target = start + int(max(0.0, at_s) / time_base) if time_base else start
    last = max(start, start + (stream.duration or 0) - 1)
    # Past the end, or without an index: the last picture near the declared end, else the first of all.
    for place in dict.fromkeys((target, min(target, last), start)):
        if _seek(container, stream, place) and (frame := _decode_until(path, container, stream, target)):
            return frame
    raise faults.nothing_decoded(path)


def _seek(container: InputContainer, stream: VideoStream, place: int) -> bool:
    try:
        container.seek(place, stream=stream)
    except av.error.FFmpegError:
        return place == (stream.start_time or 0)  # Nothing was read yet: we are there.
    return True


def _decode_until(path: AnyPath, container: InputContainer, stream: VideoStream, target: int) -> VideoFrame | None:
    """The last picture that begins at or before `target`, else the first one there is."""
    best: VideoFrame | None = None
    try:
        for number, packet in enumerate(container.demux(stream)):
            refuse_encrypted(path, packet)
            for frame in _decoded(packet):
                if best is not None and frame.pts is not None and frame.pts > target:
                    return best
                best = frame
            if best is None and number > _PACKETS_TRIED:
                break
    except av.error.FFmpegError:
        pass
    return best


def _decoded(packet: av.Packet[VideoStream]) -> list[VideoFrame]:
    try:
        return packet.decode()
    except av.error.FFmpegError:
        return []


def _upright(frame: VideoFrame, stream: VideoStream, height: int | None) -> Picture:
    quarter_turns = round(frame.rotation / 90) % 4
    aspect = stream.sample_aspect_ratio
    full_width, full_height = shown_size(frame.width, frame.height, aspect, 90 * quarter_turns)
    height = height or full_height
    width = max(2, round(full_width * height / full_height))
    stored = (height, width) if quarter_turns % 2 else (width, height)
    picture = _rgb(frame, *stored)
    return np.ascontiguousarray(np.rot90(picture, quarter_turns))


def _rgb(frame: VideoFrame, width: int, height: int) -> Picture:
    if any(component.is_alpha for component in frame.format.components):
        rgba = np.asarray(frame.reformat(width, height, "rgba").to_ndarray(), np.float32)
        alpha = rgba[..., 3:] / 255.0
        blended: Any = np.rint(rgba[..., :3] * alpha + _BACKDROP * (1.0 - alpha))
        return np.asarray(blended, np.uint8)
    return np.asarray(frame.reformat(width, height, "rgb24").to_ndarray(), np.uint8)
