# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""References from the library, from any file, and from inside the video; and that they are not offered as news."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import media_factory
from contract.scanning import quiet_scan
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.workflows import references
from needledrop.workflows.gallery import refresh_gallery
from needledrop.workflows.profiles import read_library, write_library
from needledrop.workflows.project import spot_film
from needledrop.workflows.references import plain_title, references_of
from needledrop.workflows.suggest import Answer, Wish, suggest_music
from unit.workflows.made_library import add_track

SECONDS = 14.0
TEMPI = {"one": 92.0, "two": 118.0, "three": 140.0, "four": 76.0}


def sound(name: str) -> np.ndarray:
    seed = list(TEMPI).index(name) + 1
    made = media_factory.music(SECONDS, bpm=TEMPI[name], seed=seed, rate=48000)
    rng = np.random.default_rng(seed)
    melody = np.repeat(rng.uniform(200, 1500, 80), 12000)[: len(made)]
    return made + 0.2 * np.sin(np.cumsum(2 * np.pi * melody / 48000)).astype(np.float32)[:, None]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of four tracks, and a film with the music of the first under it."""
    home = tmp_path_factory.mktemp("references")
    (home / "music").mkdir()
    for name in TEMPI:
        media_factory.write_audio(home / "music" / f"{name}.flac", 0.6 * sound(name), 48000)
    frames = media_factory.shot_frames((100, 200), round(25 * SECONDS))
    media_factory.write_video(home / "film.mp4", frames, sound=0.5 * sound("one"))
    media_factory.write_video(home / "mute.mp4", media_factory.shot_frames((50,), 100))
    media_factory.write_audio(home / "other.opus", 0.7 * sound("two")[48000:], 48000)
    quiet_scan(Profile.at(home / "profile"), home / "music")
    return home


@pytest.fixture
def answer(home: Path) -> Callable[..., Answer]:
    def ask(film: str = "film.mp4", **wish: object) -> Answer:
        return suggest_music(
            Profile.at(home / "profile"), home / film, Wish(**wish), ignore_progress, CancelToken()  # type: ignore[arg-type]
        )  # fmt: skip

    return ask


def ids(home: Path) -> dict[str, int]:
    with read_library(Profile.at(home / "profile")) as library:
        return {track.name: track.id for track in library.tracks(library.track_ids()).values()}


def names(answer: Answer) -> list[str]:
    return [answer.tracks[one.track_id].name for one in answer.suggestions]


def test_a_track_is_not_offered_as_what_sounds_like_it_unless_asked(home: Path, answer: Callable[..., Answer]) -> None:
    track = str(ids(home)["two"])
    without = answer(likes=(track,))
    assert sorted(names(without)) == ["four", "one", "three"]
    assert any("1 track is the reference or a version of it" in note for note in without.notes)
    offered = answer(likes=(track,), is_reference_offered=True)
    assert names(offered)[0] == "two"
    assert offered.suggestions[0].parts["like"] == pytest.approx(1.0, abs=1e-4)
    assert not any("left out" in note for note in offered.notes)


def test_a_file_is_known_by_its_sound_in_another_encoding_and_as_an_excerpt(
    answer: Callable[..., Answer], home: Path
) -> None:
    assert "two" not in names(answer(likes=(str(home / "other.opus"),)))
    assert names(answer(likes=(str(home / "other.opus"),), is_reference_offered=True))[0] == "two"


def test_a_copy_of_a_library_file_is_that_track(answer: Callable[..., Answer], home: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(home / "music" / "three.flac", tmp_path / "7"))
    assert "three" not in names(answer(likes=(str(copy),)))


def test_a_recording_is_left_out_even_where_it_sounds_unlike_the_reference(
    answer: Callable[..., Answer], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "_COMPARED", 0)
    found = answer(likes=(str(home / "other.opus"),))
    assert sorted(names(found)) == ["four", "one", "three"]
    assert any("1 track is the reference" in note for note in found.notes)


def test_a_file_is_listened_to_once(
    answer: Callable[..., Answer], home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = media_factory.write_audio(tmp_path / "new.opus", 0.5 * sound("four")[96000:], 48000)
    first = answer(likes=(str(file),))
    with monkeypatch.context() as patch:
        patch.setattr(references, "MUSIC_ENTRY", "none:none")
        assert answer(likes=(str(file),)).suggestions == first.suggestions
    for kept in (home / "profile" / "cache" / "references").iterdir():
        kept.write_bytes(kept.read_bytes()[:-5])
    assert answer(likes=(str(file),)).suggestions == first.suggestions


def test_a_film_is_spotted_by_one_reference_for_all_its_places(home: Path) -> None:
    profile = Profile.at(home / "profile")
    wish = Wish(is_like_temp=True, has_found_words=False)
    found = spot_film(profile, home / "film.mp4", wish, ignore_progress, CancelToken())
    assert found.ranges
    assert all(one is not None and "like" in one.parts for one in found.suggestions)
    assert ids(home)["one"] not in found.selection.tracks


def test_the_music_in_the_video_is_the_reference(answer: Callable[..., Answer]) -> None:
    found = answer(is_like_temp=True, is_reference_offered=True)
    assert names(found)[0] == "one"
    assert found.suggestions[0].parts["like"] > 0.9
    assert "one" not in names(answer(is_like_temp=True))


def test_several_references_are_all_left_out(answer: Callable[..., Answer], home: Path) -> None:
    known = ids(home)
    found = answer(likes=(str(known["two"]), str(known["four"])))
    assert sorted(names(found)) == ["one", "three"]
    assert all("like" in one.parts for one in found.suggestions)


def test_other_versions_of_a_reference_are_left_out_by_title_and_artist(profile: Profile) -> None:
    with write_library(profile, "test") as library:
        wanted = add_track(library, 1, title="Harbour")
        live = add_track(library, 2, title="Harbour (Live) - Remastered")
        cover = add_track(library, 3, title="Harbour", artist="Grace")
        longer = add_track(library, 4, title="Harbour Lights")
        untold = add_track(library, 5, title="Harbour", artist="")
        gallery = refresh_gallery(profile, library, ignore_progress, CancelToken())
        (reference,) = references_of(profile, library, gallery, [str(wanted)], CancelToken())
    assert reference.own_track_ids == {wanted, live}
    assert not reference.own_track_ids & {cover, longer, untold}


def test_where_there_is_no_temp_music_it_is_said(answer: Callable[..., Answer]) -> None:
    with pytest.raises(KnownError, match=r"No music was found in the sound of 'mute\.mp4'") as caught:
        answer("mute.mp4", is_like_temp=True)
    assert caught.value.code == "no-temp-music"


def test_a_reference_that_is_no_music_is_named(answer: Callable[..., Answer], tmp_path: Path) -> None:
    (tmp_path / "broken.mp3").write_bytes(os.urandom(3000))
    media_factory.write_audio(tmp_path / "silent.wav", np.zeros((96000, 2), np.float32))
    for name in ("broken.mp3", "silent.wav"):
        with pytest.raises(KnownError, match=name):
            answer(likes=(str(tmp_path / name),))


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("Harbour (Live at Home) - Remastered 2011", "harbour"),
        ("Harbour [Instrumental]", "harbour"),
        ("Harbour feat. Ada", "harbour"),
        ("Half-Life", "half-life"),
        ("雨 (Remix)", "雨"),
        ("(Interlude)", ""),
    ],
)
def test_versions_of_one_title(title: str, plain: str) -> None:
    assert plain_title(title) == plain
