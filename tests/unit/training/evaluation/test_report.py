# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report shows failures first, escapes names, and has players where there is something to play."""

from __future__ import annotations

import re
import wave
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np

from media_factory import music, shot_frames, write_audio, write_video
from needledrop.training.evaluation.choices import best_choices
from needledrop.training.evaluation.protocol import trials
from needledrop.training.evaluation.report import write_report
from needledrop.training.evaluation.scorers import RandomOrder, TrueLatent
from retrieval.made_up_pairs import made_up_pairs

SPLIT = "test-strong"


class Elements(HTMLParser):
    """Counts elements and gathers what they refer to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.count: dict[str, int] = {}
        self.sources: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]


def test_made_up_pairs_show_names_and_ranks_failures_first(tmp_path: Path) -> None:
    pairs = made_up_pairs(tracks=40)
    scorers = [RandomOrder(1), TrueLatent(pairs)]
    report = write_report(pairs, scorers, SPLIT, tmp_path / "out")
    page = report.page.read_text(encoding="utf-8")
    assert (report.shown, report.queries, report.sounds) == (30, 30, 0)
    elements = Elements(page)
    assert elements.count["section"] == 30 and elements.count["li"] == 30 * 2 * 5
    assert elements.sources == []
    ranks = [int(rank) for rank in re.findall(r"Right track at rank (\d+) of 10<", page)]
    both = np.log(np.reshape(ranks, (30, 2))).sum(axis=1)
    assert (np.diff(both) <= 1e-9).all() and both[0] > both[-1]
    expected = best_choices(RandomOrder(1), trials(pairs, SPLIT)[0], 5)
    assert sorted(ranks[::2]) == sorted(expected.ranks.tolist())
    shown = write_report(pairs, scorers, SPLIT, tmp_path / "out", most=4)
    assert shown.shown == 4 and Elements(shown.page.read_text()).count["section"] == 4


def test_names_cannot_become_markup(tmp_path: Path) -> None:
    pairs = made_up_pairs(tracks=40)
    evil = "</section><script>alert('x')</script>\"&\udcff"
    pairs = replace(
        pairs,
        name=evil,
        track_names=tuple(f"{name}{evil}" for name in pairs.track_names),
        video_names=tuple(f"{name}{evil}" for name in pairs.video_names),
    )
    page = write_report(pairs, [RandomOrder()], SPLIT, tmp_path).page.read_text(encoding="utf-8")
    assert "<script" not in page
    assert Elements(page).count["section"] == 30


def test_media_bring_pictures_and_players(tmp_path: Path) -> None:
    pairs = made_up_pairs(tracks=40)
    trial = trials(pairs, SPLIT)[0]
    song = write_audio(tmp_path / "song.wav", music(3, seed=1))
    film = write_video(tmp_path / "film.mp4", shot_frames((), 25, width=96, height=64))
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"no sound")
    tracks = [pairs.track_names[track] for track in trial.tracks]
    files = dict.fromkeys(tracks[1:], song) | {tracks[0]: broken, pairs.video_names[trial.videos[0]]: film}
    report = write_report(pairs, [TrueLatent(pairs)], SPLIT, tmp_path / "out", files)
    elements = Elements(report.page.read_text())
    assert elements.count["img"] == 1
    sounds = {source for source in elements.sources if not source.startswith("data:")}
    assert len(sounds) == report.sounds == 9
    for source in sounds:
        with wave.open(str(report.page.parent / source)) as sound:
            assert (sound.getnchannels(), sound.getframerate(), sound.getnframes()) == (1, 24_000, 72_000)
