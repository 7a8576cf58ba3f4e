# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The film is cut anew: it is noticed, the cues follow their shots, what changed is listed, and there is a way back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from media_factory import shot_frames, write_video
from needledrop.core.cue import Cue, Piece
from needledrop.core.paths import Profile
from needledrop.gui.application import Shell
from needledrop.gui.panels.conform_panel import ConformPanel
from needledrop.suggest.carry import Fate
from needledrop.workflows.kept_cuts import kept_cut
from needledrop.workflows.profiles import read_library

WAIT_MS = 60_000
CUT_FRAMES, FRAME_RATE = (40, 90, 130, 180), 25  # As the fixtures make it.
GONE = (40, 90)  # The second shot, 2 s long.


def recut(path: Path) -> Path:
    """The film without its second shot, in another codec and size."""
    frames = shot_frames(CUT_FRAMES, 9 * FRAME_RATE, width=160, height=96)
    kept = (frame for number, frame in enumerate(frames) if not GONE[0] <= number < GONE[1])
    larger = (frame.repeat(2, axis=0).repeat(2, axis=1) for frame in kept)
    return write_video(path, larger, codec="mpeg4")


@pytest.fixture
def laid(qtbot: QtBot, open_shell: Callable[[Profile], Shell], watched_profile: Profile, film: Path) -> Shell:
    """The window with a cue under the third and fourth shot, and the cut remembered."""
    shell = open_shell(watched_profile)
    shell.document.open(film)
    qtbot.waitUntil(lambda: shell.document.answer is not None, timeout=WAIT_MS)
    with read_library(watched_profile) as library:
        track_id = next(iter(library.tracks([1, 2, 3, 4])))
    shell.document.add_cue(Cue(track_id, 3.6, (Piece(2.0, 5.6),), -6.0, 0.1, 0.5))
    cut = shell.document.work.laid_on
    qtbot.waitUntil(lambda: kept_cut(watched_profile, cut) is not None, timeout=WAIT_MS)
    return shell


def page(shell: Shell) -> ConformPanel:
    found = shell.window._pages["conform"]
    assert isinstance(found, ConformPanel)
    return found


def test_replacing_the_video_carries_the_cue_and_undo_brings_both_back(
    qtbot: QtBot, laid: Shell, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = recut(tmp_path / "film v2.mp4")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(again), ""))
    document, before = laid.document, laid.document.cues
    laid.window.actions_registry.trigger("file.replace")
    qtbot.waitUntil(lambda: document.review is not None, timeout=WAIT_MS)
    assert document.video is not None and document.video.path == again
    assert round(document.cues[0].record_in_s * FRAME_RATE) == 40
    assert document.cues[0].pieces == before[0].pieces
    assert laid.window.place == "conform"
    panel = page(laid)
    assert [row.times.text() for row in panel.rows] == ["0:03.6 – 0:07.2  →  0:01.6 – 0:05.2"]
    assert panel.rows[0].why.text().startswith("2.0 s earlier")
    assert document.undo_stack.text(document.undo_stack.index() - 1) == "Carry cues to the new cut"
    qtbot.mouseClick(panel.back, Qt.MouseButton.LeftButton)
    assert document.cues == before
    assert document.video is not None and document.video.path == film
    document.undo_stack.redo()
    assert document.video.path == again
    assert round(document.cues[0].record_in_s * FRAME_RATE) == 40


def test_a_file_that_changes_while_it_is_open_is_noticed_and_asked_about(
    qtbot: QtBot, laid: Shell, film: Path, tmp_path: Path
) -> None:
    shutil.move(recut(tmp_path / "render.mp4"), film)
    qtbot.waitUntil(lambda: "is cut otherwise" in laid.window.notice.text, timeout=WAIT_MS)
    assert laid.document.cues[0].record_in_s == 3.6
    laid.window.actions_registry.trigger("file.conform")
    qtbot.waitUntil(lambda: laid.document.review is not None, timeout=WAIT_MS)
    review = laid.document.review
    assert review is not None
    assert [one.change.fate for one in review.cues] == [Fate.MOVED]
    assert (review.shots, review.found) == (4, 4)
    laid.document.undo_stack.undo()
    assert laid.document.cues[0].record_in_s == 3.6


def test_a_film_cut_anew_while_the_window_was_closed_is_noticed_when_it_is_opened(
    qtbot: QtBot, laid: Shell, film: Path, tmp_path: Path
) -> None:
    laid.document.close()
    qtbot.waitUntil(laid.background.is_idle, timeout=WAIT_MS)
    shutil.move(recut(tmp_path / "render.mp4"), film)
    laid.document.open(film)
    qtbot.waitUntil(lambda: "is cut otherwise" in laid.window.notice.text, timeout=WAIT_MS)
    laid.window.opening.conforming.conform()
    qtbot.waitUntil(lambda: laid.document.review is not None, timeout=WAIT_MS)
    assert round(laid.document.cues[0].record_in_s * FRAME_RATE) == 40


def test_another_film_is_no_new_cut_of_this_one(qtbot: QtBot, laid: Shell, tmp_path: Path) -> None:
    other = write_video(tmp_path / "other.mp4", shot_frames((50,), 100, width=160, height=96, seed=77))
    laid.window.opening.conforming.conform(other)
    qtbot.waitUntil(lambda: "Open it as a film of its own" in laid.window.notice.text, timeout=WAIT_MS)
    assert laid.document.review is None
    assert laid.document.cues[0].record_in_s == 3.6


def test_a_row_leads_to_its_cue(qtbot: QtBot, laid: Shell, tmp_path: Path) -> None:
    laid.window.opening.conforming.conform(recut(tmp_path / "film v2.mp4"))
    qtbot.waitUntil(lambda: laid.document.review is not None, timeout=WAIT_MS)
    qtbot.mouseClick(page(laid).rows[0], Qt.MouseButton.LeftButton)
    assert laid.window.place == "suggest"
    assert laid.document.selected == 0


def test_range_and_markers_go_along(qtbot: QtBot, laid: Shell, tmp_path: Path) -> None:
    from needledrop.core.work import TimelineMarker

    laid.document.set_range((3.6, 7.2))
    laid.document.add_marker(TimelineMarker(4.0, "the turn"))
    laid.window.opening.conforming.conform(recut(tmp_path / "film v2.mp4"))
    qtbot.waitUntil(lambda: laid.document.review is not None, timeout=WAIT_MS)
    assert laid.document.range_s == pytest.approx((1.6, 5.2), abs=0.002)
    assert [(round(one.time_s, 3), one.name) for one in laid.document.markers] == [(2.0, "the turn")]
