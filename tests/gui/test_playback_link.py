# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the player is told when the document changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from needledrop.core.cue import Cue, Piece
from needledrop.core.paths import Profile
from needledrop.gui.document import Document
from needledrop.gui.playback_link import PlaybackLink
from needledrop.gui.player import Player
from needledrop.library.rows import TrackRow
from needledrop.workflows import workspace

WAIT_MS = 60_000


class Listener(QObject):
    """Writes down what a player is told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[Any, ...]] = []

    def load(self, path: Path, cues: Sequence[Cue], tracks: Mapping[int, Path]) -> None:
        self.told.append(("load", path.name, tuple(cues), sorted(tracks)))

    def unload(self) -> None:
        self.told.append(("unload",))

    def set_cues(self, cues: Sequence[Cue], tracks: Mapping[int, Path]) -> None:
        self.told.append(("cues", tuple(cues), sorted(tracks)))

    def set_candidates(self, candidates: Sequence[Sequence[Cue]], tracks: Mapping[int, Path]) -> None:
        self.told.append(("candidates", [tuple(one) for one in candidates], sorted(tracks)))

    def switch(self, index: int | None) -> None:
        self.told.append(("switch", index))


@pytest.fixture
def listener(qtbot: QtBot, document: Document, film: Path) -> Listener:
    """The film is open, and suggestions are there."""
    made = Listener()
    PlaybackLink(document, cast(Player, made), document)
    document.open(film)
    qtbot.waitUntil(lambda: document.video is not None, timeout=WAIT_MS)
    document.ask(document.wish())
    qtbot.waitUntil(lambda: document.answer is not None, timeout=WAIT_MS)
    return made


def test_the_player_follows_from_opening_to_closing(qtbot: QtBot, document: Document, listener: Listener) -> None:
    assert document.answer is not None
    suggested = [one.cue for one in document.answer.suggestions]
    tracks = sorted(cue.track_id for cue in suggested)
    assert listener.told == [
        ("load", "film.mp4", (), []),
        ("candidates", [(cue,) for cue in suggested], tracks),
    ]
    listener.told.clear()
    document.audition(2)
    assert listener.told == [("switch", 2)]
    listener.told.clear()
    document.use(2)
    used = suggested[2]
    assert listener.told[0] == ("cues", (used,), [used.track_id])
    assert listener.told[-1] == ("switch", None)
    listener.told.clear()
    document.close()
    assert listener.told[-1] == ("unload",)
    qtbot.waitUntil(document.background.is_idle, timeout=WAIT_MS)


def test_a_candidate_is_heard_among_the_cues_it_leaves_in_place(document: Document, listener: Listener) -> None:
    assert document.answer is not None
    first = document.answer.suggestions[0].cue
    beside = Cue(first.track_id, first.record_out_s + 1.0, (Piece(0.0, 0.5),), -6.0, 0.0, 0.0)
    document.add_cue(beside)
    candidates = next(told[1] for told in reversed(listener.told) if told[0] == "candidates")
    assert candidates[0] == (first, beside)


def test_a_cue_whose_track_is_gone_is_left_out_and_asked_for_once(
    qtbot: QtBot, document: Document, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[int]] = []
    rows = workspace.track_rows

    def counted(profile: Profile, ids: Sequence[int]) -> Mapping[int, TrackRow]:
        asked.append(list(ids))
        return rows(profile, ids)

    monkeypatch.setattr(workspace, "track_rows", counted)
    document.add_cue(Cue(999, 0.0, (Piece(0.0, 1.0),), -6.0, 0.0, 0.0))
    assert ("cues", (), []) in listener.told
    qtbot.waitUntil(lambda: bool(asked) and document.background.is_idle(), timeout=WAIT_MS)
    document.track(999)
    document.media_changed.emit()
    qtbot.waitUntil(document.background.is_idle, timeout=WAIT_MS)
    assert asked == [[999]]
