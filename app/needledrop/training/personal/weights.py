# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much an editor goes by each of the base's own experts: a factor on the precision of each, held to 1.

With x_e(t) = tau_e z_e(t) what expert e says of a track, the picks are taken as a conditional logit (McFadden, 1974)
over the list each was chosen from, with the factors f_e = exp(g_e) pulled to those of the base:

    - sum_picks w log softmax_t(sum_e exp(g_e) x_e(t))[pick] + lambda sum_e g_e^2.

Two numbers are all that is fitted, so five picks are enough to try; held-out projects decide, as of every other form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.suggest.taste_cache import Label
from needledrop.training.personal.evidence import Evidence, Parts, told_from
from needledrop.training.personal.validation import HeldOut, beside_base, folds_of, rank_of

NAME = "weights"
_PULL = 2.0
_MOST = float(np.log(8.0))
_STEPS = 50
_LONGEST_STEP = 0.5


@dataclass(frozen=True)
class Weights:
    """factors by the expert's name, and what factors fitted without them did for held-out picks."""

    factors: Mapping[str, float]
    held_out: HeldOut


def learned_weights(evidence: Evidence) -> Weights | None:
    """The factors of all picks, with the check on held-out projects; None where the experts are not told apart or no
    pick has an opinion of the base beside it."""
    parts = evidence.parts
    lists = _lists(evidence)
    if parts is None or not lists:
        return None
    rows = []
    for fold in folds_of(evidence):
        held = set(fold.tolist())
        logs = _fitted(parts, [one for one in lists if one.place not in held])
        rows += [_compared(evidence, parts, one, logs) for one in lists if one.place in held]
    factors = np.exp(_fitted(parts, lists))
    found = {name: float(factor) for name, factor in zip(parts.names, factors, strict=True)}
    return Weights(found, beside_base(NAME, rows, len(evidence.tracks)))


@dataclass(frozen=True)
class _List:
    """A pick and what it was chosen from: rows [n], the pick first; place of the label in the evidence."""

    place: int
    label: Label
    rows: NDArray[np.int64]


def _lists(evidence: Evidence) -> list[_List]:
    found = []
    for place, label in enumerate(evidence.labels):
        if label.weight > 0 and evidence.base_precision[label.context] > 0:
            rows = np.array([label.row, *told_from(label, len(evidence.tracks))], np.int64)
            if len(rows) > 1:
                found.append(_List(place, label, rows))
    return found


def _fitted(parts: Parts, lists: Sequence[_List]) -> NDArray[np.float64]:
    """Logarithms of the factors, [E], by Newton's method with short steps."""
    said = [parts.said(one.label.context)[:, one.rows].astype(np.float64) for one in lists]
    logs = np.zeros(len(parts.names))
    for _ in range(_STEPS):
        slope, bend = 2.0 * _PULL * logs, 2.0 * _PULL * np.eye(len(logs))
        for one, opinions in zip(lists, said, strict=True):
            grown = np.exp(logs)[:, None] * opinions
            scores = grown.sum(axis=0)
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            mean = grown @ shares
            slope -= one.label.weight * (grown[:, 0] - mean)
            bend += one.label.weight * ((grown * shares) @ grown.T - np.outer(mean, mean))
        step = np.clip(np.linalg.solve(bend, slope), -_LONGEST_STEP, _LONGEST_STEP)
        logs = np.clip(logs - step, -_MOST, _MOST)
        if np.abs(step).max() < 1e-6:
            break
    return logs


def _compared(evidence: Evidence, parts: Parts, one: _List, logs: NDArray[np.float64]) -> list[float]:
    """A row for beside_base."""
    said = parts.said(one.label.context)
    ways = [said.sum(axis=0), np.exp(logs).astype(np.float32) @ said]
    ranks = [rank_of(scores, one.label.row) for scores in ways]
    places = [(rank_of(scores[one.rows], 0) - 1.0) / (len(one.rows) - 1.0) for scores in ways]
    return [float(one.label.group), *ranks, *places]
