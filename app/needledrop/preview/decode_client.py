# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decode process of an open project, the program's side: started, watched, and started again when it dies."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from collections import deque
from pathlib import Path

from needledrop.core import log
from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.jobs.jail import interrupts_held_back
from needledrop.preview.decode_process import MediaInfo, Prepare, serve
from needledrop.preview.shared_state import SharedState, Slot

SILENCE_LIMIT_S = 20.0
_MOST_RESTARTS = 3
_RESTARTS_WITHIN_S = 60.0


class DecodeClient:
    """One child process over one `SharedState`. Not thread-safe.

    Attributes: info (None until the file is open), is_given_up (it died too often, and is not started again).
    """

    def __init__(self, state: SharedState, video_path: Path, picture_path: Path, *, is_hardware_tried: bool) -> None:
        self._state = state
        self._paths = (video_path, picture_path)
        self._is_hardware_tried = is_hardware_tried
        self._restarts: deque[float] = deque()
        self._lanes: dict[int, Prepare] = {}
        self.info: MediaInfo | None = None
        self.is_given_up = False
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, child_pipe = context.Pipe()
        for beat in (Slot.SOUND_BEAT, Slot.PICTURE_BEAT):
            self._state.numbers[beat] = time.monotonic() + SILENCE_LIMIT_S  # Starting takes its time.
        log.media.info("open %s for playing", display_path(self._paths[0]))
        self._process = context.Process(
            target=serve,
            args=(child_pipe, self._state.name, *self._paths, self._is_hardware_tried),
            name="decode",
            daemon=True,
        )
        with interrupts_held_back():
            self._process.start()
        child_pipe.close()

    @property
    def pid(self) -> int | None:
        """The child's process id."""
        return self._process.pid

    def prepare(self, command: Prepare) -> None:
        """Have a lane made ready; remembered for a process that takes over."""
        self._lanes[command.lane] = command
        with contextlib.suppress(OSError):  # It died; `poll` starts another, which is told too.
            self._pipe.send(command)

    def poll(self) -> list[KnownError]:
        """What went wrong since the last call. A process that died or hangs is replaced here."""
        errors = self._received()
        if self.is_given_up:
            return errors
        if not self._process.is_alive():
            errors += self._received()
            errors.append(self._replace(_death(self._process.exitcode)))
        elif self._silence_s > SILENCE_LIMIT_S:
            errors.append(self._replace(f"no sign of life for {SILENCE_LIMIT_S:.0f} s"))
        return errors

    def _received(self) -> list[KnownError]:
        errors = []
        try:
            while self._pipe.poll():
                kind, *rest = self._pipe.recv()
                if kind == "info":
                    self.info = rest[0]
                elif kind == "bug":
                    log.media.error("bug in the decode process\n%s", rest[0])
                else:
                    sentence, remedy, cause, code = rest
                    errors.append(KnownError(sentence, remedy=remedy, cause=cause, code=code))
        except (EOFError, OSError):
            pass
        return errors

    @property
    def _silence_s(self) -> float:
        beats = (self._state.number(Slot.SOUND_BEAT), self._state.number(Slot.PICTURE_BEAT))
        return time.monotonic() - min(beats)

    def _replace(self, how: str) -> KnownError:
        self._end()
        self._state.forget()
        now = time.monotonic()
        while self._restarts and now - self._restarts[0] > _RESTARTS_WITHIN_S:
            self._restarts.popleft()
        name = display_path(self._paths[0].name)
        if len(self._restarts) >= _MOST_RESTARTS:
            self.is_given_up = True
            return KnownError(
                f"Playing '{name}' keeps crashing the decoder; it was stopped.",
                remedy="Convert the file with another program, and open that one.",
                cause=how,
                code="decoder-given-up",
            )
        self._restarts.append(now)
        self._start()
        for command in self._lanes.values():
            self._pipe.send(command)
        return KnownError(
            f"The decoder stopped while playing '{name}' and was started again.",
            remedy="If this happens again, convert the file with another program.",
            cause=how,
            code="decoder-restarted",
        )

    def _end(self) -> None:
        self._pipe.close()
        self._process.join(0.2)
        if self._process.is_alive():
            self._process.kill()
        self._process.join(2.0)
        if self._process.exitcode is not None:
            self._process.close()

    def close(self) -> None:
        """Stop the child."""
        if not self.is_given_up:
            self._end()
        self.is_given_up = True


def _death(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0 and os.name == "posix":
        return signal.Signals(-exit_code).name if -exit_code in set(signal.Signals) else f"signal {-exit_code}"
    return f"exit code {exit_code}"
