# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.training.corpus.scene_script import (
    FASTEST_BPM,
    LENGTH_S,
    SLOWEST_BPM,
    latent,
    track_script,
    video_script,
)

SEEDS = range(200)


def test_a_seed_makes_one_script() -> None:
    assert track_script(3) == track_script(3)
    assert track_script(3) != track_script(4)
    assert video_script(track_script(3), 5) == video_script(track_script(3), 5)


def test_scripts_stay_in_their_ranges() -> None:
    for seed in SEEDS:
        for script in (track_script(seed), video_script(track_script(seed), seed)):
            figures = (script.arousal, script.valence, script.density, script.warmth, script.object_motion)
            assert all(0 <= figure <= 1 for figure in (*figures, *script.section_levels, abs(script.camera)))
            assert SLOWEST_BPM <= script.tempo_bpm <= FASTEST_BPM
            assert script.section_starts_s[0] == 0
            assert list(script.section_starts_s) == sorted(script.section_starts_s)
            assert script.section_starts_s[-1] < LENGTH_S
            assert len(script.section_starts_s) == len(script.section_levels)


def test_beats_follow_the_tempo() -> None:
    script = track_script(1)
    beats_s = script.beats_s(10.0)
    assert np.diff(beats_s) == pytest.approx(60 / script.tempo_bpm)
    assert 10 - 60 / script.tempo_bpm <= beats_s[-1] < 10


def test_the_level_is_that_of_the_section() -> None:
    script = track_script(2)
    for start, level in zip(script.section_starts_s, script.section_levels, strict=True):
        assert script.level_at(start + 0.01) == level


def test_videos_are_like_their_track_and_some_contradict_it() -> None:
    tracks = [track_script(seed) for seed in SEEDS]
    videos = [video_script(track, 1000 + seed) for seed, track in enumerate(tracks)]
    known = np.stack([latent(track) for track in tracks])
    shown = np.stack([latent(video) for video in videos])
    distance = np.linalg.norm(shown[:, None] - known[None], axis=2)
    rank = (distance <= np.diag(distance)[:, None]).sum(axis=1)
    found = float((rank <= 20).mean())
    # Neither a puzzle with one answer nor a lottery (chance is 0.1).
    assert 0.5 < found < 0.97
    contradicting = [abs(video.valence - track.valence) > 0.4 for video, track in zip(videos, tracks, strict=True)]
    assert 1 <= sum(contradicting) < len(tracks) / 4
