# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from media_factory import AUDIO_FORMATS, encode_audio, music, shot_frames, write_audio, write_video
from needledrop.core.errors import KnownError
from needledrop.media.probe import probe_audio, probe_video, shown_size
from needledrop.media.suffixes import SUPPORTED_SUFFIXES


def write_picture_file(path: Path, *, options: dict[str, str] | None = None, rotation: int | None = None,
                       codec: str = "libx264", pix_fmt: str = "yuv420p", aspect: Fraction | None = None,
                       metadata: dict[str, str] | None = None, frames: int = 10) -> Path:  # fmt: skip
    """A small video with one oddity."""
    with av.open(str(path), "w") as container:
        container.metadata.update(metadata or {})
        stream = container.add_stream(codec, rate=25, options=options or {})
        stream.width, stream.height, stream.pix_fmt = 64, 48, pix_fmt
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation is not None:
            stream.set_display_rotation(rotation)
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), number * 9, np.uint8), format="rgb24")
            container.mux(stream.encode(frame.reformat(format=pix_fmt)))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.webm"])
def test_a_plain_video(tmp_path: Path, name: str) -> None:
    codec = "libvpx-vp9" if name.endswith("webm") else "libx264"
    path = write_video(tmp_path / name, shot_frames([], 30), frame_rate=Fraction(30000, 1001), codec=codec,
                       sound=music(1.0, rate=48000))  # fmt: skip
    probe = probe_video(path)
    assert (probe.width, probe.height) == (320, 180)
    assert probe.frame_rate == Fraction(30000, 1001)
    assert not probe.is_variable_frame_rate
    assert probe.duration_s == pytest.approx(30 * 1001 / 30000, abs=0.03)
    assert probe.codec == ("vp9" if name.endswith("webm") else "h264")
    assert probe.container == name.rpartition(".")[2]
    assert (probe.rotation_deg, probe.is_hdr, probe.has_alpha, probe.start_timecode) == (0, False, False, "")
    (sound,) = probe.audio_streams
    assert (sound.codec, sound.sample_rate, sound.channels) == ("opus" if name.endswith("webm") else "aac", 48000, 2)


@pytest.mark.parametrize("name", ["v.mp4", "v.mkv"])
def test_variable_frame_rate_is_seen(tmp_path: Path, name: str) -> None:
    steps = np.where(np.arange(60) % 20 < 10, 40, 17)
    path = write_video(tmp_path / name, shot_frames([], 60), pts=[int(time) for time in np.cumsum(steps)])
    probe = probe_video(path)
    assert probe.is_variable_frame_rate
    assert probe.duration_s == pytest.approx(steps.sum() / 1000, abs=0.06)


def test_milliseconds_are_no_variable_rate(tmp_path: Path) -> None:
    times = [round(number * 1001 / 30) for number in range(60)]
    probe = probe_video(write_video(tmp_path / "ms.mkv", shot_frames([], 60), pts=times))
    assert not probe.is_variable_frame_rate


@pytest.mark.parametrize(
    ("matrix", "clockwise", "size"), [(90, 270, (48, 64)), (-90, 90, (48, 64)), (180, 180, (64, 48))]
)
def test_rotation(tmp_path: Path, matrix: int, clockwise: int, size: tuple[int, int]) -> None:
    probe = probe_video(write_picture_file(tmp_path / "turned.mp4", rotation=matrix))
    assert probe.rotation_deg == clockwise
    assert (probe.width, probe.height) == size


def test_hdr(tmp_path: Path) -> None:
    options = {"x264-params": "transfer=smpte2084:colorprim=bt2020:colormatrix=bt2020nc"}
    assert probe_video(write_picture_file(tmp_path / "pq.mp4", options=options)).is_hdr


def test_alpha(tmp_path: Path) -> None:
    assert probe_video(write_picture_file(tmp_path / "a.mov", codec="qtrle", pix_fmt="argb")).has_alpha


def test_timecode_and_pixel_aspect(tmp_path: Path) -> None:
    path = write_picture_file(tmp_path / "t.mov", aspect=Fraction(4, 3), metadata={"timecode": "01:00:00:00"})
    probe = probe_video(path)
    assert probe.start_timecode == "01:00:00:00"
    assert (probe.width, probe.height) == (85, 48)
    assert probe.container == "mov"
    assert shown_size(720, 576, Fraction(16, 15), 90) == (576, 768)


def test_one_frame_and_no_sound(tmp_path: Path) -> None:
    probe = probe_video(write_picture_file(tmp_path / "one.mp4", frames=1))
    assert probe.duration_s == pytest.approx(0.04)
    assert probe.audio_streams == ()


def test_a_track_with_a_cover_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "cover.m4a"
    with av.open(str(path), "w", format="mp4") as container:
        sound = container.add_stream("aac", rate=44100, layout="stereo")
        cover = container.add_stream("mjpeg", rate=1)
        cover.width = cover.height = 16
        cover.pix_fmt = "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        picture = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
        container.mux(cover.encode(picture.reformat(format="yuvj420p")))
        container.mux(cover.encode(None))
        encode_audio(container, sound, music(0.5), 44100)
    with pytest.raises(KnownError) as caught:
        probe_video(path)
    assert caught.value.code == "no-video"
    assert probe_audio(path)[0].codec == "aac"


@pytest.mark.parametrize("suffix", list(AUDIO_FORMATS))
def test_sound_of_every_format(tmp_path: Path, suffix: str) -> None:
    stream, duration_s = probe_audio(write_audio(tmp_path / f"t{suffix}", music(1.5)))
    assert stream.channels == 2
    assert stream.sample_rate == (48000 if suffix == ".opus" else 44100)
    assert duration_s == pytest.approx(1.5, abs=0.05)
    assert "." + suffix.rpartition(".")[2] in SUPPORTED_SUFFIXES


def test_a_video_cut_off_before_its_index_is_broken(tmp_path: Path) -> None:
    content = write_picture_file(tmp_path / "whole.mp4").read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(content[:400])
    with pytest.raises(KnownError) as caught:
        probe_video(path)
    assert caught.value.code == "broken-media"


@pytest.mark.shared_media
def test_every_real_video_is_probed_or_says_why(shared_media: Path) -> None:
    files = [*sorted((shared_media / "videos").iterdir()), *sorted((shared_media / "pairs").iterdir())]
    refused = set()
    for path in files:
        try:
            probe = probe_video(path)
        except KnownError as error:
            assert error.code in {"encrypted", "broken-media"}, path
            refused.add(path.name)
            continue
        assert 0 < probe.duration_s < 100
        assert 5 <= probe.frame_rate <= 61
        assert probe.is_hdr == ("hdr" in path.name or "bt2020" in path.name)
        assert probe.has_alpha == ("transparent" in path.name)
        if path.name.startswith("dmlc_video-"):
            assert probe.rotation_deg == int(path.stem.rpartition("-")[2])
    assert len(refused) < len(files) / 10
