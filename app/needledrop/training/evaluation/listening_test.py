# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepares a blind listening test: per video the first track of each system, equally loud, in no order, without names.

Who chose what stands in a key file beside the folder, never in it. A system's answer is played from the beginning of
its track. Where systems chose the same track it is one option, and a vote for it is shared among them; a video for
which all chose the same is not asked about, but counted. No result is made here.

Source of the design: the user study of UT-CMVMR (Mao et al., ICASSP 2024): preference, and semantic, rhythm and emotion
fit. Matched loudness, repeats and the key are ours.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch, ignore_progress
from needledrop.media.output_file import output_error
from needledrop.training.evaluation.ballot_page import ballot_page
from needledrop.training.evaluation.choices import Choices, best_choices
from needledrop.training.evaluation.listening_media import write_versions
from needledrop.training.evaluation.protocol import Scorer, Trial, trials
from needledrop.training.pairs.pair_set import PairSet

KEY_FORMAT = 1
PAGE_NAME, MEDIA_NAME = "ballot.html", "media"
_REPEAT_SHARE = 0.2
_TOKEN_BYTES = 4


@dataclass(frozen=True)
class Option:
    """One version of a video: token as the ballot knows it, file relative to the page, whose track it is, and the
    systems that chose it."""

    token: str
    file: str
    track: str
    systems: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """A video with its versions; repeat_of is the number of the question that it repeats, or None."""

    number: int
    video: str
    options: tuple[Option, ...]
    repeat_of: int | None = None


@dataclass(frozen=True)
class ListeningTest:
    """What was prepared: page and key, the questions (repeats included), the number of videos on which all systems
    agreed, and a sentence for each video that could not be asked about."""

    page: Path
    key: Path
    questions: tuple[Question, ...]
    agreed: int
    left_out: tuple[str, ...]


