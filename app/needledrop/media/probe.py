# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a container says of its picture and its sound, without decoding more than one picture.

The clock of a video begins with its first picture.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from itertools import islice, pairwise
from statistics import median
from typing import Any

import av
import av.error
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from needledrop.core.picture import AudioStream, VideoProbe
from needledrop.media import faults
from needledrop.media.container import open_media, picture_start_s, picture_stream, refuse_encrypted, require_decoder
from needledrop.media.faults import AnyPath, media_faults
from needledrop.media.sound_decoder import SoundDecoder

_HDR_TRANSFERS = (16, 18)  # SMPTE ST 2084 (PQ) and ARIB STD-B67 (HLG)
_PACKETS_LOOKED_AT = 600
_BYTES_LOOKED_AT = 24_000_000
_PACKETS_TO_FIRST_PICTURE = 250
_COARSE_TICK_S = Fraction(1, 1001)
_USUAL_RATES = tuple(
    [Fraction(rate) for rate in (10, 12, 15, 24, 25, 30, 48, 50, 60, 90, 100, 120)]
    + [Fraction(rate * 1000, 1001) for rate in (12, 24, 30, 48, 60, 120)]
)


def probe_video(path: AnyPath) -> VideoProbe:
    """Describe a video. rotation_deg is the clockwise turn (0, 90, 180, 270) from the stored to the shown picture.

    Raises:
        KnownError: see `media_faults`; code "no-video" without moving pictures, "encrypted" when protected.
    """
    with open_media(path) as container, media_faults(path):
        stream = picture_stream(container)
        if stream is None:
            raise faults.no_video(path)
        require_decoder(path, stream)
        frame, times = _look_at_packets(path, container, stream)
        is_variable = _is_variable(times, stream.time_base or Fraction(1, 1000))
        rotation_deg = -round(frame.rotation / 90) * 90 % 360
        width, height = shown_size(frame.width, frame.height, stream.sample_aspect_ratio, rotation_deg)
        return VideoProbe(
            duration_s=_duration_s(container, stream),
            width=width,
            height=height,
            frame_rate=_frame_rate(stream, times, is_variable),
            is_variable_frame_rate=is_variable,
            rotation_deg=rotation_deg,
            codec=stream.codec_context.codec.canonical_name,
            pixel_format=stream.codec_context.pix_fmt or frame.format.name,
            is_hdr=int(frame.color_trc) in _HDR_TRANSFERS or stream.codec_context.color_trc in _HDR_TRANSFERS,
            has_alpha=_has_alpha(stream, frame),
            start_timecode=_timecode(container, stream),
            container=_container_name(path, container),
            audio_streams=tuple(_audio_stream(sound) for sound in container.streams.audio),
        )


def probe_audio(path: AnyPath, stream: int | None = None) -> tuple[AudioStream, float]:
    """Describe one sound stream (the first), with its duration in seconds as declared by the container.

    Raises:
        KnownError: see `media_faults`; code "no-audio" without sound.
    """
    with SoundDecoder(path, stream) as decoder:
        return _audio_stream(decoder.stream), decoder.duration_s


def shown_size(width: int, height: int, pixel_aspect: Fraction | None, rotation_deg: int) -> tuple[int, int]:
    """Width and height in square pixels, upright."""
    if pixel_aspect:
        width = round(width * pixel_aspect)
    return (height, width) if rotation_deg % 180 else (width, height)


def _audio_stream(stream: av.AudioStream) -> AudioStream:
    context: Any = stream.codec_context  # None without a decoder, whatever the stubs say
    if context is None:
        return AudioStream("", 0, 0, stream.language or "", stream.metadata.get("title", ""))
    return AudioStream(
        codec=context.codec.canonical_name,
        sample_rate=int(context.sample_rate or 0),
        channels=int(context.channels or 0),
        language=stream.language or "",
        title=stream.metadata.get("title", ""),
    )


def _look_at_packets(path: AnyPath, container: InputContainer, stream: VideoStream) -> tuple[VideoFrame, list[int]]:
    """The first picture, and the sorted time stamps of a good many packets."""
    frame: VideoFrame | None = None
    times: list[int] = []
    size = 0
    try:
        for number, packet in enumerate(container.demux(stream)):
            refuse_encrypted(path, packet)
            if frame is None and number <= _PACKETS_TO_FIRST_PICTURE:
                frame = _first_picture(packet)
            if packet.pts is not None:
                times.append(packet.pts)
            size += packet.size
            is_enough = len(times) >= _PACKETS_LOOKED_AT or size > _BYTES_LOOKED_AT
            if is_enough if frame is not None else number > _PACKETS_TO_FIRST_PICTURE:
                break
    except av.error.FFmpegError:  # It breaks off; what came before is still described.
        if frame is None:
            raise
    if frame is None:
        raise faults.nothing_decoded(path)
    return frame, sorted(times or _index_times(stream))


