# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Music that was moved, broken or unplugged: what the library says, and how the user gets it back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from gui.conftest import MadeWorld
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.gui import library_jobs
from needledrop.gui.application import Shell
from needledrop.gui.panels.library_panel import LibraryPanel
from needledrop.workflows.browse import edit_track, list_problems
from needledrop.workflows.scan import scan

WAIT_MS = 120_000
OpenShell = Callable[[Profile], Shell]


@pytest.fixture
def own_music(made_world: MadeWorld, library_profile: Profile, tmp_path: Path) -> Path:
    """A copy of two tracks in a folder of the test's own, as the library's only folder."""
    from needledrop.workflows.browse import forget_folder

    folder = tmp_path / "mine"
    folder.mkdir()
    for bpm in (96, 108):
        shutil.copy(made_world.music_dir / f"tune {bpm}.flac", folder)
    forget_folder(library_profile, made_world.music_dir)
    rescan(library_profile, folder)
    return folder


def rescan(profile: Profile, *folders: Path) -> None:
    scan(profile, folders, workers=1, progress=ignore_progress, cancel=CancelToken())


def library_of(qtbot: QtBot, shell: Shell) -> LibraryPanel:
    shell.window.show_place("library")
    panel = shell.window.findChild(LibraryPanel)
    assert panel is not None
    qtbot.waitUntil(lambda: panel.model.is_known, timeout=WAIT_MS)
    qtbot.waitUntil(shell.background.is_idle, timeout=WAIT_MS)
    return panel


def scanned(qtbot: QtBot, act: Callable[[], object]) -> None:
    """Do something that scans, and wait for its end."""
    with qtbot.waitSignal(library_jobs.current().scanned, timeout=WAIT_MS):
        act()


def test_moved_files_are_found_again_with_all_that_was_decided(
    qtbot: QtBot,
    open_shell: OpenShell,
    library_profile: Profile,
    own_music: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new_home = tmp_path / "archive"
    new_home.mkdir()
    shutil.move(own_music / "tune 96.flac", new_home / "renamed.flac")
    rescan(library_profile)
    shell = open_shell(library_profile)
    panel = library_of(qtbot, shell)
    assert panel.model.rowCount() == 2
    panel.bar.shown.setCurrentIndex(panel.bar.shown.findData("missing"))
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1, timeout=WAIT_MS)
    track_id = panel.model.track_id(0)
    panel.view.selectRow(0)
    assert "gone from its folder" in panel.details._trouble.text()
    edit_track(library_profile, track_id, ["rating=5", "title=Mine"])

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(lambda *_: str(new_home)))
    scanned(qtbot, lambda: qtbot.mouseClick(panel.details._relink, Qt.MouseButton.LeftButton))
    assert "1 found again" in panel.bar.scan.text
    qtbot.waitUntil(lambda: panel.model.rowCount() == 0, timeout=WAIT_MS)
    qtbot.mouseClick(panel.empty._button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2, timeout=WAIT_MS)
    row = panel.model.row_of(track_id)
    assert row is not None
    qtbot.waitUntil(lambda: (found := panel.model.row(row)) is not None and found.track.state == "present",
                    timeout=WAIT_MS)  # fmt: skip
    found = panel.model.row(row)
    assert found is not None
    assert (found.track.rating, found.track.tags.title) == (5, "Mine")
    assert found.track.file_path == new_home / "renamed.flac"


def test_a_broken_file_is_listed_with_its_reason_and_works_once_mended(
    qtbot: QtBot, open_shell: OpenShell, library_profile: Profile, own_music: Path, made_world: MadeWorld
) -> None:
    broken = own_music / "broken.flac"
    broken.write_bytes(b"fLaC" + bytes(2000))
    rescan(library_profile)
    shell = open_shell(library_profile)
    panel = library_of(qtbot, shell)
    assert panel.bar.problems.text() == "1 problem"
    qtbot.mouseClick(panel.bar.problems, Qt.MouseButton.LeftButton)
    assert panel.problems.isVisible()
    (problem,) = list_problems(library_profile)
    said = panel.problems._rows[0].accessibleName()
    assert "broken.flac" in said and problem.sentence in said and problem.remedy in said

    shutil.copy(made_world.music_dir / "tune 132.flac", broken)
    scanned(qtbot, lambda: qtbot.mouseClick(panel.problems._retry, Qt.MouseButton.LeftButton))
    qtbot.waitUntil(lambda: panel.bar.problems.isHidden(), timeout=WAIT_MS)
    assert "Every file" in panel.problems._note.text()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 3, timeout=WAIT_MS)


def test_a_missing_track_is_not_played(
    qtbot: QtBot, open_shell: OpenShell, library_profile: Profile, own_music: Path
) -> None:
    (own_music / "tune 96.flac").unlink()
    rescan(library_profile)
    panel = library_of(qtbot, open_shell(library_profile))
    row = next(row for row in range(2) if (found := panel.model.row(row)) and found.track.state == "missing")
    panel.view.play_asked.emit(row)
    assert panel.listening.track_id is None
    panel.view.play_asked.emit(1 - row)
    assert panel.listening.track_id == panel.model.track_id(1 - row)
