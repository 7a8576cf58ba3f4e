# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of learning: which forms the labels are enough for, each held out fold by fold, the best of them fitted.

Every fold is reported when it is done and may be given back later, so that a run that was killed goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch
from needledrop.suggest.taste import Taste
from needledrop.suggest.taste_cache import cached_taste
from needledrop.training.personal.evidence import Evidence
from needledrop.training.personal.fit import STEPS, Form, OnStep, fitted_taste, ignore_steps
from needledrop.training.personal.live import NAME as LIVE
from needledrop.training.personal.live import live_held_out
from needledrop.training.personal.validation import (
    FEWEST_GROUPS,
    HeldOut,
    Learner,
    best_of,
    folds_of,
    held_out_ranks,
    summed_up,
)
from needledrop.training.personal.weights import learned_weights

# From so many likes on weights, and from so many any form is tried (docs/personalisation.md has the curves these were
# read off).
FEWEST_LIKES = 5
FEWEST_FOR_A_FORM = 10
FEWEST_FOR_A_PROJECTION = 30
# How hard every form is held to the base.
_RIDGE = 3.0

Done = dict[str, list[list[float]]]


@dataclass(frozen=True)
class Point:
    """Where a run stands, to be drawn while it runs: the form and how much of the run is done (0..1); the loss of the
    fold that is being fitted; rank and base_rank, the median ranks of all picks of the form held out so far. None where
    there is none."""

    form: str
    share: float
    loss: float | None
    rank: float | None
    base_rank: float | None


Watch = Callable[[Point], None]


def ignore_points(point: Point) -> None:
    """For callers that draw nothing."""


@dataclass(frozen=True)
class Learned:
    """taste is None where nothing was better than the base; best is what decided; tried holds the best precision of
    each form, whether it was enough or not; factors are those of the base's experts, none where they stay as they are.
    A taste that counts nothing (precision 0) comes with factors alone."""

    taste: Taste | None
    best: HeldOut | None
    likes: int
    projects: int
    tried: Mapping[str, HeldOut] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_enough(self) -> bool:
        """False where there are too few labels, or of too few projects, to hold any out."""
        return has_enough(self.likes, self.projects)


def has_enough(likes: int, projects: int) -> bool:
    """True where labels can be held out: by projects, of which the standard error needs some."""
    return likes >= FEWEST_LIKES and projects >= FEWEST_GROUPS


def learners(likes: int, on_step: OnStep = ignore_steps) -> dict[str, Learner]:
    """The forms that so many likes are enough for, by name."""
    if likes < FEWEST_FOR_A_FORM:
        return {}
    found: dict[str, Learner] = {"cache": lambda one: cached_taste(one.space, one.tracks, one.contexts, one.labels)}
    forms = [Form("preference", _RIDGE, has_adapter=False), Form("adapter", _RIDGE)]
    if likes >= FEWEST_FOR_A_PROJECTION:
        forms.append(Form("projection", _RIDGE, has_clips=True))
    for form in forms:
        found[form.name] = lambda one, form=form: fitted_taste(one, form, on_step=on_step)  # type: ignore[misc]
    return found


def learn(
    evidence: Evidence,
    done: Done,
    keep: Callable[[Done], None],
    progress: ProgressSink,
    cancel: CancelToken,
    watch: Watch = ignore_points,
) -> Learned:
    """Hold out, decide, fit.

    Args:
        done: what an interrupted run kept; "FORM/FOLD" to the ranks of that fold.
        keep: is given the same, grown, after every fold.
        watch: is told of every few steps and of every fold.

    Raises:
        Cancelled: stopped by the user; what `keep` was given goes on.
    """
    liked = [label for label in evidence.labels if label.weight > 0]
    projects = len({label.group for label in liked})
    if not has_enough(len(liked), projects):
        return Learned(None, None, len(liked), projects)
    weights = learned_weights(evidence)
    is_weighted = weights is not None and weights.held_out.is_better
    factors = weights.factors if weights is not None and is_weighted else {}
    evidence = evidence.weighted(factors) if factors else evidence
    ways = _held_out(evidence, len(liked), done, keep, progress, cancel, watch)
    tried = {weights.held_out.form: weights.held_out} if weights is not None else {}
    tried |= {name: max(ones, key=lambda one: one.gain) for name, ones in ways.items()}
    tried[LIVE] = live_held_out(evidence)
    best = best_of(ways)
    if best is None and weights is not None and is_weighted:
        empty = Taste.empty(evidence.space, evidence.contexts.shape[1])
        return Learned(empty, weights.held_out, len(liked), projects, tried, factors)
    if best is None:
        return Learned(None, None, len(liked), projects, tried)
    cancel.check()
    taste = learners(len(liked))[best.form](evidence)
    return Learned(replace(taste, precision=best.precision), best, len(liked), projects, tried, factors)


def _held_out(
    evidence: Evidence,
    likes: int,
    done: Done,
    keep: Callable[[Done], None],
    progress: ProgressSink,
    cancel: CancelToken,
    watch: Watch,
) -> dict[str, list[HeldOut]]:
    folds = folds_of(evidence)
    curve = _Curve(watch, cancel)
    forms = learners(likes, curve.on_step)
    clock, total = Stopwatch(), len(folds) * len(forms)
    ways: dict[str, list[HeldOut]] = {}
    for place, (form, learner) in enumerate(forms.items()):
        ranks: list[list[float]] = []
        for number, fold in enumerate(folds):
            cancel.check()
            finished = place * len(folds) + number
            curve.begin(form, finished / total, 1.0 / total, is_first=number == 0)
            key = f"{form}/{number}"
            if key not in done:
                done[key] = held_out_ranks(evidence, fold, learner)
                keep(done)
            ranks += done[key]
            ways[form] = summed_up(form, ranks, len(evidence.tracks))
            best = max(ways[form], key=lambda one: one.gain)
            curve.end(best)
            detail = f"{form}: held-out median rank {best.rank:.0f}, base {best.base_rank:.0f}"
            progress(Progress("Learning", finished + 1, total, clock.elapsed_s, detail))
    return ways


class _Curve:
    """Tells of a run as it goes, and stops it between two steps where it was stopped."""

    def __init__(self, watch: Watch, cancel: CancelToken) -> None:
        self._watch, self._cancel = watch, cancel
        self._form, self._from, self._width = "", 0.0, 0.0
        self._best: HeldOut | None = None

    def begin(self, form: str, share: float, width: float, *, is_first: bool) -> None:
        self._form, self._from, self._width = form, share, width
        self._best = None if is_first else self._best

    def on_step(self, step: int, loss: float) -> None:
        self._cancel.check()
        self._tell(self._from + self._width * step / STEPS, loss)

    def end(self, best: HeldOut) -> None:
        self._best = best
        self._tell(self._from + self._width, None)

    def _tell(self, share: float, loss: float | None) -> None:
        rank, base = (self._best.rank, self._best.base_rank) if self._best is not None else (None, None)
        self._watch(Point(self._form, min(share, 1.0), loss, rank, base))