def _first_picture(packet: av.Packet[VideoStream]) -> VideoFrame | None:
    try:
        return next(iter(packet.decode()), None)
    except av.error.FFmpegError:
        return None


def _index_times(stream: VideoStream) -> Sequence[int]:
    """Time stamps from the container's index, where packets carry none."""
    return [entry.timestamp for entry in islice(stream.index_entries, _PACKETS_LOOKED_AT)]


def _is_variable(times: Sequence[int], time_base: Fraction) -> bool:
    """Whether the distances between pictures differ by more than rounding explains."""
    steps = _steps(times)
    if len(steps) < 3:
        return False
    usual = median(steps)
    slack = max(0.1 * usual, 1.5, float(Fraction(1, 1000) / time_base) * 1.1)
    odd = sum(abs(step - usual) > slack for step in steps)
    return odd > max(1, 0.005 * len(steps))


def _steps(times: Sequence[int]) -> list[int]:
    # The last few pictures of an excerpt wait for ones that come later in the file.
    usable = times if len(times) < _PACKETS_LOOKED_AT // 2 else times[:-16]
    return [later - earlier for earlier, later in pairwise(usable) if later > earlier]


def _frame_rate(stream: VideoStream, times: Sequence[int], is_variable: bool) -> Fraction:
    """Exact rate: the declared one, or the mean where it varies; whole milliseconds are put back on a usual rate."""
    average, guessed = stream.average_rate, stream.guessed_rate
    rate = (average or guessed) if is_variable else (guessed or average)
    if not rate:
        steps = _steps(times)
        if not steps or not stream.time_base:
            return Fraction(25)
        rate = 1 / (Fraction(sum(steps), len(steps)) * stream.time_base)
    if is_variable:
        return rate
    if (stream.time_base or 0) >= _COARSE_TICK_S:
        near = min(_USUAL_RATES, key=lambda usual: abs(usual - rate))
        return near if abs(near - rate) <= rate / 2000 else rate
    return rate


def _duration_s(container: InputContainer, stream: VideoStream) -> float:
    start_s = float(picture_start_s(stream))
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if (end_s := _tag_seconds(stream.metadata.get("DURATION", ""))) > 0:  # Matroska
        return max(0.0, end_s - start_s)
    if container.duration:
        return max(0.0, ((container.start_time or 0) + container.duration) / av.time_base - start_s)
    return _counted_duration_s(container, stream, start_s)


def _tag_seconds(text: str) -> float:
    """Read "00:01:23.456000000"; 0 where it is anything else."""
    try:
        hours, minutes, seconds = text.strip("\0 ").split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError:
        return 0.0


def _counted_duration_s(container: InputContainer, stream: VideoStream, start_s: float) -> float:
    """For streams recorded live, without any duration: the end of the last packet."""
    end = 0
    for packet in container.demux(stream):  # The few packets read before are at the beginning.
        if packet.pts is not None:
            end = max(end, packet.pts + (packet.duration or 0))
    return max(0.0, float(end * (stream.time_base or Fraction(0))) - start_s)


def _has_alpha(stream: VideoStream, frame: VideoFrame) -> bool:
    # VP8 and VP9 keep their alpha in side data of the packets: the decoder's own format has none.
    if stream.metadata.get("alpha_mode", stream.metadata.get("ALPHA_MODE")) == "1":
        return True
    return any(component.is_alpha for component in frame.format.components)


def _timecode(container: InputContainer, stream: VideoStream) -> str:
    for holder in (stream, container, *container.streams):
        if text := holder.metadata.get("timecode", holder.metadata.get("TIMECODE", "")):
            return str(text)
    return ""


def _container_name(path: AnyPath, container: InputContainer) -> str:
    """One word for the container: mp4, mov, webm, mkv, or libav's name."""
    names = container.format.name.split(",")
    if "mp4" in names:
        return "mov" if container.metadata.get("major_brand", "").startswith("qt") else "mp4"
    if "matroska" in names:
        return "webm" if os.fsdecode(path).lower().endswith(".webm") else "mkv"
    return names[0]
