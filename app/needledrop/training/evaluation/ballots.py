# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the ballots of a listening test with its key and says what the listeners preferred, as far as they tell.

A ballot, or an answer, that cannot be used costs itself. Intervals draw raters and videos, both whole, as answers of
one rater or about one video are not independent. Source: Owen, "The pigeonhole bootstrap", 2007.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.training.evaluation.ballot_page import ASPECTS, BALLOT_FORMAT, BEST_RATING, TRAININGS
from needledrop.training.evaluation.listening_test import KEY_FORMAT, Option, Question
from needledrop.training.evaluation.metrics import Interval

_DRAWS = 2000


@dataclass(frozen=True)
class Key:
    """Who chose what: the questions of a test by number, and its systems."""

    test: str
    systems: tuple[str, ...]
    questions: dict[int, Question]
    agreed: int


@dataclass(frozen=True)
class Answer:
    """What a rater said to a question: the option preferred (None: none of them), ratings 1..5 by option and aspect."""

    rater: str
    question: Question
    preferred: Option | None
    fit: dict[tuple[str, str], int]


@dataclass(frozen=True)
class Ballots:
    """All answers that can be used, the musical training of each rater, and a sentence for all else."""

    key: Key
    answers: tuple[Answer, ...]
    training: dict[str, str]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Tally:
    """What the ballots say. preference: share of the votes by system, with the share that votes by chance would give;
    no_preference: share of the answers without a vote; fit: mean rating 1..5 by system and aspect; consistency: share
    of repeated questions answered as before, by rater (None: no repeat was answered) and over all with its chance;
    preference_of_training: shares by the raters' musical training, with their number."""

    raters: int
    videos: int
    votes: int
    preference: dict[str, Interval]
    chance: dict[str, float]
    no_preference: float
    fit: dict[tuple[str, str], Interval]
    consistency: dict[str, float | None]
    consistent: float | None
    consistent_by_chance: float | None
    preference_of_training: dict[str, tuple[int, dict[str, float]]]


