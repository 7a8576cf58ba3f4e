# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the sound server that Qt talks to still answers. Qt must not be asked once it does not.

Qt 6.11 aborts the process (an assertion in libpulse) when a sink is opened after the PulseAudio server has died. Other
systems and ALSA have no such server: there it always "answers".
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

_TIMEOUT_S = 0.2


class SoundServer:
    """Remembers whether there was a server at first; only then can one be missed."""

    def __init__(self) -> None:
        self._path = _socket_path()
        self._was_there = self._path is not None and _connects(self._path)
        self._was_lost = False

    def answers(self) -> bool:
        """Whether Qt may be asked for devices and sinks. A server that died once is not trusted to Qt again."""
        if not self._was_there or self._path is None:
            return True
        if not self._was_lost:
            self._was_lost = not _connects(self._path)
        return not self._was_lost


def _socket_path() -> Path | None:
    """PulseAudio's socket (PipeWire's stand-in uses the same), or None where there is none to look for."""
    if sys.platform != "linux":
        return None
    server = os.environ.get("PULSE_SERVER", "").removeprefix("unix:")
    if server.startswith("/"):
        return Path(server)
    runtime = os.environ.get("PULSE_RUNTIME_PATH") or os.environ.get("XDG_RUNTIME_DIR", "") + "/pulse"
    return Path(runtime) / "native" if not server and runtime.startswith("/") and runtime != "/pulse" else None


def _connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_TIMEOUT_S)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
