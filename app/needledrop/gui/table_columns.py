# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which columns the library's table has, how wide and in which order: chosen in a menu, kept in the profile."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QByteArray, QObject, QPoint, QTimer
from PySide6.QtWidgets import QMenu

from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui.background import Background
from needledrop.gui.models.track_columns import COLUMNS
from needledrop.gui.widgets.track_view import TrackView

SAVE_MS = 800
ALWAYS = frozenset({"sign", "title"})


class TableColumns(QObject):
    """Gives the view back the columns it had, and keeps what becomes different."""

    def __init__(self, profile: Profile, background: Background, view: TrackView) -> None:
        super().__init__(view)
        self._path = profile.data_dir / "window" / "library.json"
        self._background = background
        self._view = view
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_MS)
        self._timer.timeout.connect(self.save)
        header = view.horizontalHeader()
        header.customContextMenuRequested.connect(lambda at: self.choose(header.mapToGlobal(at)))
        view.columns_changed.connect(self._timer.start)
        self._restore()

    def choose(self, at: QPoint) -> None:
        """Open the menu of columns at a place of the screen."""
        menu = QMenu(self._view)
        for number, column in enumerate(COLUMNS):
            if column.id not in ALWAYS:
                action = menu.addAction(column.shown_title())
                action.setCheckable(True)
                action.setChecked(not self._view.isColumnHidden(number))
                action.toggled.connect(lambda is_on, number=number: self._view.show_column(number, is_on))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def save(self) -> None:
        """Write what there is now, in the background."""
        self._timer.stop()
        path = self._path
        state = bytes(self._view.horizontalHeader().saveState().toBase64().data()).decode("ascii")
        stored = {"columns": [column.id for column in COLUMNS], "header": state}

        def work(progress: ProgressSink, cancel: CancelToken) -> None:
            from needledrop.core.json_file import write_json

            write_json(path, stored)

        # Which columns there were is no loss worth a message.
        self._background.run("Saving columns", work, None, lambda _: None, is_quiet=True, is_essential=True)

    def _restore(self) -> None:
        path = self._path

        def work(progress: ProgressSink, cancel: CancelToken) -> Any:
            from needledrop.core.json_file import read_json

            return read_json(path)

        def done(stored: Any) -> None:
            # Of another version's columns nothing is taken: their numbers mean others.
            if isinstance(stored, dict) and stored.get("columns") == [column.id for column in COLUMNS]:
                state = QByteArray.fromBase64(QByteArray(str(stored.get("header", "")).encode("ascii", "replace")))
                self._view.horizontalHeader().restoreState(state)
                self._timer.stop()

        self._background.run("Reading columns", work, done, lambda _: None, is_quiet=True)
