# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The place "Personal": seen, learned, slid back, reset, gone back to, taken along, deleted; what it learns from."""

from __future__ import annotations

import dataclasses
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from needledrop.core.json_file import write_json
from needledrop.core.paths import Profile
from needledrop.gui import preferences, taste_feedback
from needledrop.gui.application import Shell
from needledrop.gui.panels.personal_panel import PersonalPanel
from needledrop.library.lock import WriterLock
from needledrop.workflows import past_edit_store, past_edits, taste_store
from needledrop.workflows.feedback import Note, list_feedback, note_feedback
from needledrop.workflows.past_edit_store import KeptEdit, KeptPair, keep_edit
from needledrop.workflows.profiles import read_library
from unit.workflows.made_library import make_taste

WAIT_MS = 60_000
PROJECTS = 24


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("taste") / "profile"
    make_taste(Profile.at(folder), 60, PROJECTS)
    return folder


@pytest.fixture
def profile(template: Path, tmp_path: Path) -> Profile:
    shutil.copytree(template, tmp_path / "profile")
    return Profile.at(tmp_path / "profile")


@pytest.fixture
def panel(qtbot: QtBot, open_shell: Callable[[Profile], Shell], profile: Profile) -> PersonalPanel:
    return shown(qtbot, open_shell(profile))


def shown(qtbot: QtBot, shell: Shell) -> PersonalPanel:
    shell.window.show_place("personal")
    page = shell.window._pages["personal"]
    assert isinstance(page, PersonalPanel)
    qtbot.waitUntil(lambda: page.jobs.overview is not None, timeout=WAIT_MS)
    return page


def counts(qtbot: QtBot, panel: PersonalPanel, name: str) -> None:
    qtbot.waitUntil(
        lambda: panel.jobs.overview is not None and panel.jobs.overview.state.current == name, timeout=WAIT_MS
    )


def compared(qtbot: QtBot, panel: PersonalPanel, act: Callable[[], object]) -> tuple[float, float]:
    """Mean ids (the tempo of a made track is 90 and its id) of the base's list and the user's, after something."""
    with qtbot.waitSignal(panel.jobs.compared, timeout=WAIT_MS):
        act()
    comparison = panel.jobs.comparison
    assert comparison is not None
    return (
        float(np.mean([one.base for one in comparison.lists])),
        float(np.mean([one.yours for one in comparison.lists])),
    )


