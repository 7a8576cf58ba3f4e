# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results as a table to read, as a file to keep, and against kept ones: which cases got better, which got worse."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.training.evaluation.metrics import Interval, paired_difference, recall_at
from needledrop.training.evaluation.protocol import DIRECTIONS, Result, Trial

FORMAT_VERSION = 1


@dataclass(frozen=True)
class Case:
    """One query whose rank changed: its name, and its rank before and after."""

    name: str
    before: int
    after: int


@dataclass(frozen=True)
class Change:
    """What became of a system in a trial: the difference of R@10 (after - before) with its interval on the same
    queries, and the cases that changed, those that changed most first."""

    system: str
    split: str
    direction: str
    recall: Interval
    better: tuple[Case, ...]
    worse: tuple[Case, ...]


@dataclass(frozen=True)
class Answered:
    """What systems answered about one set; names: its "video" and "track" names."""

    results: Sequence[Result]
    trials: Sequence[Trial]
    names: Mapping[str, Sequence[str]]


def table(results: Sequence[Result], direction: str = DIRECTIONS[0], unranked: Mapping[str, str] | None = None) -> str:
    """A Markdown table a split, with gallery size and chance beside every figure's column.

    Args:
        unranked: by the names of systems that could not answer, the sentence that says why.
    """
    parts = []
    for split in dict.fromkeys(result.split for result in results):
        chosen = [result for result in results if result.split == split and result.direction == direction]
        if chosen:
            parts.append(_split_table(chosen, unranked or {}))
    return "\n\n".join(parts)


def _split_table(results: Sequence[Result], unranked: Mapping[str, str]) -> str:
    first = results[0]
    ks = list(first.recall)
    head = [f"R@{k} (chance {100 * first.chance[k]:.1f})" for k in ks]
    has_gains = first.ndcg_at_10 is not None
    columns = ["system", *head, "MedR", "MRR", "percentile", *(["NDCG@10"] if has_gains else [])]
    sampled = [f"R@{k} of 101" for k in first.sampled]
    lines = [
        f"{first.split}, {first.direction}: {len(first.ranks)} queries, gallery of {first.gallery_size}",
        "",
        "| " + " | ".join([*columns, *sampled]) + " |",
        "|" + "---|" * (len(columns) + len(sampled)),
    ]
    for result in results:
        cells = [result.system, *(_percent(result.recall[k]) for k in ks), f"{result.median_rank.value:.0f}"]
        cells += [f"{result.reciprocal_rank.value:.3f}", _plain(result.percentile)]
        cells += [f"{result.ndcg_at_10:.3f}"] if result.ndcg_at_10 is not None else []
        cells += [f"{100 * value:.1f}" for value in result.sampled.values()]
        lines.append("| " + " | ".join(cells) + " |")
    empty = " |" * (len(columns) + len(sampled) - 2)
    lines += [f"| {system} | {sentence} |{empty}" for system, sentence in unranked.items()]
    return "\n".join(lines)


def _percent(interval: Interval) -> str:
    return f"{100 * interval.value:.1f} [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"


def _plain(interval: Interval) -> str:
    return f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def as_dict(result: Result) -> dict[str, Any]:
    """Plain values of a result."""
    return {**asdict(result), "ranks": result.ranks.tolist()}


def save_results(path: Path, answered: Sequence[Answered]) -> None:
    """Keep results with the names and groups of their queries; no two sets may call a split by one name."""
    kept: dict[str, Any] = {"format": FORMAT_VERSION, "queries": {}, "results": []}
    for one in answered:
        kept["queries"] |= {f"{trial.split}/{trial.direction}": _asked(trial, one.names) for trial in one.trials}
        kept["results"] += [as_dict(result) for result in one.results]
    path.write_text(json.dumps(kept, indent=1), encoding="utf-8")


def _asked(trial: Trial, names: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    is_to_music = trial.direction == DIRECTIONS[0]
    queries = [names["video" if is_to_music else "track"][i] for i in (trial.videos if is_to_music else trial.tracks)]
    return {"names": queries, "clusters": trial.clusters.tolist()}


def changes(before: Path, after: Path) -> list[Change]:
    """What became of every system that both files hold, trial by trial.

    Raises:
        KnownError: "no-results": a file holds no results; "other-queries": the two asked different questions.
    """
    old, new = _read(before), _read(after)
    found = {(one["system"], one["split"], one["direction"]): one for one in old["results"]}
    compared = []
    for one in new["results"]:
        key = (one["system"], one["split"], one["direction"])
        if key in found:
            trial = f"{one['split']}/{one['direction']}"
            if old["queries"][trial] != new["queries"][trial] or found[key]["gallery_size"] != one["gallery_size"]:
                raise KnownError(
                    f"{before} and {after} asked different questions in {trial}.",
                    remedy="Compare evaluations of the same set of pairs.",
                    code="other-queries",
                )
            compared.append(_change(key, found[key]["ranks"], one["ranks"], new["queries"][trial]))
    return compared


def _change(key: tuple[str, str, str], before: list[int], after: list[int], asked: dict[str, Any]) -> Change:
    cases = [Case(name, b, a) for name, b, a in zip(asked["names"], before, after, strict=True)]
    difference = paired_difference(
        np.array(after), np.array(before), partial(recall_at, k=10), np.array(asked["clusters"])
    )
    better = sorted((case for case in cases if case.after < case.before), key=lambda case: case.after / case.before)
    worse = sorted((case for case in cases if case.after > case.before), key=lambda case: case.before / case.after)
    return Change(*key, difference, tuple(better), tuple(worse))


def _read(path: Path) -> dict[str, Any]:
    try:
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if kept["format"] != FORMAT_VERSION:
            raise ValueError(f"format {kept['format']}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KnownError(
            f"{path} holds no results of an evaluation.",
            remedy="Give a file that `needledrop evaluate --save` wrote.",
            cause=str(error),
            code="no-results",
        ) from error
    return kept