def prepare_listening_test(
    pairs: PairSet,
    scorers: Sequence[Scorer],
    split: str,
    wanted: int,
    out: Path,
    files: Mapping[str, Path],
    *,
    seed: int = 0,
    repeats: int | None = None,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> ListeningTest:
    """Write the folder `out` and its key beside it, `out` + ".key.json".

    Args:
        wanted: how many videos to ask about; they are drawn from the split.
        files: the file of each video and track by its name in the set.
        repeats: how many of the questions are asked again at the end; one in five, at least one, if not given.

    Raises:
        KnownError: "exists": there is something in the folder; "few-systems": fewer than two, or two of one name;
            "no-media": no video can be asked about; "few-pairs"; or the disk is full.
        Cancelled: asked to stop.
    """
    key = _refuse(scorers, wanted, out)
    trial = trials(pairs, split)[0]
    tops = [_Tops(pairs, trial, best_choices(scorer, trial, 1)) for scorer in scorers]
    drawing = _Drawing(files, out, np.random.default_rng((seed, 21)))
    try:
        (out / MEDIA_NAME).mkdir(parents=True, exist_ok=True)
        questions = drawing.questions(tops, wanted, progress, cancel or CancelToken())
        if not questions:
            raise _nothing_to_ask(pairs, drawing)
        questions += drawing.repeats(questions, repeats)
        test_id = _id_of(questions)
        _write_key(key, test_id, pairs.name, split, [scorer.name for scorer in scorers], questions, drawing.agreed)
        (out / PAGE_NAME).write_text(ballot_page(test_id, _shown(questions)), encoding="utf-8")
    except BaseException as error:
        # The folder was empty or not there: half a test is of no use to anybody.
        shutil.rmtree(out, ignore_errors=True)
        key.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise output_error(error, out) from error
        raise
    return ListeningTest(out / PAGE_NAME, key, tuple(questions), drawing.agreed, tuple(drawing.left_out))


def _refuse(scorers: Sequence[Scorer], wanted: int, out: Path) -> Path:
    """The key's path, if all is well."""
    names = [scorer.name for scorer in scorers]
    if len(names) < 2 or len(set(names)) < len(names) or wanted < 1:
        raise KnownError(
            f"A listening test compares two or more systems on one or more videos; there are {wanted} videos and "
            f"{len(names)} systems ({', '.join(names)}).",
            remedy="Name more models or baselines, each once.",
            code="few-systems",
        )
    key = out.with_name(f"{out.name}.key.json")
    if key.exists() or (out.exists() and (not out.is_dir() or any(out.iterdir()))):
        raise KnownError(
            f"{out} or its key is there already.",
            remedy="Name a new folder: ballots of a test can only be read with its own key.",
            code="exists",
        )
    return key


def _nothing_to_ask(pairs: PairSet, drawing: _Drawing) -> KnownError:
    return KnownError(
        f"{pairs.name} has no video to ask about: on {drawing.agreed} all systems agree, {len(drawing.left_out)} "
        "cannot be played.",
        remedy="Name the folder of the videos and tracks with --media; made-up corpora have none.",
        cause=" ".join(drawing.left_out[:3]),
        code="no-media",
    )


@dataclass(frozen=True)
class _Tops:
    """What one system puts first for each video of a trial."""

    pairs: PairSet
    trial: Trial
    choices: Choices

    def video(self, row: int) -> str:
        return self.pairs.video_names[int(self.trial.videos[row])]

    def track(self, row: int) -> str:
        return self.pairs.track_names[int(self.choices.tracks[row, 0])]


class _Drawing:
    """Draws questions and writes their media, by one stream of chance; counts what it could not ask."""

    def __init__(self, files: Mapping[str, Path], out: Path, rng: np.random.Generator) -> None:
        self._files, self._out, self._rng = files, out, rng
        self.agreed = 0
        self.left_out: list[str] = []

    def questions(
        self, tops: Sequence[_Tops], wanted: int, progress: ProgressSink, cancel: CancelToken
    ) -> list[Question]:
        """Up to `wanted` questions about videos by chance."""
        found: list[Question] = []
        watch = Stopwatch()
        for row in self._rng.permutation(len(tops[0].trial.videos)).tolist():
            if len(found) == wanted:
                break
            cancel.check()
            progress(Progress("Preparing questions", len(found), wanted, watch.elapsed_s))
            tracks: dict[str, tuple[str, ...]] = {}
            for top in tops:
                tracks[top.track(row)] = (*tracks.get(top.track(row), ()), top.choices.system)
            if len(tracks) == 1:
                self.agreed += 1
                continue
            video = tops[0].video(row)
            try:
                found.append(Question(len(found) + 1, video, self._options(video, tracks)))
            except KnownError as error:
                self.left_out.append(f"'{video}' is not asked about: {error.sentence}")
        return found

    def _options(self, video: str, tracks: Mapping[str, tuple[str, ...]]) -> tuple[Option, ...]:
        """Write the versions of a video, in an order by chance.

        Raises:
            KnownError: a file is missing, cannot be read or written, or is silent.
        """
        absent = next((name for name in (video, *tracks) if name not in self._files), None)
        if absent is not None:
            raise KnownError(f"There is no file for '{absent}'.", remedy="Name its folder.", code="missing")
        order = [list(tracks)[place] for place in self._rng.permutation(len(tracks))]
        tokens = [self._token() for _ in order]
        written = write_versions(
            self._files[video], [self._files[track] for track in order], tokens, self._out / MEDIA_NAME
        )
        return tuple(
            Option(token, f"{MEDIA_NAME}/{path.name}", track, tracks[track])
            for token, path, track in zip(tokens, written, order, strict=True)
        )

    def repeats(self, asked: Sequence[Question], count: int | None) -> list[Question]:
        """Some questions once more, with tokens of their own, in an order by chance."""
        count = max(1, round(_REPEAT_SHARE * len(asked))) if count is None else min(count, len(asked))
        again = []
        for place, chosen in enumerate(self._rng.permutation(len(asked))[:count].tolist(), start=1):
            question = asked[chosen]
            options = tuple(
                Option(self._token(), option.file, option.track, option.systems)
                for option in (question.options[i] for i in self._rng.permutation(len(question.options)))
            )
            again.append(Question(len(asked) + place, question.video, options, question.number))
        return again

    def _token(self) -> str:
        return self._rng.bytes(_TOKEN_BYTES).hex()


def _shown(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """What the page may know."""
    return [
        {"number": one.number, "options": [{"token": option.token, "file": option.file} for option in one.options]}
        for one in questions
    ]


def _id_of(questions: Sequence[Question]) -> str:
    told = "|".join(f"{one.video}:{option.token}:{option.systems}" for one in questions for option in one.options)
    return hashlib.blake2b(told.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()


def _write_key(
    path: Path, test_id: str, name: str, split: str, systems: Sequence[str], questions: Sequence[Question], agreed: int
) -> None:
    told = [
        {
            "number": one.number,
            "video": one.video,
            "repeat_of": one.repeat_of,
            "options": {option.token: {"track": option.track, "systems": option.systems} for option in one.options},
        }
        for one in questions
    ]
    key = {"format": KEY_FORMAT, "test": test_id, "pairs": name, "split": split, "systems": list(systems),
           "agreed": agreed, "questions": told}  # fmt: skip
    path.write_text(json.dumps(key, indent=1), encoding="utf-8")
