# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All systems on one corpus, their ablations, and the papers' claims with a verdict each. Run by hand, in this order:

    python -m needledrop.training.corpus.make CORPUS --tracks 480 --videos-per-track 5 --seed 1
    needledrop pretrain --pairs CORPUS --out CORPUS-unified
    needledrop pretrain --pairs CORPUS --out CORPUS-separate --separate
    python tests/benchmarks/bench_systems.py CORPUS OUT --tune 8
    python tests/benchmarks/bench_systems.py CORPUS OUT --seeds 1 2 3
    python tests/benchmarks/bench_systems.py CORPUS OUT --seeds 1 2 3 --tables

Every finished training is kept in OUT and not run again; several of these may run at once.
"""

from __future__ import annotations

import argparse
import copy
import functools
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.training.corpus.make import embedded
from needledrop.training.evaluation.metrics import Interval, bootstrap, paired_difference, ranks_of
from needledrop.training.evaluation.protocol import Scorer, Trial, trials
from needledrop.training.evaluation.scorers import EnergyTempoRule, PopularRank, RandomOrder, TrueLatent
from needledrop.training.lab import Bench, load_towers, prepared, searchable, train_recipe, with_reranking
from needledrop.training.pairs.pair_set import PairSet, load_pair_set
from needledrop.training.recipe import Recipe, Schedule, recipe_from
from needledrop.training.tuning import search, space_of

SPLITS = ("test-weak", "test-strong")
KS = (1, 5, 10, 25)
FORMS = ("AE", "A-SE", "SE", "SE&R")
SCHEDULE = Schedule(
    steps=320, batch=128, learning_rate=1e-3, warm_up_steps=20, validate_every=40, patience=3, kind="constant"
)
_INPUT = {"width": 64, "heads": 4, "head_width": 16, "feed_forward": 128, "dropout": 0.2}
_MODELS: dict[str, dict[str, Any]] = {
    "cbvmr": {"music_hidden": [256, 128], "video_hidden": [256], "width": 64},
    "cmvae": {"latent": 64, "hidden": 256, "warmup": 100, "kl": 0.005},
    "dual-vae": {"latent": 64, "hidden": 256, "warmup": 100, "kl": 0.005},
    "cross-vae": {"latent": 64, "hidden": 256, "warmup": 100, "kl": 0.005},
    "ut-cmvmr": {
        "phi_hidden": 192, "phi_width": 128, "theta_hidden": 128, "theta_width": 64,
        "cross_heads": 4, "cross_head_width": 16, "cross_feed_forward": 128,
    },
    "tivm": {"layers": 2, "music_hidden": 64, "video_hidden": 128, "width": 64},
    "cca": {},
    "dscmr": {"hidden": 256, "width": 64},
}  # fmt: skip
TUNED = ("cbvmr", "cmvae", "ut-cmvmr", "tivm")
# Where a baseline is a variant of a system, it has that system's settings.
_LIKE = {"dual-vae": "cmvae", "cross-vae": "cmvae"}


@dataclass(frozen=True)
class Run:
    """One row: a system with changes to its settings, on the corpus as it is, or with Conformer clips."""

    name: str
    system: str
    form: str
    clips: str = "unified"
    changes: tuple[tuple[str, Any], ...] = ()
    shortest: int = 0


def runs() -> list[Run]:
    """Every row of the tables."""
    no_tags = (("tag_branch", False),)
    found = [Run(f"CBVMR {form}", "cbvmr", form) for form in FORMS]
    found += [Run(f"CMVAE {form}", "cmvae", form) for form in FORMS]
    found += [Run(f"CMVMR {form}", "ut-cmvmr", form, changes=no_tags) for form in FORMS]
    found += [Run(f"TIVM {form}", "tivm", form) for form in FORMS]
    found += [Run("UT-CMVMR SE&R", "ut-cmvmr", "SE&R"), Run("UT-CMVMR SE", "ut-cmvmr", "SE")]
    found += [
        Run("UT-CMVMR SE&R, separate targets", "ut-cmvmr", "SE&R", "separate"),
        Run("UT-CMVMR SE&R, bundled clips", "ut-cmvmr", "SE&R", "bundled"),
        Run("CBVMR SE&R, bundled clips", "cbvmr", "SE&R", "bundled"),
        Run("CMVAE SE&R, bundled clips", "cmvae", "SE&R", "bundled"),
        Run("TIVM SE&R, bundled clips", "tivm", "SE&R", "bundled"),
        Run("UT-CMVMR rhythm only", "ut-cmvmr", "SE&R", changes=(("input.flow", False),)),
        Run("UT-CMVMR flow only", "ut-cmvmr", "SE&R", changes=(("input.rhythm", False),)),
        Run("UT-CMVMR no matching head", "ut-cmvmr", "SE&R", changes=(("matching", 0.0), ("pair_ranking", 0.0))),
        Run(
            "UT-CMVMR no reconstruction", "ut-cmvmr", "SE&R",
            changes=(("phi_reconstruction", 0.0), ("tag_reconstruction", 0.0)),
        ),
        Run("CBVMR AE, structure 0", "cbvmr", "AE", changes=(("structure_music", 0.0), ("structure_video", 0.0))),
        Run("CBVMR AE, structure 0.2", "cbvmr", "AE", changes=(("structure_music", 0.2), ("structure_video", 0.2))),
        Run("CMVAE AE, equal experts", "cmvae", "AE", changes=(("fusion", "equal"),)),
        Run("CMVAE AE, concatenated", "cmvae", "AE", changes=(("fusion", "concat"),)),
        Run("CMVAE AE, no text", "cmvae", "AE", changes=(("fusion", "no-text"),)),
        Run("CMVAE AE, no generation", "cmvae", "AE", changes=(("generation", "none"),)),
        Run("CMVAE AE, gamma 0", "cmvae", "AE", changes=(("gamma", 0.0),)),
        Run("Dual-VAE AE", "dual-vae", "AE"), Run("Cross-VAE AE", "cross-vae", "AE"),
        Run("DSCMR AE", "dscmr", "AE"), Run("CCA AE", "cca", "AE"),
    ]  # fmt: skip
    for shortest, length in ((0, "28 s"), (2, "8 s")):
        for encoder in ("transformer", "lstm", "none"):
            for loss in ("infonce", "triplet"):
                changes = (("encoder", encoder), ("loss", loss))
                found.append(Run(f"TIVM {encoder} {loss}, {length}", "tivm", "SE", changes=changes, shortest=shortest))
    return found


# Left against right, as the papers have it: the left one is said to be better.
CLAIMS = (
    ("CMVMR > CMVAE at AE", "CMVMR AE", "CMVAE AE"),
    ("CMVAE > CBVMR at AE", "CMVAE AE", "CBVMR AE"),
    ("CMVMR > CMVAE at SE&R", "CMVMR SE&R", "CMVAE SE&R"),
    ("UT-CMVMR > CMVAE at SE&R", "UT-CMVMR SE&R", "CMVAE SE&R"),
    ("CMVAE > CBVMR at SE&R", "CMVAE SE&R", "CBVMR SE&R"),
    ("unified > separate targets", "UT-CMVMR SE&R", "UT-CMVMR SE&R, separate targets"),
    ("A-SE > AE", "CMVMR A-SE", "CMVMR AE"),
    ("SE > A-SE", "CMVMR SE", "CMVMR A-SE"),
    ("SE&R > SE", "UT-CMVMR SE&R", "UT-CMVMR SE"),
    ("rhythm and flow > rhythm", "UT-CMVMR SE&R", "UT-CMVMR rhythm only"),
    ("rhythm and flow > flow", "UT-CMVMR SE&R", "UT-CMVMR flow only"),
    ("tag branch > none", "UT-CMVMR SE&R", "CMVMR SE&R"),
    ("matching head > none", "UT-CMVMR SE&R", "UT-CMVMR no matching head"),
    ("reconstruction > none", "UT-CMVMR SE&R", "UT-CMVMR no reconstruction"),
    ("structure 0.2 > 0", "CBVMR AE, structure 0.2", "CBVMR AE, structure 0"),
    ("product of experts > equal weights", "CMVAE AE", "CMVAE AE, equal experts"),
    ("product of experts > concatenation", "CMVAE AE", "CMVAE AE, concatenated"),
    ("text > none", "CMVAE AE", "CMVAE AE, no text"),
    ("cross-generation > none", "CMVAE AE", "CMVAE AE, no generation"),
    ("cross-generation > own", "CMVAE AE", "Dual-VAE AE"),
    ("matching (gamma) > none", "CMVAE AE", "CMVAE AE, gamma 0"),
    *(
        (f"{left} > {right}, {length}", f"TIVM {left}, {length}", f"TIVM {right}, {length}")
        for length in ("28 s", "8 s")
        for left, right in (
            ("transformer infonce", "transformer triplet"),
            ("transformer infonce", "lstm infonce"),
            ("transformer infonce", "none infonce"),
            ("lstm infonce", "lstm triplet"),
        )
    ),
)


class Corpus:
    """The corpus in its versions, fitted once each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @functools.cache  # noqa: B019 - one object a process.
    def bench(self, clips: str, shortest: int) -> Bench:
        """Its bench; shortest > 0 leaves that many clips of each item."""
        name = self.folder if clips == "bundled" else self.folder.with_name(f"{self.folder.name}-{clips}")
        pairs = load_pair_set(name)
        if shortest:
            pairs = shortened(pairs, shortest)
        profile = Profile.at(self.folder.with_name("profile"))
        return prepared(pairs, functools.partial(embedded, profile=profile))


