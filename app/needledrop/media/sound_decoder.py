# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One sound stream as float samples at its own rate and channels, each at its exact place in time.

Time zero is the first sample after the encoder's delay; in a file with moving pictures it is the first picture.
Gaps between time stamps become silence, overlaps are cut. Nothing is resampled or mixed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, islice
from statistics import median_low

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.packet import Packet
from av.stream import Discard

from needledrop.media import faults
from needledrop.media.container import open_media, picture_start_s, picture_stream, refuse_encrypted, require_decoder
from needledrop.media.faults import AnyPath, media_faults
from needledrop.media.sample_blocks import Block, SampleGatherer, silence

PREROLL_S = 1.5  # Opus predicts band energies from the frames before; 75 frames settle to the last bit, 10 do not.

# Containers whose seek lands on time stamps that agree with a sequential read. Elsewhere (MP3 with a table of
# contents is off by whole frames) packets are read from the start and dropped undecoded: 10,000x real time.
_EXACT_SEEK = frozenset({"mov", "matroska", "ogg", "flac", "wav", "aiff", "mpegts", "w64", "caf"})
_FRAME_SIZES = {"opus": 960, "aac": 1024, "mp3": 1152, "mp3float": 1152, "ac3": 1536, "eac3": 1536}
# AAC fills bands with noise from a generator that only a decode from the start brings to the same state (0.5 s of
# work here). In longer files, films mostly, the noise after a seek is another one of the same shape.
_NOISE_EXACT_S = 600.0
_GAP_FINE_S = 0.002
_GAP_COARSE_S = 0.040
_LARGEST_GAP_S = 600.0
_LARGEST_OVERLAP_S = 1.0
_LOUDEST = 1e4  # 80 dB over full scale: no sound, a broken float.
_LONGEST_FRAME = 4096


