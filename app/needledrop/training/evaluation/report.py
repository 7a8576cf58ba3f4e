# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page to look at an evaluation with: each video, the best tracks of each system, the rank of the right one.

Failures come first. Pictures are inside the page; sounds are files beside it, and only where there are media. The page
asks no network for anything.
"""

from __future__ import annotations

import base64
import html
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from needledrop.core import log
from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch, ignore_progress
from needledrop.media.audio import AudioReader
from needledrop.media.output_file import output_error
from needledrop.media.pictures import thumbnail
from needledrop.media.probe import probe_video
from needledrop.training.evaluation.choices import Choices, best_choices
from needledrop.training.evaluation.metrics import chance_recall, recall_at
from needledrop.training.evaluation.page_style import STYLE
from needledrop.training.evaluation.protocol import Scorer, Trial, trials
from needledrop.training.pairs.pair_set import PairSet

PAGE_NAME, SOUND_NAME = "report.html", "sound"
TOP = 5
MOST_QUERIES = 200
_EXCERPT_S = 20.0
_EXCERPT_RATE = 24_000
_THUMBNAIL_HEIGHT = 112
_FAILED_BEYOND = 10


@dataclass(frozen=True)
class Report:
    """The page, how many videos of how many it shows, and how many tracks can be listened to."""

    page: Path
    shown: int
    queries: int
    sounds: int


def write_report(
    pairs: PairSet,
    scorers: Sequence[Scorer],
    split: str,
    out: Path,
    files: Mapping[str, Path] | None = None,
    *,
    most: int = MOST_QUERIES,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> Report:
    """Write the page of a split into the folder `out`, over an earlier one.

    Args:
        files: the file of each video and track by its name in the set, as far as they have any.
        most: videos to show; those that all systems together rank worst come first.

    Raises:
        KnownError: "few-pairs": the split has nothing to rank; the folder cannot be written.
        Cancelled: asked to stop.
    """
    trial = trials(pairs, split)[0]
    choices = [best_choices(scorer, trial, TOP) for scorer in scorers]
    order = _failures_first(choices, len(trial.videos))[:most]
    try:
        (out / SOUND_NAME).mkdir(parents=True, exist_ok=True)
        sounds = _Sounds(out, files or {})
        cards, watch = [], Stopwatch()
        for number, row in enumerate(order):
            if cancel is not None:
                cancel.check()
            progress(Progress("Writing the report", number, len(order), watch.elapsed_s))
            cards.append(_card(pairs, trial, choices, row, sounds))
        page = out / PAGE_NAME
        page.write_text(_page(pairs, trial, choices, cards), encoding="utf-8")
    except OSError as error:
        raise output_error(error, out) from error
    return Report(page, len(order), len(trial.videos), sounds.count)


def _failures_first(choices: Sequence[Choices], count: int) -> list[int]:
    """Rows of the trial by the mean logarithm of their ranks, greatest first."""
    badness = sum((np.log(choice.ranks) for choice in choices), np.zeros(count))
    return [int(row) for row in np.argsort(-badness, kind="stable")]


class _Sounds:
    """Excerpts of tracks as files beside the page, each written once."""

    def __init__(self, out: Path, files: Mapping[str, Path]) -> None:
        self._out, self.files = out, files
        self._written: dict[int, str] = {}
        self.count = 0

    def of_track(self, index: int, name: str) -> str:
        """The excerpt's path relative to the page; "" where there is none."""
        if index not in self._written:
            self._written[index] = self._write(index, name) if name in self.files else ""
        return self._written[index]

    def _write(self, index: int, name: str) -> str:
        relative = f"{SOUND_NAME}/track-{index:05}.wav"
        try:
            mono = _beginning(self.files[name])
        except KnownError as error:
            log.worker.warning("no sound in the report: %s", error.sentence)
            return ""
        with wave.open(str(self._out / relative), "wb") as sink:
            sink.setnchannels(1)
            sink.setsampwidth(2)
            sink.setframerate(_EXCERPT_RATE)
            sink.writeframes(np.rint(np.clip(mono, -1, 1) * 32767).astype("<i2").tobytes())
        self.count += 1
        return relative


