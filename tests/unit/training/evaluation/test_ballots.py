# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated ballots with known preferences: what is counted is what was simulated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from needledrop.core.errors import KnownError
from needledrop.training.evaluation.ballots import (
    Key,
    clustered_interval,
    read_ballots,
    read_key,
    tallied,
    tally_text,
)

TEST, SYSTEMS = "abc123", ("ours", "theirs", "chance")


def write_key(path: Path, videos: int = 20, repeats: int = 4) -> Key:
    """Every system has a version of its own; of question 1 the last two chose the same track."""
    questions = []
    for number in range(1, videos + repeats + 1):
        asked = number if number <= videos else number - videos
        options = {f"{number}-{name}": {"track": f"{asked} by {name}", "systems": [name]} for name in SYSTEMS}
        if asked == 1:
            del options[f"{number}-chance"]
            options[f"{number}-theirs"]["systems"] = ["theirs", "chance"]
        questions.append({
            "number": number, "video": f"video {asked}", "options": options,
            "repeat_of": asked if number > videos else None,
        })  # fmt: skip
    told = {"format": 1, "test": TEST, "pairs": "made-up", "split": "test-strong", "systems": list(SYSTEMS),
            "agreed": 2, "questions": questions}  # fmt: skip
    path.write_text(json.dumps(told))
    return read_key(path)


def ballot(answers: list[dict[str, Any]], rater: str = "anna", **more: Any) -> dict[str, Any]:
    return {"format": 1, "test": TEST, "rater": rater, "training": "none", "answers": answers} | more


def answer(number: int, system: str | None, **fit: dict[str, int]) -> dict[str, Any]:
    preferred = None if system is None else f"{number}-{system}"
    return {"question": number, "preferred": preferred, "fit": {f"{number}-{name}": r for name, r in fit.items()}}


def write(folder: Path, *ballots: Any) -> list[Path]:
    paths = []
    for number, one in enumerate(ballots):
        paths.append(folder / f"ballot-{number}.json")
        paths[-1].write_text(one if isinstance(one, str) else json.dumps(one))
    return paths


def simulated(key: Key, rater: int, chances: tuple[float, float, float], steady: float) -> dict[str, Any]:
    """A rater who votes with these chances, and keeps to a former vote with the chance `steady`."""
    rng = np.random.default_rng(rater)
    said: dict[int, str] = {}
    answers = []
    for number, question in key.questions.items():
        names = [option.systems[0] for option in question.options]
        weights = np.array([chances[SYSTEMS.index(name)] for name in names])
        vote = str(rng.choice(names, p=weights / weights.sum()))
        if question.repeat_of is not None and rng.random() < steady:
            vote = said[question.repeat_of]
        said[number] = vote
        fit = {name: {"rhythm": 4 if name == "ours" else 2} for name in names}
        answers.append(answer(number, vote, **fit))
    return ballot(answers, f"rater {rater}", training="over-10" if rater % 2 else "none")


def test_known_preferences_are_found_within_their_intervals(tmp_path: Path) -> None:
    key = write_key(tmp_path / "key.json", videos=40, repeats=8)
    chances = (0.6, 0.3, 0.1)
    ballots = read_ballots(write(tmp_path, *(simulated(key, rater, chances, 0.0) for rater in range(24))), key)
    tally = tallied(ballots)
    assert (tally.raters, tally.videos, tally.votes, tally.no_preference) == (24, 40, 24 * 40, 0.0)
    for system, expected in zip(SYSTEMS, chances, strict=True):
        share = tally.preference[system]
        assert share.low < share.value < share.high and abs(share.value - expected) < 0.06
        assert share.low - 0.02 < expected < share.high + 0.02
    assert tally.preference["ours"].low > tally.chance["ours"] > tally.preference["chance"].high
    assert sum(share.value for share in tally.preference.values()) == pytest.approx(1)
    assert sum(tally.chance.values()) == pytest.approx(1)
    assert tally.fit["ours", "rhythm"].value == 4 and tally.fit["chance", "rhythm"].value == 2
    assert ("ours", "emotion") not in tally.fit
    assert {name: count for name, (count, _) in tally.preference_of_training.items()} == {"none": 12, "over-10": 12}


def test_nobody_s_favourite_lies_at_chance(tmp_path: Path) -> None:
    key = write_key(tmp_path / "key.json", videos=40)
    tally = tallied(read_ballots(write(tmp_path, *(simulated(key, n, (1, 1, 1), 0.0) for n in range(12))), key))
    for system in SYSTEMS:
        assert tally.preference[system].low < tally.chance[system] < tally.preference[system].high