class SoundDecoder:
    """Decodes one sound stream of a file. Use as a context manager; not thread-safe.

    Attributes: sample_rate in Hz, channels, layout_name, duration_s as the container declares it,
    bad_samples (NaN, infinite or absurd, made 0) and decode_errors counted so far.

    Raises:
        KnownError: missing, unreadable, broken, encrypted, unsupported, or without sound (code "no-audio").
    """

    def __init__(self, path: AnyPath, stream: int | None = None) -> None:
        self.path = path
        self.bad_samples = 0
        self.decode_errors = 0
        self._number = stream or 0
        self._open()
        try:
            self._take_clock()
        except BaseException:
            self.container.close()
            raise

    def __enter__(self) -> SoundDecoder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the file."""
        self.container.close()

    def _open(self) -> None:
        self.container = open_media(self.path)
        try:
            streams = self.container.streams.audio
            if self._number >= len(streams):
                raise faults.no_audio(self.path)
            self.stream = streams[self._number]
            require_decoder(self.path, self.stream)
            for other in self.container.streams:
                if other is not self.stream:
                    other.discard = Discard.all
        except BaseException:
            self.container.close()
            raise
        self._is_at_start = True

    # -- what the container declares ---------------------------------------------------------------------------

    def _take_clock(self) -> None:
        stream, context = self.stream, self.stream.codec_context
        self.sample_rate, self.channels = int(context.sample_rate or 0), int(context.channels or 0)
        if self.sample_rate <= 0 or self.channels <= 0:
            raise faults.bad_channels(self.path)
        self.layout_name = context.layout.name
        self._ticks = (stream.time_base or Fraction(1, self.sample_rate)) * self.sample_rate  # samples per tick
        self._ticks_up, self._ticks_down = self._ticks.numerator, self._ticks.denominator
        self._codec = context.name
        self._is_coarse = self._ticks > 1
        self._is_jittery = self._codec == "vorbis" and not self._is_coarse
        self._tolerance = (_GAP_COARSE_S if self._is_coarse or self._is_jittery else _GAP_FINE_S) * self.sample_rate
        picture = picture_stream(self.container)
        self._origin = None if picture is None else round(picture_start_s(picture) * self.sample_rate)
        self._grid: int | None = None
        self._shift = 0
        self._skip_before_pts: int | None = None
        self._frame_format: tuple[str, int, int] | None = None
        self._converter: av.AudioResampler | None = None
        self.duration_s = self._declared_duration_s()
        self._end = self._declared_end()

    def _declared_duration_s(self) -> float:
        stream = self.stream
        if not stream.duration or not stream.time_base:
            return (self.container.duration or 0) / av.time_base
        ticks = stream.duration
        if self._origin is not None:
            end_s = float((stream.start_time or 0) + ticks) * float(stream.time_base)
            return max(0.0, end_s - self._origin / self.sample_rate)
        extradata = stream.codec_context.extradata or b""
        if self.container.format.name == "ogg" and extradata.startswith(b"OpusHead"):
            ticks -= int.from_bytes(extradata[10:12], "little")  # The granule position counts the pre-skip too.
        return max(0.0, float(ticks * stream.time_base))

    def _declared_end(self) -> int | None:
        """Where libav leaves an overshoot of the last frame to us: AAC in MP4, Vorbis in an Ogg of one page."""
        if self.container.format.name.split(",")[0] not in {"mov", "ogg"} or not self.stream.duration:
            return None
        return round(self.duration_s * self.sample_rate)

    # -- moving ------------------------------------------------------------------------------------------------

    def seek(self, frame: int) -> None:
        """Make the next `blocks` begin at or before sample `frame`, decoded exactly as from the start."""
        target = frame - round(PREROLL_S * self.sample_rate)
        with media_faults(self.path):
            if target > 0 and self._origin is None:
                self._find_origin()
            if target <= 0 or self._origin is None or self._needs_start:
                self._rewind()
                return
            pts = int((target + self._origin) / self._ticks)
            if self.container.format.name.split(",")[0] not in _EXACT_SEEK or not self._seek_to(pts):
                self._rewind()
            self._skip_before_pts = pts
            self._is_at_start = False

    @property
    def _needs_start(self) -> bool:
        """Whether only decoding from the start puts every sample in its place."""
        is_noisy = self._codec.startswith("aac") and self.duration_s <= _NOISE_EXACT_S
        return is_noisy or (self._is_coarse and self._codec not in _FRAME_SIZES)

    def _seek_to(self, pts: int) -> bool:
        try:
            self.container.seek(pts, stream=self.stream)
        except av.error.FFmpegError:
            return False
        return True

    def _find_origin(self) -> None:
        """Decode up to the first sample: only then is the encoder's delay known."""
        first = next(self._frames(), None)
        if first is not None:
            self._place(first.pts, None)

    def _rewind(self) -> None:
        """Go back to the start with a fresh decoder: flushing one does not reset AAC's noise."""
        if not self._is_at_start:
            self.container.close()
            self._open()
        self._skip_before_pts = None
        self._shift = 0

    # -- decoding ----------------------------------------------------------------------------------------------

    def blocks(self) -> Iterator[Block]:
        """Yield (position, float32 [n, channels]) without holes, in large blocks, to the end of the stream.

        After `seek` the first position lies at or before the sample asked for.
        """
        gather = SampleGatherer()
        position = 0 if self._is_at_start else None
        is_first = True
        with media_faults(self.path):
            frames = self._frames()
            if position is None and self._is_jittery:
                position, frames = self._settle(frames)
                is_first = position is None
            for frame in frames:
                start = self._place(frame.pts, None if is_first else position)
                position = start if position is None else position
                is_first = False
                if start > position:
                    yield from self._finish(gather.take())
                    for gap in silence(start - position, self.channels):
                        yield position, gap
                        position += len(gap)
                skip = position - start
                if skip >= frame.samples:
                    continue
                if not gather.fits(frame):
                    yield from self._finish(gather.take())
                gather.add(frame, skip, position)
                position += frame.samples - skip
            yield from self._finish(gather.take(), is_last=True)

    def _finish(self, block: Block | None, is_last: bool = False) -> Iterator[Block]:
        if block is None:
            return
        start, samples = block
        if is_last and self._end is not None and start < self._end < start + len(samples) <= self._end + _LONGEST_FRAME:
            samples = samples[: self._end - start]
        flat = samples.reshape(-1)
        with np.errstate(over="ignore", invalid="ignore"):
            is_sound = bool(np.dot(flat, flat) < _LOUDEST**2)  # NaN fails this too
        if not is_sound:
            bad = ~(np.abs(samples) < _LOUDEST)
            self.bad_samples += int(bad.sum())
            samples[bad] = 0.0
        yield start, samples

    def _frames(self) -> Iterator[AudioFrame]:
        self._is_at_start = False
        for packet in self._packets():
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                self.decode_errors += 1
                continue
            for frame in frames:
                if (frame.format.name, frame.sample_rate, frame.layout.nb_channels) == self._frame_format:
                    yield frame
                else:
                    yield from self._uniform(frame)

    def _packets(self) -> Iterator[Packet[av.AudioStream]]:
        packets = self.container.demux(self.stream)
        is_first = True
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.error.FFmpegError:
                self.decode_errors += 1
                return
            if is_first:
                refuse_encrypted(self.path, packet)
                is_first = False
            if self._skip_before_pts is not None and packet.pts is not None:
                if packet.pts < self._skip_before_pts:
                    continue
                self._skip_before_pts = None
            yield packet

    def _uniform(self, frame: AudioFrame) -> list[AudioFrame]:
        """Frames in the format of the first one; a stream may change its rate or channels half way."""
        if not frame.samples:
            return []
        if self._frame_format is None:
            self._frame_format = (frame.format.name, frame.sample_rate, frame.layout.nb_channels)
            _, self.sample_rate, self.channels = self._frame_format
            self.layout_name = frame.layout.name
            return [frame]
        if self._converter is None:
            name, rate, _ = self._frame_format
            self._converter = av.AudioResampler(format=name, layout=self.layout_name, rate=rate)
        return self._converter.resample(frame)

    # -- time --------------------------------------------------------------------------------------------------

    def _place(self, pts: int | None, expected: int | None) -> int:
        """On which sample a frame with this time stamp begins; `expected` is where the one before it ended."""
        if pts is None:
            return expected or 0
        clock = (2 * pts * self._ticks_up + self._ticks_down) // (2 * self._ticks_down)
        if self._origin is None:
            self._origin = clock
        position = clock - self._origin + self._shift
        if self._grid is None:
            self._grid = position
        if expected is None:
            return self._snap(position)
        ahead = position - expected
        if abs(ahead) <= self._tolerance:
            return expected
        ahead_s = ahead / self.sample_rate
        if ahead_s > _LARGEST_GAP_S or (ahead_s < -_LARGEST_OVERLAP_S and expected > 0):
            self._shift -= ahead  # The clock jumped, the sound did not.
            return expected
        return position

    def _settle(self, frames: Iterator[AudioFrame]) -> tuple[int | None, Iterator[AudioFrame]]:
        """Vorbis in Ogg: libav's time stamp is wrong by up to 448 samples at the head of a page; ask 32 frames."""
        head = list(islice(frames, 32))
        starts, count = [], 0
        for frame in head:
            if frame.pts is not None:
                starts.append(self._place(frame.pts, None) - count)
            count += frame.samples
        return (median_low(starts) if starts else None), chain(head, frames)

    def _snap(self, position: int) -> int:
        """A time stamp in whole milliseconds, put back on the grid of the codec's fixed frame size."""
        size = _FRAME_SIZES.get(self._codec)
        if not self._is_coarse or size is None or self._grid is None:
            return position
        on_grid = self._grid + round((position - self._grid) / size) * size
        return on_grid if abs(on_grid - position) <= 2 * self._ticks else position