def _beginning(path: Path) -> FloatArray:
    """The first 20 s of a track, mono, or all of a shorter one."""
    with AudioReader(path, _EXCERPT_RATE, 1) as reader:
        length_s = min(_EXCERPT_S, reader.duration_s) if reader.duration_s > 0 else _EXCERPT_S
        return reader.read(0, round(length_s * _EXCERPT_RATE))[:, 0]


def _picture(name: str, files: Mapping[str, Path]) -> str:
    """The video's middle picture as an element; "" where it has no file."""
    if name not in files:
        return ""
    try:
        middle_s = probe_video(files[name]).duration_s / 2
        jpeg = thumbnail(files[name], middle_s, _THUMBNAIL_HEIGHT)
    except KnownError as error:
        log.worker.warning("no picture in the report: %s", error.sentence)
        return ""
    return f'<img alt="" src="data:image/jpeg;base64,{base64.b64encode(jpeg).decode("ascii")}">'


def _card(pairs: PairSet, trial: Trial, choices: Sequence[Choices], row: int, sounds: _Sounds) -> str:
    video = int(trial.videos[row])
    name = pairs.video_names[video]
    own = int(pairs.track_of_video[video])
    columns = "".join(_column(pairs, trial, choice, row, sounds) for choice in choices)
    return (
        f"<section><h2>{_text(name)}</h2>{_picture(name, sounds.files)}"
        f'<p>Its own track: {_track(pairs, own, sounds)}</p><div class="systems">{columns}</div></section>'
    )


def _column(pairs: PairSet, trial: Trial, choice: Choices, row: int, sounds: _Sounds) -> str:
    """What one system put first, the right track marked."""
    rank = int(choice.ranks[row])
    kind = "good" if rank == 1 else "bad" if rank > _FAILED_BEYOND else "quiet"
    right = set(trial.tracks[trial.relevant[row]].tolist())
    lines = "".join(
        f"<li{' class=good' if int(track) in right else ''}>{_track(pairs, int(track), sounds)} "
        f'<span class="quiet">{score:.3f}</span></li>'
        for track, score in zip(choice.tracks[row], choice.scores[row], strict=True)
    )
    return (
        f'<div><h3>{_text(choice.system)}</h3><p class="{kind}">Right track at rank {rank} of {trial.gallery_size}</p>'
        f"<ol>{lines}</ol></div>"
    )


def _track(pairs: PairSet, index: int, sounds: _Sounds) -> str:
    name = pairs.track_names[index]
    source = sounds.of_track(index, name)
    player = f'<br><audio controls preload="none" src="{html.escape(source)}"></audio>' if source else ""
    return _text(name) + player


def _text(value: str) -> str:
    """Text for the page; bytes of file names that are no text become escapes."""
    return html.escape(value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))


def _page(pairs: PairSet, trial: Trial, choices: Sequence[Choices], cards: Sequence[str]) -> str:
    rows = "".join(
        f"<tr><td>{_text(choice.system)}</td>"
        + "".join(f"<td>{100 * recall_at(choice.ranks, k):.1f} %</td>" for k in (1, 5, 10))
        + f"<td>{np.median(choice.ranks):.0f}</td></tr>"
        for choice in choices
    )
    chance = "".join(f"<td>{100 * chance_recall(trial.relevant, k):.1f} %</td>" for k in (1, 5, 10))
    shown = f"{len(cards)} of {len(trial.videos)} videos are shown, those that were ranked worst first."
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_text(pairs.name)}, {_text(trial.split)}</title>
<style>{STYLE}
.systems {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1rem; }}
li {{ margin: .3rem 0; overflow-wrap: anywhere; }}
</style>
</head>
<body>
<h1>{_text(pairs.name)}, {_text(trial.split)}</h1>
<p>Each video asks for its track among {trial.gallery_size}. {shown}</p>
<table><tr><th>system</th><th>R@1</th><th>R@5</th><th>R@10</th><th>median rank</th></tr>{rows}
<tr class="quiet"><td>by chance</td>{chance}<td>{(trial.gallery_size + 1) / 2:.0f}</td></tr></table>
{"".join(cards)}
</body>
</html>
"""
