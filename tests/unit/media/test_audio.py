# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from media_factory import AUDIO_FORMATS, encode_audio, music, shot_frames, write_audio, write_video
from needledrop.core.errors import BrokenMedia, KnownError
from needledrop.media.audio import AudioReader, AudioSource, read_audio
from needledrop.media.suffixes import SUPPORTED_SUFFIXES

SECONDS = 7.3
NO_CHANNELS = b"RIFF\xff\xff\0\0WAVEfmt \x10\0\0\0\x01\0\0\0\x44\xac" + bytes(8) + b"\x10\0data\0\0\0\0"
LOSSLESS = (".flac", ".alac.m4a", ".wav", ".aiff")


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    return music(SECONDS)


@pytest.fixture(scope="module", params=list(AUDIO_FORMATS))
def track(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sound: np.ndarray) -> Path:
    return write_audio(tmp_path_factory.mktemp("sound") / f"track{request.param}", sound)


def decoded(path: Path, rate: int | None = None, channels: int = 2) -> np.ndarray:
    with AudioSource(path) as source:
        return np.concatenate(list(source.blocks(rate, channels)))


def lag(ours: np.ndarray, true: np.ndarray) -> int:
    """By how many samples `ours` comes later than `true`."""
    size = min(len(ours), len(true))
    spectrum = np.fft.rfft(ours[:size, 0], 2 * size) * np.conj(np.fft.rfft(true[:size, 0], 2 * size))
    where = int(np.argmax(np.fft.irfft(spectrum)))
    return where if where < size else where - 2 * size


def test_length_and_time_zero_are_those_of_the_music(track: Path, sound: np.ndarray) -> None:
    ours = decoded(track, 44100)
    if track.suffix == ".wma":  # Its encoder writes no delay: the first frame is the first that decodes.
        assert len(ours) == pytest.approx(len(sound), abs=3 * 2048)
        return
    assert len(ours) == len(sound)
    assert lag(ours, sound) == 0
    if track.name.endswith(LOSSLESS):
        assert np.abs(ours - sound).max() <= 1 / 2**15


def test_declared_duration_is_that_of_the_samples(track: Path) -> None:
    with AudioSource(track) as source:
        assert source.duration_s == pytest.approx(SECONDS, abs=0.05)
        assert sum(len(block) for block in source.blocks()) == pytest.approx(
            source.duration_s * source.sample_rate, abs=4096 if track.suffix == ".wma" else 1
        )
        assert (source.decode_errors, source.bad_samples, source.broke_off_at_s) == (0, 0, None)


