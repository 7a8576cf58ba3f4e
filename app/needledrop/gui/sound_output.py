# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sound device: open from start-up to end on a thread with its own event loop, fed silence while nothing plays.

Without a device a timer takes its place, so that the picture plays on; a device that is lost is replaced. The GUI
thread never waits for anything here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QIODevice, QObject, Qt, QThread, QTimer, Signal, Slot

from needledrop.gui.sound_server import SoundServer
from needledrop.preview.device_clock import DeviceClock

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioDevice, QAudioSink

    from needledrop.core.music import FloatArray

SAMPLE_RATE = 48_000
# 45 ms: what the GUI thread holds the interpreter for fits into it, and a key is still heard at once.
BUFFER_FRAMES = 2160
SERVER_LATENCY_S = 0.010  # What a sound server holds when asked for little; Qt does not say.
_LOOK_MS = 200
_SILENT_MS = 10
_STOP_MS = 5000
_STALLED_S = 1.0
_STARTS_WITHIN_S = 4.0  # A sink that was just opened may take two seconds to flow.
_LONGEST_BLOCK = SAMPLE_RATE

Render = Callable[[int], "FloatArray"]


class _Feed(QIODevice):
    """What the sink reads from. Counts what it gave."""

    def __init__(self, output: _Output) -> None:
        super().__init__()
        self._output = output
        # Unbuffered: QIODevice would fetch 16 KiB at a time, which is 43 ms of sound that can no longer be changed.
        self.open(QIODevice.OpenModeFlag.ReadOnly | QIODevice.OpenModeFlag.Unbuffered)

    def readData(self, maxlen: int) -> object:  # Qt's name
        return self._output.fill(maxlen)

    def writeData(self, data: bytes | bytearray | memoryview, length: int) -> int:
        return -1

    def bytesAvailable(self) -> int:
        return 1 << 20

    def isSequential(self) -> bool:
        return True


