# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WAV export: as long as the range to the sample, the same bytes twice, whole or not there."""

from __future__ import annotations

import errno
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from media_factory import music, shot_frames, write_audio, write_video
from needledrop.core.cue import Cue, Ducking, Piece
from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.progress import CancelToken, Progress
from needledrop.core.times import TimeRange
from needledrop.export import sound as sound_module
from needledrop.export.sound import export_wav
from needledrop.export.wav import SampleFormat
from needledrop.media.audio import read_audio

RATE = 48_000
CUES = [Cue(1, 0.5, (Piece(1.0, 2.5), Piece(4.5, 6.0)), -3.0, 0.3, 0.5, ducking=Ducking(((1.0, 1.5),)))]
RANGE = TimeRange(Fraction(0), Fraction(4))


@pytest.fixture(params=[".mp3", ".flac", ".m4a", ".opus"])
def track(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return write_audio(tmp_path / f"track{request.param}", music(8.0))


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    return write_audio(tmp_path / "track.wav", music(8.0, rate=RATE), RATE)


def test_twice_the_same_bytes(tmp_path: Path, track: Path) -> None:
    made = [tmp_path / f"{name}.wav" for name in "ab"]
    for out in made:
        assert export_wav(CUES, {1: track}, out, RANGE) == 4 * RATE
    assert made[0].read_bytes() == made[1].read_bytes()
    assert np.abs(soundfile.read(made[0])[0]).max() > 0.05


@pytest.mark.parametrize(
    ("start", "end"), [("0", "4"), ("1/3", "2/3"), ("1001/30000", "100100/30000"), ("0.1", "0.10001"), ("3", "60")]
)
def test_the_length_is_the_range_to_the_sample(tmp_path: Path, wav: Path, start: str, end: str) -> None:
    span = TimeRange(Fraction(start), Fraction(end))
    frames = export_wav(CUES, {1: wav}, tmp_path / "out.wav", span)
    assert frames == round(span.end_s * RATE) - round(span.start_s * RATE)
    if frames:
        assert soundfile.info(tmp_path / "out.wav").frames == frames


def test_a_part_equals_that_part_of_the_whole(tmp_path: Path, track: Path) -> None:
    for name, span in (("whole", RANGE), ("part", TimeRange(Fraction(5, 4), Fraction(3)))):
        export_wav(CUES, {1: track}, tmp_path / f"{name}.wav", span, sample_format=SampleFormat.FLOAT_32)
    whole = soundfile.read(tmp_path / "whole.wav", dtype="float32")[0]
    part = soundfile.read(tmp_path / "part.wav", dtype="float32")[0]
    assert np.array_equal(part, whole[60_000:144_000])


def test_the_full_mix_holds_the_own_sound_of_the_video(tmp_path: Path, wav: Path) -> None:
    own = music(4.0, seed=3, rate=RATE) * np.float32(0.3)
    video = write_video(tmp_path / "video.mp4", shot_frames([], 100, width=64, height=64), sound=own)
    quiet = [Cue(1, 0.0, (Piece(0.0, 4.0),), -60.0, 0.0, 0.0)]
    export_wav(quiet, {1: wav}, tmp_path / "full.wav", RANGE, video_path=video)
    export_wav(quiet, {1: wav}, tmp_path / "music.wav", RANGE)
    full, alone = (soundfile.read(tmp_path / f"{name}.wav")[0] for name in ("full", "music"))
    assert np.abs(full - alone - read_audio(video, 0.0, 4.0)).max() < 1e-6
    assert np.abs(alone).max() < 0.002


def test_without_cues_there_is_silence_of_the_right_length(tmp_path: Path) -> None:
    assert export_wav([], {}, tmp_path / "out.wav", RANGE) == 4 * RATE
    assert not soundfile.read(tmp_path / "out.wav")[0].any()


def test_cancel_leaves_nothing(tmp_path: Path, wav: Path) -> None:
    token = CancelToken()

    def stop(progress: Progress) -> None:
        if progress.done >= 2:
            token.cancel()

    with pytest.raises(Cancelled):
        export_wav(CUES, {1: wav}, tmp_path / "out.wav", RANGE, progress=stop, cancel=token)
    assert list(tmp_path.iterdir()) == [wav]


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, wav: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sound_module, "write_wav", full)
    with pytest.raises(KnownError) as refused:
        export_wav(CUES, {1: wav}, tmp_path / "out.wav", RANGE)
    assert refused.value.code == "disk-full"
    assert list(tmp_path.iterdir()) == [wav]


def test_files_that_exist_and_sources_are_not_overwritten(tmp_path: Path, wav: Path) -> None:
    other = tmp_path / "mine.wav"
    other.write_bytes(b"mine")
    for out, overwrite, code in ((other, False, "exists"), (wav, True, "would-overwrite-source")):
        before = out.read_bytes()
        with pytest.raises(KnownError) as refused:
            export_wav(CUES, {1: wav}, out, RANGE, overwrite=overwrite)
        assert refused.value.code == code
        assert out.read_bytes() == before


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, wav: Path) -> None:
    with pytest.raises(KnownError, match="does not exist"):
        export_wav(CUES, {1: wav}, tmp_path / "no" / "out.wav", RANGE)