def test_steady_raters_are_told_from_those_who_guess(tmp_path: Path) -> None:
    key = write_key(tmp_path / "key.json", repeats=20)
    steady, guessing = (
        tallied(read_ballots(write(tmp_path, *(simulated(key, n, (1, 1, 1), kept) for n in range(10))), key))
        for kept in (1.0, 0.0)
    )
    assert steady.consistent == 1.0 and set(steady.consistency.values()) == {1.0}
    assert guessing.consistent_by_chance == pytest.approx((19 / 3 + 1 / 2) / 20)
    assert abs((guessing.consistent or 0) - guessing.consistent_by_chance) < 0.1


def test_a_vote_for_a_shared_track_is_shared_and_repeats_do_not_vote(tmp_path: Path) -> None:
    key = write_key(tmp_path / "key.json")
    said = [answer(1, "theirs"), answer(2, "ours"), answer(3, None), answer(21, "theirs"), answer(22, "chance")]
    tally = tallied(read_ballots(write(tmp_path, ballot(said)), key))
    assert {name: share.value for name, share in tally.preference.items()} == {
        "ours": 0.5, "theirs": 0.25, "chance": 0.25,
    }  # fmt: skip
    # Two options in question 1, three in question 2.
    assert tally.chance["ours"] == pytest.approx((1 / 2 + 1 / 3) / 2)
    assert tally.no_preference == pytest.approx(1 / 3)
    assert tally.consistency == {"anna": 0.5}
    text = tally_text(tally)
    assert "| ours | 50 % [" in text and "One listener is nobody else" in text and "not rated" in text


def test_ballots_that_cannot_be_used_cost_themselves(tmp_path: Path) -> None:
    key = write_key(tmp_path / "key.json")
    good = [answer(1, "ours")]
    paths = write(
        tmp_path,
        ballot(good),
        ballot(good, "anna"),
        ballot(good, "bert", test="other"),
        ballot(good, "carla", training="a lot"),
        ballot(good, "  "),
        "{",
        "[]",
        ballot([], "dora") | {"answers": {}},
    )
    ballots = read_ballots([*paths, tmp_path / "absent.json"], key)
    assert len(ballots.answers) == 1 and len(ballots.left_out) == 8
    assert ballots.left_out[0] == "ballot-1.json is by 'anna' again: it is left out."
    assert "belongs to another test" in ballots.left_out[1]


@pytest.mark.parametrize(
    "broken",
    [
        answer(99, "ours"),
        {"question": 2, "preferred": "1-ours"},
        {"question": 2},
        answer(2, "ours", ours={"rhythm": 6}),
        answer(2, "ours", ours={"rhythm": True}),
        answer(2, "ours", ours={"colour": 3}),
        answer(2, "ours", nobody={"rhythm": 3}),
        answer(1, "theirs"),
        "yes",
        {"question": [2], "preferred": None},
    ],
)
def test_an_answer_that_cannot_be_used_costs_itself(tmp_path: Path, broken: Any) -> None:
    key = write_key(tmp_path / "key.json")
    ballots = read_ballots(write(tmp_path, ballot([answer(1, "ours"), broken, answer(3, "ours")])), key)
    assert [one.question.number for one in ballots.answers] == [1, 3]
    assert len(ballots.left_out) == 1 and ballots.left_out[0].startswith("Answer 2 of ballot-0.json cannot be used")


def test_what_is_no_key_or_holds_nothing_is_refused(tmp_path: Path) -> None:
    key = write_key(tmp_path / "key.json")
    (tmp_path / "other.json").write_text('{"format": 1}')
    with pytest.raises(KnownError, match="not the key"):
        read_key(tmp_path / "other.json")
    with pytest.raises(KnownError, match="None of the ballots"):
        read_ballots(write(tmp_path, ballot([])), key)


def test_the_interval_widens_when_raters_differ() -> None:
    raters = [f"r{n}" for n in range(10) for _ in range(20)]
    videos = [f"v{n}" for _ in range(10) for n in range(20)]
    alike = np.tile([0.0, 1.0], 100)
    apart = np.repeat([0.0, 1.0], 100)
    by_video = clustered_interval(alike, raters, videos, 0)
    by_rater = clustered_interval(apart, raters, videos, 0)
    # The spread of a mean of 10 raters is that of 10 coins, of 20 videos that of 20.
    assert by_rater.high - by_rater.low == pytest.approx(4 * np.sqrt(0.25 / 10), rel=0.15)
    assert by_video.high - by_video.low == pytest.approx(4 * np.sqrt(0.25 / 20), rel=0.15)
