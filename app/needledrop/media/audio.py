# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound of any file as float samples at the rate and channels asked for: in blocks, or any stretch of it.

A stretch equals the same stretch of a sequential read, sample for sample. Memory does not grow with the file.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from needledrop.core.music import FloatArray
from needledrop.media import faults
from needledrop.media.broken_off import declares_duration, lacks_end
from needledrop.media.faults import AnyPath
from needledrop.media.mixdown import aligned_start, converted
from needledrop.media.sample_blocks import Block
from needledrop.media.sound_decoder import SoundDecoder

_BROKEN_SHARE = 0.5  # Less than this of the declared duration is not worth analysing.
_BROKEN_S = 1.0
_SKIP_AHEAD_S = 4.0  # Decoding on is cheaper than a seek with its pre-roll.


class AudioSource:
    """One sound stream of a file, read from its beginning. Use as a context manager.

    Args:
        path: Any path, bytes too.
        stream: Which sound stream, from 0; None is the first.

    Attributes: sample_rate, channels and duration_s (declared) of the file itself; after `blocks` has ended also
    bad_samples, decode_errors, decoded_s and broke_off_at_s (None where the file is whole).

    Raises:
        KnownError: see `media_faults`; code "no-audio" where there is no such stream.
    """

    def __init__(self, path: AnyPath, stream: int | None = None) -> None:
        self._decoder = SoundDecoder(path, stream)
        self.path = path
        self.sample_rate = self._decoder.sample_rate
        self.channels = self._decoder.channels
        self.duration_s = self._decoder.duration_s
        self.decoded_s = 0.0
        self.broke_off_at_s: float | None = None

    def __enter__(self) -> AudioSource:
        return self

    def __exit__(self, *_: object) -> None:
        self._decoder.close()

    @property
    def bad_samples(self) -> int:
        """How many samples were NaN, infinite or absurd and became 0."""
        return self._decoder.bad_samples

    @property
    def decode_errors(self) -> int:
        """How many packets could not be decoded."""
        return self._decoder.decode_errors

    def blocks(self, rate: int | None = None, channels: int = 2) -> Iterator[FloatArray]:
        """Yield float32 [n, channels] from time zero, at `rate` Hz (None: the file's own); channels is 1 or 2.

        Raises:
            BrokenMedia: after the last block, when nothing or less than half of the declared duration came out.
        """
        decoder = self._decoder
        decoder.seek(0)
        target_rate = rate or decoder.sample_rate
        end = 0
        for start, block in _converted(decoder, 0, target_rate, channels):
            yield block
            end = start + len(block)
        self._judge(end / target_rate)

    def _judge(self, decoded_s: float) -> None:
        """Compare what came out with what the file promised."""
        decoder = self._decoder
        self.decoded_s = decoded_s
        if decoded_s == 0:
            raise faults.nothing_decoded(self.path, f"{decoder.decode_errors} packets failed")
        missing_s = self.duration_s - self.decoded_s
        if missing_s > _BROKEN_S and declares_duration(self.path, decoder.container, decoder.stream):
            self.broke_off_at_s = self.decoded_s
            if self.decoded_s < _BROKEN_SHARE * self.duration_s:
                raise faults.broke_off(self.path, self.decoded_s, self.duration_s)
        elif lacks_end(self.path, decoder.container):
            self.broke_off_at_s = self.decoded_s


class AudioReader:
    """Random access to one sound stream at a fixed rate and 1 or 2 channels. Use as a context manager.

    Reads in order cost no more than decoding; a jump costs a seek with its pre-roll.

    Raises:
        KnownError: see `media_faults`; code "no-audio" where there is no such stream.
    """

    def __init__(self, path: AnyPath, rate: int = 48000, channels: int = 2, stream: int | None = None) -> None:
        self._decoder = SoundDecoder(path, stream)
        self.rate = rate
        self.channels = channels
        self.duration_s = self._decoder.duration_s
        self._blocks: Iterator[Block] | None = None
        self._block: Block = (0, np.empty((0, channels), np.float32))
        self._end: int | None = None

    def __enter__(self) -> AudioReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the file."""
        self._blocks = None
        self._decoder.close()

    def read(self, start_frame: int, frames: int) -> FloatArray:
        """Samples [frames, channels] from `start_frame` at `rate`; zeros before the start and after the end."""
        out = np.zeros((max(0, frames), self.channels), np.float32)
        position, stop = max(0, start_frame), start_frame + frames
        if self._end is not None:
            stop = min(stop, self._end)
        while position < stop:
            block = self._block_at(position)
            if block is None:
                break
            start, samples = block
            end = min(stop, start + len(samples))
            out[position - start_frame : end - start_frame] = samples[position - start : end - start]
            position = end
        return out

    def _block_at(self, position: int) -> Block | None:
        start, samples = self._block
        reach = start + len(samples) + round(_SKIP_AHEAD_S * self.rate)
        if self._blocks is None or not start <= position < reach:
            self._jump(position)
        blocks = self._blocks
        while blocks is not None:
            start, samples = self._block
            if start <= position < start + len(samples):
                return self._block
            following = next(blocks, None)
            if following is None:
                self._end = start + len(samples)
                self._blocks = None
                return None
            self._block = following
        return None

    def _jump(self, position: int) -> None:
        decoder = self._decoder
        begin = aligned_start(position, decoder.sample_rate, self.rate)
        decoder.seek(begin)
        self._blocks = _converted(decoder, begin, self.rate, self.channels)
        self._block = (begin * self.rate // decoder.sample_rate, np.empty((0, self.channels), np.float32))


def _converted(decoder: SoundDecoder, begin: int, rate: int, channels: int) -> Iterator[Block]:
    return converted(_from(decoder.blocks(), begin), decoder.sample_rate, decoder.layout_name, rate, channels)


def _from(blocks: Iterator[Block], begin: int) -> Iterator[Block]:
    """Blocks without what lies before sample `begin`."""
    for start, block in blocks:
        if start + len(block) > begin:
            yield max(start, begin), block[max(0, begin - start) :]


def read_audio(path: AnyPath, start_s: float, end_s: float, rate: int = 48000, channels: int = 2) -> FloatArray:
    """The stretch [start_s, end_s) as float32 [round(end_s * rate) - round(start_s * rate), channels].

    Beyond the end of the file: zeros.

    Raises:
        KnownError: see `media_faults`; code "no-audio" where the file has no sound.
    """
    start, stop = round(start_s * rate), round(end_s * rate)
    with AudioReader(path, rate, channels) as reader:
        return reader.read(start, stop - start)
