# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest

from media_factory import music, shot_frames, write_audio, write_video
from needledrop.core.errors import KnownError
from needledrop.media.pictures import encode_jpeg, read_frame, thumbnail


def opened(jpeg: bytes) -> np.ndarray:
    with av.open(BytesIO(jpeg)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def grey_video(path: Path, levels: list[int], *, codec: str = "libx264", pix_fmt: str = "yuv420p",
               rotation: int | None = None) -> Path:  # fmt: skip
    """One grey level a frame at 25 pictures a second, the upper left quarter red."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, pix_fmt
        if rotation is not None:
            stream.set_display_rotation(rotation)
        for level in levels:
            picture = np.full((64, 96, 3), level, np.uint8)
            picture[:32, :48] = (255, 0, 0)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pix_fmt)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm"])
def test_the_picture_shown_at_a_time(tmp_path: Path, name: str) -> None:
    levels = list(range(20, 220, 2))
    path = grey_video(tmp_path / name, levels, codec="libvpx" if name.endswith("webm") else "libx264")
    for at_s, level in ((0.0, 20), (0.41, 40), (1.01, 70), (3.97, 218), (99.0, 218), (-1.0, 20)):
        frame = read_frame(path, at_s)
        assert frame.shape == (64, 96, 3)
        assert frame[48:, 64:].mean() == pytest.approx(level, abs=3), at_s
        assert frame[4, 4, 0] > 200 > 100 > frame[4, 4, 1]


def test_thumbnails_have_the_height_asked_for(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", shot_frames([], 5))
    assert opened(thumbnail(path, 0.1, 90)).shape == (90, 160, 3)


@pytest.mark.parametrize(("matrix", "corner"), [(-90, (4, -4)), (90, (-4, 4)), (180, (-4, -4))])
def test_rotation_is_applied(tmp_path: Path, matrix: int, corner: tuple[int, int]) -> None:
    frame = read_frame(grey_video(tmp_path / "turned.mp4", [60] * 3, rotation=matrix), 0.0)
    assert frame.shape == ((64, 96, 3) if matrix == 180 else (96, 64, 3))
    red, green, _ = frame[corner]
    assert red > 200 > 100 > green


def test_transparent_pictures_lie_on_dark_grey(tmp_path: Path) -> None:
    path = tmp_path / "alpha.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("qtrle", rate=25)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "argb"
        picture = np.zeros((32, 32, 4), np.uint8)
        picture[:16] = (255, 200, 100, 50)
        frame = av.VideoFrame.from_ndarray(picture, format="argb")
        container.mux(stream.encode(frame) + stream.encode(None))
    frame_rgb = read_frame(path, 0.0)
    assert tuple(frame_rgb[4, 4]) == (200, 100, 50)
    assert tuple(frame_rgb[-4, 4]) == (24, 24, 24)


def test_ten_bits(tmp_path: Path) -> None:
    path = grey_video(tmp_path / "deep.mp4", [128] * 3, pix_fmt="yuv420p10le")
    assert opened(thumbnail(path, 0.0, 64))[48:, 64:].mean() == pytest.approx(128, abs=4)


def test_same_bytes_each_time() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (40, 60, 3)).astype(np.uint8)
    assert encode_jpeg(picture) == encode_jpeg(picture)
    assert encode_jpeg(picture)[:2] == b"\xff\xd8"
    assert opened(encode_jpeg(picture[:39, :59])).shape == (39, 59, 3)


def test_sound_has_no_picture(tmp_path: Path) -> None:
    with pytest.raises(KnownError) as caught:
        thumbnail(write_audio(tmp_path / "a.wav", music(0.2)), 0.0, 90)
    assert caught.value.code == "no-video"


@pytest.mark.shared_media
@pytest.mark.slow
def test_every_real_video_gives_a_thumbnail_or_says_why(shared_media: Path) -> None:
    for path in sorted((shared_media / "videos").iterdir()):
        try:
            assert opened(thumbnail(path, 1.0, 48)).shape[0] == 48
        except KnownError as error:
            assert error.code in {"encrypted", "broken-media"}, path
