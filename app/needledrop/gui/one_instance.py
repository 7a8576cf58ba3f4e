# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One window for one profile: a second start hands its file to the first and ends.

Whoever holds the lock file is the first; the operating system frees it when its holder dies. The file is handed over
through a local socket named after the profile.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QObject, Signal

from needledrop.core import log
from needledrop.core.paths import Profile

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer

HAND_OVER_MS = 3000
PATIENCE_S = 15.0
RETRY_S = 0.1
_LONGEST_MESSAGE = 65536


class OneInstance(QObject):
    """The right to be the window of a profile."""

    asked = Signal(object)  # Path | None: a second start wants this opened, or just the window.

    def __init__(self, profile: Profile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = "needledrop-" + hashlib.sha256(os.fsencode(profile.data_dir.absolute())).hexdigest()[:16]
        folder = profile.data_dir / "window"
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = QLockFile(os.fspath(folder / "window.lock"))
        self._lock.setStaleLockTime(0)  # Held for days; only the death of its holder makes it stale.
        self._server: QLocalServer | None = None

    def is_first(self) -> bool:
        """Take the lock; False where another window holds it."""
        return self._lock.tryLock(0)

    def listen(self) -> None:
        """Take what later starts hand over. A socket that cannot be made only costs that."""
        from PySide6.QtNetwork import QLocalServer  # Not needed before the window shows.

        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        QLocalServer.removeServer(self._name)  # What a killed window left behind; the lock says it is ours.
        if not server.listen(self._name):
            log.window.warning("no second start can be taken over: %s", server.errorString())
            return
        server.newConnection.connect(self._on_connection)
        self._server = server

    def hand_over(self, path: Path | None) -> bool:
        """Give the first window a file to open; False where it does not answer."""
        from PySide6.QtNetwork import QLocalSocket

        socket = QLocalSocket()
        end = time.monotonic() + PATIENCE_S
        while True:  # The first window may be on its way up: it holds the lock before it listens.
            socket.connectToServer(self._name)
            if socket.waitForConnected(HAND_OVER_MS):
                break
            if time.monotonic() > end:
                return False
            time.sleep(RETRY_S)
        socket.write(json.dumps({"open": os.fspath(path.absolute()) if path is not None else None}).encode() + b"\n")
        is_sent = socket.waitForBytesWritten(HAND_OVER_MS)
        socket.disconnectFromServer()
        return bool(is_sent)

    def release(self) -> None:
        """Give the right back."""
        if self._server is not None:
            self._server.close()
        self._lock.unlock()

    def _on_connection(self) -> None:
        assert self._server is not None
        socket = self._server.nextPendingConnection()

        def read() -> None:
            if socket.canReadLine():
                self._on_message(bytes(socket.readLine(_LONGEST_MESSAGE).data()))

        socket.readyRead.connect(read)
        socket.disconnected.connect(socket.deleteLater)
        read()

    def _on_message(self, line: bytes) -> None:
        try:
            path = json.loads(line)["open"]
        except (ValueError, KeyError, TypeError):
            log.window.warning("a second start said something unknown")
            return
        self.asked.emit(Path(path) if isinstance(path, str) else None)
