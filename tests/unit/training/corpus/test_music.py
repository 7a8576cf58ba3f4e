# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import shutil

import numpy as np
import pytest

from needledrop.core.errors import KnownError
from needledrop.features.onsets import RATE
from needledrop.training.beats import render
from needledrop.training.corpus import music
from needledrop.training.corpus.scene_script import track_script

TIM_GM = render.TRAINING_SOUNDFONTS[1]
PLAIN = music.without_fluidsynth(music.FIRST)


def test_a_seed_sounds_one_track() -> None:
    script = track_script(4)
    sound = music.sounded(script, 4, PLAIN)
    assert sound.shape == (round(music.MUSIC_S * RATE), 2)
    assert sound.dtype == np.float32
    assert 0.01 < np.abs(sound).max() <= 1
    assert np.array_equal(sound, music.sounded(script, 4, PLAIN))
    assert not np.array_equal(sound, music.sounded(script, 5, PLAIN))


def test_what_is_missing_is_named() -> None:
    absent = music.Sound(music.FIRST.style, ("no-such.sf2",), (1.0,))
    with pytest.raises(KnownError, match=r"no-such\.sf2") as raised:
        music.require_instruments(absent)
    assert "--synthesis" in raised.value.remedy
    music.require_instruments(PLAIN)


@pytest.mark.skipif(
    shutil.which("fluidsynth") is None or not TIM_GM.is_file(), reason="fluidsynth or TimGM6mb is not installed"
)
def test_fluidsynth_plays_the_same_every_time() -> None:
    sound = music.Sound(music.FIRST.style, (str(TIM_GM),), (1.0,))
    first = music.sounded(track_script(1), 1, sound)
    assert np.abs(first).max() > 0.005
    assert np.array_equal(first, music.sounded(track_script(1), 1, sound))
