# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What suggest says when there is little to suggest, and how it reads the range."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

import media_factory
from needledrop.core.errors import KnownError
from needledrop.core.models import shipped_tensors
from needledrop.core.music import Licence, TrackTags
from needledrop.core.paths import Profile, shipped_dir
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.crossmodal.base_towers import shipped_towers
from needledrop.library.rows import FoundFile, ScanBatch
from needledrop.workflows.profiles import write_library
from needledrop.workflows.suggest import Answer, Wish, range_of, suggest_music
from unit.workflows.made_library import add_track


def _suggest(profile: Profile, tmp_path: Path, wish: Wish | None = None) -> Answer:
    clip = media_factory.write_video(tmp_path / "clip.mp4", media_factory.shot_frames((20,), 40))
    return suggest_music(profile, clip, wish or Wish(), ignore_progress, CancelToken())


def test_an_empty_library_says_how_to_fill_it(profile: Profile, tmp_path: Path) -> None:
    answer = _suggest(profile, tmp_path)
    assert not answer.suggestions
    assert "needledrop scan" in answer.notes[0]


def test_tracks_without_features_are_counted_not_passed_over(profile: Profile, tmp_path: Path) -> None:
    path = bytes(tmp_path / "new.flac")
    found = FoundFile(path, 1, 1, 1, 1, "hash", TrackTags(title="New"), Licence(), 60.0, "flac", 44100, 2)
    with write_library(profile, "test") as library:
        root = library.add_root(tmp_path)
        library.apply_scan(ScanBatch(root.id, found=(found,)))
    assert _suggest(profile, tmp_path).notes == ("1 track is not analysed yet and left out. Analyse: needledrop scan",)


def test_a_missing_reference_is_named(profile: Profile, tmp_path: Path) -> None:
    with pytest.raises(KnownError, match=r"nowhere\.mp3"):
        _suggest(profile, tmp_path, Wish(likes=(str(tmp_path / "nowhere.mp3"),)))
    with pytest.raises(KnownError, match="no track 7"):
        _suggest(profile, tmp_path, Wish(likes=("7",)))


def test_an_out_point_behind_the_end_means_the_end() -> None:
    span = range_of(Wish(in_s=Fraction(2), out_s=Fraction(99)), 10.5)
    assert (span.start_s, span.end_s) == (2, Fraction(21, 2))


def test_an_in_point_behind_the_end_is_refused() -> None:
    with pytest.raises(KnownError, match="behind the end"):
        range_of(Wish(in_s=Fraction(11)), 10.5)


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the models that ship, in their place."""
    copy = tmp_path / "models"
    shutil.copytree(shipped_dir("models"), copy)
    monkeypatch.setattr("needledrop.core.models.shipped_dir", lambda name: copy)
    for cached in (shipped_tensors, shipped_towers):
        cached.cache_clear()
    yield copy
    for cached in (shipped_tensors, shipped_towers):
        cached.cache_clear()


@pytest.mark.parametrize("damage", ["missing", "truncated", "other"])
def test_without_its_weights_content_ranks_and_the_list_says_so(
    profile: Profile, tmp_path: Path, shipped: Path, damage: str
) -> None:
    with write_library(profile, "test") as library:
        for number in (1, 2, 3):
            add_track(library, number)
    whole = _suggest(profile, tmp_path)
    assert whole.versions["ranker"] == "needledrop-base-1" and len(whole.suggestions) == 3
    assert {"course", "steps", "picture"} <= set(whole.suggestions[0].parts)
    weights = shipped / "needledrop-base" / "model.safetensors"
    content = weights.read_bytes()
    weights.unlink()
    if damage != "missing":
        weights.write_bytes(content[:1000] if damage == "truncated" else content[:-4] + b"\0\0\0\0")
    for cached in (shipped_tensors, shipped_towers):
        cached.cache_clear()
    plain = _suggest(profile, tmp_path)
    assert plain.versions["ranker"] == "content-2" and len(plain.suggestions) == 3
    assert any("Ranked without what was learned" in note and "Install Needledrop again" in note for note in plain.notes)


@pytest.mark.parametrize("versions", [1, 10])
def test_a_library_of_one_recording_is_offered_once_and_says_what_is_left_out(
    profile: Profile, tmp_path: Path, versions: int
) -> None:
    with write_library(profile, "test") as library:
        ids = [add_track(library, number) for number in range(1, versions + 1)]
        library.set_recording(ids)
    answer = _suggest(profile, tmp_path)
    assert len(answer.suggestions) == 1 and answer.library_size == versions
    assert not any("filters" in note for note in answer.notes)
    without = _suggest(profile, tmp_path, Wish(likes=(str(ids[0]),)))
    assert not without.suggestions
    assert [note for note in without.notes if "nothing but the reference" in note and "--offer-reference" in note]
    assert not any("filters" in note for note in without.notes)
    offered = _suggest(profile, tmp_path, Wish(likes=(str(ids[0]),), is_reference_offered=True))
    assert len(offered.suggestions) == 1
    filtered = _suggest(profile, tmp_path, Wish(bpm_range=(300.0, 310.0)))
    assert not filtered.suggestions and any("No track passes the filters" in note for note in filtered.notes)
