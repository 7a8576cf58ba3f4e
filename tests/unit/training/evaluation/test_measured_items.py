# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured of a set's items: of films by their files, of a corpus by making it again, of numbers nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from media_factory import music, shot_frames, write_video
from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.progress import CancelToken
from needledrop.training.corpus import make
from needledrop.training.evaluation.measured_items import MeasuredItems, measured_items
from needledrop.training.pairs.folder_pairs import read_folder_pairs
from needledrop.training.pairs.pair_set import PairSet
from retrieval.made_up_pairs import made_up_pairs

RECIPE = make.Recipe(
    tracks=2, videos_per_track=2, seed=3, renderer="first", half_real="", side=16, is_synthesis_only=True
)


def everything(pairs: PairSet, folder: Path) -> MeasuredItems:
    return measured_items(pairs, folder, np.arange(len(pairs.video_names)), np.arange(len(pairs.track_names)))


def test_films_are_measured_by_their_files(tmp_path: Path) -> None:
    frames = shot_frames((50, 100), 150, width=96, height=64)
    write_video(tmp_path / "anna_film.mp4", frames, sound=music(6, seed=1, rate=48_000, bpm=120))
    found = everything(read_folder_pairs(tmp_path).pairs, tmp_path)
    np.testing.assert_allclose(found.videos[0].shots.cuts_s, [2.0, 4.0], atol=0.05)
    assert found.videos[0].duration_s == pytest.approx(6.0, abs=0.05)
    assert found.tracks[0].duration_s == pytest.approx(6.0, abs=0.1)
    assert found.own_start_s == {0: 0.0} and found.why_not == "" and found.shares_lengths
    assert not found.videos[0].soundtrack.has_sound, "its own sound would tell the matcher about its own track"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PairSet]:
    folder = tmp_path_factory.mktemp("corpus")
    media = folder / "media"
    media.mkdir()
    soundfile.write(media / "maker_song.wav", music(40, seed=4, rate=44_100, bpm=100), 44_100)
    write_video(media / "other_film.mp4", shot_frames((60,), 150, width=96, height=64))
    made = folder / "made"
    return made, make.make_corpus(replace(RECIPE, half_real=str(media)), made, processes=1)


def test_a_corpus_is_made_again_from_its_recipe(corpus: tuple[Path, PairSet]) -> None:
    folder, pairs = corpus
    found = everything(pairs, folder)
    assert not found.shares_lengths
    assert sorted(found.tracks) == list(range(4)) and sorted(found.videos) == list(range(len(pairs.video_names)))
    starts_s = {pairs.video_names[video]: start_s for video, start_s in found.own_start_s.items()}
    excerpts = {name for name, start_s in starts_s.items() if start_s > 0}
    # The videos of the real track of 40 s were drawn to its middle 28 s; all others begin with their music.
    assert excerpts == {f"real-00000.video-{number}" for number in range(2)}
    assert all(starts_s[name] == pytest.approx(6.0, abs=0.05) for name in excerpts)
    # Motion is on the scale of the program's own analysis: the flow of the set itself, frame for frame.
    flow = np.array([video.motion.curve.mean() for _, video in sorted(found.videos.items())])
    assert np.corrcoef(flow, np.asarray(pairs.video.flow).mean(axis=1))[0, 1] > 0.8


def test_media_that_came_or_went_are_told(tmp_path: Path) -> None:
    media = tmp_path / "media"
    media.mkdir()
    for name in ("anna_song", "bert_song"):
        soundfile.write(media / f"{name}.wav", music(6, rate=24_000), 24_000)
    pairs = make.make_corpus(
        replace(RECIPE, tracks=0, videos_per_track=1, half_real=str(media)), tmp_path / "made", processes=1
    )
    (media / "anna_song.wav").rename(media / "carl_song.wav")
    with pytest.raises(KnownError, match="no longer holds the files that 'anna_song"):
        everything(pairs, tmp_path / "made")


def test_the_same_item_is_the_same_again(corpus: tuple[Path, PairSet]) -> None:
    folder, pairs = corpus
    first, again = (measured_items(pairs, folder, np.array([0]), np.array([0])) for _ in range(2))
    np.testing.assert_array_equal(first.tracks[0].rhythm.beats_s, again.tracks[0].rhythm.beats_s)
    np.testing.assert_array_equal(first.videos[0].motion.curve, again.videos[0].motion.curve)


def test_numbers_say_that_there_is_nothing_to_hear(tmp_path: Path) -> None:
    found = everything(made_up_pairs(tracks=4), tmp_path)
    assert not found.tracks and not found.videos
    assert found.why_not == "made-up holds numbers only: there is nothing to hear and to see."


def test_a_recipe_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "items").mkdir()
    (tmp_path / "recipe.json").write_text('{"eggs": 3}', encoding="utf-8")
    with pytest.raises(KnownError, match="says nothing of how the corpus was made"):
        everything(made_up_pairs(tracks=4), tmp_path)


def test_measuring_can_be_stopped(corpus: tuple[Path, PairSet]) -> None:
    folder, pairs = corpus
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        measured_items(pairs, folder, np.array([0]), np.array([0]), cancel=token)
