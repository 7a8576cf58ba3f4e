# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decode process of an open project, the child's side: three threads over shared memory, and a pipe for commands.

The program imports this module too, to send commands: whatever decodes is imported in the child alone. Files are
untrusted: memory is bounded, and the process ends with its parent. A file that crashes a decoder costs
this process, never the program.
"""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.jobs.jail import bound_memory, die_with_parent
from needledrop.mix.mixer import SAMPLE_RATE
from needledrop.preview.programme import Programme
from needledrop.preview.shared_state import HEARD_FRAMES, SharedState, Slot

_REST_S = 0.004
_METER_S = 0.05


@dataclass(frozen=True)
class MediaInfo:
    """What the file is: length in seconds, frames a second, size as shown, streams of sound."""

    duration_s: float
    frame_rate: Fraction
    size: tuple[int, int]
    sound_streams: int


@dataclass(frozen=True)
class Prepare:
    """Make a lane ready for a programme."""

    lane: int
    epoch: int
    programme: Programme


class Preparing(Protocol):
    """Whoever makes lanes ready."""

    def prepare(self, lane: int, epoch: int, programme: Programme) -> None:
        """Make `lane` ready for a programme."""
        ...


def serve(pipe: Connection, memory_name: str, video_path: Path, picture_path: Path, is_hardware_tried: bool) -> None:
    """Decode for a parent until it closes the pipe or is gone.

    Args:
        pipe: Commands come in (Prepare); out go ("info", MediaInfo), ("bug", trace) and
            ("known", sentence, remedy, cause, code).
        memory_name: Of the parent's `SharedState`.
        video_path: Whose sound is heard.
        picture_path: Whose pictures are shown: the video, or a proxy of it.
        is_hardware_tried: See `ViewerFrames`.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle.
    bound_memory()
    _start("parent-watch", die_with_parent)
    state = SharedState(memory_name)
    voice = _Voice(pipe)
    commands: queue.SimpleQueue[Prepare] = queue.SimpleQueue()
    _start(
        "sound",
        lambda: _guarded(voice, state, Slot.SOUND_BEAT, lambda: _write_sound(state, video_path, commands, voice)),
    )
    _start(
        "picture",
        lambda: _guarded(
            voice,
            state,
            Slot.PICTURE_BEAT,
            lambda: _write_pictures(state, (video_path, picture_path), is_hardware_tried, voice),
        ),
    )
    _start("meter", lambda: _guarded(voice, state, Slot.LEVELS, lambda: _measure(state)))
    while True:
        try:
            commands.put(pipe.recv())
        except (EOFError, OSError):
            os._exit(0)  # Other threads stand in the middle of the shared memory: nothing is to be tidied.


class _Voice:
    """What the threads have to say to the parent."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self._said: set[str] = set()

    def known(self, error: KnownError) -> None:
        """Each sentence once: a broken file fails again with every page."""
        if error.sentence not in self._said:
            self._said.add(error.sentence)
            self.say("known", error.sentence, error.remedy, error.cause, error.code)

    def say(self, *message: Any) -> None:
        with self._lock:
            try:
                self._pipe.send(message)
            except OSError:
                os._exit(0)


def _start(name: str, work: Callable[[], None]) -> None:
    threading.Thread(target=work, name=name, daemon=True).start()


def _guarded(voice: _Voice, state: SharedState, beat: Slot, work: Callable[[], None]) -> None:
    """A known fault ends one thread with a sentence; a bug ends the process, and the parent says so."""
    try:
        work()
    except KnownError as error:
        state.numbers[beat] = float("inf")  # It stands still, but it does not hang.
        voice.known(error)
    except MemoryError:
        voice.say("known", "The file needs more memory than playing may use.", "Convert it first.", "", "memory")
    except Exception:
        voice.say("bug", traceback.format_exc())
        os._exit(1)


def _write_sound(state: SharedState, video_path: Path, commands: queue.SimpleQueue[Prepare], voice: _Voice) -> None:
    from needledrop.preview.mixers import MixerFactory
    from needledrop.preview.sound_writer import SoundWriter

    with MixerFactory(video_path) as factory:
        writer = SoundWriter(state, factory)
        while True:
            is_busy = False
            try:
                is_busy = _obey(writer, commands) or writer.step()
            except KnownError as error:
                voice.known(error)
            if not is_busy:
                time.sleep(_REST_S)


def _obey(writer: Preparing, commands: queue.SimpleQueue[Prepare]) -> bool:
    try:
        command = commands.get_nowait()
    except queue.Empty:
        return False
    writer.prepare(command.lane, command.epoch, command.programme)
    return True


def _describe(voice: _Voice, path: Path) -> None:
    """Say how long the video is and what it carries; where it has no picture, how long its sound is."""
    from needledrop.media.probe import probe_audio, probe_video

    try:
        video = probe_video(path)
        info = MediaInfo(video.duration_s, video.frame_rate, (video.width, video.height), len(video.audio_streams))
    except KnownError as error:
        if error.code != "no-video":
            raise
        info = MediaInfo(probe_audio(path)[1], Fraction(25), (0, 0), 1)
    voice.say("info", info)


def _write_pictures(state: SharedState, paths: tuple[Path, Path], is_hardware_tried: bool, voice: _Voice) -> None:
    from needledrop.media.camera_raw import refuse_camera_raw
    from needledrop.media.viewer_frames import ViewerFrames
    from needledrop.preview.picture_writer import PictureWriter

    video_path, path = paths
    refuse_camera_raw(path)
    _describe(voice, video_path)
    with ViewerFrames(path, is_hardware_tried=is_hardware_tried) as frames:
        writer = PictureWriter(state, frames)
        while True:
            if not writer.step():
                time.sleep(_REST_S)


def _measure(state: SharedState) -> None:
    from needledrop.preview.meters import HeardMeter

    meter = HeardMeter(SAMPLE_RATE)
    taken = int(state.number(Slot.HEARD))
    while True:
        time.sleep(_METER_S)
        heard = int(state.number(Slot.HEARD))
        fresh = min(heard - taken, HEARD_FRAMES // 2)
        if fresh <= 0:
            continue
        meter.feed(_from_ring(state.heard, heard - fresh, heard))
        taken = heard
        levels = meter.levels()
        state.numbers[Slot.MOMENTARY] = levels.momentary_lufs
        state.numbers[Slot.SHORT_TERM] = levels.short_term_lufs
        state.numbers[Slot.TRUE_PEAK] = levels.true_peak_dbtp
        state.beat(Slot.LEVELS)


def _from_ring(ring: FloatArray, start: int, end: int) -> FloatArray:
    return ring[np.arange(start, end) % len(ring)]