def shortened(pairs: PairSet, clips: int) -> PairSet:
    """The first clips of every item alone."""
    music, video = np.array(pairs.music.mask), np.array(pairs.video.mask)
    music[:, clips:] = video[:, clips:] = False
    return replace(pairs, music=replace(pairs.music, mask=music), video=replace(pairs.video, mask=video))


def base_recipe(system: str, form: str, out: Path) -> Recipe:
    """The system's settings: those a search chose, where there was one."""
    tuned = out / "tune" / _LIKE.get(system, system) / "recipe.json"
    model = copy.deepcopy(_MODELS[system])
    schedule = SCHEDULE
    if tuned.exists():
        found = recipe_from(json.loads(tuned.read_text()), str(tuned))
        known = {"beta", "kl"} if system == "cross-vae" else set(found.model)
        model |= {name: value for name, value in found.model.items() if name in known and name != "input"}
        schedule = found.schedule
    model["input"] = {**_INPUT, "form": form}
    return Recipe(system, system, model, schedule)


def recipe_of(run: Run, seed: int, out: Path) -> Recipe:
    """The recipe of a row."""
    recipe = base_recipe(run.system, run.form, out)
    model = copy.deepcopy(recipe.model)
    for name, value in run.changes:
        *tables, key = name.split(".")
        inner = model
        for table in tables:
            inner = inner[table]
        inner[key] = value
    return replace(recipe, name=run.name, model=model, seed=seed)


