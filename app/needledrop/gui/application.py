# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window's process from its arguments to its end.

Order matters: the lock before anything is shown, so that a second start costs nothing; the theme before the first
widget; the first picture before panels, sound and sockets are loaded. Nothing heavy is imported on the way.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from needledrop import __version__
from needledrop.core import log
from needledrop.core.errors import KnownError
from needledrop.core.paths import APPLICATION_NAME, Profile, shipped_dir
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui import library_jobs, preferences, theme, translation
from needledrop.gui.background import Background
from needledrop.gui.document import Document
from needledrop.gui.focus_keys import FocusKeys
from needledrop.gui.library_jobs import LibraryJobs
from needledrop.gui.main_window import MainWindow
from needledrop.gui.one_instance import OneInstance
from needledrop.gui.preferences import Preferences

if TYPE_CHECKING:
    from needledrop.gui.player import Player

KNOWN_ERROR = 3
# Begins to answer plugins of editors, and gives what ends that; raises KnownError where another process does already.
StartServing = Callable[[Profile], Callable[[], None]]


def run(arguments: Sequence[str], start_serving: StartServing | None = None) -> int:
    """Open the window and return the exit status when it is closed."""
    options = _parser().parse_args(arguments)
    profile = Profile.at(options.profile) if options.profile is not None else Profile.default()
    log.start(profile.log_path, is_verbose=options.verbose)
    instance = OneInstance(profile)
    if not instance.is_first():
        if instance.hand_over(options.file):
            return 0
        print("needledrop: another window of this profile is open and does not answer.", file=sys.stderr)
        return KNOWN_ERROR
    application = QApplication.instance() or QApplication([APPLICATION_NAME])
    assert isinstance(application, QApplication)
    try:
        shell = Shell(application, profile, instance, start_serving)
    except KnownError as error:
        print(f"needledrop: {error}", file=sys.stderr)
        instance.release()
        return KNOWN_ERROR
    shell.start(options.file)
    status = application.exec()
    shell.end()
    return status


