# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's recipes can be read and built; what is missing or cannot be trained on is said in a sentence."""

from __future__ import annotations

import importlib.util
from dataclasses import fields, replace
from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.crossmodal import systems
from needledrop.crossmodal.batches import InputSizes
from needledrop.features.picture_rows import ROW_SIZE
from needledrop.training.corpus import make
from needledrop.training.pairs.pair_set import save_pair_set
from needledrop.training.recipe import read_recipe
from needledrop.workflows import lab
from retrieval.made_up_pairs import made_up_pairs

MODELS = Path(__file__).resolve().parents[3] / "models"
RECIPES = sorted(path for path in MODELS.glob("*/*.toml"))
SMALL = [path for path in RECIPES if path.name == "recipe.toml"]
SIZES = InputSizes(
    music_vector=1140, video_vector=200, music_clip=90, video_clip=60, text=384, labels=20, label_text=384
)
TINY = 'name = "tiny"\nsystem = "cca"\n'


def recipe_at(folder: Path, text: str = TINY) -> Path:
    path = folder / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    return path


def train(profile: Profile, recipe: Path, out: Path, *pairs: Path) -> None:
    lab.train_model(profile, recipe, out, ignore_progress, CancelToken(), pairs=pairs, device="cpu")


def test_there_is_a_recipe_for_each_published_system_and_ours() -> None:
    published = {name for name, entry in systems.SYSTEMS.items() if entry.published}
    assert {path.parent.name for path in SMALL} == published | {"needledrop-base"}


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_recipe_is_one_of_its_system(path: Path) -> None:
    recipe = read_recipe(path)
    assert recipe.system == path.parent.name
    config = systems.read_config(recipe.system, recipe.model)
    assert {*systems.system(recipe.system).weights} <= {*recipe.model}, "a weight of the loss is not in the recipe"
    if systems.system(recipe.system).published:
        assert config.input.form == recipe.model["input"]["form"]
    assert recipe.corpus == {"tracks": 480, "videos_per_track": 5, "seed": 1}
    assert {*recipe.corpus, *lab._USUAL_CORPUS} == {field.name for field in fields(make.Recipe)}


@pytest.mark.parametrize("path", SMALL, ids=lambda path: path.parent.name)
def test_the_small_recipes_can_be_built(path: Path) -> None:
    recipe = read_recipe(path)
    sizes = replace(SIZES, music_clip=94, video_clip=2 * ROW_SIZE)
    model = systems.build(recipe.system, systems.read_config(recipe.system, recipe.model), sizes)
    assert sum(parameter.numel() for parameter in model.parameters()) < 1_500_000


def test_a_missing_torch_is_said_before_anything_is_read(
    profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = importlib.util.find_spec

    def without_torch(name: str, package: str | None = None) -> object:
        return None if name == "torch" else there(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without_torch)
    with pytest.raises(KnownError, match="torch, which is not installed") as caught:
        train(profile, tmp_path / "no such recipe.toml", tmp_path / "out")
    assert caught.value.code == "no-torch" and "needledrop[learn]" in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "cannot be used"),
        ('name = "tiny"\n', "missing 1 required positional argument: 'system'"),
        (TINY + "[schedule]\nsteps = 0\n", "steps = 0"),
        (TINY + '[corpus]\nmovies = "all"\n', "does not say what to train on"),
        (TINY, "does not say what to train on"),
    ],
)
def test_a_broken_recipe_is_refused(profile: Profile, tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(KnownError, match=said) as caught:
        train(profile, recipe_at(tmp_path, text), tmp_path / "out")
    assert caught.value.code == "bad-recipe" and not (tmp_path / "out").exists()


def test_a_corpus_of_one_track_is_refused(profile: Profile, tmp_path: Path) -> None:
    save_pair_set(made_up_pairs(tracks=1), tmp_path / "pairs")
    with pytest.raises(KnownError, match="at least two different tracks") as caught:
        train(profile, recipe_at(tmp_path), tmp_path / "out", tmp_path / "pairs")
    assert caught.value.code == "few-pairs"


def test_a_set_without_clips_cannot_pretrain(profile: Profile, tmp_path: Path) -> None:
    save_pair_set(made_up_pairs(tracks=60), tmp_path / "pairs")
    with pytest.raises(KnownError, match="keeps no spectrograms or pictures"):
        lab.pretrain_conformers(profile, tmp_path / "pairs", tmp_path / "out", ignore_progress, CancelToken(), steps=1)
    assert not (tmp_path / "out").exists()


def test_corpora_that_differ_in_anything_lie_apart(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(make, "make_corpus", lambda recipe, folder, profile: asked.append(folder))
    recipe = read_recipe(SMALL[0])
    for corpus in ({}, {"half_real": "media"}, {"is_synthesis_only": True}, {"seed": 2}):
        lab._corpus(profile, type(recipe)("tiny", "cca", corpus={**recipe.corpus, **corpus}))
    assert len(set(asked)) == len(asked) == 4
    assert all(folder.is_relative_to(profile.cache_dir) for folder in asked)


def test_only_the_first_of_several_processes_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "out" / "state" / "training.pt"
    state.parent.mkdir(parents=True)
    state.write_bytes(b"state")
    with lab._folder_of_process(tmp_path / "out") as folder:
        assert folder == tmp_path / "out" and lab.is_first_process()
    monkeypatch.setenv("LOCAL_RANK", "1")
    with lab._folder_of_process(tmp_path / "out") as folder:
        assert not folder.is_relative_to(tmp_path) and not lab.is_first_process()
        assert (folder / "state" / "training.pt").read_bytes() == b"state", "it goes on from the same state"
    assert not folder.exists() and state.exists()
