# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real window on a real profile: a library that was scanned from made media, a film with known cuts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

# Before Qt is loaded; a display is used where the one who runs the tests chose one.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LANGUAGE"] = "en"  # Whatever the one who runs the tests speaks.

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from media_factory import music, shot_frames, write_audio, write_video
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.gui import library_jobs, preferences, theme
from needledrop.gui.application import Shell
from needledrop.gui.background import Background
from needledrop.gui.document import Document
from needledrop.gui.library_jobs import LibraryJobs
from needledrop.gui.preferences import Preferences
from needledrop.workflows.scan import scan
from needledrop.workflows.videos import analysed_video
from needledrop.workflows.words import open_model
from profile_copies import copied_profile

WAIT_MS = 60_000
CUT_FRAMES = (40, 90, 130, 180)
FRAME_RATE = 25
TEMPI_BPM = (96, 108, 120, 132)
# Kept to the end of the process: the program has one document for its whole life.
_ENDED: list[Document] = []


@dataclass(frozen=True)
class MadeWorld:
    """Media that every test may read and none may change, and the profile of a finished scan."""

    music_dir: Path
    film: Path
    profile: Profile


@pytest.fixture(scope="session")
def made_world(tmp_path_factory: pytest.TempPathFactory) -> MadeWorld:
    """Four tracks of known tempi, scanned for real, and a film of 9 s with cuts at CUT_FRAMES."""
    base = tmp_path_factory.mktemp("world")
    music_dir = base / "music"
    music_dir.mkdir()
    for seed, bpm in enumerate(TEMPI_BPM):
        write_audio(music_dir / f"tune {bpm}.flac", music(24.0, bpm=bpm, seed=seed))
    frames = shot_frames(CUT_FRAMES, 9 * FRAME_RATE, width=160, height=96)
    film = write_video(base / "film.mp4", frames, sound=music(9.0, bpm=90, seed=9, rate=48_000) * 0.2)
    profile = Profile.at(base / "profile")
    open_model(profile)
    scan(profile, [music_dir], workers=2, progress=ignore_progress, cancel=CancelToken())
    return MadeWorld(music_dir, film, profile)


@pytest.fixture
def library_profile(made_world: MadeWorld, tmp_path: Path) -> Profile:
    """A profile of the test's own whose library has the four tracks."""
    return copied_profile(made_world.profile.data_dir.parent, tmp_path / "library-profile")


@pytest.fixture(scope="session")
def watched_world(made_world: MadeWorld, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a profile in which the film has been watched, too."""
    folder = tmp_path_factory.mktemp("watched") / "profile"
    profile = copied_profile(made_world.profile.data_dir.parent, folder)
    analysed_video(profile, made_world.film, ignore_progress, CancelToken())
    return folder


@pytest.fixture
def watched_profile(watched_world: Path, tmp_path: Path) -> Profile:
    """A profile of the test's own that knows the four tracks and the film: suggestions come at once."""
    return copied_profile(watched_world, tmp_path / "watched-profile")


@pytest.fixture
def film(made_world: MadeWorld, tmp_path: Path) -> Path:
    """The film, in a folder of the test's own."""
    return Path(shutil.copy(made_world.film, tmp_path / "film.mp4"))


@pytest.fixture
def background(qapp: QApplication) -> Iterator[Background]:
    """Background work that has ended when the test has."""
    made = Background()
    yield made
    made.close()


@pytest.fixture
def document(qapp: QApplication, library_profile: Profile, background: Background) -> Iterator[Document]:
    """A document without a window; theme, preferences and scans are in force."""
    theme.install(qapp).use("dark")
    preferences.install(Preferences(library_profile, background, background))
    library_jobs.install(LibraryJobs(library_profile, background, background))
    made = Document(library_profile, background, background)
    yield made
    # Steps that Qt and Python both own must go before either collects them, as when the application ends.
    made.undo_stack.clear()
    made.setParent(None)
    _ENDED.append(made)


@pytest.fixture
def open_shell(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[[Profile], Shell]]:
    """Opens the whole application on a profile, as `needledrop gui` does, and puts it away after the test."""
    shells: list[Shell] = []

    def open_on(profile: Profile) -> Shell:
        shell = Shell(qapp, profile)
        shells.append(shell)
        shell.start()
        qtbot.waitUntil(lambda: shell.player is not None, timeout=WAIT_MS)
        return shell

    yield open_on
    for shell in shells:
        shell.window.close()
        shell.end()
        shell.window.deleteLater()
        shell.deleteLater()
    qapp.processEvents()


@pytest.fixture
def shell(open_shell: Callable[[Profile], Shell], library_profile: Profile) -> Shell:
    """The application on the library with four tracks."""
    return open_shell(library_profile)
