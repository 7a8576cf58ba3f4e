# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Qt side of playing: commands in, pictures and positions out at the time they are heard. The sound is the clock.

Decoding and mixing happen in the decode process (`preview`), sound on its own thread (`sound_output`). Nothing here
reads a file or waits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage

from needledrop.core.cue import Cue
from needledrop.core.errors import KnownError
from needledrop.gui.sound_output import SoundOutput

if TYPE_CHECKING:
    from needledrop.preview.engine import PlaybackEngine

_PLAYING_MS = 4
_STANDING_MS = 16
_POSITION_EVERY = 4  # ticks
_LEVELS_MS = 100


@dataclass(frozen=True)
class ShownFrame:
    """A picture and the time of the video in which it is shown. The image lives as long as this does."""

    image: QImage
    start_s: float
    end_s: float
    pixels: NDArray[np.uint8] = field(repr=False)


@dataclass(frozen=True)
class PlayState:
    """What the player does: speed is 0 standing still; candidate None is the project's own cues."""

    is_loaded: bool = False
    is_playing: bool = False
    speed: float = 0.0
    candidate: int | None = None
    is_original: bool = False
    loop_s: tuple[float, float] | None = None
    device: str | None = None  # "": there is none, and play is silent; None: not looked yet


class Player(QObject):
    """Plays the open video. All methods return at once.

    Signals: position_changed (seconds, as heard), state_changed, frame_ready (ShownFrame), levels_changed
    (preview.meters.Levels), device_changed (name; "" where there is none), opened (preview MediaInfo), failed
    (KnownError: a file is missing, the decoder was started again...).
    """

    position_changed = Signal(float)
    state_changed = Signal()
    frame_ready = Signal(object)
    levels_changed = Signal(object)
    device_changed = Signal(str)
    opened = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine: PlaybackEngine | None = None
        self._output = SoundOutput(self)
        self._output.device_changed.connect(self._on_device)
        self._base = 0
        self._serial = 0
        self._ticks = 0
        self._position_s = -1.0
        self._view_size = (960, 540)
        self._gain_db = 0.0
        self._has_said_info = False
        self._state = PlayState()
        self._loop_s: tuple[float, float] | None = None
        self._candidate: int | None = None
        self._is_original = False
        self._device: str | None = None
        self._tick_timer = QTimer(self)
        self._tick_timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick_timer.timeout.connect(self._tick)
        self._levels_timer = QTimer(self)
        self._levels_timer.timeout.connect(self._look_after)

    # -- life --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the sound device. Call once the window is painted: a fresh device takes two seconds to flow."""
        self._output.start()
        application = QCoreApplication.instance()
        if application is not None:  # A sink that outlives its thread spins until the process is killed.
            application.aboutToQuit.connect(self.close)

    def close(self) -> None:
        """Stop everything; the player is not used again."""
        self.unload()
        self._output.stop()

    def load(self, path: Path, cues: Sequence[Cue], tracks: Mapping[int, Path], proxy_path: Path | None = None) -> None:
        """Open a video with its cues; `opened` or `failed` follows."""
        from needledrop.preview.engine import PlaybackEngine

        self.unload()
        try:
            engine = PlaybackEngine(path, cues, tracks, proxy_path=proxy_path, view_size=self._view_size)
        except OSError as error:
            self.failed.emit(
                KnownError(
                    "There is no memory left to play the video.",
                    remedy="Close other programs.",
                    cause=str(error),
                    code="memory",
                )
            )
            return
        engine.set_gain(self._gain_db)
        self._engine = engine
        self._base = self._output.set_render(engine.render)
        self._tick_timer.start(_STANDING_MS)
        self._levels_timer.start(_LEVELS_MS)
        self._say_state()

    def unload(self) -> None:
        """Close the video; its decode process ends."""
        self._tick_timer.stop()
        self._levels_timer.stop()
        self._output.set_render(None)
        if self._engine is not None:
            self._engine.close()
            self._engine = None
        self._serial, self._position_s, self._has_said_info = 0, -1.0, False
        self._loop_s, self._candidate, self._is_original = None, None, False
        self._say_state()

    # -- what is there -----------------------------------------------------------------------------------------

    @property
    def state(self) -> PlayState:
        """What the player does now."""
        return self._state

    @property
    def position_s(self) -> float:
        """What is heard at this moment, in seconds of the video."""
        engine = self._engine
        return 0.0 if engine is None else engine.heard_s(self._output.played_frames() - self._base)

    @property
    def engine(self) -> PlaybackEngine | None:
        """The engine of the open video, for figures of how it runs."""
        return self._engine

    # -- commands ----------------------------------------------------------------------------------------------

    def play(self, speed: float = 1.0) -> None:
        """Play from the playhead; `speed` 0.5 to 8, or backwards -0.5 to -8."""
        if self._engine is not None:
            self._engine.play(speed)
            self._say_state()

    def pause(self) -> None:
        """Stand still at what is heard now."""
        if self._engine is not None:
            heard_s = self.position_s
            was_playing = self._engine.is_playing
            self._engine.pause()
            if was_playing:
                self._engine.seek(heard_s, is_audible=False)
            self._say_state()

    def toggle(self) -> None:
        """Space: play, or pause."""
        if self._state.is_playing:
            self.pause()
        else:
            self.play()

    def seek(self, position_s: float) -> None:
        """Go to a place; standing still, a little of it is heard."""
        if self._engine is not None:
            self._engine.seek(position_s)

    def step(self, frames: int) -> None:
        """Go so many pictures on (negative: back), with the sound of one."""
        if self._engine is not None:
            if self._engine.is_playing:
                self.pause()
            self._engine.step(frames)
            self._say_state()

    def shuttle(self, speed: float) -> None:
        """J (-1), K (0) and L (1): each press of the same key is faster, up to 8. Other values are speeds."""
        if self._engine is None:
            return
        if speed == 0:
            self.pause()
        elif abs(speed) == 1:
            self._engine.shuttle(int(speed))
        else:
            self._engine.play(speed)
        self._say_state()

    def set_loop(self, range_s: tuple[float, float] | None) -> None:
        """Repeat a range, exact to the sample; None ends it."""
        if self._engine is not None:
            self._engine.set_loop(range_s)
            self._loop_s = range_s
            self._say_state()

    def set_cues(self, cues: Sequence[Cue], tracks: Mapping[int, Path] | None = None) -> None:
        """The project's cues are others: gain, fades, ducking, place. Heard at once, without a click."""
        if self._engine is not None:
            self._engine.set_cues(cues, tracks)

    def set_candidates(self, candidates: Sequence[Sequence[Cue]], tracks: Mapping[int, Path] | None = None) -> None:
        """Keep these ready for `switch`, nine at most; the project's own cues are heard."""
        if self._engine is not None:
            self._engine.set_candidates(candidates, tracks)
            self._candidate = None
            self._say_state()

    def switch(self, index: int | None) -> None:
        """Hear a candidate at the same playhead, in step; None: the project's own cues. An unknown one is ignored."""
        if self._engine is None:
            return
        try:
            self._engine.switch(index)
        except KeyError:
            return
        self._candidate, self._is_original = index, False
        self._say_state()

    def set_original(self, is_original: bool) -> None:
        """Hold to compare: the video's own sound alone, and back to what was heard before."""
        if self._engine is None:
            return
        if is_original:
            self._engine.hear_original()
        else:
            self._engine.switch(self._candidate)
        self._is_original = is_original
        self._say_state()

    def set_gain(self, gain_db: float) -> None:
        """How loud the listener wants it; changes neither the mix nor the meters."""
        self._gain_db = gain_db
        if self._engine is not None:
            self._engine.set_gain(gain_db)

    def set_mute(self, stream: int, is_muted: bool) -> None:
        """Mute one of the video's streams of sound, or let it be heard."""
        if self._engine is not None:
            self._engine.set_mute(stream, is_muted)

    def set_solo(self, stream: int, is_solo: bool) -> None:
        """Hear only the streams of the video that are solo."""
        if self._engine is not None:
            self._engine.set_solo(stream, is_solo)

    def set_device(self, name: str) -> None:
        """Play on the device of this name (`sound_output.device_names`); empty: the system's own choice."""
        self._output.choose_device(name)

    def set_view_size(self, width: int, height: int) -> None:
        """How large pictures are wanted, in device pixels."""
        self._view_size = (width, height)
        if self._engine is not None:
            self._engine.set_view_size(width, height)

    # -- what happens ------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        engine = self._engine
        if engine is None:
            return
        position_s = self.position_s
        key = engine.picture_key(position_s)
        if key is not None and key[0] != self._serial:
            self._show(position_s)
        self._ticks += 1
        is_moved = position_s != self._position_s
        if is_moved and (self._ticks % _POSITION_EVERY == 0 or not engine.is_playing):
            self._position_s = position_s
            self.position_changed.emit(position_s)
        if engine.is_playing != self._state.is_playing:  # The end of the timeline was reached.
            self._say_state()

    def _show(self, position_s: float) -> None:
        assert self._engine is not None
        picture = self._engine.picture(position_s)
        if picture is None:
            return
        self._serial = picture.serial
        height, width = picture.bgra.shape[:2]
        image = QImage(picture.bgra.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        self.frame_ready.emit(ShownFrame(image, picture.start_s, picture.end_s, picture.bgra))

    def _look_after(self) -> None:
        engine = self._engine
        if engine is None:
            return
        for error in engine.poll():
            self.failed.emit(error)
        if engine.info is not None and not self._has_said_info:
            self._has_said_info = True
            self.opened.emit(engine.info)
        self.levels_changed.emit(engine.levels())

    def _on_device(self, name: str) -> None:
        self._device = name
        self.device_changed.emit(name)
        self._say_state()

    def _say_state(self) -> None:
        engine = self._engine
        state = PlayState(
            engine is not None,
            engine is not None and engine.is_playing,
            engine.speed if engine is not None else 0.0,
            self._candidate,
            self._is_original,
            self._loop_s,
            self._device,
        )
        if state != self._state:
            self._state = state
            self._tick_timer.setInterval(_PLAYING_MS if state.is_playing else _STANDING_MS)
            self.state_changed.emit()
