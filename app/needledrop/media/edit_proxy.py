# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The timeline of a project as a small video, to be played and jumped about in: cuts, levels and fades, no effects.

Made in a worker: the media are untrusted. What is not there or cannot be read is black, or silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from needledrop.core.edit import ClipKind, EditClip, LevelPoint, ProjectEdit, Shown, shown_pictures
from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.media.audio import AudioReader
from needledrop.media.output_file import output_error, written_whole
from needledrop.media.proxy import GROUP_FRAMES, LONGEST_SIDE
from needledrop.media.viewer_frames import ViewerFrame, ViewerFrames

_SOUND_RATE = 48_000
_USUAL_SIZE = (1920, 1080)
_SEEK_AHEAD_S = 2.0  # A nearer picture is reached by decoding on.

Picture = NDArray[np.uint8]


def write_edit_proxy(report: Callable[[float], None], edit: ProjectEdit, out_path: Path) -> None:
    """Write the timeline to `out_path` (a .mov), whole or not at all. `report` gets seconds of the timeline.

    Raises:
        KnownError: the disk is full, or the file cannot be written.
    """
    with ExitStack() as stack, written_whole(out_path, overwrite=True) as part:
        pictures = stack.enter_context(_pictures(edit))
        sounds = stack.enter_context(_sounds(edit))
        try:
            with av.open(str(part.absolute()), "w", format="mov") as container:
                _write(container, edit, pictures, sounds, report)
        except OSError as error:
            raise output_error(error, out_path) from error


def _write(
    container: OutputContainer, edit: ProjectEdit, pictures: _Pictures, sounds: _Sounds, report: Callable[[float], None]
) -> None:
    target = _canvas(edit.size if min(edit.size) > 0 else _USUAL_SIZE)
    stream = container.add_stream("libx264", rate=edit.frame_rate, options=_picture_options())
    stream.height, stream.width = target.shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = 1 / edit.frame_rate
    sound = container.add_stream("pcm_f32le", rate=_SOUND_RATE, layout="stereo") if sounds.has_any else None
    written = 0
    shown = shown_pictures(edit)
    at = 0
    for number in range(max(1, edit.frame_of(edit.duration_s))):
        begins_s = edit.time_of(number)
        while at + 1 < len(shown) and shown[at].end_s <= begins_s:
            at += 1
        pictures.paint(shown[at], begins_s + 1 / (2 * edit.frame_rate), target)
        made = VideoFrame.from_ndarray(target, format="bgra").reformat(format="yuv420p")
        made.pts, made.time_base = number, 1 / edit.frame_rate
        container.mux(stream.encode(made))
        if sound is not None:
            until = round(edit.time_of(number + 1) * _SOUND_RATE)
            frame = AudioFrame.from_ndarray(
                np.ascontiguousarray(sounds.mixed(written, until - written).reshape(1, -1)), "flt", "stereo"
            )
            frame.sample_rate, frame.time_base, frame.pts = _SOUND_RATE, Fraction(1, _SOUND_RATE), written
            container.mux(sound.encode(frame))
            written = until
        report(float(begins_s))
    container.mux(stream.encode(None))


def _picture_options() -> dict[str, str]:
    return {"preset": "ultrafast", "crf": "23", "g": str(GROUP_FRAMES), "bf": "0", "sc_threshold": "0"}


def _canvas(size: tuple[int, int]) -> Picture:
    scale = min(1.0, LONGEST_SIDE / max(size))
    width, height = (max(2, round(side * scale / 2) * 2) for side in size)
    return np.zeros((height, width, 4), np.uint8)


