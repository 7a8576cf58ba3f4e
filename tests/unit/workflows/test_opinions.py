# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocked artists and uses, and what a wish leaves out because of them."""

from __future__ import annotations

from pathlib import Path

import media_factory
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.workflows import opinions
from needledrop.workflows.profiles import write_library
from needledrop.workflows.suggest import Wish, suggest_music
from unit.workflows.made_library import add_track


def test_choices_and_uses_are_read(profile: Profile) -> None:
    with write_library(profile, "test") as library:
        track_id = add_track(library, 1, is_analysed=False, genre="Ambient")
        library.record_uses(library.open_project("hash", Path("/films/dawn.mp4")).id, [track_id])
    found = opinions.choices(profile)
    assert (found.genres, found.licences) == ([("Ambient", 1)], [("CC0-1.0", 1)])
    assert (found.folders, found.blocked_artists, found.collections) == ([Path("/music")], [], [])
    assert opinions.used_in(profile, [track_id]) == {track_id: ("dawn.mp4",)}


def test_a_list_leaves_out_what_the_wish_and_the_user_rule_out(profile: Profile, tmp_path: Path) -> None:
    clip = media_factory.write_video(tmp_path / "clip.mp4", media_factory.shot_frames((20,), 40))
    with write_library(profile, "test") as library:
        ada = add_track(library, 1, genre="Ambient")
        bob = add_track(library, 2, artist="Bob", genre="Rock")

    def offered(wish: Wish) -> set[int]:
        answer = suggest_music(profile, clip, wish, ignore_progress, CancelToken())
        return {one.track_id for one in answer.suggestions}

    assert offered(Wish()) == {ada, bob}
    assert offered(Wish(excluded_track_ids=frozenset({ada}))) == {bob}
    assert offered(Wish(genres=frozenset({"ambient"}))) == {ada}
    assert offered(Wish(folder=Path("/music/other"))) == set()
    assert offered(Wish(duration_range_s=(0.0, 59.0))) == set()
    assert opinions.block_artist(profile, "ada", is_blocked=True) == ["ada"]
    assert offered(Wish()) == {bob}
    assert opinions.block_artist(profile, "Ada", is_blocked=False) == []
    assert offered(Wish()) == {ada, bob}
