# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np

from needledrop.core.music import Loudness
from needledrop.core.picture import PictureRows
from needledrop.features.course import MUSIC_STEPS, PICTURE_STEPS, music_steps, picture_steps
from needledrop.features.picture_rows import ROW_SIZE, ROWS
from retrieval.synthetic_gallery import make_track

SPEED, GREATEST, BREAKS, BRIGHTNESS = range(4)
FIRST_COLOUR = ROWS["hue"] + ROWS["value"]


def rows(seconds: int, breaks: tuple[int, ...] = (), brightness: np.ndarray | None = None) -> PictureRows:
    """Pictures at 8 a second whose pair `breaks` are cuts."""
    looks = np.zeros((seconds, ROW_SIZE), np.float32)
    if brightness is not None:
        looks[:, FIRST_COLOUR] = brightness
    is_break = np.isin(np.arange(8 * seconds - 1), breaks)
    return PictureRows(looks, np.zeros(8 * seconds - 1, np.float32), is_break, 8.0)


def test_a_cut_counts_where_the_new_picture_is_first_seen() -> None:
    # Pair 3 lies between pictures 3 and 4: the cut is at 0.5 s, the first instant of step 1.
    steps = picture_steps(rows(4, breaks=(3, 16)))
    assert steps.shape == (8, len(PICTURE_STEPS))
    assert np.flatnonzero(steps[:, BREAKS] > 0).tolist() == [1, 4]


def test_what_does_not_change_is_nothing_however_bright() -> None:
    assert not picture_steps(rows(6, brightness=np.full(6, 0.9))).any()


def test_changes_are_in_the_items_own_deviations() -> None:
    dim, bright = (picture_steps(rows(8, brightness=np.arange(8) * slope)) for slope in (0.01, 0.1))
    assert np.allclose(dim[:, BRIGHTNESS], bright[:, BRIGHTNESS], atol=1e-4)
    assert abs(float(dim[:, BRIGHTNESS].mean())) < 1e-5 and float(dim[:, BRIGHTNESS].std()) > 0.9


def test_music_is_followed_from_time_zero() -> None:
    rhythm = make_track(1).rhythm
    onsets = np.zeros(2000, np.uint8)
    onsets[1250] = 255  # At 12.5 s.
    level = np.full(200, -30.0, np.float32)
    level[100:] = -10.0  # From 10 s on.
    steps = music_steps(_with_onsets(rhythm, onsets), Loudness(-20.0, 5.0, -1.0, level))
    assert steps.shape == (40, len(MUSIC_STEPS))
    assert (steps[:20, 0] < 0).all() and (steps[20:, 0] > 0).all()
    assert np.flatnonzero(steps[:, 2] > 0).tolist() == [25]


def test_silence_and_gaps_are_no_numbers_that_hurt() -> None:
    rhythm = _with_onsets(make_track(1).rhythm, np.zeros(0, np.uint8))
    level = np.full(30, np.nan, np.float32)
    level[10:] = -np.inf
    steps = music_steps(rhythm, Loudness(-70.0, 0.0, -70.0, level))
    assert len(steps) == 1 and not steps.any()


def _with_onsets(rhythm, onsets):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(rhythm, onset_curve=onsets)
