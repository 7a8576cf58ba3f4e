# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Films described by published extractors, from their files to a trained system. The weights are random ones in the
published format: what they see is meaningless, what becomes of it is not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision

from media_factory import music, shot_frames, write_video
from needledrop.cli.exit_codes import DONE
from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.crossmodal import vggish
from needledrop.crossmodal.careful_network import CarefulNetwork, Compute
from needledrop.features.onsets import RATE
from needledrop.media.pictures import read_frame
from needledrop.training.corpus import half_real
from needledrop.training.descriptors.clip_descriptors import resampled
from needledrop.training.lab import load_towers, prepared, train_recipe
from needledrop.training.pairs.folder_pairs import read_folder_pairs
from needledrop.training.pairs.joined import joined
from needledrop.training.pairs.pair_set import PairSet, load_pair_set, save_pair_set
from needledrop.training.recipe import Recipe, Schedule
from needledrop.workflows import lab
from needledrop.workflows.extractors import open_picture_extractor, open_vggish
from retrieval.made_up_pairs import made_up_pairs
from unit.cli.conftest import Program
from unit.workflows.test_extractors import install

INPUT = {"form": "SE&R", "width": 16, "heads": 2, "head_width": 8, "feed_forward": 16, "dropout": 0.1}
LENGTHS_S = (5, 9, 6, 6)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    for number, length_s in enumerate(LENGTHS_S):
        frames = shot_frames((30 + 20 * number, 90), 25 * length_s, width=96, height=64)
        sound = music(length_s, seed=number + 1, rate=48_000, bpm=100 + 10 * number)
        write_video(folder / f"maker{number}_film.mp4", frames, sound=sound)
    return folder


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for profiles with both extractors in it."""
    folder = tmp_path_factory.mktemp("installed")
    profile = Profile.at(folder)
    torch.manual_seed(2)
    resnet = torchvision.models.resnet50(weights=None).state_dict()
    with torch.device("meta"):
        shapes = {name: value.shape for name, value in vggish._network().state_dict().items()}
    heard = {name: torch.rand(shape) * 0.01 for name, shape in shapes.items()}
    pca = {"pca_eigen_vectors": np.eye(128, dtype=np.float32), "pca_means": np.zeros((128, 1), np.float32)}
    published = tmp_path_factory.mktemp("published")
    with pytest.MonkeyPatch.context() as patch:
        install(profile, patch, published, "resnet-50", [resnet])
        install(profile, patch, published, "vggish", [heard, pca])
    return folder


@pytest.fixture(scope="module")
def described(films: Path, installed: Path, tmp_path_factory: pytest.TempPathFactory) -> PairSet:
    out = tmp_path_factory.mktemp("described")
    profile = Profile.at(installed)
    made, notices = lab.describe_pairs(
        profile, films, out, ignore_progress, CancelToken(), pictures="resnet-50", music=True
    )
    assert notices == [] and made.name.endswith(", vggish, resnet-50")
    return load_pair_set(out)


def test_vectors_are_the_means_of_what_the_extractors_give(films: Path, installed: Path, described: PairSet) -> None:
    profile = Profile.at(installed)
    pictures, sound = open_picture_extractor(profile, "resnet-50"), open_vggish(profile)
    for number, length_s in enumerate(LENGTHS_S[:2]):
        path = films / described.video_names[number]
        seen = pictures.embed([read_frame(path, second) for second in range(length_s)])
        np.testing.assert_allclose(described.video.vector[number], seen.mean(axis=0), rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(described.video.clips[number, 0], seen[:4].mean(axis=0), rtol=1e-4, atol=1e-5)
        mono = half_real.read_track(path).mean(axis=1).astype(np.float32)
        heard = sound.embed(resampled(mono, RATE, 16_000))
        np.testing.assert_allclose(described.music.vector[number], heard.mean(axis=0), rtol=1e-4, atol=1e-6)
    assert described.video.clips.shape == (4, 7, 2048) and described.music.clips.shape == (4, 7, 128)
    assert np.ptp(described.video.clips, axis=0).max() > 0 and np.ptp(described.music.clips, axis=0).max() > 0


def test_clips_that_are_not_real_repeat_real_ones(described: PairSet) -> None:
    mask = described.video.mask
    assert mask.sum(axis=1).tolist() == [2, 3, 2, 2]
    np.testing.assert_array_equal(described.video.clips[0, 2:], np.repeat(described.video.clips[0, 1:2], 5, axis=0))
    np.testing.assert_array_equal(described.music.clips[0, 2:4], described.music.clips[0, :2])


def test_all_else_stays_as_it_was(films: Path, installed: Path, described: PairSet) -> None:
    plain = read_folder_pairs(films, profile=Profile.at(installed)).pairs
    for side, kept in (("music", ("rhythm", "mel", "mask", "steps")), ("video", ("flow", "frames", "text", "steps"))):
        for name in kept:
            one, other = (getattr(getattr(pairs, side), name) for pairs in (plain, described))
            np.testing.assert_array_equal(one, other, err_msg=name)
    assert (plain.tags, plain.split, plain.track_names) == (described.tags, described.split, described.track_names)


@pytest.mark.parametrize("form", ["AE", "A-SE", "SE", "SE&R"])
def test_every_form_can_be_trained_on_them(described: PairSet, tmp_path: Path, form: str) -> None:
    split = ("train", "train", "validation", "validation")
    tivm = {"input": INPUT | {"form": form}, "layers": 1, "music_hidden": 16, "video_hidden": 16, "width": 8}
    schedule = Schedule(steps=2, batch=2, learning_rate=1e-3, warm_up_steps=0, validate_every=1)
    pairs = replace(described, split=split, track_split=split)
    assert np.isfinite(train_recipe(prepared(pairs), Recipe("tiny", "tivm", tivm, schedule), tmp_path).best_recall)
    towers = load_towers(tmp_path, pairs)
    assert towers.name == "TIVM (tiny)"
    # Another extractor's vectors may be as long as this one's, and mean something else.
    other = replace(pairs, extractors=dict(pairs.extractors) | {"video.vector": "efficientnet-b5@1/2048/1Hz/0"})
    with pytest.raises(KnownError, match="described otherwise than what"):
        load_towers(tmp_path, other)
    with pytest.raises(KnownError, match="describe their items otherwise: extractors"):
        joined([pairs, other])


def test_the_command_says_where_the_set_is_and_what_it_gave_up(
    films: Path, installed: Path, run_at: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = CarefulNetwork.over

    def too_small(self: CarefulNetwork, count: int, dimension: int, compute: Compute) -> FloatArray:
        self.notices[:] = ["It went on, slower, on the CPU."]
        return over(self, count, dimension, compute)

    monkeypatch.setattr(CarefulNetwork, "over", too_small)
    words = ("describe", "--pairs", films, "--music", "vggish")
    status, shown, _ = run_at(installed, *words, "--out", tmp_path / "one", "--json", "--quiet")
    said = json.loads(shown)
    made = load_pair_set(tmp_path / "one")
    assert (
        status == DONE
        and said["folder"] == str(tmp_path / "one")
        and said["notes"] == ["It went on, slower, on the CPU."]
    )
    assert said["extractors"] == dict(made.extractors) and set(made.extractors) == {"music.vector", "music.clips"}
    assert all(key.startswith("vggish@1/128/") for key in made.extractors.values())
    plain = read_folder_pairs(films).pairs
    np.testing.assert_array_equal(made.video.clips, plain.video.clips)


def test_what_is_missing_is_said_with_a_remedy(profile: Profile, films: Path, installed: Path, tmp_path: Path) -> None:
    def describe(at: Profile, pairs: Path, out: Path, pictures: str | None = "resnet-50") -> KnownError:
        with pytest.raises(KnownError) as caught:
            lab.describe_pairs(at, pairs, out, ignore_progress, CancelToken(), pictures=pictures)
        assert not (out / "pair_set.json").exists() or out == pairs
        return caught.value

    there, out, numbers = Profile.at(installed), tmp_path / "out", tmp_path / "numbers"
    save_pair_set(made_up_pairs(tracks=4), numbers)
    missing = describe(profile, films, out)
    assert missing.code == "missing" and missing.remedy == "Add it: needledrop models fetch resnet-50"
    assert "holds numbers only" in describe(there, numbers, out).sentence
    assert describe(there, films, out, pictures=None).code == "usage"
    assert "is read from" in describe(there, numbers, numbers).sentence
