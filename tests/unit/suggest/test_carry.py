# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cues under a film that was cut anew. The old film: shots of 4 s each, from 0 to 40 s."""

from __future__ import annotations

from itertools import accumulate

import pytest

from needledrop.core.cue import Cue, Piece
from needledrop.suggest.carry import Fate, carried
from needledrop.suggest.recut import Place, Recut, Shot

TRACK_S = 300.0


def cue(start_s: float, end_s: float, source_s: float = 50.0) -> Cue:
    return Cue(1, start_s, (Piece(source_s, source_s + end_s - start_s),), -3.0, 0.5, 1.0)


def recut(*stretches: tuple[float | None, float]) -> Recut:
    """A new cut of stretches (where in the old film, None for a new shot; its length)."""
    starts = [0.0, *accumulate(length for _, length in stretches)]
    shots = [
        Shot(start, start + length, Place(start, old, length, 0.0) if old is not None else None)
        for start, (old, length) in zip(starts, stretches, strict=False)
    ]
    return Recut(tuple(shots), starts[-1])


def span(found: Cue) -> tuple[float, float]:
    return round(found.record_in_s, 6), round(found.record_out_s, 6)


def test_nothing_moves_where_nothing_changed() -> None:
    change = carried(cue(8, 20), recut(*((4.0 * n, 4.0) for n in range(10))), TRACK_S)
    assert change.fate is Fate.SAME
    assert change.after == change.before


def test_a_shot_removed_before_moves_the_cue_and_plays_the_same_music() -> None:
    change = carried(cue(8, 20), recut((0, 4), (8, 12), (20, 20)), TRACK_S)
    assert (change.fate, span(change.after)) == (Fate.MOVED, (4.0, 16.0))
    assert change.after.pieces == change.before.pieces


def test_a_shot_inserted_before_moves_it_the_other_way() -> None:
    change = carried(cue(8, 20), recut((0, 8), (None, 3.5), (8, 12)), TRACK_S)
    assert (change.fate, span(change.after)) == (Fate.MOVED, (11.5, 23.5))


def test_a_last_shot_removed_shortens_it_at_the_end() -> None:
    change = carried(cue(8, 20), recut((0, 16), (20, 20)), TRACK_S)
    assert (change.fate, span(change.after)) == (Fate.SHORTENED, (8.0, 16.0))
    assert change.lost_s == pytest.approx(4.0)
    assert change.after.pieces[0].source_in_s == 50.0


def test_a_first_shot_trimmed_at_its_head_keeps_every_beat_on_its_picture() -> None:
    change = carried(cue(8, 20), recut((0, 8), (9.2, 2.8), (12, 28)), TRACK_S)
    assert (change.fate, span(change.after)) == (Fate.SHORTENED, (8.0, 18.8))
    assert change.after.pieces[0].source_in_s == pytest.approx(51.2)


def test_a_shot_inserted_in_the_middle_lengthens_it_and_the_longer_part_stays_on_the_beat() -> None:
    change = carried(cue(8, 28), recut((0, 12), (None, 2), (12, 28)), TRACK_S)
    assert (change.fate, span(change.after)) == (Fate.LENGTHENED, (8.0, 30.0))
    # The 16 s behind the new shot decide: the music at 14 s is what it was at 12 s.
    assert change.after.pieces[0].source_in_s == pytest.approx(48.0)
    assert change.gained_s == pytest.approx(2.0)


def test_a_track_without_music_before_begins_where_the_picture_does() -> None:
    change = carried(cue(8, 28, source_s=0.0), recut((0, 12), (None, 2), (12, 28)), TRACK_S)
    assert span(change.after) == (8.0, 30.0)
    assert change.after.pieces[0].source_in_s == 0.0


def test_a_track_that_ends_before_its_picture_is_doubtful() -> None:
    change = carried(cue(8, 20), recut((0, 16), (None, 6), (16, 24)), track_s=62.0)
    assert change.fate is Fate.SHORT_OF_MUSIC
    assert change.fate.is_doubtful


def test_a_first_shot_made_longer_takes_the_cue_to_the_new_cut() -> None:
    made = recut((0, 7), (7, 5), (12, 28))
    first = made.shots[1]
    longer = Shot(first.start_s, first.end_s, Place(8.0, 8.0, 4.0, 0.0))
    change = carried(cue(8, 20), Recut((made.shots[0], longer, made.shots[2]), made.duration_s), TRACK_S)
    assert span(change.after) == (7.0, 20.0)
    assert change.after.pieces[0].source_in_s == pytest.approx(49.0)


def test_a_cue_that_begins_inside_a_shot_stays_at_its_picture() -> None:
    change = carried(cue(9.3, 18.6), recut((None, 5), (0, 40)), TRACK_S)
    assert (change.fate, span(change.after)) == (Fate.MOVED, (14.3, 23.6))


def test_shots_that_were_torn_apart_are_said_to_be() -> None:
    change = carried(cue(8, 20), recut((8, 4), (0, 8), (12, 28)), TRACK_S)
    assert (change.fate, span(change.after)) == (Fate.TORN, (12.0, 20.0))


def test_shots_in_another_order_are_said_to_be() -> None:
    change = carried(cue(8, 16), recut((0, 8), (12, 4), (8, 4), (16, 4)), TRACK_S)
    assert (change.fate, span(change.after)) == (Fate.TORN, (8.0, 16.0))


def test_a_cue_whose_shots_are_all_gone_is_kept_and_said_to_be() -> None:
    change = carried(cue(8, 12), recut((0, 8), (12, 8)), TRACK_S)
    assert change.fate is Fate.GONE
    assert span(change.after) == (8.0, 12.0)
