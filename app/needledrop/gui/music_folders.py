# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The menu of music folders: add one, scan them, take one out of the library."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QWidget

from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui.actions import Actions
from needledrop.gui.background import Background

if TYPE_CHECKING:
    from needledrop.library.rows import Root


class MusicFolders(QObject):
    """Reads the folders when the menu is asked for. A folder that was taken out comes back by adding it again."""

    changed = Signal()
    failed = Signal(object)  # KnownError

    def __init__(self, profile: Profile, background: Background, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self._profile = profile
        self._background = background
        self._actions = actions
        self._parent = parent
        self.menu: QMenu | None = None

    def open_menu(self, below: QWidget) -> None:
        """Show the menu under a button, as soon as the folders are read."""
        profile = self._profile

        def work(progress: ProgressSink, cancel: CancelToken) -> Sequence[Root]:
            from needledrop.workflows.browse import list_folders

            return list_folders(profile)

        def done(roots: Sequence[Root]) -> None:
            self.menu = self._menu(roots)
            self.menu.popup(below.mapToGlobal(below.rect().bottomLeft()))

        self._background.run("Reading folders", work, done, self.failed.emit, is_quiet=True)

    def forget(self, folder: Path) -> None:
        """Take a folder's tracks out of the library; the files, and what was decided on them, stay."""
        profile = self._profile

        def work(progress: ProgressSink, cancel: CancelToken) -> None:
            from needledrop.workflows.browse import forget_folder

            forget_folder(profile, folder)

        self._background.run(
            "Taking a folder out", work, lambda _: self.changed.emit(), self.failed.emit, is_quiet=True
        )

    def _menu(self, roots: Sequence[Root]) -> QMenu:
        menu = QMenu(self._parent)
        menu.addAction(self._actions.qt("library.add_folder"))
        scan = menu.addAction(self._actions.qt("library.scan").text())
        scan.triggered.connect(lambda: self._actions.trigger("library.scan"))
        scan.setEnabled(bool(roots))
        if roots:
            menu.addSeparator()
        for root in roots:
            entry = menu.addMenu(root.display)
            forget = entry.addAction(self.tr("Take out of the library (files stay)"))
            forget.triggered.connect(lambda _=False, path=root.path: self.forget(Path(os.fsdecode(path))))
        menu.aboutToHide.connect(menu.deleteLater)
        return menu