class _Pictures:
    """The pictures of every file that is seen, each file opened once and read on where that is nearer than a jump."""

    def __init__(self) -> None:
        self._open: dict[Path, ViewerFrames | None] = {}
        self._last: dict[Path, ViewerFrame] = {}

    def paint(self, shown: Shown, at_s: Fraction, target: Picture) -> None:
        """What is seen at a moment, fitted into the target; black where nothing can be."""
        target[:] = (0, 0, 0, 255)
        clip = shown.clip
        path = clip.source.path if clip is not None and clip.source is not None else None
        if clip is None or path is None:
            return
        frames = self._frames(path)
        if frames is None:
            return
        try:
            frame = self._frame_at(path, frames, float(clip.source_at(at_s)))
        except KnownError:
            self._open[path] = None
            return
        if frame is not None:
            frames.paint(frame, _fitted(target, frames.size))

    def close(self) -> None:
        """Release the files."""
        for frames in self._open.values():
            if frames is not None:
                frames.close()

    def _frames(self, path: Path) -> ViewerFrames | None:
        if path not in self._open:
            try:
                self._open[path] = ViewerFrames(path)
            except KnownError:
                self._open[path] = None
        return self._open[path]

    def _frame_at(self, path: Path, frames: ViewerFrames, at_s: float) -> ViewerFrame | None:
        frame = self._last.get(path)
        if frame is None or not frame.start_s <= at_s < frame.end_s + _SEEK_AHEAD_S:
            frames.seek(at_s)
            frame = None
        while frame is None or frame.end_s <= at_s:
            following = frames.next()
            if following is None:
                break
            frame = following
        if frame is not None:
            self._last[path] = frame
        return frame


def _fitted(target: Picture, size: tuple[int, int]) -> Picture:
    """The part of the target that a picture of this size fills, its shape kept."""
    height, width = target.shape[:2]
    scale = min(width / size[0], height / size[1])
    wide, high = (max(2, min(most, round(side * scale))) for side, most in zip(size, (width, height), strict=True))
    left, top = (width - wide) // 2, (height - high) // 2
    return target[top : top + high, left : left + wide]


@contextmanager
def _pictures(edit: ProjectEdit) -> Iterator[_Pictures]:
    made = _Pictures()
    try:
        yield made
    finally:
        made.close()


class _Sounds:
    """Every sound of the timeline together. Clips that do not run at their own speed are silent."""

    def __init__(self, clips: list[tuple[EditClip, AudioReader]]) -> None:
        self._clips = clips

    @property
    def has_any(self) -> bool:
        """Whether there is anything to be heard."""
        return bool(self._clips)

    def mixed(self, start: int, count: int) -> FloatArray:
        """Samples [count, 2] of the timeline from sample `start`."""
        out = np.zeros((count, 2), np.float32)
        for clip, reader in self._clips:
            first, last = (round(edge_s * _SOUND_RATE) for edge_s in (clip.record_in_s, clip.record_out_s))
            begin, end = max(start, first), min(start + count, last)
            if end > begin:
                source = round(clip.source_in_s * _SOUND_RATE) + begin - first
                level = _level(clip, (np.arange(begin, end) - first) / _SOUND_RATE)
                out[begin - start : end - start] += reader.read(source, end - begin) * level[:, np.newaxis]
        return np.clip(out, -1.0, 1.0)


@contextmanager
def _sounds(edit: ProjectEdit) -> Iterator[_Sounds]:
    with ExitStack() as stack:
        clips = []
        for clip in edit.of_kind(ClipKind.SOUND):
            if clip.source is None or clip.source.path is None or clip.speed != 1:
                continue
            try:
                reader = stack.enter_context(AudioReader(clip.source.path, rate=_SOUND_RATE, channels=2))
            except KnownError:
                continue
            clips.append((clip, reader))
        yield _Sounds(clips)


def _level(clip: EditClip, times_s: NDArray[np.float64]) -> FloatArray:
    """What gain, keyframes and fades make of a clip, at seconds from its beginning."""
    points = clip.levels or (LevelPoint(Fraction(0), 0.0),)
    level_db = clip.gain_db + np.interp(
        times_s, [float(point.time_s) for point in points], [point.level_db for point in points]
    )
    level = 10.0 ** (level_db / 20.0)
    if clip.fade_in_s > 0:
        level = level * np.clip(times_s / float(clip.fade_in_s), 0.0, 1.0)
    if clip.fade_out_s > 0:
        level = level * np.clip((float(clip.duration_s) - times_s) / float(clip.fade_out_s), 0.0, 1.0)
    return np.asarray(level, np.float32)
