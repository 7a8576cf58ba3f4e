# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which systems an evaluation ranks with: trained ones from their folders, and baselines by name. Ranks nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from needledrop.core.errors import KnownError

if TYPE_CHECKING:
    from needledrop.training.evaluation.protocol import Scorer
    from needledrop.training.pairs.pair_set import PairSet

# The program's own list: by content alone, and as `needledrop suggest` gives it.
CONTENT, LISTED = "content", "suggest"
BASELINES = ("random", "popular", "rule", CONTENT, LISTED, "oracle")
# Why a system may be unable to rank finished videos: it was trained on other descriptors, or nobody knows the truth.
OF_OTHER_PAIRS = frozenset({"other-pairs", "no-oracle", "no-popularity"})


@dataclass(frozen=True)
class Wanted:
    """What is to rank and to be counted. checkpoints: folders of trained systems; rerank: how many of a system's best
    are judged pair by pair as well, 0 for none; seed: of the intervals and of all that is drawn."""

    checkpoints: Sequence[Path] = ()
    baselines: Sequence[str] = ()
    rerank: int = 0
    seed: int = 0
    has_cut_beats: bool = False


def one_by_one(wanted: Wanted) -> list[Wanted]:
    """Each system alone, so that one that cannot rank a set does not stop the others."""
    baselines = [replace(wanted, checkpoints=(), baselines=(name,)) for name in dict.fromkeys(wanted.baselines)]
    return baselines + [replace(wanted, checkpoints=(path,), baselines=()) for path in wanted.checkpoints]


def systems_of(pairs: PairSet, wanted: Wanted) -> list[Scorer]:
    """All that is wanted but the content matcher, which needs the items measured.

    Raises:
        KnownError: a checkpoint cannot be used or is of other pairs, or a baseline does not know what it would need.
    """
    names = [name for name in dict.fromkeys(wanted.baselines) if name not in (CONTENT, LISTED)]
    scorers: list[Scorer] = [_baseline(name, pairs, wanted.seed) for name in names]
    for folder in wanted.checkpoints:
        from needledrop.training.lab import load_towers, with_reranking

        towers = load_towers(folder, pairs)
        scorers.append(towers)
        again = with_reranking(towers, wanted.rerank) if wanted.rerank else None
        scorers += [] if again is None else [again]
    return scorers


def require_some(scorers: Sequence[Scorer], unranked: Mapping[str, str]) -> None:
    """See that something ranks; unranked: by name of what cannot, the sentence that says why.

    Raises:
        KnownError: "no-features": the content matcher alone was asked for, and cannot; "usage": nothing was.
    """
    if scorers:
        return
    remedy = "Name folders that `needledrop train` wrote, or a --baseline."
    for name, sentence in unranked.items():
        raise KnownError(f"{name}: {sentence}", remedy=remedy, code="no-features")
    raise KnownError("There is nothing to evaluate.", remedy=remedy, code="usage")


def _baseline(name: str, pairs: PairSet, seed: int) -> Any:
    from needledrop.training.evaluation import scorers

    if name == "oracle" and "music_latent" not in pairs.truth:
        raise KnownError(
            f"{pairs.name} is no made-up corpus: nobody knows its true latents.",
            remedy="Leave the oracle out.",
            code="no-oracle",
        )
    if name == "popular" and "train" not in pairs.split:
        raise KnownError(
            f"{pairs.name} has no videos that were trained on: which of its tracks are popular is not known.",
            remedy="Leave PopularRank out.",
            code="no-popularity",
        )
    made: dict[str, Callable[[], Any]] = {
        "random": lambda: scorers.RandomOrder(seed),
        "popular": lambda: scorers.PopularRank(pairs, seed),
        "rule": lambda: scorers.EnergyTempoRule(pairs),
        "oracle": lambda: scorers.TrueLatent(pairs),
    }
    return made[name]()
