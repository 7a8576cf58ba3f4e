# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's verbs that make models: train a recipe, search its settings; or sets: published extractors, Conformers.

Needs the extra `learn`. Sets of pairs that a recipe describes are made in the cache and kept there. Ranks nothing for
people to read: that is workflows/evaluation.py.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink

if TYPE_CHECKING:
    from needledrop.training.lab import Bench
    from needledrop.training.pairs.pair_set import PairSet
    from needledrop.training.recipe import Recipe
    from needledrop.training.trainer import History
    from needledrop.training.tuning import Trial as TuningTrial

# Of training.corpus.make.Recipe, where a recipe does not say.
_USUAL_CORPUS: dict[str, Any] = {"half_real": "", "side": 48, "is_synthesis_only": False, "renderer": "first"}


def train_model(
    profile: Profile,
    recipe_path: Path,
    out: Path,
    progress: ProgressSink,
    cancel: CancelToken,
    *,
    pairs: Sequence[Path] = (),
    device: str = "auto",
    devices: int = 1,
) -> History:
    """Train what the recipe says on the set it describes, or on others that are given, joined.

    Raises:
        KnownError: the extra is missing, or the recipe or the set cannot be used, or the training came apart.
        Cancelled: stopped; called again it goes on.
    """
    require_learn()
    from needledrop.training.lab import train_recipe
    from needledrop.training.recipe import read_recipe
    from needledrop.training.trainer import Machine

    recipe = read_recipe(recipe_path)
    bench = _bench(profile, recipe, pairs, progress, cancel)
    with _folder_of_process(out) as folder:
        return train_recipe(bench, recipe, folder, Machine(device, devices), progress, cancel)


def is_first_process() -> bool:
    """Whether this is the process that speaks and writes, where several train one model."""
    return int(os.environ.get("LOCAL_RANK", "0")) == 0


@contextlib.contextmanager
def _folder_of_process(out: Path) -> Iterator[Path]:
    """The folder itself for the first process; for the others one that is thrown away, with the same state to go on
    from: what two processes write at once, neither can read. No step is taken before all have joined."""
    if is_first_process():
        yield out
        return
    with tempfile.TemporaryDirectory() as folder:
        if (out / "state").is_dir():
            shutil.copytree(out / "state", Path(folder) / "state")
        yield Path(folder)


def pretrain_conformers(
    profile: Profile,
    pairs: Path,
    out: Path,
    progress: ProgressSink,
    cancel: CancelToken,
    *,
    steps: int,
    is_unified: bool = True,
    device: str = "cpu",
) -> PairSet:
    """Write the set anew with the clip features of Conformers that were pretrained on its own labels, and the
    Conformers beside it.

    Raises:
        KnownError: the extra is missing, or the set keeps nothing that Conformers could learn from.
        Cancelled: stopped; nothing was written.
    """
    require_learn()
    _require_another_folder(pairs, out)
    from needledrop.training.conformer_files import save_conformers
    from needledrop.training.conformers import ConformerRecipe
    from needledrop.training.lab import pretrained_conformers, with_conformer_clips
    from needledrop.training.pairs.any_pairs import read_pairs
    from needledrop.training.pairs.broken_items import without_broken
    from needledrop.training.pairs.pair_set import save_pair_set

    found = without_broken(read_pairs(pairs, profile, progress=progress, cancel=cancel).pairs)
    recipe = ConformerRecipe(steps=steps)
    conformers = pretrained_conformers(found, recipe, is_unified=is_unified, device=device, cancel=cancel)
    made = with_conformer_clips(found, conformers, device=device)
    save_conformers(conformers, out)
    save_pair_set(made, out)
    return made


def apply_conformers(
    profile: Profile,
    pretrained: Path,
    pairs: Path,
    out: Path,
    progress: ProgressSink,
    cancel: CancelToken,
    *,
    device: str = "cpu",
) -> PairSet:
    """Write a set anew with the clip features of the Conformers that pretrain_conformers left in a folder.

    Raises:
        KnownError: the extra is missing, the Conformers cannot be used, or the set keeps nothing to show them.
        Cancelled: stopped; nothing was written.
    """
    require_learn()
    _require_another_folder(pairs, out)
    _require_another_folder(pretrained, out)
    from needledrop.training.conformer_files import load_conformers
    from needledrop.training.lab import with_conformer_clips
    from needledrop.training.pairs.any_pairs import read_pairs
    from needledrop.training.pairs.broken_items import without_broken
    from needledrop.training.pairs.pair_set import save_pair_set

    conformers = load_conformers(pretrained)
    found = without_broken(read_pairs(pairs, profile, progress=progress, cancel=cancel).pairs)
    made = with_conformer_clips(found, conformers, device=device)
    save_pair_set(made, out)
    return made