class _Output(QObject):
    """Lives on the sound thread."""

    device_changed = Signal(str)

    def __init__(self, clock: DeviceClock) -> None:
        super().__init__()
        self.clock = clock
        self.render: Render | None = None
        self.produced = 0
        self._wanted = ""
        self._sink: QAudioSink | None = None
        self._feed: _Feed | None = None
        self._is_float = True
        self._said: str | None = None
        self._base = 0
        self._silent_since_s = 0.0
        self._device_id = b""
        self._server: SoundServer | None = None
        self._flowed_at_s = 0.0

    @Slot()
    def start(self) -> None:
        """Open the device; called on the sound thread."""
        self._server = SoundServer()
        self._look_timer = QTimer(self)
        self._look_timer.timeout.connect(self.look)
        self._look_timer.start(_LOOK_MS)
        self._silent_timer = QTimer(self)
        self._silent_timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._silent_timer.timeout.connect(self._run_silently)
        self.look()

    @Slot()
    def stop(self) -> None:
        """Close the device, on the thread that opened it, and end that thread."""
        self._look_timer.stop()
        self._silent_timer.stop()
        self._close()
        self.thread().quit()

    @Slot(str)
    def choose(self, name: str) -> None:
        """Use the device of this description; empty: the system's own choice."""
        self._wanted = name
        self._close()
        self.look()

    @Slot()
    def look(self) -> None:
        """See whether the device is still there and flows; polled, since PySide6 cannot connect its signal."""
        is_there = self._server is not None and self._server.answers()
        if self._sink is not None and (not is_there or self._has_failed()):
            self._close()
        if self._sink is None:
            device = self._choice() if is_there else None
            if device is not None and self._open(device):
                self._silent_timer.stop()
                self._say(device.description())
            else:
                self._go_silent()

    def _has_failed(self) -> bool:
        from PySide6.QtMultimedia import QMediaDevices, QtAudio

        assert self._sink is not None
        if self._sink.state() == QtAudio.State.StoppedState or self._sink.error() != QtAudio.Error.NoError:
            return True
        if all(bytes(device.id().data()) != self._device_id for device in QMediaDevices.audioOutputs()):
            return True
        return time.monotonic() > self._flowed_at_s + _STALLED_S

    def _choice(self) -> QAudioDevice | None:
        from PySide6.QtMultimedia import QMediaDevices

        devices = QMediaDevices.audioOutputs()
        wanted = next((device for device in devices if device.description() == self._wanted), None)
        device = wanted or QMediaDevices.defaultAudioOutput()
        return None if device.isNull() else device

    def _open(self, device: QAudioDevice) -> bool:
        from PySide6.QtMultimedia import QAudioFormat, QAudioSink, QtAudio

        form = QAudioFormat()
        form.setSampleRate(SAMPLE_RATE)
        form.setChannelCount(2)
        form.setSampleFormat(QAudioFormat.SampleFormat.Float)
        self._is_float = device.isFormatSupported(form)
        if not self._is_float:
            form.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        sink = QAudioSink(device, form)
        sink.setBufferSize(BUFFER_FRAMES * form.bytesPerFrame())
        self._sink, self._feed = sink, _Feed(self)
        self._base = self.produced
        self._device_id = bytes(device.id().data())
        self.clock.restart()
        sink.start(self._feed)
        self._flowed_at_s = time.monotonic() + _STARTS_WITHIN_S
        if sink.error() != QtAudio.Error.NoError:
            self._close()
            return False
        return True

    def _close(self) -> None:
        if self._sink is not None:
            self._sink.stop()
            self._sink.deleteLater()
            self._sink = None
        if self._feed is not None:
            self._feed.close()
            self._feed.deleteLater()
            self._feed = None

    def fill(self, size: int) -> bytes:
        """The next `size` bytes for the sink. Silence rather than an exception: Qt cannot take one."""
        sink = self._sink
        frames = min(size // (8 if self._is_float else 4), _LONGEST_BLOCK)
        sound = self._rendered(frames)
        now = time.monotonic()
        self._flowed_at_s = max(now, self._flowed_at_s)
        if sink is not None:
            # What the sink took from its buffer; it is filled up again after this call.
            self.clock.note(now, self._base + sink.processedUSecs() * (SAMPLE_RATE / 1e6), self.produced)
        if self._is_float:
            return sound.tobytes()
        return np.round(np.clip(sound, -1.0, 1.0) * 32767.0).astype(np.int16).tobytes()

    def _rendered(self, frames: int) -> FloatArray:
        render = self.render
        sound = render(frames) if render is not None else np.zeros((frames, 2), np.float32)
        self.produced += frames
        return sound

    def _go_silent(self) -> None:
        if not self._silent_timer.isActive():
            self._silent_since_s = time.monotonic()
            self._base = self.produced
            self.clock.restart()
            self._silent_timer.start(_SILENT_MS)
            self._say("")

    @Slot()
    def _run_silently(self) -> None:
        now = time.monotonic()
        due = self._base + int((now - self._silent_since_s) * SAMPLE_RATE)
        frames = min(due - self.produced, _LONGEST_BLOCK)
        if frames > 0:
            self._rendered(frames)
        self.clock.note(now, float(due), self.produced)

    def _say(self, name: str) -> None:
        if name != self._said:
            self._said = name
            self.device_changed.emit(name)


class SoundOutput(QObject):
    """The GUI thread's side of the sound thread.

    device_changed carries the device's name; "" where there is none and play is silent.
    """

    device_changed = Signal(str)
    _chosen = Signal(str)
    _stopping = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = DeviceClock(SAMPLE_RATE, SERVER_LATENCY_S)
        self._output = _Output(self._clock)
        self._thread = QThread(self)
        self._thread.setObjectName("sound")
        self._output.moveToThread(self._thread)
        self._thread.started.connect(self._output.start)
        self._thread.finished.connect(self._output.deleteLater)
        self._output.device_changed.connect(self.device_changed)
        self._chosen.connect(self._output.choose)
        self._stopping.connect(self._output.stop)

    def start(self) -> None:
        """Open the device, on its own thread."""
        self._thread.start(QThread.Priority.TimeCriticalPriority)

    def stop(self) -> None:
        """Close the device and end the thread."""
        if self._thread.isRunning():
            self._stopping.emit()
            self._thread.wait(_STOP_MS)

    def choose_device(self, name: str) -> None:
        """Use the device of this description; empty: the system's own choice."""
        self._chosen.emit(name)

    def set_render(self, render: Render | None) -> int:
        """Take sound from here on from `render`; the number of frames produced before."""
        self._output.render = render
        return self._output.produced

    def played_frames(self) -> float:
        """How many frames of all that were produced have been heard by now."""
        return self._clock.played_at(time.monotonic())


def device_names() -> list[str]:
    """Descriptions of the devices there are, the system's own choice first. Touches the sound server."""
    from PySide6.QtMultimedia import QMediaDevices

    default = QMediaDevices.defaultAudioOutput()
    names = [device.description() for device in QMediaDevices.audioOutputs()]
    return sorted(names, key=lambda name: name != default.description())
