# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocked artists, what lies outside of a key, a genre or a folder, and where tracks were used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from needledrop.core.music import Licence, TrackTags
from needledrop.library.library import Library
from needledrop.library.rows import TrackFacts

Add = Callable[..., int]


def test_an_artist_is_blocked_in_any_spelling_and_let_in_again(library: Library, add: Add) -> None:
    first = add("a.mp3", tags=TrackTags(title="A", artist="Éva Nord"))
    add("b.mp3", tags=TrackTags(title="B", artist="Somebody"))
    library.block_artist("ÉVA NORD ")
    library.block_artist("Éva nord")
    assert library.blocked_artists() == ["Éva nord"]
    assert library.tracks_by(library.blocked_artists()) == {first}
    library.unblock_artist("éva NORD")
    assert library.blocked_artists() == [] and library.tracks_by([]) == frozenset()


def test_outside_of_a_key_a_genre_and_a_folder(library: Library, add: Add, music_dir: Path) -> None:
    (music_dir / "calm").mkdir()
    inside = add("calm/a.mp3", "one", tags=TrackTags(title="A", genre="Ambient"))
    sibling = add("calmer.mp3", "two", tags=TrackTags(title="B", genre="Rock"))
    bare = add("c.mp3", "three")
    library.put_features(inside, {}, TrackFacts(key_name="D min"))
    library.put_features(sibling, {}, TrackFacts(key_name="A maj"))
    assert library.tracks_outside(keys={"D min"}) == {sibling, bare}
    assert library.tracks_outside(genres={"ambient", "Folk"}) == {sibling, bare}
    assert library.tracks_outside(folder=music_dir / "calm") == {sibling, bare}
    assert library.tracks_outside(keys={"A maj"}, folder=music_dir / "calm") == {inside, sibling, bare}
    assert library.tracks_outside() == frozenset()


def test_genres_and_licences_are_counted(library: Library, add: Add) -> None:
    for name, genre in (("a.mp3", "Rock"), ("b.mp3", "rock"), ("c.mp3", "Jazz"), ("d.mp3", "")):
        add(name, tags=TrackTags(title=name, genre=genre), licence=Licence("CC0-1.0" if genre else ""))
    assert [(name.lower(), count) for name, count in library.genres()] == [("rock", 2), ("jazz", 1)]
    assert library.licence_names() == [("CC0-1.0", 3)]


def test_uses_name_the_films(library: Library, add: Add) -> None:
    used, unused = add("a.mp3"), add("b.mp3")
    for number in (1, 2):
        project = library.open_project(f"video-{number}", Path(f"/films/{number}.mp4"))
        library.record_uses(project.id, [used])
    assert library.uses_of([used, unused]) == {used: ("/films/2.mp4", "/films/1.mp4")}
