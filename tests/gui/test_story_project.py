# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An editor's project in place of a video: its own cuts and music, what is played of it, and media that are missing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from media_factory import music, write_audio
from needledrop.core.edit import ClipKind, EditClip, MediaSource, ProjectEdit, SoundRole
from needledrop.core.paths import Profile
from needledrop.export.interchange.write import EditFormat, write_edit
from needledrop.gui.application import Shell
from needledrop.gui.panels.export_panel import ExportPanel
from needledrop.gui.widgets.timeline.panel import TimelinePanel
from needledrop.media.probe import probe_video
from needledrop.suggest.carry import Fate
from needledrop.workflows.deliver import Deliverable
from needledrop.workflows.kept_cuts import kept_cut

WAIT_MS = 60_000
RATE = Fraction(25)


def edit_of(film: Path, song: Path, *stretches: tuple[int, int]) -> ProjectEdit:
    """Stretches of the film in frames, one after another, with a song under all of them."""
    at, clips = Fraction(0), []
    source = MediaSource(str(film), film, Fraction(9))
    for first, last in stretches:
        end = at + (last - first) / RATE
        for kind in ClipKind:
            clips.append(EditClip("film", kind, 0, source, first / RATE, last / RATE, at, end))
        at = end
    tune = MediaSource(str(song), song, Fraction(12))
    clips.append(EditClip("song", ClipKind.SOUND, 1, tune, Fraction(1), 1 + at, Fraction(0), at, SoundRole.MUSIC))
    return ProjectEdit("cut", RATE, tuple(clips), start_frame=90_000, size=(160, 96), duration_s=at)


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A piece of music that the project plays already."""
    return write_audio(tmp_path / "our song.wav", music(12.0, bpm=100, seed=4))


@pytest.fixture
def shell(open_shell: Callable[[Profile], Shell], watched_profile: Profile) -> Shell:
    """The window; the library knows the film."""
    return open_shell(watched_profile)


def saved(edit: ProjectEdit, path: Path) -> Path:
    write_edit(edit, EditFormat.RESOLVE, path, overwrite=True)
    return path


def test_a_project_is_opened_with_its_cuts_its_music_and_something_to_play(
    qtbot: QtBot, shell: Shell, film: Path, song: Path, tmp_path: Path
) -> None:
    project = saved(edit_of(film, song, (100, 150), (10, 60), (190, 215)), tmp_path / "cut.otio")
    shell.window.opening.take([project])
    document = shell.document
    qtbot.waitUntil(lambda: document.video is not None and document.video.features is not None, timeout=WAIT_MS)
    assert document.video is not None
    assert (document.video.name, document.video.frame_rate, document.video.size) == ("cut.otio", RATE, (160, 96))
    assert document.video.start_timecode == "01:00:00:00"
    assert [round(cut_s * RATE) for cut_s in document.video.cuts_s] == [50, 100]
    qtbot.waitUntil(lambda: document.answer is not None, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: document.video is not None and document.video.play_path is not None, timeout=WAIT_MS)
    assert document.video.play_path is not None
    played = probe_video(document.video.play_path)
    assert (played.width, played.height, played.frame_rate) == (160, 96, RATE)
    assert played.duration_s == pytest.approx(5.0, abs=0.05)
    assert len(played.audio_streams) == 1
    assert shell.player is not None
    qtbot.waitUntil(lambda: shell.player is not None and shell.player.state.is_loaded, timeout=WAIT_MS)
    panel = shell.window._work.pane("timeline") if shell.window._work is not None else None
    assert isinstance(panel, TimelinePanel)
    assert [one.title for one in panel.timeline.view.data.music_there] == ["our song"]
    document.use(0)
    shell.window.show_place("export")
    page = shell.window._pages["export"]
    assert isinstance(page, ExportPanel)
    assert page.choices.wanted() == {Deliverable.RESOLVE_PROJECT}
    assert not page.choices.switches[Deliverable.FILM].isEnabled()


def test_missing_media_are_named_and_found_in_the_folder_that_is_pointed_out(
    qtbot: QtBot, shell: Shell, film: Path, song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = saved(edit_of(film, song, (0, 90), (130, 215)), tmp_path / "cut.otio")
    elsewhere = tmp_path / "a drive" / "day one"
    elsewhere.mkdir(parents=True)
    shutil.move(film, elsewhere / film.name)
    shell.window.opening.take([project])
    qtbot.waitUntil(lambda: "film.mp4, which the project shows" in shell.window.notice.text, timeout=WAIT_MS)
    document, notice = shell.document, shell.window.notice
    qtbot.waitUntil(lambda: not document.is_asking, timeout=WAIT_MS)  # It cannot be watched.
    qtbot.waitUntil(lambda: "which the project shows" in notice.text, timeout=WAIT_MS)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "a drive"))
    qtbot.mouseClick(notice._button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: document.video is not None and document.video.features is not None, timeout=WAIT_MS)
    assert document.video is not None
    assert [round(cut_s * RATE) for cut_s in document.video.cuts_s] == [90]


def test_a_project_cut_anew_carries_its_cues_by_its_clips(
    qtbot: QtBot, shell: Shell, film: Path, song: Path, tmp_path: Path
) -> None:
    edit = edit_of(film, song, (100, 150), (10, 60), (190, 215))
    project = saved(edit, tmp_path / "cut.otio")
    document = shell.document
    document.open(project)
    qtbot.waitUntil(lambda: document.answer is not None, timeout=WAIT_MS)
    document.use(0)
    cue = replace(document.cues[0], record_in_s=2.0)
    document.edit_cue(
        0, replace(cue, pieces=(replace(cue.pieces[0], source_out_s=cue.pieces[0].source_in_s + 2.0),)), "Move"
    )
    profile = document.profile
    qtbot.waitUntil(lambda: kept_cut(profile, document.work.laid_on) is not None, timeout=WAIT_MS)
    saved(edit_of(film, song, (10, 60), (190, 215)), project)
    qtbot.waitUntil(lambda: "is cut otherwise" in shell.window.notice.text, timeout=WAIT_MS)
    shell.window.opening.conforming.conform()
    qtbot.waitUntil(lambda: document.review is not None, timeout=WAIT_MS)
    assert document.review is not None
    assert [one.change.fate for one in document.review.cues] == [Fate.MOVED]
    assert document.cues[0].record_in_s == pytest.approx(0.0, abs=1e-6)
    assert document.video is not None and len(document.video.cuts_s) == 1
