# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole engine over real files and its real process: what is heard and seen, and what survives."""

from __future__ import annotations

import dataclasses
import os
import signal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from media_factory import music, shot_frames, write_audio, write_video
from needledrop.core.cue import Cue, Ducking, Piece
from needledrop.core.music import FloatArray
from needledrop.core.times import TimeRange
from needledrop.export.sound import export_wav
from needledrop.media.audio import read_audio
from needledrop.mix.session import open_mixer
from needledrop.preview.engine import PlaybackEngine
from needledrop.preview.playback_mixer import FADE
from playing import opened, picture_at, played, settle, wait_until

RATE = 48_000
CUE = Cue(1, 0.5, (Piece(2.0, 6.0), Piece(8.0, 12.0)), -3.0, 0.5, 0.5, ducking=Ducking(((1.5, 2.5),)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("playing")


@pytest.fixture(scope="module")
def video(folder: Path) -> Path:
    own = music(10.0, seed=1, rate=RATE) * np.float32(0.3)
    return write_video(folder / "video.mp4", shot_frames([50], 250, width=160, height=96), sound=own)


@pytest.fixture(scope="module")
def track(folder: Path) -> Path:
    return write_audio(folder / "track.mp3", music(20.0, seed=2))


def mixed(cues: list[Cue], tracks: dict[int, Path], video: Path | None, span: tuple[int, int]) -> FloatArray:
    with open_mixer(cues, tracks, video) as mixer:
        return mixer.render(span[0], span[1] - span[0])


def largest_step(sound: FloatArray) -> float:
    return float(np.abs(np.diff(sound, axis=0)).max())


def test_what_is_heard_is_what_export_writes(video: Path, track: Path, tmp_path: Path) -> None:
    cues = [CUE, dataclasses.replace(CUE, record_in_s=1.0, stretch=1.03, pieces=(Piece(3.0, 7.0),))]
    with opened(video, cues, {1: track}) as engine:
        engine.play()
        heard = played(engine, 4 * RATE)
    out = tmp_path / "out.wav"
    export_wav(cues, {1: track}, out, TimeRange(Fraction(0), Fraction(4)), video_path=video)
    written = read_audio(out, 0.0, 4.0)
    assert np.abs(written).max() > 0.1
    assert np.array_equal(heard[FADE:], mixed(cues, {1: track}, video, (0, 4 * RATE))[FADE:])
    assert np.abs(heard[FADE:] - written[FADE:]).max() <= 2**-15  # The WAV file is dithered or rounded, no more.


def test_a_loop_repeats_the_same_samples(video: Path, track: Path) -> None:
    start, end = round(1.2345 * RATE), round(1.9 * RATE)
    with opened(video, [CUE], {1: track}) as engine:
        engine.set_loop((1.2345, 1.9))
        engine.seek(1.2345, is_audible=False)
        engine.play()
        heard = played(engine, 5 * (end - start), block=777)
    expected = mixed([CUE], {1: track}, video, (start, end))
    for turn in heard.reshape(5, end - start, 2):
        assert np.array_equal(turn[FADE:], expected[FADE:])
    assert largest_step(heard) <= 1.2 * largest_step(expected) + 0.01


def test_switching_keeps_the_place_and_makes_no_click(video: Path, track: Path, folder: Path) -> None:
    tone = np.sin(2 * np.pi * 300 * np.arange(20 * RATE) / RATE)[:, None] * np.ones(2) * 0.2
    other = write_audio(folder / "tone.wav", tone.astype(np.float32), RATE)
    candidates = [[dataclasses.replace(CUE, track_id=2)], [dataclasses.replace(CUE, gain_db=-12.0)]]
    tracks = {1: track, 2: other}
    with opened(video, [CUE], tracks) as engine:
        engine.set_candidates(candidates, tracks)
        engine.play()
        parts = [played(engine, RATE)]
        for index in (0, 1, None):
            engine.switch(index)
            settle_at = engine.output_frames
            wait_until(lambda: _is_switched(engine, parts), "the candidate is heard")
            assert engine.output_frames >= settle_at
            parts.append(played(engine, RATE // 2))
        heard = np.concatenate(parts)
    mixes = [mixed(cues, tracks, video, (0, len(heard))) for cues in ([CUE], *candidates)]
    # At the end of each part the candidate is heard at its very place on the timeline.
    at = 0
    for number, part in enumerate(parts):
        at += len(part)
        if len(part) >= RATE // 2:
            tail = slice(at - RATE // 4, at)
            which = [0, 1, 2, 0][[i for i, p in enumerate(parts) if len(p) >= RATE // 2].index(number)]
            assert np.array_equal(heard[tail], mixes[which][tail])
    assert largest_step(heard[FADE:]) <= 1.2 * max(largest_step(mix) for mix in mixes) + 0.01


def _is_switched(engine: PlaybackEngine, parts: list[FloatArray]) -> bool:
    parts.append(played(engine, 256))
    return not engine.is_switching


def test_a_change_of_gain_is_heard_at_once_and_smoothly(video: Path, track: Path) -> None:
    with opened(video, [CUE], {1: track}) as engine:
        engine.seek(3.0, is_audible=False)
        settle(engine)
        engine.play()
        parts = [played(engine, RATE // 2)]
        engine.set_cues([dataclasses.replace(CUE, gain_db=-20.0)])
        wait_until(lambda: _is_switched(engine, parts), "the gain is heard")
        parts.append(played(engine, RATE // 2))
    heard = np.concatenate(parts)
    louder = mixed([CUE], {1: track}, video, (3 * RATE, 3 * RATE + len(heard)))
    quiet = mixed([dataclasses.replace(CUE, gain_db=-20.0)], {1: track}, video, (3 * RATE, 3 * RATE + len(heard)))
    assert np.array_equal(heard[-RATE // 4 :], quiet[-RATE // 4 :])
    assert np.array_equal(heard[FADE : RATE // 2], louder[FADE : RATE // 2])
    assert largest_step(heard[FADE:]) <= largest_step(louder) + 0.01


def test_the_original_sound_alone_and_each_stream_muted(video: Path, track: Path) -> None:
    span = (RATE, 2 * RATE)
    with opened(video, [CUE], {1: track}) as engine:

        def heard() -> FloatArray:
            engine.pause()
            settle(engine)
            engine.seek(1.0, is_audible=False)
            engine.play()
            return played(engine, RATE)[FADE:]

        engine.hear_original()
        assert np.array_equal(heard(), mixed([], {}, video, span)[FADE:])
        engine.switch(None)
        engine.set_mute(0, True)
        assert np.array_equal(heard(), mixed([CUE], {1: track}, None, span)[FADE:])
        engine.set_solo(0, True)
        assert np.array_equal(heard(), mixed([CUE], {1: track}, video, span)[FADE:])


@pytest.mark.parametrize("speed", [0.5, 2.0, 8.0, -1.0, -4.0])
def test_other_speeds_play_the_same_sound_faster_or_backwards(folder: Path, speed: float) -> None:
    wave = np.sin(2 * np.pi * 200 * np.arange(10 * RATE) / RATE)[:, None] * np.ones(2) * 0.3
    path = folder / "tone.mkv"
    if not path.exists():
        write_video(path, shot_frames([], 250, width=64, height=48), sound=wave.astype(np.float32))
    with opened(path) as engine:
        engine.seek(5.0, is_audible=False)
        engine.play(speed)
        heard = played(engine, RATE // 4)[FADE:, 0]
        assert engine.position_s == pytest.approx(5.0 + speed / 4, abs=0.001)
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard)), 4 * RATE))
    assert spectrum.argmax() / 4 == pytest.approx(200 * abs(speed), abs=3)


def test_a_video_without_sound_and_one_of_a_single_picture(folder: Path, track: Path) -> None:
    silent = write_video(folder / "silent.mp4", shot_frames([], 50, width=64, height=48))
    with opened(silent, [CUE], {1: track}) as engine:
        assert engine.end_s == CUE.record_out_s  # The music goes on after the picture.
        engine.play()
        assert np.array_equal(played(engine, RATE)[FADE:], mixed([CUE], {1: track}, None, (0, RATE))[FADE:])
        engine.seek(6.0, is_audible=False)
        last = picture_at(engine, 6.0)  # A range of sound alone: the last picture stays.
        assert (last.start_s, last.end_s) == (pytest.approx(1.96), np.inf)
    single = write_video(folder / "single.mp4", shot_frames([], 1, width=64, height=48))
    with opened(single) as engine:
        assert picture_at(engine, 0.0).bgra.shape == (48, 64, 4)
        engine.step(1)
        engine.step(-1)
        engine.play()
        settle(engine)
        assert engine.position_s <= engine.end_s == pytest.approx(0.04)


def test_a_decoder_that_is_killed_is_started_again_and_says_so(video: Path, track: Path) -> None:
    with opened(video, [CUE], {1: track}) as engine:
        engine.play()
        played(engine, RATE)
        pid = engine.decoder_pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        errors = []
        wait_until(lambda: bool(errors.extend(engine.poll()) or errors), "the death is noticed")
        assert [error.code for error in errors] == ["decoder-restarted"]
        assert "video.mp4" in errors[0].sentence
        assert engine.decoder_pid != pid
        engine.pause()
        engine.seek(2.0, is_audible=False)
        engine.play()
        heard = played(engine, RATE // 2)
        assert np.array_equal(heard[FADE:], mixed([CUE], {1: track}, video, (2 * RATE, 5 * RATE // 2))[FADE:])
        assert picture_at(engine, 2.5).start_s == pytest.approx(2.48)


def test_a_decoder_that_keeps_dying_is_given_up(video: Path) -> None:
    with opened(video) as engine:
        codes: list[str] = []
        for _ in range(4):
            pid = engine.decoder_pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda: _heard_of(engine, codes), "it is noticed")
        assert codes == ["decoder-restarted"] * 3 + ["decoder-given-up"]
        assert engine.poll() == []


def _heard_of(engine: PlaybackEngine, codes: list[str]) -> bool:
    found = [error.code for error in engine.poll()]
    codes += found
    return bool(found)


def test_a_missing_track_is_named_and_the_rest_is_heard(video: Path, track: Path, tmp_path: Path) -> None:
    cues = [dataclasses.replace(CUE, track_id=7)]
    engine = PlaybackEngine(video, cues, {7: tmp_path / "gone.mp3"}, is_hardware_tried=False)
    try:
        errors = []
        wait_until(lambda: bool(errors.extend(engine.poll()) or errors), "the sentence is there")
        assert [error.code for error in errors] == ["missing"]
        assert "gone.mp3" in errors[0].sentence
        settle(engine)
        engine.play()
        assert np.array_equal(played(engine, RATE)[FADE:], mixed([], {}, video, (0, RATE))[FADE:])
    finally:
        engine.close()


def test_meters_follow_what_is_heard(video: Path, track: Path) -> None:
    with opened(video, [CUE], {1: track}) as engine:
        engine.play()
        wait_until(lambda: played(engine, 480) is not None and engine.levels().momentary_lufs > -40, "levels rise")
        engine.pause()
        wait_until(lambda: engine.render(4800) is not None and engine.levels().momentary_lufs == -70, "levels fall")
