# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document: opening, asking, using, undoing, and work that is kept and found again."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from needledrop.core.cue import Cue, Piece
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.gui.autosave import SAVE_MS
from needledrop.gui.background import Background
from needledrop.gui.document import Document
from needledrop.workflows import workspace
from needledrop.workflows.profiles import read_library, write_library

WAIT_MS = 60_000


def a_cue(record_in_s: float, track_id: int = 1, length_s: float = 2.0) -> Cue:
    return Cue(track_id, record_in_s, (Piece(1.0, 1.0 + length_s),), -6.0, 0.1, 0.5)


def open_and_watch(qtbot: QtBot, document: Document, film: Path) -> None:
    document.open(film)
    qtbot.waitUntil(lambda: document.video is not None and document.video.features is not None, timeout=WAIT_MS)


def ask(qtbot: QtBot, document: Document) -> None:
    document.ask(document.wish())
    qtbot.waitUntil(lambda: document.answer is not None and not document.is_asking, timeout=WAIT_MS)


@pytest.fixture
def opened(qtbot: QtBot, document: Document, film: Path) -> Document:
    """A document with the film open; it need not be watched to be edited."""
    document.open(film)
    qtbot.waitUntil(lambda: document.video is not None, timeout=WAIT_MS)
    return document


def test_a_video_opens_with_its_facts_and_its_cuts_follow(qtbot: QtBot, document: Document, film: Path) -> None:
    opened = QSignalSpy(document.opened)
    open_and_watch(qtbot, document, film)
    video = document.video
    assert video is not None
    assert opened.count() == 1
    assert (video.name, video.size, video.frame_rate) == ("film.mp4", (160, 96), 25)
    assert [round(cut_s * 25) for cut_s in video.cuts_s] == [40, 90, 130, 180]