@pytest.mark.parametrize("rate", [44100, 48000, 22050])
def test_any_stretch_equals_the_sequential_read(track: Path, rate: int) -> None:
    whole = decoded(track, rate)
    with AudioReader(track, rate) as reader:
        for start in (0, 1, 5 * rate + 3, 2 * rate - 7, 2 * rate, 6 * rate + 11, len(whole) - 500, -100, len(whole)):
            padded = np.zeros((1000, 2), np.float32)
            low, high = max(0, start), min(len(whole), start + 1000)
            padded[low - start : high - start] = whole[low:high]
            assert np.array_equal(reader.read(start, 1000), padded), start
    assert np.array_equal(read_audio(track, 4.0, 4.5, rate), whole[4 * rate : 4 * rate + rate // 2])


def test_a_stretch_deep_inside_equals_the_sequential_read(tmp_path: Path) -> None:
    for suffix in (".mp3", ".ogg", ".opus", ".m4a"):
        path = write_audio(tmp_path / f"long{suffix}", music(20, seed=3))
        whole = decoded(path, 48000)
        with AudioReader(path, 48000) as reader:
            for start_s in (16, 6, 7, 19):
                start = start_s * 48000 + 5
                assert np.array_equal(reader.read(start, 3000), whole[start : start + 3000]), (suffix, start_s)


def test_reads_in_small_steps_equal_one_read(track: Path) -> None:
    with AudioReader(track, 48000) as reader:
        steps = np.concatenate([reader.read(start, 4800) for start in range(0, 48000, 4800)])
        assert np.array_equal(steps, reader.read(0, 48000))


def test_channels_are_mixed(tmp_path: Path, sound: np.ndarray) -> None:
    mono = write_audio(tmp_path / "mono.flac", sound[:, :1])
    both = decoded(mono)
    assert np.array_equal(both[:, 0], both[:, 1])
    assert np.abs(both[:, 0] - sound[:, 0]).max() <= 1 / 2**15
    stereo = write_audio(tmp_path / "stereo.flac", sound)
    assert np.allclose(decoded(stereo, channels=1)[:, 0], sound.mean(axis=1), atol=1e-4)


def test_seven_point_one_at_192_khz_becomes_stereo(tmp_path: Path) -> None:
    tone = np.zeros((192000, 8), np.float32)
    tone[:, 2] = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(192000) / 192000)  # centre
    path = tmp_path / "surround.wav"
    soundfile.write(path, tone, 192000, subtype="FLOAT")
    ours = decoded(path, 48000)
    assert ours.shape == (48000, 2)
    assert np.allclose(ours[:, 0], ours[:, 1])
    assert np.abs(ours[1000:-1000]).max() == pytest.approx(0.5 / np.sqrt(2), rel=0.02)


def test_broken_floats_become_silence_and_are_counted(tmp_path: Path, sound: np.ndarray) -> None:
    wrong = sound.copy()
    wrong[1000, 0], wrong[2000, 1], wrong[3000, 0], wrong[4000, 0] = np.nan, np.inf, -np.inf, 1e30
    path = tmp_path / "nan.wav"
    soundfile.write(path, wrong, 44100, subtype="FLOAT")
    with AudioSource(path) as source:
        ours = np.concatenate(list(source.blocks()))
        assert source.bad_samples == 4
    assert np.isfinite(ours).all()
    wrong[[1000, 3000, 4000], 0] = wrong[2000, 1] = 0
    assert np.array_equal(ours, wrong)


def test_a_fifth_of_a_second_and_one_sample(tmp_path: Path) -> None:
    for suffix in AUDIO_FORMATS:
        path = write_audio(tmp_path / f"short{suffix}", music(0.2))
        if suffix != ".wma":
            assert len(decoded(path, 44100)) == 8820
    assert len(decoded(write_audio(tmp_path / "one.wav", music(1 / 44100)))) == 1


def test_sound_of_a_video_begins_with_its_picture(tmp_path: Path) -> None:
    tone = music(2.0, rate=48000)
    for name in ("film.mp4", "film.mkv", "film.webm"):
        path = write_video(tmp_path / name, shot_frames([20], 50), sound=tone,
                           codec="libvpx" if name.endswith("webm") else "libx264")  # fmt: skip
        ours = decoded(path, 48000)
        assert abs(lag(ours, tone)) <= 48, name  # Matroska keeps whole milliseconds.
        with AudioReader(path, 48000) as reader:
            assert np.array_equal(reader.read(60000, 2000), ours[60000:62000])


def test_gaps_in_time_become_silence(tmp_path: Path, sound: np.ndarray) -> None:
    path = tmp_path / "gap.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("flac", rate=44100, layout="stereo")
        held: list[av.Packet] = []
        for start in (0, 3 * 46080):  # ten frames of the encoder each
            frame = av.AudioFrame.from_ndarray(
                (sound[:46080].reshape(1, -1) * 20000).astype(np.int16), format="s16", layout="stereo"
            )
            frame.sample_rate, frame.pts, frame.time_base = 44100, start, Fraction(1, 44100)
            held += stream.encode(frame)
        container.mux(held + stream.encode(None))
    ours = decoded(path)
    assert len(ours) == 4 * 46080
    assert np.array_equal(ours[3 * 46080 :], ours[:46080])
    assert not ours[46080 : 3 * 46080].any()


@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".ogg", ".opus", ".wav", ".aiff"])
def test_a_track_cut_short_says_where(tmp_path: Path, suffix: str) -> None:
    path = write_audio(tmp_path / f"whole{suffix}", music(10))
    cut = tmp_path / f"cut{suffix}"
    content = path.read_bytes()
    cut.write_bytes(content[: int(len(content) * 0.7)])
    with AudioSource(cut) as source:
        for _ in source.blocks():
            pass
        assert source.broke_off_at_s == pytest.approx(7.0, abs=1.5)