def tune(corpus: Corpus, out: Path, count: int, systems: Sequence[str]) -> None:
    """The same number of trials on the validation split for each of the four systems, at SE&R."""
    for system in systems:
        recipe = base_recipe(system, "SE&R", out)
        bench, folder = corpus.bench("unified", 0), out / "tune" / system
        if (folder / "recipe.json").exists():
            continue
        weights, has_margin = searchable(recipe)

        def attempt(tried: Recipe, number: int, bench: Bench = bench, folder: Path = folder) -> tuple[float, int]:
            history = train_recipe(bench, tried, folder / f"trial-{number:02}")
            return history.best_recall, history.best_step

        best, tries = search(recipe, space_of(recipe, weights, has_margin), count, attempt, folder)
        (folder / "recipe.json").write_text(json.dumps(best.as_dict()))
        print(system, [(round(trial.recall, 3), trial.settings) for trial in tries], flush=True)


def run_all(corpus: Corpus, out: Path, seeds: Sequence[int], only: str) -> None:
    """Train what is not trained and keep its ranks. A row that another process works on is left to it."""
    for seed in seeds:
        for run in runs():
            file = out / "ranks" / f"{run.name.replace('&', 'n').replace(' ', '_')}-{seed}.json"
            claim = file.with_suffix(".claim")
            if only not in run.name or file.exists():
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.close(os.open(claim, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                continue
            _train_row(corpus.bench(run.clips, run.shortest), run, seed, out, file)


def _train_row(bench: Bench, run: Run, seed: int, out: Path, file: Path) -> None:
    folder = out / "models" / file.stem
    try:
        history = train_recipe(bench, recipe_of(run, seed, out), folder)
    except KnownError as error:
        print(run.name, seed, error, flush=True)
        file.write_text(json.dumps({"problem": str(error)}))
        return
    (folder / "state" / "training.pt").unlink(missing_ok=True)
    towers = load_towers(folder, bench.pairs)
    kept: dict[str, Any] = {"validation": history.best_recall, "step": history.best_step}
    again = with_reranking(towers, 50) if run.name in ("UT-CMVMR SE&R", "CMVMR SE&R") else None
    for split in SPLITS:
        for trial in trials(bench.pairs, split):
            kept[f"{split}/{trial.direction}"] = _ranks(towers, trial).tolist()
            if again is not None and trial.direction == "video to music":
                kept[f"{split}/re-ranked"] = _ranks(again, trial).tolist()
    file.write_text(json.dumps(kept))
    print(run.name, seed, f"validation {history.best_recall:.3f} at {history.best_step}", flush=True)


def _ranks(scorer: Scorer, trial: Trial) -> Any:
    scores = scorer.scores(trial.videos, trial.tracks)
    return ranks_of(scores if trial.direction == "video to music" else scores.T, trial.relevant)


def ranks_by_row(out: Path, seeds: Sequence[int], key: str) -> dict[str, Any]:
    """Ranks [queries, seeds] of every row that all seeds finished."""
    found = {}
    for run in runs():
        stem = run.name.replace("&", "n").replace(" ", "_")
        files = [out / "ranks" / f"{stem}-{seed}.json" for seed in seeds]
        kept = [json.loads(file.read_text()) for file in files if file.exists()]
        if len(kept) == len(seeds) and all(key in one for one in kept):
            found[run.name] = np.stack([one[key] for one in kept], axis=1)
    return found


def at_most(k: int) -> Callable[[Any], float]:
    """R@k of ranks of any shape."""
    return lambda ranks: float((ranks <= k).mean())


def print_tables(corpus: Corpus, out: Path, seeds: Sequence[int]) -> None:
    """The table a split, then the verdicts on new music."""
    pairs = corpus.bench("unified", 0).pairs
    baselines: list[Scorer] = [RandomOrder(), PopularRank(pairs), EnergyTempoRule(pairs), TrueLatent(pairs)]
    for split in SPLITS:
        trial, back = trials(pairs, split)
        rows = {one.name: _ranks(one, trial)[:, None] for one in baselines}
        rows |= ranks_by_row(out, seeds, f"{split}/video to music")
        for name, ranks in ranks_by_row(out, seeds, f"{split}/re-ranked").items():
            rows[f"{name}, best 50 re-ranked"] = ranks
        backward = ranks_by_row(out, seeds, f"{split}/music to video")
        size = trial.gallery_size
        print(f"\n{split}: {len(trial.videos)} videos ask {size} tracks; {len(seeds)} seeds\n")
        chance = " | ".join(f"R@{k} (chance {100 * k / size:.1f})" for k in KS)
        print(f"| system | {chance} | MedR | MRR | music to video R@10 |\n|" + "---|" * (len(KS) + 4))
        for name, ranks in rows.items():
            cells = [_percent(bootstrap(ranks, at_most(k), trial.clusters)) for k in KS]
            to_video = f"{100 * at_most(10)(backward[name]):.1f}" if name in backward else ""
            print(f"| {name} | {' | '.join(cells)} | {np.median(ranks):.0f} | {(1 / ranks).mean():.3f} | {to_video} |")
        print(f"\nmusic to video: {len(back.tracks)} tracks ask {len(back.videos)} videos")
    _print_verdicts(trials(pairs, "test-strong")[0], ranks_by_row(out, seeds, "test-strong/video to music"))


def _percent(interval: Interval) -> str:
    return f"{100 * interval.value:.1f} [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"


def _print_verdicts(trial: Trial, rows: dict[str, Any]) -> None:
    print("\n| claim | " + " | ".join(f"R@{k}" for k in KS) + " |\n|" + "---|" * (len(KS) + 1))
    for claim, left, right in CLAIMS:
        if left not in rows or right not in rows:
            print(f"| {claim} | not run |")
            continue
        cells = []
        for k in KS:
            found = paired_difference(rows[left], rows[right], at_most(k), trial.clusters)
            word = "holds" if found.low > 0 else "reversed" if found.high < 0 else "open"
            cells.append(f"{word} {100 * found.value:+.1f} [{100 * found.low:+.1f}, {100 * found.high:+.1f}]")
        print(f"| {claim} | " + " | ".join(cells) + " |")


def main() -> None:
    """Tune, train, or print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--tune", type=int, default=0, metavar="TRIALS")
    parser.add_argument("--systems", nargs="+", default=list(TUNED), help="to tune")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--only", default="", help="rows whose name holds this")
    parser.add_argument("--tables", action="store_true")
    given = parser.parse_args()
    corpus = Corpus(given.corpus)
    if given.tune:
        tune(corpus, given.out, given.tune, given.systems)
    elif given.tables:
        print_tables(corpus, given.out, given.seeds)
    else:
        run_all(corpus, given.out, given.seeds, given.only)


if __name__ == "__main__":
    main()
