# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found in past edits: numbered once, struck for good, readable though one file is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.library.lock import WriterLock
from needledrop.workflows import past_edit_store
from needledrop.workflows.past_edit_store import KeptEdit, KeptPair, edits_dir, keep_edit, kept_edits, strike_pair


def pair(track: str, start_s: float, end_s: float) -> KeptPair:
    return KeptPair(0, start_s, end_s, track, "", f"Title {track}", 3.0, 1.0, 0.9)


def edit(identity: str, *pairs: KeptPair) -> KeptEdit:
    return KeptEdit(f"/films/{identity}.mp4", identity, 10, 20, "tracks", "", False, pairs)


def test_pairs_are_numbered_over_all_edits_and_kept_as_they_were(profile: Profile) -> None:
    first = keep_edit(profile, edit("b", pair("x", 0, 10), pair("y", 20, 30)))
    second = keep_edit(profile, edit("a", pair("x", 0, 10)))
    assert [one.number for one in (*first.pairs, *second.pairs)] == [1, 2, 3]
    assert kept_edits(profile) == [second, first]


def test_a_strike_survives_every_new_look(profile: Profile) -> None:
    keep_edit(profile, edit("a", pair("x", 0, 10), pair("y", 20, 30)))
    assert strike_pair(profile, 2, is_struck=True).is_struck
    again = keep_edit(profile, edit("a", pair("z", 40, 50), pair("y", 21, 31.5), pair("x", 0.5, 9)))
    assert [(one.number, one.track_hash, one.is_struck) for one in again.pairs] == [
        (3, "z", False),
        (2, "y", True),
        (1, "x", False),
    ]
    gone = keep_edit(profile, edit("a"))
    assert [(one.number, one.is_struck) for one in gone.pairs] == [(2, True)]
    assert not strike_pair(profile, 2, is_struck=False).is_struck
    assert keep_edit(profile, edit("a", pair("new", 0, 5))).pairs[0].number == 3


def test_the_same_track_elsewhere_in_an_edit_is_another_pair(profile: Profile) -> None:
    keep_edit(profile, edit("a", pair("x", 0, 10)))
    strike_pair(profile, 1, is_struck=True)
    later = keep_edit(profile, edit("a", pair("x", 100, 110)))
    assert [(one.number, one.start_s, one.is_struck) for one in later.pairs] == [(2, 100, False), (1, 0, True)]


def test_a_pair_that_is_not_there_is_said(profile: Profile) -> None:
    with pytest.raises(KnownError, match="no pair 5"):
        strike_pair(profile, 5, is_struck=True)


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 9}', '{"format": 1, "pairs": [{"number": 1}]}'])
def test_a_damaged_file_costs_its_edit_only(profile: Profile, text: str) -> None:
    kept = keep_edit(profile, edit("a", pair("x", 0, 10)))
    (edits_dir(profile) / "b.json").write_text(text, encoding="utf-8")
    assert kept_edits(profile) == [kept]


def test_a_full_disk_is_said_and_what_was_there_stays(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = keep_edit(profile, edit("a", pair("x", 0, 10)))

    def full(path: Path, value: object) -> None:
        raise KnownError(f"{path} could not be saved.", code="disk-full")

    monkeypatch.setattr(past_edit_store, "write_json", full)
    with pytest.raises(KnownError, match="could not be saved"):
        keep_edit(profile, replace(kept, pairs=()))
    assert kept_edits(profile) == [kept]


def test_another_process_that_does_not_let_go_is_named(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_edit(profile, edit("a", pair("x", 0, 10)))
    monkeypatch.setattr(past_edit_store, "_PATIENCE_S", 0.1)
    lock = WriterLock(edits_dir(profile) / "past-edits", "learn")
    try:
        with pytest.raises(KnownError) as caught:
            strike_pair(profile, 1, is_struck=True)
        assert caught.value.code == "locked"
    finally:
        lock.release(is_clean=True)
    assert strike_pair(profile, 1, is_struck=True).is_struck
