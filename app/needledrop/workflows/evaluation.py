# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's verbs that judge: rank one set of pairs with any number of systems, let people listen, count ballots.

Ranking with trained models needs the extra `learn`; baselines alone and ballots do not. Trains nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.workflows.lab import require_learn

if TYPE_CHECKING:
    from needledrop.training.evaluation.ballots import Tally
    from needledrop.training.evaluation.found_moments import MomentResult
    from needledrop.training.evaluation.given_candidates import CandidateResult
    from needledrop.training.evaluation.listening_test import ListeningTest
    from needledrop.training.evaluation.measured_items import MeasuredItems
    from needledrop.training.evaluation.protocol import Result, Scorer, Trial
    from needledrop.training.evaluation.report import Report
    from needledrop.training.evaluation.results import Change
    from needledrop.training.pairs.pair_set import PairSet

BASELINES = ("random", "popular", "rule", "content", "oracle")
CONTENT = "content"
SPLITS = ("validation", "test-weak", "test-strong")


@dataclass(frozen=True)
class Evaluation:
    """What every system answered, and what it was asked.

    splits: those that were asked about. among: answers within the candidates that the set gives. left_out: a sentence
    for each item of the folder that is not in the set. unranked: by the name of a system that cannot rank this set, the
    sentence that says why.
    """

    pairs: PairSet
    scorers: Sequence[Scorer]
    splits: Sequence[str]
    results: Sequence[Result]
    trials: Sequence[Trial]
    among: Sequence[CandidateResult]
    left_out: Sequence[str]
    unranked: Mapping[str, str]


def evaluate_models(
    profile: Profile,
    checkpoints: Sequence[Path],
    folder: Path,
    splits: Sequence[str],
    progress: ProgressSink,
    cancel: CancelToken,
    *,
    baselines: Sequence[str] = (),
    rerank: int = 0,
    seed: int = 0,
) -> Evaluation:
    """All systems on the same questions.

    Args:
        folder: a saved set, finished videos, or a published data set.
        splits: which videos ask; if none is given, the test splits that the set has, else its validation split.
        rerank: how many of a system's best are judged pair by pair as well; 0 for none.

    Raises:
        KnownError: the extra is missing, a checkpoint or the set cannot be used, or a split has nothing to choose from.
        Cancelled: asked to stop.
    """
    if checkpoints:
        require_learn()
    from needledrop.training.evaluation.given_candidates import judged_among
    from needledrop.training.evaluation.protocol import compared, trials
    from needledrop.training.pairs.any_pairs import read_pairs
    from needledrop.training.pairs.broken_items import without_broken

    found = read_pairs(folder, profile, progress=progress, cancel=cancel)
    pairs = without_broken(found.pairs)
    asked = list(dict.fromkeys(splits)) or _usual_splits(pairs)
    scorers = _scorers(pairs, checkpoints, [name for name in baselines if name != CONTENT], rerank, seed)
    questions = [trial for split in asked for trial in trials(pairs, split)]
    lists = [one for one in found.candidates if one.split in asked]
    unranked: dict[str, str] = {}
    if CONTENT in baselines:
        from needledrop.training.evaluation.content_order import NAME, ContentOrder

        measured = _measured(pairs, folder, questions, progress, cancel)
        if measured.why_not:
            unranked[NAME] = measured.why_not
        else:
            scorers.append(ContentOrder(measured))
    _require_some(scorers, unranked)
    among = [judged_among(scorer, one, seed=seed) for one in lists for scorer in scorers]
    results = compared(pairs, scorers, asked, seed)
    return Evaluation(pairs, scorers, asked, results, questions, among, found.left_out, unranked)


def _measured(
    pairs: PairSet, folder: Path, questions: Sequence[Trial], progress: ProgressSink, cancel: CancelToken
) -> MeasuredItems:
    """All videos and tracks that are asked about, as far as the set has something to measure."""
    import numpy as np

    from needledrop.training.evaluation.measured_items import measured_items

    videos = np.unique(np.concatenate([one.videos for one in questions]))
    tracks = np.unique(np.concatenate([one.tracks for one in questions]))
    return measured_items(pairs, folder, videos, tracks, progress=progress, cancel=cancel)


def save_evaluation(evaluation: Evaluation, path: Path) -> None:
    """Keep the results with the rank of every case.

    Raises:
        KnownError: the file cannot be written.
    """
    from needledrop.media.output_file import output_error
    from needledrop.training.evaluation.results import save_results

    names = {"video": evaluation.pairs.video_names, "track": evaluation.pairs.track_names}
    try:
        save_results(path, evaluation.results, evaluation.trials, names)
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
    from needledrop.training.evaluation.media_files import files_by_name

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
    from needledrop.training.evaluation.media_files import files_by_name
    from needledrop.training.evaluation.report import write_report

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


def _scorers(
    pairs: PairSet, checkpoints: Sequence[Path], baselines: Sequence[str], rerank: int, seed: int
) -> list[Scorer]:
    scorers: list[Scorer] = [_baseline(name, pairs, seed) for name in dict.fromkeys(baselines)]
    for folder in checkpoints:
        from needledrop.training.lab import load_towers, with_reranking

        towers = load_towers(folder, pairs)
        scorers.append(towers)
        again = with_reranking(towers, rerank) if rerank else None
        scorers += [] if again is None else [again]
    return scorers


def _require_some(scorers: Sequence[Scorer], unranked: Mapping[str, str]) -> None:
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
    made: dict[str, Callable[[], Any]] = {
        "random": lambda: scorers.RandomOrder(seed),
        "popular": lambda: scorers.PopularRank(pairs, seed),
        "rule": lambda: scorers.EnergyTempoRule(pairs),
        "oracle": lambda: scorers.TrueLatent(pairs),
    }
    return made[name]()
