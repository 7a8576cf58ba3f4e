# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""needledrop-base and the four published systems on the same pairs, with the same number of search trials. By hand:

    python tests/benchmarks/bench_base.py OUT --train CORPUS HALF_REAL --test CORPUS HALF_REAL SECOND --trials 4

All are shown the bundled clips of the same sets, joined; each is tuned on the validation split with as many trials, and
trained with each seed from its best settings. Only then "test-strong" (new music) of the sets under --test is opened.
Ablations of needledrop-base follow its own settings. Finished trainings are kept in OUT; several of these may run.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from needledrop.training.evaluation.metrics import bootstrap, paired_difference, ranks_of
from needledrop.training.evaluation.protocol import Trial, trials
from needledrop.training.evaluation.scorers import EnergyTempoRule, RandomOrder, TrueLatent
from needledrop.training.lab import Bench, load_towers, prepared, searchable, train_recipe
from needledrop.training.pairs.joined import joined
from needledrop.training.pairs.pair_set import PairSet, load_pair_set
from needledrop.training.recipe import Recipe, read_recipe, recipe_from
from needledrop.training.tuning import search, space_of

MODELS = Path(__file__).parents[2] / "models"
SYSTEMS = ("needledrop-base", "cmvae", "cbvmr", "tivm", "ut-cmvmr")
OURS = SYSTEMS[0]
ABLATIONS: dict[str, dict[str, Any]] = {
    "without steps": {"steps": False},
    "without course": {"courses": False},
    "whole alone": {"steps": False, "courses": False},
    "with words": {"text": True},
    "with order kept": {"structure": 1.0},
}
KS = (1, 5, 10, 25)


@cache
def bench_of(folders: tuple[Path, ...]) -> Bench:
    """The sets, joined and fitted once."""
    return prepared(joined([load_pair_set(folder) for folder in folders]))


def settings_of(system: str, folders: tuple[Path, ...], out: Path, count: int) -> Recipe:
    """The recipe that ships, or the best of `count` trials from it on the validation split."""
    recipe = replace(read_recipe(MODELS / system / "recipe.toml"), name=system)
    kept = out / "tune" / system / "recipe.json"
    if count and not kept.exists():
        weights, has_margin = searchable(recipe)

        def attempt(tried: Recipe, number: int) -> tuple[float, int]:
            history = train_recipe(bench_of(folders), tried, kept.parent / f"trial-{number:02}")
            return history.best_recall, history.best_step

        best, tries = search(recipe, space_of(recipe, weights, has_margin), count, attempt, kept.parent)
        kept.write_text(json.dumps(best.as_dict()))
        print(system, [(round(one.recall, 3), one.settings) for one in tries], flush=True)
    return recipe_from(json.loads(kept.read_text()), str(kept)) if kept.exists() else recipe


def train_all(folders: tuple[Path, ...], out: Path, seeds: list[int], count: int, only: str) -> None:
    """Tune and train what is not there yet."""
    rows: list[tuple[str, str, dict[str, Any]]] = [(system, system, {}) for system in SYSTEMS]
    rows += [(f"{OURS} {name}", OURS, changes) for name, changes in ABLATIONS.items()]
    for name, system, changes in rows:
        for seed in seeds:
            folder = out / "models" / f"{name.replace(' ', '_')}-{seed}"
            if only not in name or (folder / "history.json").exists():
                continue
            recipe = settings_of(system, folders, out, count)
            recipe = replace(recipe, name=name, seed=seed, model=recipe.model | changes)
            history = train_recipe(bench_of(folders), recipe, folder)
            print(name, seed, f"validation {history.best_recall:.3f} at {history.best_step}", flush=True)


def ranks(scorer: Any, trial: Trial) -> Any:
    """Where the true track stands, for each video."""
    return ranks_of(np.asarray(scorer.scores(trial.videos, trial.tracks)), trial.relevant)


def table(pairs: PairSet, out: Path, seeds: list[int]) -> None:
    """Every system on the new music of one set."""
    trial = trials(pairs, "test-strong")[0]
    rows: dict[str, Any] = {one.name: ranks(one, trial)[:, None] for one in (RandomOrder(), EnergyTempoRule(pairs))}
    if pairs.truth:
        rows["Oracle (true latent)"] = ranks(TrueLatent(pairs), trial)[:, None]
    for name in sorted({folder.name.rpartition("-")[0] for folder in (out / "models").iterdir()}):
        folders = [out / "models" / f"{name}-{seed}" for seed in seeds]
        if all((folder / "history.json").exists() for folder in folders):
            rows[name.replace("_", " ")] = np.stack([ranks(load_towers(f, pairs), trial) for f in folders], axis=1)
    size = trial.gallery_size
    print(f"\n{pairs.name}: {len(trial.videos)} videos ask {size} tracks; {len(seeds)} seeds\n")
    chance = " | ".join(f"R@{k} (chance {100 * k / size:.1f})" for k in KS)
    print(f"| system | {chance} | MedR | mean percentile |\n|" + "---|" * (len(KS) + 3))
    for name, found in rows.items():
        cells = [_percent(bootstrap(found, lambda r, k=k: float((r <= k).mean()), trial.clusters)) for k in KS]
        middle = float(((found - 1) / (size - 1)).mean())
        print(f"| {name} | {' | '.join(cells)} | {np.median(found):.0f} | {middle:.3f} |")
    best = max((one for one in SYSTEMS[1:] if one in rows), key=lambda one: (rows[one] <= 10).mean(), default=None)
    if best and OURS in rows:
        gain = paired_difference(rows[OURS], rows[best], lambda r: float((r <= 10).mean()), trial.clusters)
        print(f"\n{OURS} against {best}: R@10 {_percent(gain)} points more", flush=True)


def _percent(interval: Any) -> str:
    return f"{100 * interval.value:.1f} [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"


def main() -> None:
    """Tune, train, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--train", type=Path, nargs="+", required=True)
    parser.add_argument("--test", type=Path, nargs="+", required=True)
    parser.add_argument("--trials", type=int, default=0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--only", default="", help="rows whose name holds this")
    parser.add_argument("--tables", action="store_true", help="print, train nothing")
    given = parser.parse_args()
    if not given.tables:
        train_all(tuple(given.train), given.out, given.seeds, given.trials, given.only)
    for folder in given.test:
        table(load_pair_set(folder), given.out, given.seeds)


if __name__ == "__main__":
    main()
