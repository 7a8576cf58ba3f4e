# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Previews over real files: what is heard, where, and that nothing half-made is ever left behind."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from media_factory import music, shot_frames, write_audio, write_video
from needledrop.core.cue import Cue, Ducking, Piece
from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.music import FloatArray
from needledrop.core.progress import CancelToken, Progress
from needledrop.core.times import TimeRange
from needledrop.media.audio import read_audio
from needledrop.mix.session import open_mixer
from needledrop.preview.render import preview_suffix, render_preview

RATE = 48_000
RANGE = TimeRange(Fraction(0), Fraction(4))


def tone(seconds: float, hz: float, level: float = 0.25) -> FloatArray:
    wave = level * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def tone_db(sound: FloatArray, hz: float, start_s: float, end_s: float) -> float:
    """Level of one frequency in dB of full scale (amplitude)."""
    part = sound[round(start_s * RATE) : round(end_s * RATE), 0].astype(np.float64)
    turn = np.exp(-2j * np.pi * hz * np.arange(len(part)) / RATE)
    return 20 * np.log10(2 * abs(np.mean(part * turn * np.hanning(len(part)) * 2)) + 1e-9)


@pytest.fixture
def track(tmp_path: Path) -> Path:
    return write_audio(tmp_path / "track.flac", tone(10.0, 1000.0), RATE)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_video(
        tmp_path / "video.mp4", shot_frames([50], 100, width=160, height=96), sound=tone(4.0, 400.0, 0.1)
    )


def one_cue(**values: float | Ducking) -> list[Cue]:
    given: dict[str, float | Ducking] = {"gain_db": -6.0, "fade_in_s": 0.5, "fade_out_s": 0.5, **values}
    return [Cue(1, 0.5, (Piece(2.0, 5.0),), **given)]  # type: ignore[arg-type]


def left_in(folder: Path) -> set[Path]:
    return set(folder.iterdir())


def test_music_lies_under_the_own_sound_at_the_levels_asked_for(tmp_path: Path, video: Path, track: Path) -> None:
    cues = one_cue(ducking=Ducking(speech_s=((1.5, 2.2),), depth_db=-9.0, attack_s=0.2, release_s=0.3))
    out = tmp_path / "preview.mp4"
    result = render_preview(video, cues, {1: track}, out, RANGE)
    sound = read_audio(out, 0.0, 4.0)
    assert result.is_picture_copied
    assert result.sound_frames == 4 * RATE
    body_db = 20 * np.log10(0.25) - 6.0
    assert tone_db(sound, 1000.0, 0.0, 0.45) < -55  # the gap
    assert tone_db(sound, 1000.0, 0.72, 0.78) == pytest.approx(body_db - 3.0, abs=0.5)  # half of the fade
    assert tone_db(sound, 1000.0, 1.1, 1.25) == pytest.approx(body_db, abs=0.3)
    assert tone_db(sound, 1000.0, 1.6, 2.1) == pytest.approx(body_db - 9.0, abs=0.5)  # under speech
    assert tone_db(sound, 1000.0, 2.6, 2.9) == pytest.approx(body_db, abs=0.3)
    assert tone_db(sound, 1000.0, 3.6, 3.95) < -55  # the tail
    for start_s in (0.1, 1.6, 3.6):
        assert tone_db(sound, 400.0, start_s, start_s + 0.3) == pytest.approx(-20.0, abs=0.3)


def test_music_only_leaves_the_own_sound_out(tmp_path: Path, video: Path, track: Path) -> None:
    out = tmp_path / "preview.mp4"
    render_preview(video, one_cue(), {1: track}, out, RANGE, music_only=True)
    assert tone_db(read_audio(out, 0.0, 4.0), 400.0, 1.0, 3.0) < -55


def test_a_range_begins_with_its_own_sound_and_music(tmp_path: Path, video: Path, track: Path) -> None:
    out = tmp_path / "preview.mp4"
    span = TimeRange(Fraction(1), Fraction(3))
    render_preview(video, one_cue(), {1: track}, out, span)
    with open_mixer(one_cue(), {1: track}, video) as mixer:
        wanted = mixer.render(RATE, 2 * RATE)
    heard = read_audio(out, 0.0, 2.0)
    assert 10 * np.log10(np.mean((heard - wanted) ** 2) / np.mean(wanted**2)) < -30


def test_a_video_without_sound_gets_the_music(tmp_path: Path, track: Path) -> None:
    silent = write_video(tmp_path / "silent.webm", shot_frames([], 100, width=64, height=64), codec="libvpx")
    out = tmp_path / f"preview{preview_suffix(silent)}"
    result = render_preview(silent, one_cue(), {1: track}, out, RANGE)
    assert out.suffix == ".webm"
    assert result.is_picture_copied
    assert tone_db(read_audio(out, 0.0, 4.0), 1000.0, 1.5, 2.5) == pytest.approx(20 * np.log10(0.25) - 6.0, abs=0.3)