class Shell(QObject):
    """What the process holds together: background, document, window, player."""

    crashed = Signal(str)  # From whichever thread; the report is shown on this one.

    def __init__(
        self,
        application: QApplication,
        profile: Profile,
        instance: OneInstance | None = None,
        start_serving: StartServing | None = None,
    ) -> None:
        super().__init__()
        application.setApplicationName(APPLICATION_NAME)
        application.setApplicationDisplayName("Needledrop")
        application.setDesktopFileName("org.needledrop.Needledrop")
        application.setWindowIcon(QIcon(str(shipped_dir("resources") / "icons" / "needledrop.svg")))
        self.profile = profile
        self.background = Background(self)
        self.preferences = Preferences(profile, self.background, self)
        preferences.install(self.preferences)
        translation.install(application, self.preferences.text("language"))
        self.theme = theme.install(application)
        self._apply_appearance()
        self.preferences.changed.connect(self._on_preference_changed)
        self._focus_keys = FocusKeys(application, self)
        self.scans = LibraryJobs(profile, self.background, self)
        library_jobs.install(self.scans)
        self.document = Document(profile, self.background, self)
        self.window = MainWindow(self.document, self.background)
        self.player: Player | None = None
        self._instance = instance
        self._start_serving = start_serving
        self._end_serving: Callable[[], None] | None = None
        self._excepthook = sys.excepthook
        self.crashed.connect(self.window.show_crash)

    def start(self, file: Path | None = None) -> None:
        """Show the window; open `file`, else what a killed window had open."""
        sys.excepthook = self._on_bug
        threading.excepthook = lambda failure: self._on_bug(
            failure.exc_type, failure.exc_value or failure.exc_type(), failure.exc_traceback
        )
        # After the picture is on the screen, not while it is being painted.
        self.window.painted.connect(lambda: QTimer.singleShot(0, lambda: self._finish_start(file)))
        self.window.show()

    def end(self) -> None:
        """Put everything away: what is unsaved is saved, jobs are stopped, within two seconds."""
        if self.player is not None:
            self.player.close()
        self.document.close()
        self.document.undo_stack.clear()  # Edits of the library stand on it without a video, too.
        self.preferences.save()
        profile = self.profile

        def work(progress: ProgressSink, cancel: CancelToken) -> None:
            from needledrop.workflows.workspace import note_closed

            note_closed(profile)

        self.background.run("Saving", work, is_quiet=True, is_essential=True)
        self.background.close()
        if self._end_serving is not None:
            self._end_serving()
        sys.excepthook = self._excepthook
        threading.excepthook = threading.__excepthook__
        if self._instance is not None:
            self._instance.release()

    def _finish_start(self, file: Path | None) -> None:
        log.window.info("first picture painted")
        from needledrop.gui.playback_link import PlaybackLink
        from needledrop.gui.player import Player

        self.player = Player(self)
        self.player.failed.connect(self.window.show_error)
        self._link = PlaybackLink(self.document, self.player, self)
        self._start_taste(self.player)
        self.player.start()
        self.window.finish_start(self.player)
        if self._instance is not None:
            self._instance.asked.connect(self._on_second_start)
            self._instance.listen()
        if file is not None:
            self.window.opening.take([file.absolute()])
        else:
            self._recover()
        self._serve_plugins()

    def _serve_plugins(self) -> None:
        """Answer plugins of editors from here; where an engine without a window does already, it goes on."""
        start, profile = self._start_serving, self.profile
        if start is None:
            return

        def work(progress: ProgressSink, cancel: CancelToken) -> None:
            self._end_serving = start(profile)  # Here, not in a callback: none is made when the window closes now.

        def failed(error: KnownError) -> None:
            log.window.info("plugins are not served from this window: %s", error.sentence)

        self.background.run("Serving plugins", work, None, failed, is_quiet=True)

    def _start_taste(self, player: Player) -> None:
        from needledrop.gui import taste_jobs
        from needledrop.gui.taste_feedback import TasteFeedback

        self.taste = taste_jobs.TasteJobs(self.document, player, self.background, self)
        self.taste.failed.connect(self.window.show_error)
        taste_jobs.install(self.taste)
        self._feedback = TasteFeedback(self.document, player, self.background, self.taste, self)

    def _recover(self) -> None:
        profile = self.profile

        def work(progress: ProgressSink, cancel: CancelToken) -> tuple[Path | None, bool]:
            from needledrop.workflows.first_steps import is_first_run
            from needledrop.workflows.workspace import interrupted_video

            return interrupted_video(profile), is_first_run(profile)

        def done(found: tuple[Path | None, bool]) -> None:
            path, is_first = found
            if self.document.video is not None:
                return
            if path is not None:
                self.document.open(path)
            elif is_first:
                self.window.open_first_run()

        self.background.run("Looking for unfinished work", work, done, lambda _: None, is_quiet=True)

    def _on_second_start(self, path: Path | None) -> None:
        self.window.come_forward()
        if path is not None:
            self.window.opening.take([path])

    def _on_preference_changed(self, name: str) -> None:
        if name in ("appearance", "reduced-motion"):
            self._apply_appearance()

    def _apply_appearance(self) -> None:
        appearance = self.preferences.text("appearance")
        self.theme.use(
            "light" if appearance == "light" else "system" if appearance == "system" else "dark",
            is_motion_reduced=self.preferences.is_on("reduced-motion"),
        )

    def _on_bug(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._excepthook(kind, error, trace)
            return
        from needledrop.gui.dialogs.crash_report import report_of

        log.window.error("a bug of ours", exc_info=(kind, error, trace))
        self.crashed.emit(report_of(kind, error, trace, self.profile))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="needledrop gui", description="Open the window of Needledrop.")
    parser.add_argument("--version", action="version", version=f"needledrop {__version__}")
    parser.add_argument("--profile", type=Path, metavar="DIR", help="keep library, cache and settings in DIR")
    parser.add_argument("--verbose", action="store_true", help="write more to the log")
    parser.add_argument("file", type=Path, nargs="?", help="a video, a project of an editor, or a folder of music")
    return parser
