# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from needledrop.features.picture_rows import break_times_s, picture_rows
from needledrop.training.corpus import picture
from needledrop.training.corpus.scene_script import track_script

CALM = replace(
    track_script(5), arousal=0.1, density=0.4, camera=0.1, object_motion=0.1, cut_beats=8, tempo_bpm=96.0,
    section_starts_s=(0.0, 9.0), section_levels=(0.2, 0.3),
)  # fmt: skip
WILD = replace(CALM, arousal=0.9, camera=0.9, object_motion=0.9, cut_beats=4, section_levels=(0.8, 0.9))
LENGTH_S = 16.0


def drawn(script, style=picture.FIRST, seed=0, **how):
    return picture.drawn(script, seed, style, length_s=LENGTH_S, **how)


@pytest.mark.parametrize("style", [picture.FIRST, picture.SECOND])
def test_a_seed_draws_one_video(style: picture.PictureStyle) -> None:
    once = drawn(CALM, style)
    assert once.shape == (128, 54, 96, 3)
    assert np.array_equal(once, drawn(CALM, style))
    assert not np.array_equal(once, drawn(CALM, style, seed=1))


def test_the_styles_look_unlike() -> None:
    assert not np.array_equal(drawn(CALM, picture.FIRST), drawn(CALM, picture.SECOND))


def test_any_size_can_be_drawn() -> None:
    assert drawn(CALM, size=(64, 64)).shape == (128, 64, 64, 3)


def test_cuts_are_seen_where_they_were_put() -> None:
    rng = np.random.default_rng((0, 3))
    cuts_s = picture.cut_times_s(CALM, CALM.beats_s(LENGTH_S), rng, LENGTH_S)
    shown_s = np.ceil(cuts_s * picture.RATE_HZ - 1e-6) / picture.RATE_HZ
    found_s = break_times_s(picture_rows(drawn(CALM), picture.RATE_HZ))
    assert set(found_s) <= set(shown_s)
    assert len(found_s) >= 0.7 * len(shown_s) > 0


def test_cuts_fall_on_measured_beats() -> None:
    beats_s = np.arange(0.31, LENGTH_S, 0.7)
    cuts_s = picture.cut_times_s(CALM, beats_s, np.random.default_rng(0), LENGTH_S)
    assert len(cuts_s)
    assert set(cuts_s) <= set(beats_s)


def test_a_wild_script_moves_more_and_has_more_cuts() -> None:
    calm, wild = (picture_rows(drawn(script), picture.RATE_HZ) for script in (CALM, WILD))
    assert wild.flow.mean() > 2 * calm.flow.mean()
    assert wild.is_break.sum() > calm.is_break.sum()


def test_happy_scripts_are_warmer_and_lighter_than_sad_ones() -> None:
    sad, happy = (drawn(replace(CALM, valence=mood, warmth=mood)).astype(float) for mood in (0.05, 0.95))
    assert happy.mean() > sad.mean()
    assert (happy[..., 0] - happy[..., 2]).mean() > (sad[..., 0] - sad[..., 2]).mean() + 20
