# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's verbs that judge: rank one set of pairs with any number of systems, let people listen, count ballots.

Ranking with trained models needs the extra `learn`; baselines alone and ballots do not. Trains nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.core.query import SequenceModel
from needledrop.workflows.lab import require_learn
from needledrop.workflows.ranked_systems import (
    CONTENT,
    LISTED,
    OF_OTHER_PAIRS,
    Wanted,
    one_by_one,
    require_some,
    systems_of,
)

if TYPE_CHECKING:
    from needledrop.training.evaluation.ballots import Tally
    from needledrop.training.evaluation.cut_beat import CutBeatScores
    from needledrop.training.evaluation.found_moments import MomentResult
    from needledrop.training.evaluation.given_candidates import CandidateResult
    from needledrop.training.evaluation.listening_test import ListeningTest
    from needledrop.training.evaluation.measured_items import MeasuredItems
    from needledrop.training.evaluation.protocol import Result, Scorer, Trial
    from needledrop.training.evaluation.report import Report
    from needledrop.training.evaluation.results import Change
    from needledrop.training.pairs.any_pairs import FoundPairs
    from needledrop.training.pairs.pair_set import PairSet

REAL = "real"
SPLITS = ("validation", "test-weak", "test-strong")


@dataclass(frozen=True)
class Evaluation:
    """What every system answered, and what it was asked.

    splits: those that were asked about. among: answers within the candidates that the set gives. left_out: a sentence
    for each item of the folder that is not in the set. unranked: by the name of a system that cannot rank this set, the
    sentence that says why. cut_beats: None where they were not asked for. real: the same systems on finished videos.
    """

    pairs: PairSet
    scorers: Sequence[Scorer]
    splits: Sequence[str]
    results: Sequence[Result]
    trials: Sequence[Trial]
    among: Sequence[CandidateResult]
    left_out: Sequence[str]
    unranked: Mapping[str, str]
    cut_beats: CutBeatScores | None
    real: Evaluation | None = None


def evaluate_models(
    profile: Profile,
    wanted: Wanted,
    folder: Path,
    splits: Sequence[str],
    progress: ProgressSink,
    cancel: CancelToken,
    *,
    real: Path | None = None,
) -> Evaluation:
    """All systems on the same questions.

    Args:
        folder: a saved set, finished videos, or a published data set.
        splits: which videos ask; if none is given, the test splits that the set has, else its validation split.
        real: a folder of finished videos to ask the same systems about as well.

    Raises:
        KnownError: the extra is missing, a checkpoint or a set cannot be used, or a split has nothing to choose from.
        Cancelled: asked to stop.
    """
    if wanted.checkpoints:
        require_learn()
    from needledrop.training.pairs.any_pairs import read_pairs
    from needledrop.training.pairs.broken_items import without_broken

    # First, for a folder that cannot be used is better told before hours of ranking.
    films = None if real is None else _evaluated_films(profile, wanted, real, progress, cancel)
    found = read_pairs(folder, profile, progress=progress, cancel=cancel)
    found = replace(found, pairs=without_broken(found.pairs))
    asked = list(dict.fromkeys(splits)) or _usual_splits(found.pairs)
    scorers = systems_of(found.pairs, wanted)
    done = _evaluated(found, folder, asked, scorers, {}, wanted, progress, cancel)
    if not wanted.has_cut_beats:  # Those are counted of the videos' own tracks, too.
        require_some(done.scorers, done.unranked)
    return replace(done, real=films)


def _evaluated_films(
    profile: Profile, wanted: Wanted, folder: Path, progress: ProgressSink, cancel: CancelToken
) -> Evaluation:
    """The same systems on finished videos; what cannot rank these says so and stops nothing."""
    from needledrop.training.pairs.any_pairs import FoundPairs
    from needledrop.training.pairs.folder_pairs import read_folder_pairs

    read = read_folder_pairs(folder, profile=profile, progress=progress, cancel=cancel)
    found = FoundPairs(read.pairs, (), tuple(one.sentence for one in read.left_out))
    scorers: list[Scorer] = []
    unranked: dict[str, str] = {}
    for one in one_by_one(wanted):
        try:
            scorers += systems_of(found.pairs, one)
        except KnownError as error:
            if error.code not in OF_OTHER_PAIRS:
                raise
            unranked[(*(path.name for path in one.checkpoints), *one.baselines)[0]] = error.sentence
    return _evaluated(found, folder, [SPLITS[0]], scorers, unranked, wanted, progress, cancel, label=REAL)


def _evaluated(
    found: FoundPairs,
    folder: Path,
    asked: Sequence[str],
    scorers: list[Scorer],
    unranked: Mapping[str, str],
    wanted: Wanted,
    progress: ProgressSink,
    cancel: CancelToken,
    label: str = "",
) -> Evaluation:
    """These systems, and the program's own lists where wanted, on these splits; label: what the splits are called."""
    from needledrop.crossmodal.base_towers import shipped_towers
    from needledrop.training.evaluation import program_order
    from needledrop.training.evaluation.cut_beat import cut_beat_scores
    from needledrop.training.evaluation.given_candidates import judged_among
    from needledrop.training.evaluation.protocol import DIRECTIONS, judged, trials

    pairs, unranked = found.pairs, dict(unranked)
    questions = [trial for split in asked for trial in trials(pairs, split)]
    questions = [replace(trial, split=label or trial.split) for trial in questions]
    own: list[tuple[str, SequenceModel | None]] = [(program_order.CONTENT, None)] if CONTENT in wanted.baselines else []
    own += [(program_order.LEARNED, shipped_towers())] if LISTED in wanted.baselines else []
    if own or wanted.has_cut_beats:
        measured = _measured(pairs, folder, questions, progress, cancel)
    for name, model in own:
        if measured.why_not:
            unranked[name] = measured.why_not
        else:
            scorers = [*scorers, program_order.ProgramOrder(measured, model)]
    lists = [one for one in found.candidates if one.split in asked]
    to_music = [trial for trial in questions if trial.direction == DIRECTIONS[0]]
    return Evaluation(
        pairs=pairs,
        scorers=scorers,
        splits=asked,
        results=[judged(scorer, trial, wanted.seed) for trial in questions for scorer in scorers],
        trials=questions,
        among=[judged_among(scorer, one, seed=wanted.seed) for one in lists for scorer in scorers],
        left_out=found.left_out,
        unranked=unranked,
        cut_beats=cut_beat_scores(pairs, measured, to_music, scorers, wanted.seed) if wanted.has_cut_beats else None,
    )


