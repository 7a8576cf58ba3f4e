# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words for free: from names, tags and sidecars, each with its source, and how suggest uses them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import media_factory
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.crossmodal import sentence
from needledrop.workflows import found_words as found_words_module
from needledrop.workflows.found_words import FoundWord, FoundWords, found_words, joined, story_folders
from needledrop.workflows.profiles import write_library
from needledrop.workflows.suggest import Answer, Wish, suggest_music
from unit.workflows.made_library import add_track

SRT = "1\n00:00:01,000 --> 00:00:02,000\n<i>river</i> glacier\n\n2\n00:00:03,000 --> 00:00:04,000\nriver\n"


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The content of a short film."""
    path = tmp_path_factory.mktemp("picture") / "x.mp4"
    return media_factory.write_video(path, media_factory.shot_frames((20,), 40)).read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a name of its own, below the one of the test."""
    folder = tmp_path / "DCIM" / "Iceland 2023"
    folder.mkdir(parents=True)
    return folder


def find(profile: Profile, film: Path, **more: object) -> FoundWords:
    return found_words(profile, film, CancelToken(), **more)  # type: ignore[arg-type]


def by_source(found: FoundWords) -> dict[str, list[str]]:
    sources: dict[str, list[str]] = {}
    for one in found.words:
        sources.setdefault(one.source, []).append(one.word)
    return sources


def test_every_word_says_where_it_was_found(profile: Profile, folder: Path, picture: bytes) -> None:
    film = folder / "SunriseHike_final_v3.mp4"
    film.write_bytes(picture)
    film.with_suffix(".srt").write_text(SRT, encoding="utf-8")
    found = find(profile, film, more=[FoundWord("ceremony", "markers")])
    sources = by_source(found)
    assert sources["markers"] == ["ceremony"]
    assert sources["file name"] == ["Sunrise", "Hike"]
    assert sources["subtitles"] == ["river", "glacier"]
    assert sources["folder"][0] == "Iceland"
    assert found.text.startswith("ceremony Sunrise Hike river glacier Iceland")


def test_a_camera_s_name_gives_nothing(profile: Profile, folder: Path, picture: bytes) -> None:
    film = folder / "DSC_0012.mp4"
    film.write_bytes(picture)
    assert set(by_source(find(profile, film))) <= {"folder"}


def test_the_folder_in_which_plugins_hand_over_says_nothing(profile: Profile, picture: bytes) -> None:
    handed_over = profile.bridge_dir / "exports" / "Glacier.mp4"
    handed_over.parent.mkdir(parents=True)
    handed_over.write_bytes(picture)
    found = found_words(profile, handed_over, CancelToken())
    assert [(one.word, one.source) for one in found.words] == [("Glacier", "file name")]


