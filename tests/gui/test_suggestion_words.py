# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reasons become sentences whose times can be clicked, and a match is told in parts."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtWidgets import QApplication

from needledrop.core.cue import Cue, Piece
from needledrop.core.query import Reason, Suggestion
from needledrop.gui import suggestion_words, theme
from needledrop.gui.suggestion_words import Run
from needledrop.gui.widgets.flow_text import flow

CUE = Cue(1, 0.0, (Piece(4.0, 30.0),), -3.0, 0.1, 1.0)
CUTS = Reason("11 of 14 cuts fall on beats (4 on a downbeat; 12 ms apart in the median)", (4.0, 9.5, 12.0, 20.0, 31.0))
RISE = Reason("energy rises at 0:24 as the motion does", (24.0,))
ENTRY = Reason("starts at 0:24 of the track, on a downbeat", (0.0,))
PARTS = {"energy": 0.9, "pace": 0.7, "mood": 0.2, "grid": 0.0, "cue_cuts": 0.8}


def suggestion(*reasons: Reason, **parts: float) -> Suggestion:
    return Suggestion(1, 1, CUE, 0.7, PARTS | parts, reasons, 14, 11, -0.008, True)


def test_the_summary_says_what_an_editor_asks_first_without_figures() -> None:
    runs = suggestion_words.summary(suggestion(CUTS, ENTRY, RISE))
    assert suggestion_words.plain(runs) == "Energy rises at 0:24 as the motion does. 11 of 14 cuts fall on beats."
    assert [run.at_s for run in runs if run.at_s is not None] == [24.0]


def test_times_that_a_reason_only_counts_are_listed_a_few_of_them() -> None:
    runs = suggestion_words.sentence(CUTS)
    assert suggestion_words.plain(runs).endswith("in the median): 0:04, 0:10, 0:12, 0:20 …")
    assert [run.at_s for run in runs if run.at_s is not None] == [4.0, 9.5, 12.0, 20.0]


def test_a_time_of_the_track_is_not_taken_for_one_of_the_film() -> None:
    runs = suggestion_words.sentence(ENTRY)
    assert suggestion_words.plain(runs) == "Starts at 0:24 of the track, on a downbeat (at 0:00)."
    assert [run for run in runs if run.at_s is not None] == [Run("0:00", 0.0)]


def test_a_match_is_told_in_its_parts() -> None:
    parts = {part.name: part for part in suggestion_words.match_parts(suggestion(words=0.3, like=0.6))}
    assert list(parts) == ["Picture", "Rhythm", "Words", "Reference", "Your taste"]
    assert parts["Picture"].share == pytest.approx(0.6) and parts["Picture"].words == "good: energy, pace; weak: mood"
    assert (parts["Rhythm"].share, parts["Rhythm"].words) == (0.8, "11 of 14 cuts on beats")
    assert (parts["Words"].share, parts["Reference"].share, parts["Your taste"].share) == (0.3, 0.6, None)
    still = dataclasses.replace(suggestion(), has_pulse=False)
    assert [part.share for part in suggestion_words.match_parts(still)[1:3]] == [None, None]


def test_sentences_break_into_lines_and_a_time_stays_whole(qapp: QApplication) -> None:
    font = theme.current().font(12)
    runs = suggestion_words.sentence(CUTS)
    placed, bottom = flow(runs, font, 10.0, 5.0, 160.0)
    assert all(run.rect.right() <= 10.0 + 160.0 + 8.0 for run in placed)
    tops = sorted({run.rect.top() for run in placed})
    assert tops[0] == 5.0 and len(tops) > 2 and bottom > tops[-1]
    assert "".join(run.text for run in placed if run.at_s is not None) == "0:040:100:120:20"
    assert next(run.rect.left() for run in placed if run.rect.top() == tops[1]) == 10.0
