# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How well music that starts at some instant meets the cuts of a picture, and how well it would by chance.

Measures only: they decide nothing, so that any start, found by whatever means, can be measured by them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from needledrop.core.music import TimeArray
from needledrop.suggest.align import (
    GRID_S,
    HIT_S,
    ChanceHits,
    beat_offsets,
    refine_starts,
    start_scores,
    start_scores_of_orders,
)
from needledrop.suggest.picture_shape import PictureShape
from needledrop.suggest.place import Placement
from needledrop.suggest.start_terms import StartTerms, StartWeights, energy_correlation, highest_start_s, start_terms
from needledrop.suggest.unrolled import Unrolled

SHUFFLES = 100
_FEWEST_SHUFFLES = 20
# Additions that one track's shuffles may cost: about 20 ms.
_MOST_WORK = 5e7


@dataclass(frozen=True)
class SyncMeasures:
    """cut_hit is the share of the cuts with a beat within +-HIT_S; beat_hit and downbeat_hit the shares of the beats
    and downbeats under the range with a cut that near; mean_offset_s the mean of beat minus cut over the hits, None
    without hits, positive where the beat comes after the cut; energy_correlation -1..1, None for a still picture."""

    cut_hit: float
    beat_hit: float
    downbeat_hit: float
    mean_offset_s: float | None
    energy_correlation: float | None


def sync_measures(line: Unrolled, shape: PictureShape, start_s: float) -> SyncMeasures:
    """Measure music that starts at start_s of its line under a picture; without cuts or beats the shares are 0."""
    offsets_s = beat_offsets(line.beats_s, shape.cuts_s + start_s)
    hits = np.abs(offsets_s) <= HIT_S
    return SyncMeasures(
        cut_hit=float(hits.mean()) if len(hits) else 0.0,
        beat_hit=_share_with_cut(line.beats_s - start_s, shape),
        downbeat_hit=_share_with_cut(line.downbeats_s - start_s, shape),
        mean_offset_s=float(offsets_s[hits].mean()) if hits.any() else None,
        energy_correlation=energy_correlation(line, shape, start_s),
    )


def _share_with_cut(instants_s: TimeArray, shape: PictureShape) -> float:
    """The share of the instants inside the range that have a cut within HIT_S."""
    inside = instants_s[(instants_s >= 0.0) & (instants_s <= shape.duration_s)]
    return float(np.mean(np.abs(beat_offsets(shape.cuts_s, inside)) <= HIT_S)) if len(inside) else 0.0


def shuffled_chance(
    placement: Placement, weights: StartWeights | None = None, shuffles: int = SHUFFLES
) -> ChanceHits | None:
    """Search the track of a placement again for its shots in other orders; None without beats or with < 2 cuts.

    The intervals between the cuts, those to the ends of the range included, are put in random orders; accents, energy
    and all else stay, and the start is chosen and refined as ever. Very long ranges and tracks get fewer shuffles, 20
    at least. The seed is fixed: same input, same answer.

    Cuts made to a steady beat stay on it in any order, so that a film cut at whole beats throughout beats chance by its
    downbeats only: the measure tells what this order and this track have to do with each other.
    """
    line, shape, weights = placement.line, placement.shape, weights or StartWeights()
    if not line.has_pulse or len(shape.cuts_s) < 2:
        return None
    terms = start_terms(line, shape, weights)
    affordable = int(_MOST_WORK / (len(shape.cuts_s) * len(terms.rest)))
    orders = shuffled_cuts(shape, int(np.clip(affordable, min(_FEWEST_SHUFFLES, shuffles), shuffles)))
    starts_s = _refined_best(line, shape, terms, weights, orders)
    instants_s = orders + starts_s[:, None]
    hits = (np.abs(beat_offsets(line.beats_s, instants_s)) <= HIT_S).sum(axis=1)
    return ChanceHits(
        worth=float(line.worth(shape.cuts_s + placement.start_s, shape.cut_weights)),
        own_hits=int(placement.hits.sum()),
        worths=line.worth(instants_s, shape.cut_weights),
        hits=hits.astype(np.int64),
    )


def shuffled_cuts(shape: PictureShape, shuffles: int) -> TimeArray:
    """The cuts with their intervals in random orders, [shuffles, K]."""
    generator = np.random.default_rng(len(shape.cuts_s))
    intervals = np.diff(np.concatenate([[0.0], shape.cuts_s, [shape.duration_s]]))
    return np.cumsum(generator.permuted(np.tile(intervals, (shuffles, 1)), axis=1), axis=1)[:, :-1]


def _refined_best(
    line: Unrolled, shape: PictureShape, terms: StartTerms, weights: StartWeights, orders: TimeArray
) -> TimeArray:
    """The start that the search chooses for each set of cuts, [n]."""
    assert terms.signal is not None
    times, event_weights = shape.events
    is_cut = np.zeros(len(times), np.bool_)
    is_cut[1 : 1 + len(shape.cuts_s)] = True
    cut_share = np.float32(event_weights[is_cut].sum() / event_weights.sum())
    count, highest_s = len(terms.rest), highest_start_s(line, shape)
    others = start_scores(terms.signal, times[~is_cut], event_weights[~is_cut], count) * (np.float32(1.0) - cut_share)
    starts = np.zeros(len(orders))
    for index, cuts in enumerate(start_scores_of_orders(terms.signal, orders, shape.cut_weights, count)):
        cuts *= cut_share
        cuts += others
        starts[index] = min(terms.best(cuts, weights) * GRID_S, highest_s)
    return refine_starts(line.beats_s, orders, starts, min(line.first_s, highest_s), highest_s)