def test_a_fresh_profile_is_led_to_past_edits(
    qtbot: QtBot, open_shell: Callable[[Profile], Shell], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = open_shell(Profile.at(tmp_path / "fresh"))
    panel = shown(qtbot, shell)
    assert panel._pages.currentIndex() == 0 and "Nothing learned yet" in panel.empty.text
    (tmp_path / "films").mkdir()
    folder = staticmethod(lambda *_: str(tmp_path / "films"))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", folder)
    with qtbot.waitSignal(panel.edits.failed, timeout=WAIT_MS) as caught:
        qtbot.mouseClick(panel.empty.button, Qt.MouseButton.LeftButton)
    assert "no finished video" in str(caught.args[0]) and not panel.edits.is_looking


def test_pairs_of_past_edits_are_heard_and_struck(
    qtbot: QtBot, panel: PersonalPanel, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    track = {entry["track_id"]: entry for entry in list_feedback(profile)}
    known = next(iter(track.values()))
    found = (
        KeptPair(0, 2.0, 30.0, known["content_hash"], known["track"], 48.0, 1.01, 0.99),
        KeptPair(0, 40.0, 60.0, "sold since", "Somebody else's song", 0.0, 1.0, 0.9),
    )
    keep_edit(
        profile, KeptEdit("/films/wedding.mp4", "video-wedding", 1, 1, "tracks", "", has_unknown=True, pairs=found)
    )
    panel.edits.refresh()
    qtbot.waitUntil(lambda: len(panel.pairs.rows) == 2, timeout=WAIT_MS)
    panel.jobs.refresh()
    qtbot.waitUntil(lambda: panel.tabs["pairs"].text() == "Past edits 1", timeout=WAIT_MS)
    assert panel.taste._news.text().endswith("1 piece of music in past edits counts.")
    panel.show_tab("pairs")
    first, second = panel.pairs.rows
    assert "wedding.mp4 0:02-0:30 · from 0:48 of the track · +1.0 %" in first.accessibleName()
    assert (
        first.play.isEnabled()
        and not second.play.isEnabled()
        and "not in the library any more" in second.accessibleName()
    )
    heard: list[tuple[object, ...]] = []
    panel.listening.play = lambda *asked: heard.append(asked)  # type: ignore[assignment]
    qtbot.mouseClick(first.play, Qt.MouseButton.LeftButton)
    assert heard[0][0] == known["track_id"] and heard[0][2] == 48.0
    qtbot.mouseClick(first.strike, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.pairs.rows[0].pair.state == "struck", timeout=WAIT_MS)
    qtbot.waitUntil(lambda: panel.tabs["pairs"].text() == "Past edits 0", timeout=WAIT_MS)
    assert [pair.state for pair in past_edits.pairs(profile)] == ["struck", "lost"]
    qtbot.mouseClick(panel.pairs.rows[0].strike, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.pairs.rows[0].pair.state == "counts", timeout=WAIT_MS)
    monkeypatch.setattr(past_edit_store, "_PATIENCE_S", 0.0)
    lock = WriterLock(past_edit_store.edits_dir(profile) / "past-edits", "learn")
    qtbot.mouseClick(panel.pairs.rows[0].strike, Qt.MouseButton.LeftButton)
    notice = panel.window().notice  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: "The list of past edits is being written" in notice.text, timeout=WAIT_MS)
    lock.release(is_clean=True)
    assert notice.isVisible() and panel.pairs.rows[0].pair.state == "counts"


def test_past_edits_alone_count(qtbot: QtBot, open_shell: Callable[[Profile], Shell], library_profile: Profile) -> None:
    with read_library(library_profile) as library:
        track = next(iter(library.tracks([1, 2, 3, 4]).values()))
    find = KeptPair(0, 2.0, 30.0, track.content_hash, track.name, 0.0, 1.0, 0.99)
    keep_edit(library_profile, KeptEdit("/films/wedding.mp4", "video-wedding", 1, 1, "tracks", "", False, (find,)))
    panel = shown(qtbot, open_shell(library_profile))
    assert panel._pages.currentIndex() == 1 and panel.taste._title.text() == "Your past edits count"
    assert panel.taste._news.text() == "No choices yet. 1 piece of music in past edits counts."


def test_learned_slid_back_reset_and_gone_back_to(qtbot: QtBot, panel: PersonalPanel, profile: Profile) -> None:
    base, live = compared(qtbot, panel, panel.jobs.compare)
    assert live > base and panel.taste._title.text() == "Your choices count as they come"
    assert panel.lists.yours.texts and panel.lists.base.texts != panel.lists.yours.texts
    base, learned = compared(qtbot, panel, lambda: qtbot.mouseClick(panel.taste.learn, Qt.MouseButton.LeftButton))
    counts(qtbot, panel, "1")
    assert learned > base and "held-out rank" in panel.taste.curve.text and panel.jobs.points[-1].share == 1.0
    assert any(one.loss is not None for one in panel.jobs.points)
    assert panel.jobs.outcome.startswith("Version 1 is better") and panel.taste._title.text() == "Version 1 counts"
    assert "You use faster tracks than the base suggests" in " ".join(one.text() for one in panel.taste._habits)
    assert "Faster tracks come first" in panel.lists._moved.text()
    base, half = compared(qtbot, panel, lambda: panel.taste.slider.setValue(40))
    assert base < half <= learned and taste_store.state_of(profile).blend == 0.4
    base, none = compared(qtbot, panel, lambda: panel.taste.slider.setValue(0))
    assert base == none
    compared(qtbot, panel, lambda: panel.taste.slider.setValue(100))
    base, reset = compared(qtbot, panel, lambda: qtbot.mouseClick(panel.taste.reset, Qt.MouseButton.LeftButton))
    counts(qtbot, panel, "base")
    assert base == reset and not panel.taste.slider.isEnabled()
    _, again = compared(qtbot, panel, lambda: qtbot.mouseClick(panel.versions.rows["1"].use, Qt.MouseButton.LeftButton))
    counts(qtbot, panel, "1")
    assert again == learned


def test_a_run_stops_waits_while_the_user_plays_and_goes_on(
    qtbot: QtBot, panel: PersonalPanel, profile: Profile
) -> None:
    panel.jobs._note_playing(True)
    panel.jobs.learn()
    assert panel.jobs.is_waiting and panel.taste._news.text() == "Waits while you play."
    qtbot.wait(300)
    assert not panel.jobs.points
    panel.jobs._note_playing(False)
    kept = taste_store.checkpoint_path(profile)  # Written after each form that was tried.
    qtbot.waitUntil(lambda: len(panel.jobs.points) > 8 and kept.exists(), timeout=WAIT_MS)
    qtbot.mouseClick(panel.taste.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not panel.jobs.is_learning, timeout=WAIT_MS)
    assert panel.jobs.outcome.startswith("Stopped") and kept.exists()
    qtbot.waitUntil(lambda: panel.taste.learn.text() == "Go on learning", timeout=WAIT_MS)
    panel._actions.trigger("personal.learn")
    counts(qtbot, panel, "1")
    assert not kept.exists()


def test_it_learns_by_itself_where_that_is_allowed_and_once(qtbot: QtBot, panel: PersonalPanel) -> None:
    panel.taste.after.setValue(PROJECTS + 1)
    assert not panel.jobs.is_learning
    panel.taste.after.setValue(PROJECTS)
    assert preferences.current().number("learn-after") == PROJECTS and panel.jobs.is_learning
    counts(qtbot, panel, "1")
    assert panel.jobs.overview is not None and panel.jobs.overview.news == 0
    panel.taste.after.setValue(1)
    assert not panel.jobs.is_learning


def test_a_run_that_was_killed_is_gone_on_with_where_learning_by_itself_is_allowed(
    qtbot: QtBot, open_shell: Callable[[Profile], Shell], profile: Profile
) -> None:
    write_json(taste_store.checkpoint_path(profile), {"key": "", "done": {}})
    panel = shown(qtbot, open_shell(profile))
    assert panel.taste.learn.text() == "Go on learning" and not panel.jobs.is_learning
    panel.taste.after.setValue(PROJECTS + 1)
    assert panel.jobs.is_learning
    counts(qtbot, panel, "1")


def test_choices_are_deleted_one_by_one_and_as_a_whole(qtbot: QtBot, panel: PersonalPanel, profile: Profile) -> None:
    panel.show_tab("labels")
    view, model = panel.labels.view, panel.labels.model
    assert model.rowCount() == PROJECTS and model.data(model.index(0, 1)) == "used"
    view.selectRow(0)
    first = model.entry_id(0)
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: model.rowCount() == PROJECTS - 1, timeout=WAIT_MS)
    assert first not in {entry["id"] for entry in list_feedback(profile)}
    qtbot.mouseClick(panel.labels.delete_all, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.labels.keep, Qt.MouseButton.LeftButton)
    assert model.rowCount() == PROJECTS - 1
    qtbot.mouseClick(panel.labels.delete_all, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.labels.surely, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel._pages.currentIndex() == 0, timeout=WAIT_MS)
    assert list_feedback(profile) == []


