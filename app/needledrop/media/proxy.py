# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy: the same video small enough to play and to jump about in on any machine, and whether one is needed.

Every picture keeps its own time; the sound becomes PCM, one stream for each. Made in a worker: the source is untrusted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.media.audio import AudioReader
from needledrop.media.output_file import output_error, written_whole
from needledrop.media.viewer_frames import ViewerFrame, ViewerFrames

SUFFIX = ".mov"
LONGEST_SIDE = 960
GROUP_FRAMES = 12
_TICK_S = Fraction(1, 90_000)
_SOUND_RATE = 48_000
_SOUND_BLOCK = 4800
_TRIED_S = 1.5  # Of wall clock; two seconds of video are enough if they come sooner.
_TRIED_VIDEO_S = 2.0
_COMFORT = 1.5  # So many times real time leave room for the mixer, the window and a second look.

Report = Callable[[float], None]


def is_proxy_needed(path: Path) -> bool:
    """Whether decoding and scaling the beginning of a video is too slow to play it here.

    Raises:
        KnownError: see `ViewerFrames`.
    """
    with ViewerFrames(path) as frames:
        target = _canvas(frames.size)
        start_s, shown_s = time.perf_counter(), 0.0
        while (frame := frames.next()) is not None:
            frames.paint(frame, target)
            shown_s = frame.start_s
            taken_s = time.perf_counter() - start_s
            if shown_s >= _TRIED_VIDEO_S or taken_s >= _TRIED_S:
                return shown_s < _COMFORT * taken_s
    return False  # Shorter than the trial: it fits into the ring of pictures.


def write_proxy(report: Report, path: Path, out_path: Path) -> None:
    """Write a proxy of `path` to `out_path` (SUFFIX), whole or not at all. `report` gets seconds of the video.

    Raises:
        KnownError: "exists", "disk-full", an unreadable source.
    """
    with (
        ExitStack() as stack,
        written_whole(out_path, overwrite=True, sources=(path,)) as part,
    ):
        frames = stack.enter_context(ViewerFrames(path))
        readers = [stack.enter_context(reader) for reader in _sound_readers(path)]
        try:
            with av.open(str(part.absolute()), "w", format="mov") as container:
                _write(container, frames, readers, report)
        except OSError as error:
            raise output_error(error, out_path) from error


def _write(container: OutputContainer, frames: ViewerFrames, readers: list[AudioReader], report: Report) -> None:
    target = _canvas(frames.size)
    picture = container.add_stream(
        "libx264", rate=Fraction(1 / frames.frame_s).limit_denominator(1001), options=_picture_options()
    )
    picture.height, picture.width = target.shape[:2]
    picture.pix_fmt = "yuv420p"
    picture.codec_context.time_base = _TICK_S
    sounds = [_SoundTrack(container, reader) for reader in readers]
    while (frame := frames.next()) is not None:
        frames.paint(frame, target)
        container.mux(picture.encode(_encodable(frame, target)))
        for sound in sounds:
            sound.write_until(frame.start_s)
        report(frame.start_s)
    container.mux(picture.encode(None))
    for sound in sounds:
        sound.write_until(float("inf"))


def _encodable(frame: ViewerFrame, target: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> VideoFrame:
    made = VideoFrame.from_ndarray(target, format="bgra").reformat(format="yuv420p")
    made.pts, made.time_base = round(frame.start_s / _TICK_S), _TICK_S
    return made


def _picture_options() -> dict[str, str]:
    # No B-frames: the first picture is at time zero without an edit list.
    return {"preset": "ultrafast", "crf": "21", "g": str(GROUP_FRAMES), "bf": "0", "sc_threshold": "0"}


def _canvas(size: tuple[int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    scale = min(1.0, LONGEST_SIDE / max(size))
    width, height = (max(2, round(side * scale / 2) * 2) for side in size)
    return np.zeros((height, width, 4), np.uint8)


def _sound_readers(path: Path) -> Iterator[AudioReader]:
    stream = 0
    while True:
        try:
            yield AudioReader(path, rate=_SOUND_RATE, channels=2, stream=stream)
        except KnownError as error:
            if error.code != "no-audio":
                raise
            return
        stream += 1


class _SoundTrack:
    """One stream of PCM that keeps up with the picture."""

    def __init__(self, container: OutputContainer, reader: AudioReader) -> None:
        self._container = container
        self._reader = reader
        self._stream: AudioStream = container.add_stream("pcm_f32le", rate=_SOUND_RATE, layout="stereo")
        self._frames = round(reader.duration_s * _SOUND_RATE)
        self._position = 0

    def write_until(self, until_s: float) -> None:
        """Write what sounds up to a second after `until_s`, so that players need not jump about in the file."""
        while self._position < self._frames and self._position < (until_s + 1.0) * _SOUND_RATE:
            count = min(_SOUND_BLOCK, self._frames - self._position)
            self._write(self._reader.read(self._position, count))

    def _write(self, block: FloatArray) -> None:
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block.reshape(1, -1)), format="flt", layout="stereo")
        frame.sample_rate, frame.time_base, frame.pts = _SOUND_RATE, Fraction(1, _SOUND_RATE), self._position
        self._position += len(block)
        self._container.mux(self._stream.encode(frame))
