# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How cuts and beats meet: of each video's own track as it was cut to it, and of what systems put first.

No published standard exists. A hit is a beat within 70 ms of a cut; CutHit is the share of the cuts that are hit,
BeatHit that of the beats, F1 their harmonic mean; from each is taken what a random offset would give: min(1, 2 * 70 ms
* rate). A start that was searched for exceeds that by searching alone: beside it stands what the same search finds for
the same shots in other orders. Cuts and beats are those that the program itself finds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from needledrop.core.times import TimeRange
from needledrop.suggest.align import HIT_S
from needledrop.suggest.picture_shape import picture_shape
from needledrop.suggest.place import Placement, place_track
from needledrop.suggest.start_terms import highest_start_s
from needledrop.suggest.sync_measures import shuffled_chance, sync_measures
from needledrop.training.evaluation.choices import best_choices
from needledrop.training.evaluation.measured_items import MeasuredItems
from needledrop.training.evaluation.metrics import Interval, bootstrap
from needledrop.training.evaluation.protocol import Scorer, Trial
from needledrop.training.pairs.pair_set import PairSet

OWN = "Own track"
TRUE_START, BEST_START, RANDOM_START = "as it was cut", "best", "random"
_FEWEST_CUTS = 2
_SEED_PART = 41


@dataclass(frozen=True)
class CutBeat:
    """How one choice of music meets the cuts of the videos of a split, averaged over the videos.

    queries: the videos that have two cuts or more; without_pulse: those whose music has no beats to be trusted, which
    hit nothing. cut_hit 0..1; cut_excess, beat_excess, f1_excess: less what chance gives. downbeat_hit: share of the
    downbeats that a cut meets. mean_offset_s: beat minus cut over the hits, None without hits. shuffled: CutHit of the
    shots in other orders, where the start was searched.
    """

    music: str
    start: str
    split: str
    queries: int
    without_pulse: int
    cut_hit: Interval
    cut_excess: Interval
    beat_excess: Interval
    f1_excess: Interval
    downbeat_hit: float
    mean_offset_s: float | None
    shuffled: float | None


@dataclass(frozen=True)
class CutBeatScores:
    """The rows; why there are none, or ""; how many videos have fewer than two cuts and were not asked about: such
    shots have no other order to compare with."""

    rows: tuple[CutBeat, ...]
    why_not: str
    too_few_cuts: int


@dataclass(frozen=True)
class _Met:
    """One video with one track at one start."""

    cut_hit: float
    cut_chance: float
    beat_hit: float
    beat_chance: float
    downbeat_hit: float
    mean_offset_s: float
    shuffled: float
    has_pulse: bool

    @property
    def f1_excess(self) -> float:
        return _harmonic(self.cut_hit, self.beat_hit) - _harmonic(self.cut_chance, self.beat_chance)


def cut_beat_scores(
    pairs: PairSet, measured: MeasuredItems, trials: Sequence[Trial], scorers: Sequence[Scorer], seed: int = 0
) -> CutBeatScores:
    """Of the trials from video to music: each video's own track as it was cut, at its best and at a random start; and
    of every system the track that it puts first, at its best and at a random start. Intervals draw whole clusters."""
    if measured.why_not:
        return CutBeatScores((), measured.why_not, 0)
    asked = _Asked(measured, seed)
    rows, too_few_cuts = list[CutBeat](), 0
    for trial in trials:
        own = pairs.track_of_video[trial.videos]
        # The gallery has each recording once; it may be another copy that stands for a video's own.
        tracks = {OWN: _as_in_gallery(own, trial)} | {
            scorer.name: best_choices(scorer, trial, 1).tracks[:, 0] for scorer in scorers
        }
        kept = np.array([asked.is_cut(int(video)) for video in trial.videos], np.bool_)
        too_few_cuts += int((~kept).sum())
        if not kept.any():
            continue
        for name, chosen in tracks.items():
            starts = (TRUE_START, BEST_START, RANDOM_START) if name == OWN else (BEST_START, RANDOM_START)
            for start in starts:
                met = [asked.met(int(v), int(t), start) for v, t in zip(trial.videos[kept], chosen[kept], strict=True)]
                rows.append(_averaged(name, start, trial, met, trial.clusters[kept], seed))
    why_not = "" if rows else f"None of the {too_few_cuts} videos of {pairs.name} has two cuts."
    return CutBeatScores(tuple(rows), why_not, too_few_cuts)