def test_a_taste_is_taken_along(
    qtbot: QtBot, panel: PersonalPanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.jobs.learn()
    counts(qtbot, panel, "1")
    file = tmp_path / "mine.safetensors"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *_: (str(file), "")))
    panel.export()
    qtbot.waitUntil(lambda: panel.jobs.outcome.startswith("Written"), timeout=WAIT_MS)
    assert file.exists() and file.with_suffix(".json").exists()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", staticmethod(lambda *_: (str(file), "")))
    panel.take()
    counts(qtbot, panel, "2")
    file.write_bytes(b"no taste")
    with qtbot.waitSignal(panel.jobs.failed, timeout=WAIT_MS):
        panel.take()


def test_everything_is_reached_by_the_keyboard(qtbot: QtBot, panel: PersonalPanel) -> None:
    seen, widget = set(), panel.taste.slider
    for _ in range(60):
        seen.add(widget)
        widget = widget.nextInFocusChain()
    named = [panel.taste.reset, panel.taste.learn, panel.taste.after, panel.lists.choice, *panel.tabs.values()]
    for one in named:
        assert one in seen and one.accessibleName(), one


@pytest.fixture
def listening(qtbot: QtBot, open_shell: Callable[[Profile], Shell], watched_profile: Profile, film: Path) -> Shell:
    """The window with suggestions for the film."""
    shell = open_shell(watched_profile)
    shell.document.open(film)
    qtbot.waitUntil(lambda: shell.document.answer is not None, timeout=WAIT_MS)
    return shell


