# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from media_factory import music
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.training.corpus import items, make, splits
from needledrop.training.pairs.pair_set import PairSet, load_pair_set

RECIPE = make.Recipe(
    tracks=3, videos_per_track=3, seed=1, renderer="first", half_real="", side=32, is_synthesis_only=True
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PairSet]:
    folder = tmp_path_factory.mktemp("corpus")
    return folder, make.make_corpus(RECIPE, folder, processes=1)


def same(first: PairSet, second: PairSet) -> bool:
    sides = [(getattr(first, side), getattr(second, side)) for side in ("music", "video")]
    return first.tags == second.tags and all(
        np.array_equal(values, getattr(two, name)) for one, two in sides for name, values in vars(one).items()
    )


def test_the_set_has_the_shapes_it_promises(made: tuple[Path, PairSet]) -> None:
    pairs = made[1]
    assert pairs.music.vector.shape == (3, 1140)
    assert pairs.music.mel.shape == (3, 7, 398, 80)
    assert pairs.video.frames.shape == (9, 7, 4, 32, 32)
    assert pairs.video.text.shape == (9, 384)
    assert not pairs.video.has_text.any()
    assert pairs.track_of_video.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert len(set(pairs.track_cluster.tolist())) == 3
    assert pairs.truth["video_latent"].shape[0] == 9
    for side in (pairs.music, pairs.video):
        assert all(np.isfinite(values).all() for values in vars(side).values())


def test_it_is_read_back_as_it_was(made: tuple[Path, PairSet]) -> None:
    folder, pairs = made
    assert same(load_pair_set(folder), pairs)


def test_no_recording_source_or_script_is_on_two_sides(made: tuple[Path, PairSet]) -> None:
    pairs = made[1]
    groups = splits.together([str(cluster) for cluster in pairs.track_cluster], pairs.video_source[::3])
    assert splits.leaks(pairs, groups) == []


def test_a_run_that_was_killed_goes_on_and_ends_the_same(made: tuple[Path, PairSet]) -> None:
    folder, pairs = made
    job = RECIPE.jobs()[1]
    kept = job.video_file(folder / "items", 0).stat().st_mtime_ns
    job.video_file(folder / "items", 2).unlink()
    job.track_file(folder / "items").unlink()
    (folder / "items" / "track-00001.video-2.4711.part").write_bytes(b"half of it")
    assert same(make.make_corpus(RECIPE, folder, processes=1), pairs)
    assert job.video_file(folder / "items", 0).stat().st_mtime_ns == kept


def test_a_corpus_may_grow_but_not_change(made: tuple[Path, PairSet]) -> None:
    folder, pairs = made
    grown = make.make_corpus(replace(RECIPE, tracks=4), folder, processes=1)
    assert np.array_equal(grown.music.vector[:3], pairs.music.vector)
    with pytest.raises(KnownError, match="made otherwise"):
        make.make_corpus(replace(RECIPE, seed=2), folder, processes=1)


def test_a_part_can_be_had_before_all_is_made(made: tuple[Path, PairSet], tmp_path: Path) -> None:
    folder, pairs = made
    shutil.copytree(folder / "items", tmp_path / "items")
    RECIPE.jobs()[1].video_file(tmp_path / "items", 2).unlink()
    part = make.make_corpus(RECIPE, tmp_path, processes=1, is_finished_only=True)
    assert part.track_names == ("track-00000", "track-00002")
    assert np.array_equal(part.video.clips, np.delete(pairs.video.clips, slice(3, 6), axis=0))


def test_lines_are_embedded_and_missing_ones_stay_zero(
    monkeypatch: pytest.MonkeyPatch, profile: Profile, tmp_path: Path
) -> None:
    class Model:
        def __init__(self, folder: Path) -> None:
            assert folder == ready

        def encode(self, texts: list[str]) -> np.ndarray:
            return np.stack([np.full(384, len(text), np.float32) for text in texts])

    ready = profile.cache_dir / "models" / "all-MiniLM-L6-v2"
    ready.mkdir(parents=True)
    (ready / "model.onnx").touch()
    monkeypatch.setattr(make.sentence, "published_model_dir", lambda: tmp_path)
    monkeypatch.setattr(make.sentence, "SentenceModel", Model)
    assert make.embedded(["four", "", "sixsix", "four"], profile)[:, 0].tolist() == [4, 0, 6, 4]
    assert not make.embedded(["four"], None).any()
    monkeypatch.setattr(make.sentence, "published_model_dir", lambda: None)
    assert not make.embedded(["four"], profile).any()


def test_no_two_recipes_share_a_script() -> None:
    seeds = [
        {job.seed for job in replace(RECIPE, tracks=50, seed=seed, renderer=renderer).jobs()}
        for seed in (1, 2)
        for renderer in items.RENDERERS
    ]
    assert len(set.union(*seeds)) == 200


def test_the_second_renderer_is_for_testing_only() -> None:
    assert replace(RECIPE, renderer="second").shares == splits.EVERYTHING_STRONG


def test_half_real_items_follow_their_media_and_bad_files_are_left_out(tmp_path: Path) -> None:
    media = tmp_path / "media"
    media.mkdir()
    soundfile.write(media / "us_song.wav", music(31, bpm=110, rate=24_000), 24_000)
    (media / "them_broken.ogg").write_bytes(b"no sound at all")
    recipe = replace(RECIPE, tracks=0, videos_per_track=2, half_real=str(media))
    pairs = make.make_corpus(recipe, tmp_path / "out", processes=1)
    assert pairs.track_names == ("us_song.wav",)
    assert pairs.video_source == ("us", "us")
    assert pairs.track_of_video.tolist() == [0, 0]
    assert "them_broken.ogg" in (tmp_path / "out" / "items" / "real-00000.left-out.txt").read_text(encoding="utf-8")