def test_less_than_half_a_track_is_refused(tmp_path: Path) -> None:
    content = write_audio(tmp_path / "whole.flac", music(10)).read_bytes()
    path = tmp_path / "cut.flac"
    path.write_bytes(content[: len(content) // 4])
    with AudioSource(path) as source, pytest.raises(BrokenMedia, match=r"breaks off at 0:0\d of 0:10"):
        list(source.blocks())


def test_damage_in_the_middle_costs_only_the_frames_it_hit(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "hurt.mp3", music(10))
    content = bytearray(path.read_bytes())
    content[60000:64000] = np.random.default_rng(0).bytes(4000)
    before = decoded(path)
    path.write_bytes(content)
    after = decoded(path)
    assert len(after) == pytest.approx(len(before), abs=12 * 1152)
    assert np.array_equal(after[:88200], before[:88200])


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.mp3", b"", "empty"),
        ("text.mp3", b"Dear diary,\ntoday I downloaded no music.\n" * 90, "not-media"),
        ("noise.flac", bytes(range(256)) * 40, "broken-media"),
        ("header.flac", b"fLaC\0\0\0\x22\x10\0\x10", "broken-media"),
        ("header.wav", NO_CHANNELS, "broken-media"),
        ("ftyp.m4a", b"\0\0\0\x20ftypM4A \0\0\0\0M4A mp42isom\0\0\0\0\0\0\0\0", "broken-media"),
    ],
)  # fmt: skip
def test_what_is_no_media_says_so(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(KnownError) as caught, AudioSource(path) as source:
        list(source.blocks())
    assert caught.value.code == code
    assert name in caught.value.sentence
    assert caught.value.remedy


def test_missing_file_folder_and_video_without_sound(tmp_path: Path) -> None:
    with pytest.raises(KnownError) as caught:
        AudioSource(tmp_path / "none.mp3")
    assert caught.value.code == "missing"
    with pytest.raises(KnownError) as caught:
        AudioSource(tmp_path)
    assert caught.value.code == "not-media"
    with pytest.raises(KnownError) as caught:
        AudioSource(write_video(tmp_path / "silent.mp4", shot_frames([], 5)))
    assert caught.value.code == "no-audio"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "mine.wav", music(0.5))
    path.chmod(0)
    with pytest.raises(KnownError) as caught:
        AudioSource(path)
    assert caught.value.code == "unreadable"


def test_wrong_extension(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.flac", music(1)).rename(tmp_path / "a.mp3")
    assert len(decoded(path)) == 44100


def test_any_name(tmp_path: Path) -> None:
    content = write_audio(tmp_path / "a.wav", music(0.5)).read_bytes()
    names = ["🎵 Ω.wav", "two\nlines.wav", "e\u0301.wav", "http:x.wav", "%03d.wav", "-i.wav", "x" * 251 + ".wav"]
    for name in [*map(os.fsencode, names), b"caf\xe9 \xff.wav"]:
        path = os.fsencode(tmp_path) + b"/" + name
        try:
            with open(path, "wb") as file:  # noqa: PTH123
                file.write(content)
        except OSError:  # A file system that takes no such name has no such file.
            continue
        with AudioSource(path) as source:
            assert sum(len(block) for block in source.blocks()) == 22050


def test_a_second_stream_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("flac", rate=44100, layout="stereo") for _ in range(2)]
        for stream, level in zip(streams, (0.5, 0.25), strict=True):
            encode_audio(container, stream, np.full((44100, 2), level, np.float32), 44100)
    for number, level in ((None, 0.5), (1, 0.25)):
        with AudioSource(path, number) as source:
            assert np.concatenate(list(source.blocks()))[1000, 0] == pytest.approx(level, abs=1e-3)
    with pytest.raises(KnownError):
        AudioSource(path, 2)


@pytest.mark.shared_media
@pytest.mark.slow
def test_every_real_file_decodes_or_says_why(shared_media: Path) -> None:
    files = [path for path in sorted(shared_media.rglob("*")) if path.suffix in SUPPORTED_SUFFIXES]
    assert files
    for path in files:
        try:
            with AudioSource(path) as source, AudioReader(path) as reader:
                for count, block in enumerate(source.blocks()):
                    assert np.isfinite(block).all()
                    if count == 3:
                        break
                reader.read(round(source.duration_s * 24000), 4800)
        except KnownError as error:
            assert error.code in {"no-audio", "encrypted", "broken-media"}, path
