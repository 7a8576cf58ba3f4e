# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to files that are dropped, chosen or handed over: videos are opened, folders scanned."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui import library_jobs
from needledrop.gui.document import Document

_Kinds = Sequence[tuple[Path, str]]


class FileOpening(QObject):
    """Finds out in the background what paths are, and sends each where it belongs."""

    failed = Signal(object)  # KnownError

    def __init__(self, document: Document, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._window = window

    def take(self, paths: Sequence[Path]) -> None:
        """Open what was dropped."""
        if not paths:
            return

        def work(progress: ProgressSink, cancel: CancelToken) -> _Kinds:
            from needledrop.workflows.workspace import kind_of

            return [(path, kind_of(path)) for path in paths]

        self._document.background.run("Looking at files", work, self._on_kinds, self.failed.emit, is_quiet=True)

    def choose_video(self) -> None:
        """Ask for a video."""
        title = self.tr("Open a video")
        name, _ = QFileDialog.getOpenFileName(self._window, title, os.fspath(self._folder()))
        if name:
            self.take([Path(name)])

    def choose_folder(self) -> None:
        """Ask for a folder of music."""
        name = QFileDialog.getExistingDirectory(self._window, self.tr("Add a folder of music"))
        if name:
            library_jobs.current().scan([Path(name)])

    def _folder(self) -> Path:
        return self._document.video.path.parent if self._document.video is not None else Path.home()

    def _on_kinds(self, kinds: _Kinds) -> None:
        folders = [path for path, kind in kinds if kind == "folder"]
        videos = [path for path, kind in kinds if kind == "video"]
        music = [path for path, kind in kinds if kind == "music"]
        if folders:
            library_jobs.current().scan(folders)
        if videos:
            self._document.open(videos[0])
        if music:
            self._take_music(music[0])
        missing = [path for path, kind in kinds if kind == "missing"]
        if missing:
            self.failed.emit(_not_there(missing[0]))
        elif len(videos) > 1:
            self.failed.emit(_only_one(videos))

    def _take_music(self, path: Path) -> None:
        """One piece of music is a reference, "like this"; without a video there is nothing to find it for."""
        if self._document.video is None:
            self.failed.emit(_no_reference_yet(path))
            return
        self._document.ask(dataclasses.replace(self._document.wish(), likes=(os.fspath(path),)))


def local_paths(urls: Sequence[QUrl]) -> list[Path]:
    """The files among what was dropped."""
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]


def _not_there(path: Path) -> KnownError:
    return KnownError(
        f"{display_path(path)} is not there.", remedy="Check that its drive is plugged in.", code="missing"
    )


def _only_one(videos: Sequence[Path]) -> KnownError:
    others = ", ".join(display_path(path.name) for path in videos[1:])
    return KnownError(
        f"One video at a time: {display_path(videos[0].name)} is opened, {others} not.",
        remedy="Drop the others one by one; the work on each is kept.",
        code="usage",
    )


def _no_reference_yet(path: Path) -> KnownError:
    return KnownError(
        f"{display_path(path.name)} is a piece of music; there is no video yet to find something like it for.",
        remedy="Drop the folder it lies in to add it to the library, or open a video first.",
        code="usage",
    )
