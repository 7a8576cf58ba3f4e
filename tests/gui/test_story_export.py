# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a used suggestion to files: the film with music, sound, markers, credits and cue sheet; nothing is replaced."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from needledrop.core.paths import Profile
from needledrop.core.work import TimelineMarker
from needledrop.export.interchange.read import read_edit
from needledrop.gui.application import Shell
from needledrop.gui.panels.export_panel import ExportPanel
from needledrop.media.probe import probe_video
from needledrop.workflows import deliver, opinions
from needledrop.workflows.deliver import Deliverable

WAIT_MS = 60_000


@pytest.fixture
def exporting(qtbot: QtBot, open_shell: Callable[[Profile], Shell], watched_profile: Profile, film: Path) -> Shell:
    """The window with a suggestion under the film."""
    shell = open_shell(watched_profile)
    shell.window.activateWindow()
    shell.document.open(film)
    qtbot.waitUntil(lambda: shell.document.answer is not None, timeout=WAIT_MS)
    shell.document.use(0)
    shell.window.show_place("export")
    return shell


def page(shell: Shell) -> ExportPanel:
    found = shell.window._pages["export"]
    assert isinstance(found, ExportPanel)
    return found


def press(keys: str) -> None:
    """Press keys where the focus is, as somebody without a mouse does."""
    combination = QKeySequence(keys)[0]
    target = QApplication.focusWidget() or QApplication.activeWindow()
    QTest.keyClick(target, combination.key(), combination.keyboardModifiers())


def finish(qtbot: QtBot, panel: ExportPanel, sign: str) -> None:
    qtbot.waitUntil(lambda: panel._job is None and sign in panel.text, timeout=WAIT_MS)


def test_without_a_cue_the_page_leads_to_the_suggestions(qtbot: QtBot, shell: Shell, film: Path) -> None:
    shell.document.open(film)
    qtbot.waitUntil(lambda: shell.document.video is not None, timeout=WAIT_MS)
    shell.window.show_place("export")
    panel = page(shell)
    assert panel._pages.currentWidget() is panel._nothing
    qtbot.mouseClick(panel._nothing.button, Qt.MouseButton.LeftButton)
    assert shell.window.place == "suggest"


def test_the_film_is_written_beside_the_source_and_again_under_another_name(
    qtbot: QtBot, exporting: Shell, film: Path, watched_profile: Profile
) -> None:
    panel = page(exporting)
    for name in ("film-needledrop.mp4", "film-needledrop 2.mp4"):
        qtbot.mouseClick(panel.start, Qt.MouseButton.LeftButton)
        finish(qtbot, panel, name)
        written = probe_video(film.with_name(name))
        assert abs(written.duration_s - probe_video(film).duration_s) < 0.1 and len(written.audio_streams) == 1
    assert panel._show.isVisible()
    used = exporting.document.cues[0].track_id
    assert opinions.used_in(watched_profile, [used]) == {used: ("film.mp4",)}


def test_what_ships_with_the_program_is_not_exported_beside_it(
    qtbot: QtBot, exporting: Shell, film: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    panel, shipped = page(exporting), tmp_path / "program"
    assert panel.folder == film.parent
    shipped.mkdir()
    shutil.copy(film, shipped / "demo.mp4")
    monkeypatch.setattr(deliver, "is_shipped", lambda folder: folder == shipped)
    monkeypatch.setattr(QStandardPaths, "writableLocation", staticmethod(lambda _: str(tmp_path)))
    exporting.document.open(shipped / "demo.mp4")
    qtbot.waitUntil(lambda: panel.name == "demo-needledrop" and panel.folder == tmp_path, timeout=WAIT_MS)


def test_everything_at_once_in_a_chosen_place(
    qtbot: QtBot, exporting: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel, folder = page(exporting), tmp_path / "delivery"
    folder.mkdir()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *_, **__: (str(folder / "storm.mp4"), "")))
    panel.choose_place()
    assert (panel.folder, panel.name) == (folder, "storm")
    for wanted, switch in panel.choices.switches.items():
        switch.setChecked(wanted is not Deliverable.FILM)
    panel.export()
    finish(qtbot, panel, "Written")
    assert sorted(path.name for path in folder.iterdir()) == [
        "storm credits.txt",
        "storm cue sheet.csv",
        "storm cues.json",
        "storm labels.txt",
        "storm markers.csv",
        "storm markers.edl",
        "storm markers.xml",
        "storm project media",
        "storm project music.wav",
        "storm project.fcpxml",
        "storm project.kdenlive",
        "storm project.mlt",
        "storm project.otio",
        "storm project.xml",
        "storm tempo map.mid",
        "storm with markers.wav",
        "storm.wav",
    ]
    assert "TITLE" in (folder / "storm markers.edl").read_text()
    assert read_edit(folder / "storm project.kdenlive").clips