def test_what_was_read_is_kept_until_a_file_changes(
    profile: Profile, folder: Path, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = folder / "hike.mp4"
    film.write_bytes(picture)
    film.with_suffix(".vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nriver\n", encoding="utf-8")
    first = find(profile, film)
    assert by_source(first)["subtitles"] == ["river"]
    with monkeypatch.context() as patch:
        patch.setattr(found_words_module, "run_in_worker", None)
        assert find(profile, film) == first
    film.with_suffix(".vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nvolcano\n", encoding="utf-8")
    assert by_source(find(profile, film))["subtitles"] == ["volcano"]
    for kept in (profile.cache_dir / "words").glob("*.json"):
        kept.write_text("{", encoding="utf-8")
    assert by_source(find(profile, film))["subtitles"] == ["volcano"]


def test_a_sidecar_that_cannot_be_read_is_named_and_the_next_one_taken(
    profile: Profile, folder: Path, picture: bytes
) -> None:
    film = folder / "hike.mp4"
    film.write_bytes(picture)
    (folder / "hike.srt").write_bytes("восход над рекой и холодное море".encode("cp1251"))
    (folder / "hike.en.srt").write_text(SRT, encoding="utf-8")
    (folder / "hike.txt").write_text("not a subtitle", encoding="utf-8")
    found = find(profile, film)
    assert by_source(found)["subtitles"] == ["river", "glacier"]
    assert len(found.notes) == 1 and "'hike.srt'" in found.notes[0] and "UTF-8" in found.notes[0]


@pytest.mark.parametrize("name", ["🌅 surf.mp4", "\u202eשקיעה בים.mp4", "hike \udcff.mp4", "a 'quoted' $name.mp4"])
def test_any_file_name(profile: Profile, folder: Path, picture: bytes, name: str) -> None:
    film = folder / name
    film.write_bytes(picture)
    found = find(profile, film)
    assert by_source(found)["file name"]
    json.dumps([one.word for one in found.words]).encode()
    found.text.encode("utf-8")


def test_the_line_is_bounded_and_names_each_word_once() -> None:
    words = [FoundWord(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}", "markers") for n in range(100)]
    assert len(joined(words)) == 20
    twice = joined([FoundWord("River", "title"), FoundWord("river", "folder")])
    assert twice == (FoundWord("River", "title"),)


@pytest.mark.parametrize(
    ("path", "folders"),
    [
        ("/home/ada/Videos/film.mp4", []),
        ("/home/ada/film.mp4", []),
        ("/home/ada/Vidéos/Islande/Jour 2/film.mp4", ["Jour 2", "Islande"]),
        ("/home/ada/Videos/a/b/c/film.mp4", ["c", "b"]),
        ("/media/ada/Iceland/film.mp4", ["Iceland"]),
        ("/film.mp4", []),
    ],
)
def test_only_folders_the_user_named_count(path: str, folders: list[str]) -> None:
    assert story_folders(Path(path), Path("/home/ada")) == folders


@pytest.fixture
def ask(profile: Profile, folder: Path, picture: bytes, monkeypatch: pytest.MonkeyPatch) -> Callable[[Wish], Answer]:
    """Ask for music to a film about a glacier, with one track of that name among eight, without the sentence model."""
    monkeypatch.setattr(sentence, "published_model_dir", lambda: None)
    with write_library(profile, "test") as library:
        for number in range(1, 9):
            add_track(library, number, title="Glacier" if number == 5 else f"Title {number}")
    film = folder / "glacier.mp4"
    film.write_bytes(picture)
    return lambda wish: suggest_music(profile, film, wish, ignore_progress, CancelToken())


def place(answer: Answer, track_id: int = 5) -> int:
    return [one.track_id for one in answer.suggestions].index(track_id)


def test_suggest_uses_them_shows_them_and_can_leave_them_out(ask: Callable[[Wish], Answer]) -> None:
    plain, found = ask(Wish(has_found_words=False)), ask(Wish())
    assert place(found) <= place(plain)
    assert plain.words == FoundWords() and not any("Words found" in note for note in plain.notes)
    assert found.words.words[0] == FoundWord("glacier", "file name")
    assert any("Words found about the video: glacier" in note and "--no-words" in note for note in found.notes)
    (glacier,) = [one for one in found.suggestions if one.track_id == 5]
    assert glacier.parts["words"] == 1.0
    assert any("a word found about the video" in reason.text for reason in glacier.reasons)


def test_a_text_of_the_user_takes_their_place(ask: Callable[[Wish], Answer]) -> None:
    answer = ask(Wish(text="Title"))
    assert answer.words == FoundWords()
    assert all("words" not in one.parts and "text" in one.parts for one in answer.suggestions)


def test_a_sidecar_that_vanished_is_no_trouble(profile: Profile, folder: Path, picture: bytes) -> None:
    film = folder / "hike.mp4"
    film.write_bytes(picture)
    (folder / "hike.srt").symlink_to(folder / "gone.srt")
    (folder / "hike.de.srt").mkdir()
    assert find(profile, film).notes == ()
