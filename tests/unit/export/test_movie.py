# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The finished movie holds the mix that the WAV export writes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import soundfile

from media_factory import music, shot_frames, write_audio, write_video
from needledrop.core.cue import Cue, Piece
from needledrop.core.times import TimeRange
from needledrop.export.movie import export_mp4
from needledrop.export.sound import export_wav
from needledrop.media.audio import read_audio


def test_movie_and_wav_hold_the_same_mix(tmp_path: Path) -> None:
    own = music(3.0, seed=2, rate=48_000) * np.float32(0.4)
    video = write_video(tmp_path / "video.mp4", shot_frames([], 75, width=64, height=64), sound=own)
    track = write_audio(tmp_path / "track.flac", music(6.0))
    cues = [Cue(1, 0.5, (Piece(0.0, 2.0),), -6.0, 0.1, 0.2)]
    span = TimeRange(Fraction(0), Fraction(3))
    result = export_mp4(video, cues, {1: track}, tmp_path / "out.mp4", span)
    export_wav(cues, {1: track}, tmp_path / "out.wav", span, video_path=video)
    heard, mixed = read_audio(tmp_path / "out.mp4", 0.0, 3.0), soundfile.read(tmp_path / "out.wav")[0]
    assert result.is_picture_copied
    assert 10 * np.log10(np.mean((heard - mixed) ** 2) / np.mean(mixed**2)) < -25