def test_many_cues_of_one_lossy_track(tmp_path: Path, video: Path) -> None:
    track = write_audio(tmp_path / "track.mp3", music(12.0))
    cues = [
        Cue(1, 0.0, (Piece(0.25, 1.25), Piece(4.25, 5.25)), 0.0, 0.0, 0.2),
        Cue(1, 1.8, (Piece(8.25, 10.25),), 0.0, 0.2, 0.5),
    ]
    out = tmp_path / "preview.mp4"
    render_preview(video, cues, {1: track}, out, RANGE, music_only=True)
    heard, source = read_audio(out, 0.0, 4.0), read_audio(track, 0.0, 12.0)
    for at_s, from_s in ((0.3, 0.55), (1.3, 4.55), (2.3, 8.75)):
        part = heard[round(at_s * RATE) :][:14400, 0]
        reference = source[round(from_s * RATE) :][:14400, 0]
        lags = np.correlate(part, reference[2000:-2000], mode="valid")
        assert int(np.argmax(lags)) == pytest.approx(2000, abs=2)


def test_progress_counts_up_to_the_length(tmp_path: Path, video: Path, track: Path) -> None:
    seen: list[Progress] = []
    render_preview(video, one_cue(), {1: track}, tmp_path / "preview.mp4", RANGE, progress=seen.append)
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert (seen[-1].done, seen[-1].total) == (4, 4)


def test_cancel_midway_leaves_nothing(tmp_path: Path, video: Path, track: Path) -> None:
    before, token = left_in(tmp_path), CancelToken()

    def stop(progress: Progress) -> None:
        if progress.done >= 2:
            token.cancel()

    with pytest.raises(Cancelled):
        render_preview(video, one_cue(), {1: track}, tmp_path / "p.mp4", RANGE, progress=stop, cancel=token)
    assert left_in(tmp_path) == before


def test_existing_files_are_kept_unless_overwriting_is_asked_for(tmp_path: Path, video: Path, track: Path) -> None:
    out = tmp_path / "preview.mp4"
    out.write_bytes(b"mine")
    with pytest.raises(KnownError) as refused:
        render_preview(video, one_cue(), {1: track}, out, RANGE)
    assert refused.value.code == "exists"
    assert out.read_bytes() == b"mine"
    render_preview(video, one_cue(), {1: track}, out, RANGE, overwrite=True)
    assert out.stat().st_size > 1000


def test_a_source_is_never_overwritten_even_by_another_name(tmp_path: Path, video: Path, track: Path) -> None:
    link = tmp_path / "link.mp4"
    link.symlink_to(video)
    whole = video.read_bytes()
    for out in (video, link, track.with_name("track.flac")):
        with pytest.raises(KnownError) as refused:
            render_preview(video, one_cue(), {1: track}, out, RANGE, overwrite=True)
        assert refused.value.code == "would-overwrite-source"
    assert video.read_bytes() == whole


def test_a_missing_track_leaves_nothing(tmp_path: Path, video: Path) -> None:
    before = left_in(tmp_path)
    with pytest.raises(KnownError) as missing:
        render_preview(video, one_cue(), {1: tmp_path / "gone.mp3"}, tmp_path / "p.mp4", RANGE)
    assert missing.value.code == "missing"
    assert left_in(tmp_path) == before


FULL_DISK = """
import resource, sys
from fractions import Fraction
from pathlib import Path
from needledrop.core.cue import Cue, Piece
from needledrop.core.errors import KnownError
from needledrop.core.times import TimeRange
from needledrop.preview.render import render_preview

video, track, out = map(Path, sys.argv[1:4])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), int(sys.argv[4])))
try:
    cue = Cue(1, 0.0, (Piece(0.0, 4.0),), 0.0, 0.0, 0.0)
    render_preview(video, [cue], {1: track}, out, TimeRange(Fraction(0), Fraction(4)))
except KnownError as error:
    print(error.code)
"""


@pytest.mark.parametrize(("suffix", "limit"), [(".mp4", 0), (".mp4", 40_000), (".mkv", 40_000)])
def test_a_full_disk_is_said_and_leaves_nothing(
    tmp_path: Path, video: Path, track: Path, suffix: str, limit: int
) -> None:
    before = left_in(tmp_path)
    arguments = [str(video), str(track), str(tmp_path / f"out{suffix}"), str(limit)]
    run = subprocess.run(
        [sys.executable, "-c", FULL_DISK, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.stdout.strip() == "disk-full", run.stderr
    assert left_in(tmp_path) == before


@pytest.mark.shared_media
def test_real_videos_can_be_previewed(tmp_path: Path, shared_media: Path) -> None:
    track = write_audio(tmp_path / "track.flac", music(5.0))
    cues = [Cue(1, 0.0, (Piece(0.0, 2.0),), -6.0, 0.0, 0.2)]
    span = TimeRange(Fraction(0), Fraction(2))
    videos = sorted((shared_media / "videos").iterdir())
    assert videos
    for number, video in enumerate(videos[:6]):
        try:
            out = tmp_path / f"{number}{preview_suffix(video)}"
            result = render_preview(video, cues, {1: track}, out, span)
        except KnownError as error:
            assert error.sentence
            continue
        assert result.sound_frames == 2 * RATE