def test_a_source_is_never_replaced_whatever_name_is_asked_for(qtbot: QtBot, exporting: Shell, film: Path) -> None:
    panel, before = page(exporting), film.read_bytes()
    panel.set_place(film)
    panel.export()
    finish(qtbot, panel, "film 2.mp4")
    assert film.read_bytes() == before
    assert probe_video(film.with_name("film 2.mp4")).audio_streams


def test_the_users_markers_are_exported_with_those_of_the_music(qtbot: QtBot, exporting: Shell, tmp_path: Path) -> None:
    exporting.document.add_marker(TimelineMarker(2.4, "the turn"))
    panel = page(exporting)
    panel.set_place(tmp_path / "marked")
    for wanted, switch in panel.choices.switches.items():
        switch.setChecked(wanted in (Deliverable.TABLE, Deliverable.RESOLVE_PROJECT))
    panel.export()
    finish(qtbot, panel, "Written")
    assert "2.4,01:00:02:10,60,named,the turn,," in (tmp_path / "marked markers.csv").read_text()
    markers = read_edit(tmp_path / "marked project.otio").markers
    assert [marker.time_s for marker in markers if marker.label == "the turn"] == [Fraction(12, 5)]


def test_from_the_empty_window_to_a_film_by_keys_alone(
    qtbot: QtBot,
    open_shell: Callable[[Profile], Shell],
    watched_profile: Profile,
    film: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shell = open_shell(watched_profile)
    shell.window.activateWindow()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(film), ""))
    press("Ctrl+O")
    qtbot.waitUntil(lambda: shell.document.answer is not None, timeout=WAIT_MS)
    press("2")
    assert shell.document.candidate == 1
    press("Return")
    assert len(shell.document.cues) == 1
    press("Ctrl+E")
    panel = page(shell)
    qtbot.waitUntil(lambda: panel.start.hasFocus(), timeout=WAIT_MS)
    press("Return")
    assert panel.stop.hasFocus()
    finish(qtbot, panel, "Written")
    assert panel._show.hasFocus()
    assert probe_video(film.with_name("film-needledrop.mp4")).audio_streams
    panel.start.setFocus()
    press("Return")
    press("Return")
    finish(qtbot, panel, "Stopped")
    assert panel.start.hasFocus()


def test_what_cannot_be_written_is_said_with_its_remedy(qtbot: QtBot, exporting: Shell, tmp_path: Path) -> None:
    panel = page(exporting)
    panel.set_place(tmp_path / "gone" / "film")
    panel.export()
    finish(qtbot, panel, "does not exist")
    assert "Make it, or choose another." in panel.text and panel.start.isEnabled()


def test_only_the_range_is_written(qtbot: QtBot, exporting: Shell, tmp_path: Path) -> None:
    panel = page(exporting)
    exporting.document.set_range((2.0, 5.0))
    panel.range.setCurrentIndex(1)
    panel.set_place(tmp_path / "part")
    for wanted, switch in panel.choices.switches.items():
        switch.setChecked(wanted in (Deliverable.FILM, Deliverable.TABLE))
    panel.export()
    finish(qtbot, panel, "Written")
    assert abs(probe_video(tmp_path / "part.mp4").duration_s - 3.0) < 0.1


def test_stopping_leaves_nothing_behind_and_the_button_comes_back(
    qtbot: QtBot, exporting: Shell, tmp_path: Path
) -> None:
    panel, folder = page(exporting), tmp_path / "stopped"
    folder.mkdir()
    panel.set_place(folder / "film")
    panel.export()
    assert panel.stop.isVisible() and not panel.start.isEnabled()
    qtbot.mouseClick(panel.stop, Qt.MouseButton.LeftButton)
    finish(qtbot, panel, "Stopped")
    assert panel.start.isEnabled() and not panel.stop.isVisible()
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
