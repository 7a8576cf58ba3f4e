# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each expert of `needledrop suggest` adds, on made-up and half-real pairs whose truth is known. By hand:

    python tests/benchmarks/bench_fusion.py SET [SET ...] --split test-strong --videos 60

Sound and pictures are made again and measured as the program does; every row leaves something out of the program's own
score. `--search` tries other weights, for which only validation splits are meant.

    python tests/benchmarks/bench_fusion.py SET [SET ...] --words

asks what a line of text adds to the learned experts: every video of the split that has one, its words against those of
each track's other videos, by the set's own descriptors of their 28 s (nothing is measured again). Splits are left aside
with `--split all`.
"""

from __future__ import annotations

import argparse
import itertools
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from needledrop.core.cue import MixTargets
from needledrop.core.music import CLIP_DESCRIPTORS
from needledrop.core.times import TimeRange
from needledrop.crossmodal.base_towers import BaseTowers, shipped_towers
from needledrop.features.clip_rows import rows_between
from needledrop.index.gallery import Gallery
from needledrop.suggest.content import ContentMatcher
from needledrop.suggest.course_search import best_steps, deviation_cosine, stretch_scores, whole_and_course
from needledrop.suggest.engine import RANKER_SHARE
from needledrop.suggest.experts import FOUND_PRECISION as FOUND
from needledrop.suggest.experts import TEXT_PRECISION as TYPED
from needledrop.suggest.experts import TEXT_SPREAD, Expert, product_of_experts
from needledrop.suggest.learned import COURSE_SPREAD, STEPS_SPREAD, LearnedWeights
from needledrop.suggest.picture_shape import picture_shape
from needledrop.suggest.place import place_track
from needledrop.training.evaluation.measured_items import MeasuredItems, measured_items
from needledrop.training.evaluation.metrics import bootstrap
from needledrop.training.evaluation.program_order import gallery_of
from needledrop.training.evaluation.protocol import trials
from needledrop.training.pairs.pair_set import PairSet, load_pair_set
from needledrop.workflows.words import CLOSE_COSINE as CLOSE
from needledrop.workflows.words import UNRELATED_COSINE as UNRELATED

# Of picture, course, steps; and the ranking's share against the placed cue's.
FULL = (LearnedWeights().picture, LearnedWeights().course, LearnedWeights().steps, RANKER_SHARE)
ROWS = {
    "all": FULL,
    "without course": (FULL[0], 0.0, FULL[2], FULL[3]),
    "without steps": (FULL[0], FULL[1], 0.0, FULL[3]),
    "nothing learned": (FULL[0], 0.0, 0.0, FULL[3]),
    "learned alone, with the cue": (0.0, FULL[1], FULL[2], FULL[3]),
    "without the cue": (*FULL[:3], 1.0),
    "learned alone": (0.0, FULL[1], FULL[2], 1.0),
    "picture alone": (1.0, 0.0, 0.0, 1.0),
    "the cue alone": (1.0, 0.0, 0.0, 0.0),
}
GRID = ((0.25, 0.5, 1.0), (0.0, 1.0, 2.0, 3.0), (0.0, 0.5, 1.0, 2.0), (0.4, 0.5, 0.6))


@dataclass(frozen=True)
class Question:
    """What each expert says of every track [T], which track is the true one [T], and the recording that it is of."""

    experts: tuple[Expert, Expert, Expert]
    placed: np.ndarray
    relevant: np.ndarray
    cluster: int

    def rank(self, weights: tuple[float, ...]) -> int:
        """Where the true track stands, ties against it."""
        *precisions, share = weights
        experts = [
            Expert(one.name, one.scores, one.precision * factor, one.spread)
            for one, factor in zip(self.experts, precisions, strict=True)
        ]
        total = share * product_of_experts(experts) + (1 - share) * self.placed
        return int((total >= total[self.relevant].max()).sum() - self.relevant.sum() + 1)


def questions(folder: Path, split: str, most: int) -> list[Question]:
    """Up to `most` videos of a split, drawn by a fixed seed."""
    pairs = load_pair_set(folder)
    trial = trials(pairs, split)[0]
    rng = np.random.default_rng(0)
    rows = np.sort(rng.permutation(len(trial.videos))[:most])
    measured = measured_items(pairs, folder, trial.videos[rows], trial.tracks)
    gallery = gallery_of(measured.tracks)
    order = np.argsort(trial.tracks)
    return [
        _asked(int(trial.videos[row]), trial.relevant[row][order], int(trial.clusters[row]), measured, gallery)
        for row in rows
    ]


def _asked(video: int, relevant: np.ndarray, cluster: int, measured: MeasuredItems, gallery: Gallery) -> Question:
    model, features = shipped_towers(), measured.videos[video]
    lengths_s = [one.duration_s for one in measured.videos.values()]
    length_s = min(lengths_s) if measured.shares_lengths else features.duration_s
    shape = picture_shape(features, TimeRange(Fraction(0), Fraction(int(1000 * length_s), 1000)))
    shown = rows_between(features.rows, 0.0, shape.duration_s)
    a, b, _ = model.shares
    embedded = model.music_clips(gallery.clips, gallery.clip_offsets)
    course = whole_and_course(embedded, gallery.clip_offsets, model.video_clips(shown), (a / (a + b), b / (a + b)))
    tracks = [measured.tracks[number] for number in gallery.tracks["track_id"].tolist()]
    steps = best_steps([model.music_steps(one.rhythm, one.loudness) for one in tracks], model.video_steps(shown))
    placed = [place_track(one, shape, features.soundtrack, MixTargets()).score for one in tracks]
    experts = (
        ContentMatcher(gallery).seen(shape).expert,
        Expert("course", course.scores, 1.0, COURSE_SPREAD),
        Expert("steps", steps.scores, 1.0, STEPS_SPREAD),
    )
    return Question(experts, np.array(placed, np.float32), relevant, cluster)


@dataclass(frozen=True)
class WordsAsked:
    """Of each video with a line of text [Q]: what the learned experts and the words say of every track [Q, T], and
    which is the true one [Q, T]."""

    learned: list[tuple[Expert, Expert]]
    words: list[Expert]
    relevant: np.ndarray

    def rows(self) -> dict[str, list[list[Expert]]]:
        """The rows of the table: the experts of each question."""
        own = [list(pair) for pair in self.learned]
        return {
            "learned alone": own,
            "words alone": [[one] for one in self.words],
            "both, words as found by the way": [
                [*a, _counting(b, FOUND)] for a, b in zip(own, self.words, strict=True)
            ],
            "both, words as typed": [[*a, _counting(b, TYPED)] for a, b in zip(own, self.words, strict=True)],
        }


def _counting(expert: Expert, precision: float) -> Expert:
    return replace(expert, precision=precision)


def words_asked(folder: Path, split: str) -> WordsAsked:
    """Words and learned experts of the videos of a split that have a text."""
    pairs, model = load_pair_set(folder), shipped_towers()
    in_split = np.array([split in (one, "all") for one in pairs.split])
    videos = np.flatnonzero(in_split & pairs.video.has_text)
    tracks = np.unique(pairs.track_of_video[in_split])
    shares = model.shares[0] / sum(model.shares[:2]), model.shares[1] / sum(model.shares[:2])
    heard = [_heard(pairs, model, track) for track in tracks.tolist()]
    learned, words = [], []
    for video in videos.tolist():
        shown = model.clips_of(np.asarray(pairs.video.clips[video])[pairs.video.mask[video]])
        steps = model.steps_of(np.asarray(pairs.video.steps[video]))
        course = [stretch_scores(clips[: len(shown)], shown[: len(clips)], shares)[0] for clips, _ in heard]
        stepped = [deviation_cosine(own, steps)[0] for _, own in heard]
        learned.append(
            (
                Expert("course", np.array(course, np.float32), LearnedWeights().course, COURSE_SPREAD),
                Expert("steps", np.array(stepped, np.float32), LearnedWeights().steps, STEPS_SPREAD),
            )
        )
        nearness = [_nearness(pairs, video, track) for track in tracks.tolist()]
        words.append(Expert("words", np.array(nearness, np.float32), 1.0, TEXT_SPREAD))
    return WordsAsked(learned, words, pairs.track_of_video[videos][:, None] == tracks)


def _heard(pairs: PairSet, model: BaseTowers, track: int) -> tuple[np.ndarray, np.ndarray]:
    clips = np.asarray(pairs.music.clips[track])[pairs.music.mask[track]][:, : len(CLIP_DESCRIPTORS)]
    steps = model.steps_of(np.asarray(pairs.music.steps[track]), is_music=True)
    return model.music_clips(clips, np.array([0, len(clips)])), steps


def _nearness(pairs: PairSet, video: int, track: int) -> float:
    """How near a video's words are to those of a track's other videos, as `workflows.words` scores cosines."""
    others = np.flatnonzero((pairs.track_of_video == track) & pairs.video.has_text)
    others = others[others != video]
    if not len(others):
        return 0.0
    said = np.asarray(pairs.video.text[others]).mean(axis=0)
    cosine = float(said @ pairs.video.text[video] / max(float(np.linalg.norm(said)), 1e-9))
    return float(np.clip((cosine - UNRELATED) / (CLOSE - UNRELATED), 0.0, 1.0))


def print_words(folder: Path, split: str) -> None:
    """The table of what words add."""
    asked = words_asked(folder, split)
    print(f"\n{folder.name}, {split}: {len(asked.words)} videos with words ask {asked.relevant.shape[1]} tracks\n")
    print("| | R@1 | R@10 | MRR |\n|---|---|---|---|")
    for name, questions_of in asked.rows().items():
        totals = np.stack([product_of_experts(experts) for experts in questions_of])
        best = np.where(asked.relevant, totals, -1.0).max(axis=1, keepdims=True)
        ranks = (totals >= best).sum(axis=1)
        parts = [f"{100 * (ranks <= k).mean():.1f}" for k in (1, 10)]
        print(f"| {name} | {' | '.join(parts)} | {(1 / ranks).mean():.3f} |")


def said(asked: list[Question], weights: tuple[float, ...]) -> tuple[float, str]:
    """MRR, and a row of the table: recall with its 95 % interval over recordings."""
    ranks = np.array([one.rank(weights) for one in asked])
    size, clusters = len(asked[0].relevant), np.array([one.cluster for one in asked])
    mrr = float((1 / ranks).mean())
    found = [bootstrap(ranks[:, None], lambda r, k=k: float((r <= k).mean()), clusters) for k in (1, 10)]
    parts = [f"{100 * one.value:.0f} [{100 * one.low:.0f}, {100 * one.high:.0f}]" for one in found]
    return mrr, f"{' | '.join(parts)} | {mrr:.3f} | {((ranks - 1) / (size - 1)).mean():.3f}"


def main() -> None:
    """Print the table of each set, or the best weights over all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--split", default="test-strong")
    parser.add_argument("--videos", type=int, default=60)
    parser.add_argument("--search", action="store_true")
    parser.add_argument("--words", action="store_true")
    given = parser.parse_args()
    if given.words:
        for folder in given.sets:
            print_words(folder, given.split)
        return
    known = {folder: questions(folder, given.split, given.videos) for folder in given.sets}
    if given.search:
        tried = [w for w in itertools.product(*GRID) if w[1] or w[2]]
        tried.sort(key=lambda w: -np.mean([said(asked, w)[0] for asked in known.values()]))
        for weights in tried[:10]:
            print(weights, *(said(asked, weights)[1] for asked in known.values()), sep="   ")
        return
    for folder, asked in known.items():
        size = len(asked[0].relevant)
        print(f"\n{folder.name}, {given.split}: {len(asked)} videos ask {size} tracks\n")
        print("| | R@1 | R@10 | MRR | mean percentile |\n|---|---|---|---|---|")
        for name, weights in ROWS.items():
            print(f"| {name} | {said(asked, weights)[1]} |", flush=True)


if __name__ == "__main__":
    main()
