# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window's place on the screen and the sizes of its panes, kept in the profile as JSON."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QObject, QTimer
from PySide6.QtWidgets import QSplitter, QWidget

from needledrop.core.json_file import read_json, write_json
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui.background import Background

SAVE_MS = 800


class WindowMemory(QObject):
    """Gives the window back what it had, and keeps what becomes different."""

    def __init__(self, profile: Profile, background: Background, window: QWidget) -> None:
        super().__init__(window)
        self._path = profile.data_dir / "window" / "window.json"
        self._background = background
        self._window = window
        self._splitters: dict[str, QSplitter] = {}
        stored = read_json(self._path)  # A few hundred bytes, before the window shows: they say where it shows.
        self._stored: dict[str, str] = (
            {str(key): value for key, value in stored.items() if isinstance(value, str)}
            if isinstance(stored, dict)
            else {}
        )
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_MS)
        self._timer.timeout.connect(self.save)

    def restore_window(self) -> bool:
        """Put the window where it was; False where nothing is known."""
        return self._window.restoreGeometry(_bytes(self._stored.get("geometry", "")))

    def watch(self, name: str, splitter: QSplitter) -> bool:
        """Restore a splitter and keep its sizes from now on; False where nothing is known of it."""
        self._splitters[name] = splitter
        is_restored = splitter.restoreState(_bytes(self._stored.get(name, "")))
        splitter.splitterMoved.connect(self.note_change)
        return is_restored

    def note_change(self) -> None:
        """Something moved: save soon."""
        self._timer.start()

    def save(self) -> None:
        """Write what has changed, in the background."""
        self._timer.stop()
        now = {"geometry": _text(self._window.saveGeometry())}
        now |= {name: _text(splitter.saveState()) for name, splitter in self._splitters.items()}
        if all(self._stored.get(name) == value for name, value in now.items()):
            return
        self._stored |= now
        path, stored = self._path, dict(self._stored)

        def work(progress: ProgressSink, cancel: CancelToken) -> None:
            write_json(path, stored)

        # Where the window was is no loss worth a message.
        self._background.run("Saving", work, None, lambda _: None, is_quiet=True, is_essential=True)


def _bytes(text: str) -> QByteArray:
    return QByteArray.fromBase64(QByteArray(text.encode("ascii", "replace")))


def _text(value: QByteArray) -> str:
    return bytes(value.toBase64().data()).decode("ascii")