def read_key(path: Path) -> Key:
    """Read what prepare_listening_test wrote.

    Raises:
        KnownError: "no-key": it is something else.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["format"] != KEY_FORMAT:
            raise ValueError(f"format {told['format']}")
        questions = {one["number"]: _question(one) for one in told["questions"]}
        return Key(str(told["test"]), tuple(told["systems"]), questions, int(told["agreed"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KnownError(
            f"{path} is not the key of a listening test.",
            remedy="Give the file that was written beside the test's folder.",
            cause=str(error),
            code="no-key",
        ) from error


def _question(told: Mapping[str, Any]) -> Question:
    options = tuple(
        Option(token, "", option["track"], tuple(option["systems"])) for token, option in told["options"].items()
    )
    return Question(told["number"], told["video"], options, told["repeat_of"])


def read_ballots(paths: Sequence[Path], key: Key) -> Ballots:
    """Read the ballots of any number of raters; of two by one name the first counts.

    Raises:
        KnownError: "no-ballots": none has an answer that can be used.
    """
    answers: list[Answer] = []
    training: dict[str, str] = {}
    left_out: list[str] = []
    for path in paths:
        try:
            ballot = _ballot(path, key)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            left_out.append(f"{path.name} is no ballot of this test ({error}): it is left out.")
            continue
        rater = ballot["rater"]
        if rater in training:
            left_out.append(f"{path.name} is by {rater!r} again: it is left out.")
            continue
        training[rater] = ballot["training"]
        answers += _answers(ballot, path.name, key, left_out)
    if not answers:
        raise KnownError(
            "None of the ballots has an answer that can be used.",
            remedy="Give the files that the page of this test saved.",
            cause=" ".join(left_out[:3]),
            code="no-ballots",
        )
    return Ballots(key, tuple(answers), training, tuple(left_out))


def _ballot(path: Path, key: Key) -> dict[str, Any]:
    ballot: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if ballot["format"] != BALLOT_FORMAT or ballot["test"] != key.test:
        raise ValueError("it belongs to another test")
    if not isinstance(ballot["rater"], str) or not ballot["rater"].strip():
        raise ValueError("it does not say who answered")
    if ballot["training"] not in TRAININGS:
        raise ValueError("it does not say how much musical training the rater has")
    if not isinstance(ballot["answers"], list):
        raise ValueError("it holds no answers")
    return ballot


def _answers(ballot: Mapping[str, Any], name: str, key: Key, left_out: list[str]) -> list[Answer]:
    found: dict[int, Answer] = {}
    for place, told in enumerate(ballot["answers"], start=1):
        try:
            answer = _answer(told, ballot["rater"], key)
            if answer.question.number in found:
                raise ValueError("a question was answered twice")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            left_out.append(f"Answer {place} of {name} cannot be used ({error}): it is left out.")
            continue
        found[answer.question.number] = answer
    return list(found.values())


def _answer(told: Mapping[str, Any], rater: str, key: Key) -> Answer:
    question = key.questions[told["question"]]
    options = {option.token: option for option in question.options}
    preferred = None if told["preferred"] is None else options[told["preferred"]]
    fit = {
        (token, aspect): rating
        for token, ratings in told.get("fit", {}).items()
        for aspect, rating in ratings.items()
    }  # fmt: skip
    for (token, aspect), rating in fit.items():
        if token not in options or aspect not in ASPECTS:
            raise ValueError(f"it rates {aspect!r} of {token!r}")
        if type(rating) is not int or not 1 <= rating <= BEST_RATING:
            raise ValueError(f"a rating is {rating!r}")
    return Answer(rater, question, preferred, fit)


def tallied(ballots: Ballots, seed: int = 0) -> Tally:
    """Count the ballots. Repeats count for consistency only."""
    first = [answer for answer in ballots.answers if answer.question.repeat_of is None]
    voted = [answer for answer in first if answer.preferred is not None]
    consistency = {rater: _same_again(ballots.answers, rater) for rater in ballots.training}
    again = [pair for pairs in consistency.values() for pair in pairs]
    return Tally(
        raters=len({answer.rater for answer in ballots.answers}),
        videos=len({answer.question.video for answer in first}),
        votes=len(voted),
        preference=_preference(voted, ballots.key.systems, seed),
        chance=_chance(voted, ballots.key.systems),
        no_preference=1 - len(voted) / len(first) if first else 0.0,
        fit=_fit(first, ballots.key.systems, seed),
        consistency={rater: _mean([same for same, _ in pairs]) for rater, pairs in consistency.items()},
        consistent=_mean([same for same, _ in again]),
        consistent_by_chance=_mean([chance for _, chance in again]),
        preference_of_training=_by_training(voted, ballots),
    )


def clustered_interval(
    values: NDArray[np.float64], raters: Sequence[str], videos: Sequence[str], seed: int, draws: int = _DRAWS
) -> Interval:
    """The mean of values [A] with its central 95 % interval, raters and videos drawn independently, each whole."""
    rng = np.random.default_rng((seed, 22))
    weights = np.ones((draws, len(values)))
    for labels in (raters, videos):
        names, at = np.unique(np.asarray(labels), return_inverse=True)
        drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), draws)
        weights *= drawn[:, at.ravel()]
    weights = weights[weights.sum(axis=1) > 0]
    means = weights @ values / weights.sum(axis=1)
    low, high = np.percentile(means, (2.5, 97.5))
    return Interval(float(values.mean()), float(low), float(high))


def _vote(option: Option, system: str) -> float:
    """What a vote for an option gives a system: it is shared among all that chose the track."""
    return 1 / len(option.systems) if system in option.systems else 0.0


def _preference(voted: Sequence[Answer], systems: Sequence[str], seed: int) -> dict[str, Interval]:
    if not voted:
        return {}
    raters, videos = [one.rater for one in voted], [one.question.video for one in voted]
    return {
        system: clustered_interval(
            np.array([_vote(one.preferred, system) for one in voted if one.preferred]), raters, videos, seed
        )
        for system in systems
    }


def _chance(voted: Sequence[Answer], systems: Sequence[str]) -> dict[str, float]:
    """The share of a system if every option were as likely to be preferred."""
    return {
        system: float(np.mean([np.mean([_vote(o, system) for o in one.question.options]) for one in voted]))
        for system in systems
        if voted
    }


def _fit(first: Sequence[Answer], systems: Sequence[str], seed: int) -> dict[tuple[str, str], Interval]:
    means = {}
    for system in systems:
        for aspect in ASPECTS:
            rated = [
                (one.fit[option.token, aspect], one.rater, one.question.video)
                for one in first
                for option in one.question.options
                if system in option.systems and (option.token, aspect) in one.fit
            ]
            if rated:
                values, raters, videos = zip(*rated, strict=True)
                means[system, aspect] = clustered_interval(np.array(values, np.float64), raters, videos, seed)
    return means


def _same_again(answers: Sequence[Answer], rater: str) -> list[tuple[float, float]]:
    """For each repeated question that the rater answered both times: whether alike, and how likely by chance."""
    own = {answer.question.number: answer for answer in answers if answer.rater == rater}
    pairs = []
    for answer in own.values():
        before = own.get(answer.question.repeat_of or 0)
        if before is not None:
            chosen = [one.preferred.track if one.preferred else None for one in (before, answer)]
            pairs.append((float(chosen[0] == chosen[1]), 1 / len(answer.question.options)))
    return pairs


def _by_training(voted: Sequence[Answer], ballots: Ballots) -> dict[str, tuple[int, dict[str, float]]]:
    found = {}
    for training in TRAININGS:
        votes = [one for one in voted if ballots.training[one.rater] == training]
        if votes:
            shares = {
                system: float(np.mean([_vote(one.preferred, system) for one in votes if one.preferred]))
                for system in ballots.key.systems
            }
            found[training] = (len({one.rater for one in votes}), shares)
    return found


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if len(values) else None


def tally_text(tally: Tally) -> str:
    """The tally as Markdown, its intervals beside every figure."""
    people = f"{tally.raters} listener{'s' if tally.raters != 1 else ''}"
    parts = [
        f"{people}, {tally.videos} videos, {tally.votes} votes; {_percent(tally.no_preference)} had no preference."
    ]
    columns = ["preferred", "by chance", *(f"{aspect} fit (1 to {BEST_RATING})" for aspect in ASPECTS)]
    lines = [f"| system | {' | '.join(columns)} |", "|" + "---|" * (len(columns) + 1)]
    for system, share in tally.preference.items():
        fits = (tally.fit.get((system, aspect)) for aspect in ASPECTS)
        cells = [f"{_percent(share.value)} [{_percent(share.low)}, {_percent(share.high)}]"]
        cells += [_percent(tally.chance[system])]
        cells += ["not rated" if fit is None else f"{fit.value:.2f} [{fit.low:.2f}, {fit.high:.2f}]" for fit in fits]
        lines.append(f"| {system} | {' | '.join(cells)} |")
    parts.append("\n".join(lines))
    for training, (count, shares) in tally.preference_of_training.items():
        told = ", ".join(f"{system} {_percent(share)}" for system, share in shares.items())
        parts.append(f"Musical training: {TRAININGS[training].lower()} ({count}): {told}.")
    if tally.consistent is not None and tally.consistent_by_chance is not None:
        by_rater = ", ".join(
            f"{rater} {'no repeat' if share is None else _percent(share)}" for rater, share in tally.consistency.items()
        )
        parts.append(
            f"Repeated questions were answered as before in {_percent(tally.consistent)} of cases "
            f"(by chance: {_percent(tally.consistent_by_chance)}): {by_rater}."
        )
    if tally.raters < 2:
        parts.append("One listener is nobody else: the intervals do not say what others would prefer.")
    return "\n\n".join(parts)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
