# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from media_factory import music
from needledrop.core.errors import KnownError
from needledrop.features.onsets import RATE
from needledrop.features.picture_rows import picture_rows
from needledrop.training.corpus import half_real
from needledrop.training.descriptors.clip_descriptors import heard


def script_of_noise(level: np.ndarray) -> half_real.MeasuredScript:
    stereo = music(28, bpm=120, rate=RATE) * np.repeat(level, 4 * RATE)[:, None].astype(np.float32)
    return half_real.script_of_track(heard(stereo, RATE))


def test_a_track_gives_its_tempo_beats_and_course() -> None:
    measured = script_of_noise(np.array([0.1, 0.1, 0.1, 1, 1, 0.3, 0.3]))
    assert measured.script.tempo_bpm == pytest.approx(120, abs=1)
    assert measured.beats_s is not None
    assert np.median(np.diff(measured.beats_s)) == pytest.approx(0.5, abs=0.01)
    levels = measured.script.section_levels
    assert min(levels[3:5]) > max(levels[:3])


def test_a_track_without_a_pulse_has_no_beats_to_cut_on() -> None:
    measured = half_real.script_of_track(heard(np.zeros((28 * RATE, 2), np.float32), RATE))
    assert measured.beats_s is None
    assert np.isfinite(measured.script.section_levels).all()


def panned(pixels: int, colour: tuple[int, int, int]) -> np.ndarray:
    wide = np.random.default_rng(0).integers(0, 120, (54, 900, 3)).astype(np.uint8)
    wide = np.clip(np.repeat(wide[::6, ::6], 6, axis=0).repeat(6, axis=1)[:54] // 2 + np.array(colour), 0, 255)
    return np.stack([wide[:, pixels * index : pixels * index + 96] for index in range(80)]).astype(np.uint8)


def test_a_moving_warm_video_asks_for_livelier_and_happier_music() -> None:
    still, moving = (
        half_real.script_of_pictures(picture_rows(panned(*how), 8.0)).script
        for how in ((0, (0, 0, 90)), (5, (190, 120, 20)))
    )
    assert moving.arousal > still.arousal + 0.1
    assert moving.valence > still.valence + 0.2
    assert moving.tempo_bpm > still.tempo_bpm


def test_real_pairs_are_never_read(tmp_path: Path) -> None:
    for name in ("music/b.ogg", "music/a.opus", "videos/c.mp4", "pairs/d.mp4", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    tracks, videos = half_real.media_of(tmp_path)
    assert [path.name for path in tracks] == ["a.opus", "b.ogg"]
    assert [path.name for path in videos] == ["c.mp4"]
    with pytest.raises(KnownError, match="no music"):
        half_real.media_of(tmp_path / "pairs")


def test_too_little_sound_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "short.wav", music(1.0, rate=RATE), RATE)
    with pytest.raises(KnownError, match="two seconds"):
        half_real.read_track(tmp_path / "short.wav")


def test_the_source_is_the_first_word_of_the_name() -> None:
    assert half_real.source_of(Path("x/supertux__forest_theme.opus")) == "supertux"
    assert half_real.source_of(Path("song.ogg")) == "song"