def _measured(
    pairs: PairSet, folder: Path, questions: Sequence[Trial], progress: ProgressSink, cancel: CancelToken
) -> MeasuredItems:
    """All videos and tracks that are asked about, as far as the set has something to measure."""
    import numpy as np

    from needledrop.training.evaluation.measured_items import measured_items

    videos = np.unique(np.concatenate([one.videos for one in questions]))
    # A video's own track may be another copy of what stands in the gallery.
    tracks = np.unique(np.concatenate([pairs.track_of_video[videos], *(one.tracks for one in questions)]))
    return measured_items(pairs, folder, videos, tracks, progress=progress, cancel=cancel)


def save_evaluation(evaluation: Evaluation, path: Path) -> None:
    """Keep the results with the rank of every case, those on real pairs as well.

    Raises:
        KnownError: the file cannot be written.
    """
    from needledrop.media.output_file import output_error
    from needledrop.training.evaluation.results import Answered, save_results

    answered = [
        Answered(one.results, one.trials, {"video": one.pairs.video_names, "track": one.pairs.track_names})
        for one in (evaluation, evaluation.real)
        if one is not None
    ]
    try:
        save_results(path, answered)
    except OSError as error:
        raise output_error(error, path) from error


def changes_since(evaluation: Evaluation, before: Path) -> list[Change]:
    """What got better and worse since save_evaluation wrote `before`.

    Raises:
        KnownError: it holds no results, or those of other questions.
    """
    from needledrop.training.evaluation.results import changes

    with tempfile.TemporaryDirectory() as folder:
        after = Path(folder) / "this evaluation"
        save_evaluation(evaluation, after)
        return changes(before, after)


def prepare_blind(
    evaluation: Evaluation,
    wanted: int,
    media: Path,
    out: Path,
    progress: ProgressSink,
    cancel: CancelToken,
    *,
    seed: int = 0,
) -> ListeningTest:
    """Write a listening test about the last of the splits that were asked about.

    Raises:
        KnownError: there are too few systems, no media, or something stands where the test would go.
        Cancelled: asked to stop; nothing is left.
    """
    from needledrop.training.evaluation.listening_test import prepare_listening_test
    from needledrop.training.pairs.media_files import files_by_name

    pairs = evaluation.pairs
    files = files_by_name((*pairs.video_names, *pairs.track_names), media)
    return prepare_listening_test(
        pairs, evaluation.scorers, evaluation.splits[-1], wanted, out, files,
        seed=seed, progress=progress, cancel=cancel,
    )  # fmt: skip


def write_page(evaluation: Evaluation, media: Path, out: Path, progress: ProgressSink, cancel: CancelToken) -> Report:
    """Write the page of the last of the splits that were asked about.

    Raises:
        KnownError: the folder cannot be written, or that of the media is none.
        Cancelled: asked to stop.
    """
    from needledrop.training.evaluation.report import write_report
    from needledrop.training.pairs.media_files import files_by_name

    pairs = evaluation.pairs
    files = files_by_name((*pairs.video_names, *pairs.track_names), media)
    return write_report(pairs, evaluation.scorers, evaluation.splits[-1], out, files, progress=progress, cancel=cancel)


def count_ballots(ballots: Sequence[Path], key: Path, seed: int = 0) -> tuple[Tally, tuple[str, ...]]:
    """The tally of a listening test, and a sentence for each ballot or answer that was left out.

    Raises:
        KnownError: the key is none, or no ballot can be used.
    """
    from needledrop.training.evaluation.ballots import read_ballots, read_key, tallied

    read = read_ballots(ballots, read_key(key))
    return tallied(read, seed), read.left_out


def judge_moments(
    tables: Path, splits: Sequence[str], found: Path | None = None, seed: int = 0
) -> tuple[list[MomentResult], tuple[str, ...]]:
    """How well the stretches of a table match MGSV-EC's, beside what guessing finds; a sentence for each row left out.

    Raises:
        KnownError: a table is missing or cannot be used, or a split has no moments.
    """
    from needledrop.training.evaluation.found_moments import guesses_s, judged_moments, read_found
    from needledrop.training.pairs.mgsv import read_moments

    read = read_moments(tables)
    results = []
    for split in dict.fromkeys(splits or SPLITS[1:]):
        moments = read.of_split(split)
        finders = {name: (stretches_s, None) for name, stretches_s in guesses_s(moments, seed).items()}
        answers = finders if found is None else {**finders, found.stem: read_found(found, moments)}
        results += [judged_moments(name, split, moments, *answer, seed) for name, answer in answers.items()]
    return results, read.left_out


def _usual_splits(pairs: PairSet) -> list[str]:
    """The test splits that the set has; else validation, where finished videos are."""
    there = set(pairs.split)
    return [split for split in SPLITS[1:] if split in there] or [SPLITS[0]]
