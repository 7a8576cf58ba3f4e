# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shots found again by their pictures and by their sources."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from needledrop.core.edit import ClipKind, EditClip, MediaSource, ProjectEdit, shown_pictures
from needledrop.features.picture_prints import PicturePrints
from needledrop.suggest.recut import Recut, likeliest
from needledrop.suggest.shot_search import clip_places, picture_places

RATE = 25.0


def shot(seed: int, frames: int = 60) -> NDArray[np.uint8]:
    """Prints of a shot that changes slowly from one picture to another."""
    rng = np.random.default_rng(seed)
    first, last = rng.uniform(20, 230, (2, 144))
    share = np.linspace(0.0, 1.0, frames)[:, np.newaxis]
    return (first * (1 - share) + last * share).astype(np.uint8)


def film(*shots: NDArray[np.uint8]) -> tuple[PicturePrints, list[float]]:
    edges = np.cumsum([0, *(len(one) for one in shots)]) / RATE
    return PicturePrints(RATE, np.concatenate(shots)), edges.tolist()


def matched(old: Sequence[NDArray[np.uint8]], new: Sequence[NDArray[np.uint8]]) -> Recut:
    before, old_edges_s = film(*old)
    after, edges_s = film(*new)
    return Recut(likeliest(edges_s, picture_places(before, old_edges_s[1:-1], after, edges_s)), edges_s[-1])


def old_frames(recut: Recut) -> list[int | None]:
    """The frame of the old film that each new shot begins with."""
    return [round((one.start_s - one.place.shift_s) * RATE) if one.place is not None else None for one in recut.shots]


def test_removed_inserted_moved_and_new_shots() -> None:
    old = [shot(seed) for seed in range(6)]
    assert old_frames(matched(old, [old[0], old[2], shot(99), old[5], old[3]])) == [0, 120, None, 300, 180]


def test_a_trimmed_shot_is_found_to_the_frame() -> None:
    old = [shot(seed) for seed in range(4)]
    assert old_frames(matched(old, [old[0], old[1][17:52], old[2][:40], old[3]])) == [0, 77, 120, 180]


def test_another_size_codec_and_level_do_no_harm() -> None:
    old = [shot(seed) for seed in range(4)]
    rng = np.random.default_rng(7)
    again = [np.clip(one * 0.9 + 12 + rng.normal(0, 2, one.shape), 0, 255).astype(np.uint8) for one in old]
    assert matched(old, again).is_same


def test_a_shot_that_became_longer_is_found_for_the_part_that_was_there() -> None:
    whole = shot(1, 90)
    old, new = [shot(0), whole[20:70], shot(2)], [shot(0), whole, shot(2)]
    place = matched(old, new).shots[1].place
    assert place is not None
    assert round(place.shift_s * RATE) == 20
    assert abs(place.length_s * RATE - 50) <= 14  # Neighbouring pictures of a slow shot are much alike.


def test_equal_black_shots_keep_their_order() -> None:
    black = np.zeros((30, 144), np.uint8)
    old = [shot(0), black, shot(1), black, shot(2)]
    assert old_frames(matched(old, [old[0], black, old[2], black, old[4]])) == [0, 60, 90, 150, 180]


def project(*clips: tuple[str, float, float]) -> ProjectEdit:
    """A timeline of clips (file, from, to in seconds of it)."""
    at, made = Fraction(0), []
    for named, first_s, last_s in clips:
        first, last = Fraction(first_s), Fraction(last_s)
        source = MediaSource(named)
        made.append(EditClip(named, ClipKind.PICTURE, 0, source, first, last, at, at + last - first))
        at += last - first
    return ProjectEdit("cut", Fraction(25), tuple(made), duration_s=at)


def test_clips_of_a_project_are_found_by_source_and_time() -> None:
    old = shown_pictures(project(("a.mov", 10, 14), ("b.mov", 0, 3), ("a.mov", 30, 35)))
    edit = project(("b.mov", 1, 3), ("a.mov", 29, 36), ("c.mov", 0, 2))
    new = shown_pictures(edit)
    shots = likeliest([*(float(one.start_s) for one in new), float(edit.duration_s)], clip_places(old, new))
    places = [one.place for one in shots]
    assert places[2] is None
    assert places[0] is not None and (places[0].new_in_s, places[0].old_in_s, places[0].length_s) == (0.0, 5.0, 2.0)
    assert places[1] is not None and (places[1].new_in_s, places[1].old_in_s, places[1].length_s) == (3.0, 7.0, 5.0)