def given(qtbot: QtBot, profile: Profile, count: int) -> list[tuple[str, int]]:
    qtbot.waitUntil(lambda: len(list_feedback(profile)) == count, timeout=WAIT_MS)
    return [(entry["verdict"], entry["track_id"]) for entry in list_feedback(profile)]


def test_what_is_heard_asked_for_and_filtered_is_noted(
    qtbot: QtBot, listening: Shell, watched_profile: Profile
) -> None:
    document, feedback = listening.document, listening._feedback
    assert document.answer is not None
    ids = [one.track_id for one in document.answer.suggestions]

    def heard(index: int, seconds: float, then: int | None) -> None:
        document.audition(index)
        assert feedback._heard is not None
        feedback._heard.since = time.monotonic() - seconds
        document.audition(then)

    heard(0, taste_feedback.LONG_S + 1, None)
    assert given(qtbot, watched_profile, 1) == [("audition", ids[0])]
    heard(1, 3.0, 2)
    assert given(qtbot, watched_profile, 2)[1] == ("skip", ids[1])
    document.audition(None)
    heard(1, 3.0, None)  # Stopping is not passing over.
    heard(3, 0.2, 1)  # Nor is walking by.
    document.ask(dataclasses.replace(document.wish(), likes=(str(ids[2]),)))
    assert given(qtbot, watched_profile, 3)[2] == ("more", ids[2])
    qtbot.waitUntil(lambda: not document.is_asking, timeout=WAIT_MS)
    tempi = {one.track_id: document.answer.tracks[one.track_id].facts.tempo_bpm for one in document.answer.suggestions}
    document.ask(dataclasses.replace(document.wish(), likes=(), bpm_range=(100.0, 125.0)))
    gone = [track_id for track_id, tempo_bpm in tempi.items() if not 100 <= (tempo_bpm or 0) <= 125]
    assert gone and given(qtbot, watched_profile, 3 + len(gone))[3:] == [("skip", track_id) for track_id in gone]


def test_while_a_scan_holds_the_library_verdicts_wait_and_none_is_lost(profile: Profile) -> None:
    track_id = list_feedback(profile)[0]["track_id"]
    notes = [Note(Path("/films/0.mp4"), "video-0", track_id, "skip", (0.0, 9.0), (track_id,), 2.0)]
    lock = WriterLock(profile.library_path, "scan")
    assert not note_feedback(profile, notes) and len(list_feedback(profile)) == PROJECTS
    lock.release(is_clean=True)
    assert note_feedback(profile, []) and note_feedback(profile, [])
    last = list_feedback(profile)[-1]
    assert (last["verdict"], last["listened_s"], len(list_feedback(profile))) == ("skip", 2.0, PROJECTS + 1)
