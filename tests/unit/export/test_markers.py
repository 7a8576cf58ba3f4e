# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which moments are marked, and where a cue puts them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from needledrop.core.cue import Cue, Piece
from needledrop.core.marker import MarkerKind
from needledrop.core.music import DROP, INTRO, SECTION, Rhythm
from needledrop.export.markers import MarkerChoice, bars_in_cue, bars_of, in_cue, markers_of

ONLY_BEATS = MarkerChoice(sections=False)


def rhythm(*, pickup: int = 2, per_bar: int = 4, count: int = 42) -> Rhythm:
    """Beats half a second apart from 0.25 s on, `pickup` of them before the first bar, and three sections."""
    beats_s = 0.25 + 0.5 * np.arange(count)
    return Rhythm(
        beats_s, np.ones(count, np.float32), beats_s[pickup::per_bar], 120.0, (), 0.9, per_bar,
        np.zeros(2200, np.uint8), 2.0, np.array([0.0, 5.25, 12.4]), np.ones(3, np.float32), 21.0,
        section_roles=(INTRO, DROP, SECTION), section_role_confidence=np.array([0.9, 0.8, 0.0], np.float32),
    )  # fmt: skip


def labels(found: Rhythm, choice: MarkerChoice) -> list[str]:
    return [marker.label for marker in markers_of(found, choice)]


def test_every_beat_is_named_by_its_bar() -> None:
    found = labels(rhythm(), ONLY_BEATS)
    assert found[:8] == ["0.3", "0.4", "Bar 1", "1.2", "1.3", "1.4", "Bar 2", "2.2"]
    assert len(found) == 42


@pytest.mark.parametrize(
    ("every", "per_bar", "expected"),
    [
        (2, 4, ["0.3", "Bar 1", "1.3", "Bar 2", "2.3"]),
        (4, 4, ["Bar 1", "Bar 2", "Bar 3", "Bar 4", "Bar 5"]),
        (8, 4, ["Bar 1", "Bar 3", "Bar 5", "Bar 7", "Bar 9"]),
        (2, 3, ["0.2", "Bar 1", "1.3", "2.2", "Bar 3"]),
        (4, 2, ["Bar 1", "Bar 3", "Bar 5", "Bar 7", "Bar 9"]),
    ],
)
def test_every_so_many_beats_from_the_first_bar_on(every: int, per_bar: int, expected: list[str]) -> None:
    assert labels(rhythm(per_bar=per_bar), MarkerChoice(every, sections=False))[:5] == expected


def test_downbeats_alone_and_sections_alone() -> None:
    downbeats = markers_of(rhythm(), MarkerChoice(None, sections=False))
    assert [marker.time_s for marker in downbeats] == rhythm().downbeats_s.tolist()
    assert {marker.kind for marker in downbeats} == {MarkerKind.DOWNBEAT}
    assert labels(rhythm(), MarkerChoice(None, downbeats=False)) == ["1 Intro", "2 Drop/chorus", "3 Section"]


def test_a_section_on_a_downbeat_is_one_marker_and_keeps_its_bar() -> None:
    (section,) = [marker for marker in markers_of(rhythm(), MarkerChoice()) if marker.label == "2 Drop/chorus"]
    assert (section.bar, section.beat) == (3, 1)
    assert len(markers_of(rhythm(), MarkerChoice())) == 42 + 2


def test_without_a_pulse_sections_are_left() -> None:
    nothing = np.zeros(0)
    silent = replace(rhythm(), beats_s=nothing, downbeats_s=nothing)
    assert labels(silent, MarkerChoice()) == ["1 Intro", "2 Drop/chorus", "3 Section"] and bars_of(silent) == ()


def test_a_bar_of_another_length_does_not_shift_those_after_it() -> None:
    uneven = replace(rhythm(pickup=0), downbeats_s=rhythm().beats_s[[0, 4, 9, 13]])
    assert [len(bar) for bar in bars_of(uneven)] == [4, 5, 4, 29]
    assert labels(uneven, MarkerChoice(4, sections=False)) == ["Bar 1", "Bar 2", "Bar 3", "Bar 4"]


def cue(*pieces: tuple[float, float], stretch: float = 1.0, record_in_s: float = 30.0) -> Cue:
    return Cue(1, record_in_s, tuple(Piece(*piece) for piece in pieces), 0.0, 0.0, 0.0, stretch=stretch)


def test_a_cue_puts_them_where_they_sound() -> None:
    placed = in_cue(markers_of(rhythm(), ONLY_BEATS), cue((5.25, 7.25), (3.25, 5.25)))
    assert [marker.time_s for marker in placed] == pytest.approx(30 + 0.5 * np.arange(8))
    assert [marker.label for marker in placed] == [
        "Bar 3", "3.2", "3.3", "3.4", "Bar 2", "2.2", "2.3", "2.4",
    ]  # fmt: skip


def test_a_stretched_cue_moves_them_apart() -> None:
    placed = in_cue(markers_of(rhythm(), ONLY_BEATS), cue((5.25, 7.25), (9.25, 10.25), stretch=1.02))
    assert [marker.time_s for marker in placed] == pytest.approx(30 + 0.51 * np.arange(6))


def test_a_cue_that_begins_a_hair_late_still_begins_on_its_beat() -> None:
    placed = in_cue(markers_of(rhythm(), ONLY_BEATS), cue((5.251, 6.25)))
    assert [marker.time_s for marker in placed] == pytest.approx([30.0, 30.499])


def test_bars_are_placed_whole() -> None:
    placed = bars_in_cue(bars_of(rhythm()), cue((5.25, 7.25), (3.25, 5.25)))
    assert [len(bar) for bar in placed] == [4, 4] and placed[1][0] == pytest.approx(32.0)