def describe_pairs(
    profile: Profile,
    pairs: Path,
    out: Path,
    progress: ProgressSink,
    cancel: CancelToken,
    *,
    pictures: str | None = None,
    music: bool = False,
) -> tuple[PairSet, list[str]]:
    """Write the set anew with vectors and clips by published extractors, and say what had to be given up on the way.

    Args:
        pairs: finished films, or a corpus that can be made again from its recipe.
        pictures: one of published_pictures.ARCHITECTURES; None leaves the pictures as they are described.
        music: whether VGGish describes the tracks.

    Raises:
        KnownError: "usage": nothing is asked for; "missing": an extractor is not installed, or there is nothing to hear
            and to see; "memory", or a file cannot be read.
        Cancelled: stopped; nothing was written.
    """
    from needledrop.training.pairs.any_pairs import read_pairs
    from needledrop.training.pairs.pair_set import save_pair_set
    from needledrop.training.pairs.published import described
    from needledrop.training.pairs.sources import open_source
    from needledrop.workflows.extractors import open_picture_extractor, open_vggish

    if pictures is None and not music:
        raise KnownError(
            "Nothing to describe by.", remedy="Say --pictures resnet-50, --music vggish, or both.", code="usage"
        )
    _require_another_folder(pairs, out)
    seeing = None if pictures is None else open_picture_extractor(profile, pictures)
    hearing = open_vggish(profile) if music else None
    found = read_pairs(pairs, profile, progress=progress, cancel=cancel).pairs
    source = open_source(found, pairs)
    if source is None:
        raise KnownError(
            f"{found.name} holds numbers only: there is nothing to hear and to see.",
            remedy="Name the folder of the films, or the one that a corpus was made in.",
            code="missing",
        )
    made = described(found, source, seeing, hearing, progress=progress, cancel=cancel)
    save_pair_set(made, out)
    return made, [said for one in (seeing, hearing) if one is not None for said in one.notices]


def _require_another_folder(read: Path, out: Path) -> None:
    """What is being read must not be written over."""
    if read.resolve() == out.resolve():
        raise KnownError(f"{out} is read from.", remedy="Name another folder with --out.", code="usage")


def tune_model(
    profile: Profile,
    recipe_path: Path,
    out: Path,
    trials: int,
    progress: ProgressSink,
    cancel: CancelToken,
    *,
    pairs: Sequence[Path] = (),
    device: str = "auto",
) -> tuple[Recipe, list[TuningTrial]]:
    """Search the recipe's settings on the validation split; the best recipe is written to out/recipe.json.

    Raises:
        KnownError: as train_model; or every trial failed.
        Cancelled: stopped between trials; called again it goes on.
    """
    require_learn()
    from needledrop.training.lab import searchable, train_recipe
    from needledrop.training.recipe import read_recipe
    from needledrop.training.trainer import Machine
    from needledrop.training.tuning import search, space_of

    recipe = read_recipe(recipe_path)
    bench = _bench(profile, recipe, pairs, progress, cancel)
    weights, has_margin = searchable(recipe)

    def attempt(tried: Recipe, number: int) -> tuple[float, int]:
        folder = out / f"trial-{number:03}"
        history = train_recipe(bench, tried, folder, Machine(device, 1), cancel=cancel)
        shutil.rmtree(folder / "state", ignore_errors=True)
        return history.best_recall, history.best_step

    best, done = search(recipe, space_of(recipe, weights, has_margin), trials, attempt, out, progress, cancel)
    (out / "recipe.json").write_text(json.dumps(best.as_dict(), indent=1), encoding="utf-8")
    return best, done


def _bench(
    profile: Profile, recipe: Recipe, given: Sequence[Path], progress: ProgressSink, cancel: CancelToken
) -> Bench:
    from needledrop.crossmodal.sentence import published_model_dir
    from needledrop.training.corpus.make import embedded
    from needledrop.training.lab import prepared
    from needledrop.training.pairs.any_pairs import read_pairs
    from needledrop.training.pairs.joined import joined

    if given:
        pairs = joined([read_pairs(one, profile, progress=progress, cancel=cancel).pairs for one in given])
    else:
        pairs = _corpus(profile, recipe)
    return prepared(pairs, partial(embedded, profile=profile) if published_model_dir() is not None else None)


def _corpus(profile: Profile, recipe: Recipe) -> PairSet:
    """The corpus that the recipe describes, made where it is not there yet."""
    from needledrop.training.corpus import make

    known = {field.name for field in dataclasses.fields(make.Recipe)}
    wanted = _USUAL_CORPUS | recipe.corpus
    if set(wanted) != known:
        raise KnownError(
            f"The recipe {recipe.name} does not say what to train on.",
            remedy="Give a set with --pairs, or write a table [corpus] with tracks, videos_per_track and seed.",
            cause=f"missing or unknown: {', '.join(sorted(set(wanted) ^ known))}",
            code="bad-recipe",
        )
    told = json.dumps(wanted, sort_keys=True).encode()
    name = f"{wanted['renderer']}-{wanted['tracks']}-{hashlib.blake2b(told, digest_size=4).hexdigest()}"
    return make.make_corpus(make.Recipe(**wanted), profile.cache_dir / "pairs" / name, profile=profile)


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def require_learn() -> None:
    """Raises: KnownError: "no-torch": the extra `learn` is not installed."""
    if not (_has("torch") and _has("lightning_fabric")):
        raise KnownError(
            "Training and evaluating need torch, which is not installed.",
            remedy="Install Needledrop with its extra: pip install 'needledrop[learn]'.",
            code="no-torch",
        )