def test_a_file_that_is_no_video_leaves_what_is_open(qtbot: QtBot, opened: Document, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video at all")
    errors: list[KnownError] = []
    opened.failed.connect(errors.append)
    opened.open(broken)
    qtbot.waitUntil(lambda: bool(errors), timeout=WAIT_MS)
    assert "broken.mp4" in errors[0].sentence
    assert opened.video is not None and opened.video.name == "film.mp4"


def test_a_wish_made_before_the_video_is_watched_is_answered_after(qtbot: QtBot, opened: Document) -> None:
    opened.ask(opened.wish())
    assert opened.is_asking
    qtbot.waitUntil(lambda: opened.answer is not None, timeout=WAIT_MS)
    assert opened.answer is not None
    assert len(opened.answer.suggestions) == 4


def test_the_range_of_the_document_is_what_is_asked_about(qtbot: QtBot, document: Document, film: Path) -> None:
    open_and_watch(qtbot, document, film)
    document.set_range((7.5, 1.0))
    ask(qtbot, document)
    assert document.answer is not None
    assert (float(document.answer.time_range.start_s), float(document.answer.time_range.end_s)) == (1.0, 7.5)


def test_only_the_last_of_several_requests_is_answered(qtbot: QtBot, document: Document, film: Path) -> None:
    open_and_watch(qtbot, document, film)
    answers: list[int] = []
    document.suggestions_changed.connect(
        lambda: answers.append(len(document.answer.suggestions)) if document.answer else None
    )
    for count in (1, 2, 3):
        document.ask(dataclasses.replace(document.wish(), count=count))
    qtbot.waitUntil(lambda: not document.is_asking, timeout=WAIT_MS)
    assert set(answers) == {3}


def test_use_lays_the_cue_and_undo_takes_it_and_the_verdict_back(qtbot: QtBot, document: Document, film: Path) -> None:
    open_and_watch(qtbot, document, film)
    ask(qtbot, document)
    assert document.answer is not None
    document.audition(1)
    suggestion = document.auditioned
    assert suggestion is not None
    document.use(1)
    assert document.cues == (suggestion.cue,)
    assert (document.selected, document.candidate) == (0, None)
    document.undo_stack.undo()
    assert document.cues == ()
    document.close()
    qtbot.waitUntil(document.background.is_idle, timeout=WAIT_MS)
    with read_library(document.profile) as library:
        assert library.feedback() == []


def test_verdicts_become_final_when_the_video_is_closed(qtbot: QtBot, document: Document, film: Path) -> None:
    open_and_watch(qtbot, document, film)
    ask(qtbot, document)
    assert document.answer is not None
    used, rejected = (document.answer.suggestions[place].track_id for place in (0, 2))
    document.use(0)
    document.reject(2)
    assert document.rejected == {rejected}
    document.close()
    qtbot.waitUntil(document.background.is_idle, timeout=WAIT_MS)
    with read_library(document.profile) as library:
        said = [(one["track_id"], one["verdict"]) for one in library.feedback()]
    assert said == [(used, "accept"), (rejected, "reject")]


def test_a_new_cue_makes_others_that_it_overlaps_give_way_only_when_used(opened: Document) -> None:
    opened.add_cue(a_cue(0.0))
    opened.add_cue(a_cue(1.0))
    assert [cue.record_in_s for cue in opened.cues] == [0.0, 1.0]


def test_a_drag_is_one_step_and_the_next_drag_another(opened: Document) -> None:
    opened.add_cue(a_cue(0.0))
    for step in range(1, 30):
        opened.edit_cue(0, a_cue(step / 10), "Move cue")
    opened.end_gesture()
    opened.edit_cue(0, a_cue(5.0), "Move cue")
    opened.end_gesture()
    assert [opened.undo_stack.text(place) for place in range(opened.undo_stack.count())] == [
        "Add cue",
        "Move cue",
        "Move cue",
    ]
    opened.undo_stack.undo()
    assert opened.cues[0].record_in_s == 2.9
    opened.undo_stack.undo()
    assert opened.cues[0].record_in_s == 0.0


def test_the_selection_stays_with_its_cue_when_the_order_changes(opened: Document) -> None:
    opened.add_cue(a_cue(0.0))
    opened.add_cue(a_cue(3.0))
    opened.select(0)
    opened.edit_cue(0, a_cue(6.0), "Move cue")
    assert opened.selected == 1
    assert opened.cues[1].record_in_s == 6.0
    opened.edit_cue(0, a_cue(6.5), "Move cue")
    assert opened.selected == 0
    assert opened.cues[0].record_in_s == 6.0


def test_undo_and_redo_go_through_everything_and_back(opened: Document) -> None:
    opened.add_cue(a_cue(0.0))
    opened.set_range((1.0, 4.0))
    opened.add_cue(a_cue(5.0))
    opened.remove_cue(0)
    opened.set_range(None)
    last = (opened.cues, opened.range_s)
    while opened.undo_stack.canUndo():
        opened.undo_stack.undo()
    assert (opened.cues, opened.selected, opened.range_s) == ((), None, None)
    while opened.undo_stack.canRedo():
        opened.undo_stack.redo()
    assert (opened.cues, opened.range_s) == last


def test_signals_come_only_for_what_became_different(opened: Document) -> None:
    cues, ranges = QSignalSpy(opened.cues_changed), QSignalSpy(opened.range_changed)
    opened.set_range((1.0, 2.0))
    opened.set_range((1.0, 2.0))
    assert (cues.count(), ranges.count()) == (0, 1)
    opened.add_cue(a_cue(0.0))
    assert (cues.count(), ranges.count()) == (1, 1)


def test_work_is_on_the_disk_soon_after_a_change_and_there_when_opened_again(
    qtbot: QtBot, document: Document, film: Path, library_profile: Profile
) -> None:
    open_and_watch(qtbot, document, film)
    document.add_cue(a_cue(1.0))
    document.set_range((1.0, 3.0))
    assert not document.is_saved
    qtbot.waitUntil(lambda: document.is_saved, timeout=SAVE_MS * 20)
    with read_library(library_profile) as library:
        project = library.project_of(document.video.content_hash if document.video else "")
        assert project is not None and library.cues(project.id) == [a_cue(1.0)]
    again = Document(library_profile, document.background)
    open_and_watch(qtbot, again, film)
    assert (again.cues, again.range_s, again.selected) == ((a_cue(1.0),), (1.0, 3.0), 0)


def test_work_is_kept_and_comes_back_while_another_writes_to_the_library(
    qtbot: QtBot, document: Document, film: Path, library_profile: Profile
) -> None:
    open_and_watch(qtbot, document, film)
    with write_library(library_profile, "scan"):
        document.add_cue(a_cue(1.5))
        qtbot.waitUntil(lambda: document.is_saved, timeout=SAVE_MS * 20)
        kept, was_interrupted = workspace.kept_state(library_profile, film, document.video.content_hash)  # type: ignore[union-attr]
    assert kept.cues == (a_cue(1.5),)
    assert was_interrupted
    again = Document(library_profile, document.background)
    recovered = QSignalSpy(again.recovered)
    open_and_watch(qtbot, again, film)
    assert again.cues == (a_cue(1.5),)
    assert recovered.count() == 1


def test_the_work_on_a_video_is_found_under_its_new_name(
    qtbot: QtBot, document: Document, film: Path, tmp_path: Path
) -> None:
    open_and_watch(qtbot, document, film)
    document.add_cue(a_cue(2.0))
    qtbot.waitUntil(lambda: document.is_saved, timeout=SAVE_MS * 20)
    renamed = Path(shutil.copy(film, tmp_path / "final cut (2).mp4"))
    open_and_watch(qtbot, document, renamed)
    qtbot.waitUntil(lambda: document.cues == (a_cue(2.0),), timeout=WAIT_MS)


def test_tracks_beats_and_waveforms_arrive_after_they_are_asked_for(
    qtbot: QtBot, document: Document, background: Background
) -> None:
    arrived = QSignalSpy(document.media_changed)
    assert (document.track(1), document.rhythm(1), document.peaks(1)) == (None, None, None)
    qtbot.waitUntil(lambda: arrived.count() > 0, timeout=WAIT_MS)
    row, rhythm, peaks = document.track(1), document.rhythm(1), document.peaks(1)
    assert row is not None and rhythm is not None and peaks is not None
    assert abs(rhythm.tempo_bpm - float(row.name.split()[1].removesuffix(".flac"))) < 1.0
    assert len(peaks.pairs) > 100


def test_closing_clears_everything(qtbot: QtBot, opened: Document) -> None:
    opened.add_cue(a_cue(0.0))
    opened.close()
    assert (opened.video, opened.cues, opened.range_s, opened.answer, opened.candidate) == (None, (), None, None, None)
    assert opened.undo_stack.count() == 0
    qtbot.waitUntil(opened.background.is_idle, timeout=WAIT_MS)
