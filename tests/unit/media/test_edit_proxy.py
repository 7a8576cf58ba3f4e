# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A timeline laid together: its pictures in their order, gaps black, sounds at their levels."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from media_factory import write_audio, write_video
from needledrop.core.edit import ClipKind, EditClip, LevelPoint, MediaSource, ProjectEdit
from needledrop.media.audio import read_audio
from needledrop.media.edit_proxy import write_edit_proxy
from needledrop.media.pictures import read_frame
from needledrop.media.probe import probe_video

RATE = Fraction(25)


def shade(level: int, count: int = 50) -> list[np.ndarray]:
    return [np.full((96, 160, 3), level, np.uint8) for _ in range(count)]


@pytest.fixture
def laid(tmp_path: Path) -> Path:
    """Dark for 1 s, nothing for 0.4 s, bright for 1 s; a tone that steps down by 20 dB at 1 s; a missing clip."""
    film = write_video(tmp_path / "film.mp4", [*shade(60), *shade(200)])
    tone = np.sin(np.arange(48_000 * 4) * 2 * np.pi * 440 / 48_000).astype(np.float32)[:, np.newaxis].repeat(2, axis=1)
    source = MediaSource(str(film), film)
    song = write_audio(tmp_path / "tone.wav", 0.5 * tone, 48_000)
    music = MediaSource(str(song), song)
    s = Fraction
    levels = (LevelPoint(s(0), 0.0), LevelPoint(s(1), 0.0), LevelPoint(s("1.01"), -20.0))
    clips = (
        EditClip("a", ClipKind.PICTURE, 0, source, s("0.5"), s("1.5"), s(0), s(1)),
        EditClip("b", ClipKind.PICTURE, 0, source, s("2.5"), s("3.5"), s("1.4"), s("2.4")),
        EditClip("c", ClipKind.SOUND, 0, music, s(0), s(2), s(0), s(2), levels=levels, gain_db=-6.0),
        EditClip("d", ClipKind.SOUND, 1, MediaSource("/gone.wav"), s(0), s(2), s(0), s(2)),
    )
    out = tmp_path / "laid.mov"
    write_edit_proxy(lambda _: None, ProjectEdit("cut", RATE, clips, size=(160, 96), duration_s=s("2.4")), out)
    return out


def test_length_size_and_streams(laid: Path) -> None:
    probe = probe_video(laid)
    assert (probe.width, probe.height, probe.frame_rate, len(probe.audio_streams)) == (160, 96, RATE, 1)
    assert probe.duration_s == pytest.approx(2.4, abs=0.01)


@pytest.mark.parametrize(("at_s", "level"), [(0.02, 60), (0.98, 60), (1.02, 0), (1.38, 0), (1.42, 200), (2.38, 200)])
def test_each_moment_shows_its_clip_and_a_gap_is_black(laid: Path, at_s: float, level: int) -> None:
    assert float(read_frame(laid, at_s).mean()) == pytest.approx(level, abs=6)


def test_sounds_have_their_gain_and_their_keyframes(laid: Path) -> None:
    peaks = [float(np.abs(read_audio(laid, at_s, at_s + 0.2)).max()) for at_s in (0.3, 1.4, 2.1)]
    assert peaks == [pytest.approx(0.25, abs=0.01), pytest.approx(0.025, abs=0.003), 0.0]
