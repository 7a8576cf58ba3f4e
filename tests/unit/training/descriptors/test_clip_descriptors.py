# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from media_factory import music
from needledrop.features.picture_rows import ROW_SIZE, picture_rows
from needledrop.training.descriptors import clip_descriptors as cd

RATE = 24_000


def clips_of(stereo: np.ndarray) -> cd.MusicClips:
    return cd.music_clips(stereo, RATE, cd.heard(stereo, RATE))


@pytest.fixture(scope="module")
def whole() -> cd.MusicClips:
    return clips_of(music(28, bpm=120, rate=RATE))


def test_a_whole_track_fills_seven_clips(whole: cd.MusicClips) -> None:
    assert whole.clips.shape == (7, cd.MUSIC_CLIP_SIZE)
    assert whole.mel.shape == (7, 398, 80)
    assert whole.mel.dtype == np.uint8
    assert whole.mask.all()
    assert np.isfinite(whole.clips).all()


def test_rhythm_counts_the_beats_of_each_clip(whole: cd.MusicClips) -> None:
    count, strength, interval_s = whole.rhythm.T
    assert count[1:-1] == pytest.approx(8, abs=1)
    assert interval_s[1:-1] == pytest.approx(0.5, abs=0.01)
    assert ((strength > 1) & (strength < 48)).all()


def test_a_short_track_begins_anew_and_says_so() -> None:
    short = clips_of(music(10, bpm=120, rate=RATE))
    assert short.mask.tolist() == [True, True, True, False, False, False, False]
    for values in (short.clips, short.rhythm, short.mel):
        assert np.array_equal(values[3:6], values[:3])
        assert np.array_equal(values[6], values[0])


def test_a_clip_that_is_not_full_ends_in_silence() -> None:
    mel = clips_of(music(6, bpm=120, rate=RATE)).mel
    assert mel[1, :190].max() > 100
    # The resampler rings on for a moment.
    assert mel[1, 210:].max() == 0


def test_silence_has_no_beats() -> None:
    silent = clips_of(np.zeros((5 * RATE, 2), np.float32))
    assert not silent.rhythm.any()
    assert np.isfinite(silent.clips).all()


def pictures(seconds: float) -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.integers(0, 255, (round(seconds * 8), 54, 96, 3), np.uint8)


@pytest.mark.parametrize("side", [48, 224])
def test_frames_are_grey_and_of_the_side_asked_for(side: int) -> None:
    shown = pictures(8)
    made = cd.video_clips(shown, picture_rows(shown, 8.0), side)
    assert made.frames.shape == (7, 4, side, side)
    assert made.clips.shape == (7, 2 * ROW_SIZE)


def test_a_short_video_repeats_its_last_clip_and_its_last_picture() -> None:
    shown = pictures(6)
    made = cd.video_clips(shown, picture_rows(shown, 8.0), 48)
    assert made.mask.tolist() == [True, True, False, False, False, False, False]
    for values in (made.clips, made.flow, made.frames):
        assert all(np.array_equal(values[index], values[1]) for index in range(2, 7))
    assert np.array_equal(made.frames[1, 1], made.frames[1, 2])
    assert not np.array_equal(made.frames[1, 0], made.frames[1, 1])


def test_what_lies_beyond_28_s_changes_nothing() -> None:
    shown = pictures(31)
    long = cd.video_clips(shown, picture_rows(shown, 8.0), 48)
    cut = cd.video_clips(shown[:224], picture_rows(shown[:224], 8.0), 48)
    assert np.array_equal(long.frames, cut.frames)
    # The last picture of the long one still differs from the next.
    assert np.array_equal(long.clips[:-1], cut.clips[:-1])
    assert np.array_equal(long.mask, cut.mask)