class _Asked:
    """Places tracks under videos, each pair once."""

    def __init__(self, measured: MeasuredItems, seed: int) -> None:
        self._measured, self._seed = measured, seed
        self._shapes = {
            video: picture_shape(features, TimeRange(Fraction(0), Fraction(features.duration_s)))
            for video, features in measured.videos.items()
        }
        self._placements: dict[tuple[int, int], Placement] = {}
        self._met: dict[tuple[int, int, str], _Met] = {}

    def is_cut(self, video: int) -> bool:
        return len(self._shapes[video].cuts_s) >= _FEWEST_CUTS

    def met(self, video: int, track: int, start: str) -> _Met:
        key = (video, track, start)
        if key not in self._met:
            placement = self._placement(video, track)
            share = _in_other_orders(placement) if start == BEST_START else np.nan
            self._met[key] = _measured(placement, self._start_s(placement, video, track, start), share)
        return self._met[key]

    def _placement(self, video: int, track: int) -> Placement:
        if (video, track) not in self._placements:
            shape, picture = self._shapes[video], self._measured.videos[video]
            self._placements[video, track] = place_track(self._measured.tracks[track], shape, picture.soundtrack)
        return self._placements[video, track]

    def _start_s(self, placement: Placement, video: int, track: int, start: str) -> float:
        if start == BEST_START:
            return placement.start_s
        if start == TRUE_START:
            return self._measured.own_start_s[video]
        rng = np.random.default_rng((self._seed, _SEED_PART, video, track))
        return float(rng.random() * max(0.0, highest_start_s(placement.line, placement.shape)))


def _as_in_gallery(own: NDArray[np.int64], trial: Trial) -> NDArray[np.intp]:
    return np.array(
        [
            track if track in trial.tracks else trial.tracks[int(np.argmax(row))]
            for track, row in zip(own, trial.relevant, strict=True)
        ],
        np.intp,
    )


def _in_other_orders(placement: Placement) -> float:
    """CutHit of the same search for the same shots in other orders; without a pulse nothing is hit in any."""
    shuffled = shuffled_chance(placement)
    return 0.0 if shuffled is None else shuffled.mean / len(placement.shape.cuts_s)


def _measured(placement: Placement, start_s: float, shuffled: float) -> _Met:
    line, shape = placement.line, placement.shape
    found = sync_measures(line, shape, start_s)
    under = line.beats_s - start_s
    beats = int(((under >= 0.0) & (under <= shape.duration_s)).sum())
    return _Met(
        cut_hit=found.cut_hit,
        cut_chance=_by_chance(beats / shape.duration_s),
        beat_hit=found.beat_hit,
        # Without a beat there is nothing that a cut could hit by chance.
        beat_chance=_by_chance(len(shape.cuts_s) / shape.duration_s) if beats else 0.0,
        downbeat_hit=found.downbeat_hit,
        mean_offset_s=np.nan if found.mean_offset_s is None else found.mean_offset_s,
        shuffled=shuffled,
        has_pulse=line.has_pulse,
    )


def _by_chance(rate_hz: float) -> float:
    """The share of instants that have one of the other kind within HIT_S at a random offset."""
    return min(1.0, 2 * HIT_S * rate_hz)


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other > 0 else 0.0


def _averaged(
    name: str, start: str, trial: Trial, met: Sequence[_Met], clusters: NDArray[np.int64], seed: int
) -> CutBeat:
    def interval(measure: Callable[[_Met], float]) -> Interval:
        values = np.array([measure(one) for one in met])
        return bootstrap(np.arange(len(values)), lambda drawn: float(values[drawn].mean()), clusters, seed)

    return CutBeat(
        music=name,
        start=start,
        split=trial.split,
        queries=len(met),
        without_pulse=sum(not one.has_pulse for one in met),
        cut_hit=interval(lambda one: one.cut_hit),
        cut_excess=interval(lambda one: one.cut_hit - one.cut_chance),
        beat_excess=interval(lambda one: one.beat_hit - one.beat_chance),
        f1_excess=interval(lambda one: one.f1_excess),
        downbeat_hit=float(np.mean([one.downbeat_hit for one in met])),
        mean_offset_s=_mean_of_known([one.mean_offset_s for one in met]),
        shuffled=_mean_of_known([one.shuffled for one in met]),
    )


def _mean_of_known(values: Sequence[float]) -> float | None:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else None


def cut_beat_table(scores: CutBeatScores) -> str:
    """A Markdown table a split, in per cent and ms; or the sentence that says why there is none."""
    if scores.why_not:
        return f"No cut-beat scores: {scores.why_not}"
    head = ("music", "start", "CutHit", "in other orders", "CutHit - chance", "BeatHit - chance", "F1 - chance",
            "downbeats", "beat - cut in ms", "no pulse")  # fmt: skip
    parts = []
    for split in dict.fromkeys(row.split for row in scores.rows):
        chosen = [row for row in scores.rows if row.split == split]
        lines = [f"{split}, cuts and beats: {chosen[0].queries} videos", ""]
        lines += [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
        parts.append("\n".join([*lines, *map(_row, chosen)]))
    if scores.too_few_cuts:
        parts.append(f"{scores.too_few_cuts} more have fewer than two cuts.")
    return "\n\n".join(parts)


def _row(row: CutBeat) -> str:
    shares = (row.cut_excess, row.beat_excess, row.f1_excess)
    cells = [row.music, row.start, _share(row.cut_hit)]
    cells += ["" if row.shuffled is None else f"{100 * row.shuffled:.1f}", *map(_share, shares)]
    cells += [f"{100 * row.downbeat_hit:.1f}", "" if row.mean_offset_s is None else f"{1000 * row.mean_offset_s:+.0f}"]
    return f"| {' | '.join(cells)} | {row.without_pulse} |"


def _share(interval: Interval) -> str:
    return f"{100 * interval.value:.1f} [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"
