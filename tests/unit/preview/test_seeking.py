# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture shown is the one whose time it is: in every kind of file, forwards, backwards, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from media_factory import write_video
from playing import opened, picture_at, wait_until

BITS = 10


def numbered(count: int, width: int = 160, height: int = 96) -> Iterator[NDArray[np.uint8]]:
    """Pictures that carry their number as black and white stripes."""
    for number in range(count):
        bits = np.array([(number >> bit) & 1 for bit in range(BITS)], np.uint8) * 235 + 10
        yield np.ascontiguousarray(np.broadcast_to(np.repeat(bits, width // BITS)[None, :, None], (height, width, 3)))


def number_in(bgra: NDArray[np.uint8], *, is_turned: bool = False) -> int:
    picture = np.rot90(bgra) if is_turned else bgra
    row = picture[picture.shape[0] // 2, :, 1].astype(int)
    stripes = row[: len(row) // BITS * BITS].reshape(BITS, -1).mean(axis=1)
    return sum(1 << bit for bit, level in enumerate(stripes) if level > 128)


def long_group(path: Path, count: int) -> Path:
    """One key frame only, with B-frames."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"g": "1000", "sc_threshold": "0", "bf": "3"})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for picture in numbered(count):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def test_a_long_group_is_exact_everywhere(tmp_path: Path) -> None:
    with opened(long_group(tmp_path / "long.mp4", 300)) as engine:
        for number in (299, 0, 150, 149, 151, 7, 298):
            at_s = number / 25
            engine.seek(at_s)
            assert number_in(picture_at(engine, at_s).bgra) == number
            assert number_in(picture_at(engine, at_s + 0.0399).bgra) == number


def test_variable_frame_rates_keep_each_pictures_own_time(tmp_path: Path) -> None:
    steps = np.random.default_rng(3).integers(5, 200, 120)
    times = [0, *np.cumsum(steps).tolist()]
    video = write_video(tmp_path / "vfr.mkv", numbered(121), pts=times)
    with opened(video) as engine:
        for number in (60, 3, 119, 61, 59):
            at_s = times[number] / 1000
            engine.seek(at_s + 0.001)
            picture = picture_at(engine, at_s + 0.001)
            assert number_in(picture.bgra) == number
            assert picture.start_s == pytest.approx(at_s, abs=0.0006)
            assert picture.end_s == pytest.approx(times[number + 1] / 1000, abs=0.0006)


def test_turned_pictures_stand_upright_at_the_viewers_size(tmp_path: Path) -> None:
    plain = write_video(tmp_path / "plain.mp4", numbered(50, 320, 180))
    turned = tmp_path / "turned.mp4"
    with av.open(str(plain)) as source, av.open(str(turned), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        stream.set_display_rotation(90)
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    with opened(turned, view_size=(1000, 160)) as engine:
        engine.seek(1.0)
        picture = picture_at(engine, 1.0)
        assert picture.bgra.shape == (160, 90, 4)
        assert engine.info is not None
        assert engine.info.size == (180, 320)
        sides = {number_in(np.rot90(picture.bgra, turns)) for turns in (1, 3)}
        assert 25 in sides


def test_stepping_goes_picture_by_picture_both_ways(tmp_path: Path) -> None:
    times = [0, 40, 100, 110, 300, 310, 320, 400, 480, 500, 620]
    video = write_video(tmp_path / "vfr.mkv", numbered(len(times)), pts=times)
    with opened(video) as engine:
        shown = []
        for move in [1] * 5 + [-1] * 4 + [1]:
            picture_at(engine, engine.position_s)
            wait_until(lambda: _has_neighbours(engine), "its neighbours are there")
            engine.step(move)
            shown.append(number_in(picture_at(engine, engine.position_s).bgra))
        assert shown == [1, 2, 3, 4, 5, 4, 3, 2, 1, 2]


def _has_neighbours(engine: object) -> bool:
    from needledrop.preview.engine import PlaybackEngine

    assert isinstance(engine, PlaybackEngine)
    key = engine.picture_key(engine.position_s)
    if key is None:
        return False
    before = engine.picture_key(key[1] - 0.002) is not None or key[1] == 0
    return before and (np.isinf(key[2]) or engine.picture_key(key[2]) is not None)


@pytest.mark.parametrize("speed", [1.0, -1.0, 4.0, -4.0])
def test_pictures_come_in_order_while_playing(tmp_path: Path, speed: float) -> None:
    video = write_video(tmp_path / "long.mp4", numbered(250), frame_rate=Fraction(25))
    with opened(video) as engine:
        engine.seek(5.0, is_audible=False)
        picture_at(engine, 5.0)
        engine.play(speed)
        shown = []
        while len(shown) < 20:
            engine.render(1920)
            at_s = max(0.0, engine.position_s)
            picture = picture_at(engine, at_s)
            assert number_in(picture.bgra) == pytest.approx(at_s * 25, abs=1 + abs(speed) * 25 / 60)
            shown.append(picture.start_s)
        assert shown == sorted(shown, reverse=speed < 0)


def test_after_a_jump_the_ring_is_filled_anew_ahead_of_the_playhead(tmp_path: Path) -> None:
    video = long_group(tmp_path / "long.mp4", 300)
    with opened(video, view_size=(160, 96)) as engine:
        engine.seek(10.0)
        engine.play()  # Nothing is rendered: the playhead stands, and pictures gather ahead of it.
        wait_until(lambda: engine.picture_key(10.5) is not None, "pictures lie ahead")
        engine.seek(0.0)
        wait_until(lambda: engine.picture_key(0.5) is not None, "pictures lie ahead of the new place")
        assert number_in(picture_at(engine, 0.5).bgra) == 12


def test_a_new_size_of_the_viewer_brings_pictures_of_that_size(tmp_path: Path) -> None:
    video = write_video(tmp_path / "small.mp4", numbered(20, 320, 180))
    with opened(video, view_size=(160, 90)) as engine:
        assert picture_at(engine, 0.0).bgra.shape == (90, 160, 4)
        engine.set_view_size(4000, 4000)
        wait_until(lambda: picture_at(engine, 0.0).bgra.shape == (180, 320, 4), "it is as large as the video is")


def test_camera_raw_is_named_and_a_proxy_asked_for(tmp_path: Path) -> None:
    from needledrop.core.errors import KnownError
    from needledrop.media.viewer_frames import ViewerFrames

    path = tmp_path / "A001_C001.braw"
    path.write_bytes(b"\0" * 64)
    with pytest.raises(KnownError, match="Blackmagic RAW") as caught:
        ViewerFrames(path)
    assert "proxy" in caught.value.remedy
