# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to files that are dropped, chosen or handed over: films and projects are opened, folders scanned."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from needledrop.core.edit import EDIT_SUFFIXES, missing_media
from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui import library_jobs
from needledrop.gui.conforming import Conforming
from needledrop.gui.document import Document

_Kinds = Sequence[tuple[Path, str]]


class FileOpening(QObject):
    """Finds out in the background what paths are, and sends each where it belongs."""

    failed = Signal(object)  # KnownError
    asked = Signal(str, str, object)  # A sentence, a button, and what the button does.

    def __init__(self, document: Document, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._window = window
        self.conforming = Conforming(document, self)
        self.conforming.failed.connect(self.failed)
        self.conforming.asked.connect(self.asked)
        document.opened.connect(self._tell_missing)
        document.failed.connect(self._on_failed)

    def take(self, paths: Sequence[Path]) -> None:
        """Open what was dropped."""
        if not paths:
            return

        def work(progress: ProgressSink, cancel: CancelToken) -> _Kinds:
            from needledrop.workflows.workspace import kind_of

            return [(path, kind_of(path)) for path in paths]

        self._document.background.run("Looking at files", work, self._on_kinds, self.failed.emit, is_quiet=True)

    def choose_video(self) -> None:
        """Ask for a video, or for a project of an editor."""
        name = self._chosen(self.tr("Open a video or a project"))
        if name:
            self.take([Path(name)])

    def choose_replacement(self) -> None:
        """Ask for the film as it is cut now: the cues follow its shots."""
        if self._document.video is None:
            return
        name = self._chosen(self.tr("Replace {name} by").format(name=display_path(self._document.video.name)))
        if name:
            self.conforming.conform(Path(name))

    def choose_media(self) -> None:
        """Ask where the media of the open project are, and look for them there, too."""
        video = self._document.video
        title = self.tr("Where are the media of the project?")
        name = QFileDialog.getExistingDirectory(self._window, title, os.fspath(self._folder()))
        if name and video is not None:
            self.find_media(video.path, Path(name))

    def find_media(self, project: Path, folder: Path) -> None:
        """Look for the media of a project in a folder from now on, and open it again."""
        profile = self._document.profile

        def work(progress: ProgressSink, cancel: CancelToken) -> None:
            from needledrop.workflows.project_media import remember_media_folder

            remember_media_folder(profile, project, folder)

        done = functools.partial(self._on_media_folder, project)
        self._document.background.run("Remembering the folder", work, done, self.failed.emit, is_quiet=True)

    def choose_folder(self) -> None:
        """Ask for a folder of music."""
        name = QFileDialog.getExistingDirectory(self._window, self.tr("Add a folder of music"))
        if name:
            library_jobs.current().scan([Path(name)])

    def _on_media_folder(self, project: Path, _: None) -> None:
        self._document.open(project)

    def _chosen(self, title: str) -> str:
        projects = " ".join(f"*{suffix}" for suffix in EDIT_SUFFIXES)
        kinds = ";;".join((self.tr("Videos and projects (*)"), self.tr("Projects of editors") + f" ({projects})"))
        name, _ = QFileDialog.getOpenFileName(self._window, title, os.fspath(self._folder()), kinds)
        return name

    def _on_failed(self, error: KnownError) -> None:
        """Without any of its media a project cannot be watched: what to do about that is said last, with its button."""
        if error.code == "missing":
            QTimer.singleShot(0, self._tell_missing)

    def _tell_missing(self) -> None:
        """A project is open, but not everything it is made of is there."""
        video = self._document.video
        missing = missing_media(video.edit) if video is not None and video.edit is not None else ()
        if not missing:
            return
        first = display_path(missing[0])
        text = (
            self.tr("{file}, which the project shows or plays, is not there.").format(file=first)
            if len(missing) == 1
            else self.tr("{count} files of the project are not there, {file} among them.").format(
                count=len(missing), file=first
            )
        )
        self.asked.emit(text, self.tr("Find them…"), self.choose_media)

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
