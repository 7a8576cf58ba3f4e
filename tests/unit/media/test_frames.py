# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decoding for analysis: times, sizes, damage, and the thread that reads ahead."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from media_factory import encode_audio, music, shot_frames, write_audio, write_video
from needledrop.core.errors import BrokenMedia, KnownError
from needledrop.media.frames import AnalysisFrame, analysis_frames, prefetched


def h264_stream(container: av.container.OutputContainer, width: int, height: int) -> av.VideoStream:
    """A stream without frames out of order, with a key frame every 20."""
    stream = container.add_stream("libx264", rate=25, options={"bf": "0", "g": "20", "sc_threshold": "0"})
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    stream.codec_context.time_base = Fraction(1, 25)
    return stream


def video_frame(picture: NDArray[np.uint8], number: int) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    frame.pts, frame.time_base = number, Fraction(1, 25)
    return frame


def cuts_of(frames: list[AnalysisFrame]) -> list[float]:
    return [new.t_s for old, new in itertools.pairwise(frames) if np.abs(old.rgb.astype(int) - new.rgb).mean() > 25]


def test_every_frame_comes_at_its_time_in_the_analysis_size(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", shot_frames([20], 40), frame_rate=Fraction(30000, 1001))
    frames = list(analysis_frames(path))
    assert [frame.t_s for frame in frames] == pytest.approx([i * 1001 / 30000 for i in range(40)], abs=1e-4)
    assert {frame.rgb.shape for frame in frames} == {(90, 160, 3)}
    assert frames[0].rgb.dtype == np.uint8 and frames[0].rgb.flags.c_contiguous


@pytest.mark.parametrize(("size", "shape"), [((180, 320), (90, 51)), ((400, 100), (40, 160)), ((64, 48), (90, 120))])
def test_the_aspect_is_kept(tmp_path: Path, size: tuple[int, int], shape: tuple[int, int]) -> None:
    picture = np.full((size[1], size[0], 3), 90, np.uint8)
    path = write_video(tmp_path / "a.mp4", [picture] * 3)
    assert next(iter(analysis_frames(path))).rgb.shape[:2] == shape


def test_colours_survive(tmp_path: Path) -> None:
    picture = np.zeros((180, 320, 3), np.uint8)
    picture[:, :160] = (200, 40, 30)
    picture[:, 160:] = (20, 60, 220)
    path = write_video(tmp_path / "a.mp4", [picture] * 3)
    rgb = next(iter(analysis_frames(path))).rgb
    assert np.abs(rgb[45, 40].astype(int) - (200, 40, 30)).max() <= 6
    assert np.abs(rgb[45, 120].astype(int) - (20, 60, 220)).max() <= 6


def test_variable_frame_rate_and_a_late_start_count_from_the_first_picture(tmp_path: Path) -> None:
    ticks = [5000, 5033, 5066, 5266, 5300, 6000]
    path = write_video(tmp_path / "a.mkv", shot_frames([], len(ticks)), pts=ticks)
    times = [frame.t_s for frame in analysis_frames(path)]
    assert times == pytest.approx([(tick - 5000) / 1000 for tick in ticks], abs=2e-3)


def test_wildly_fast_sources_are_thinned(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", shot_frames([], 200), pts=range(200))
    times = np.array([frame.t_s for frame in analysis_frames(path)])
    assert len(times) == 25
    assert np.diff(times).min() >= 0.0079


def test_one_frame(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", shot_frames([], 1))
    assert [frame.t_s for frame in analysis_frames(path)] == [0.0]


@pytest.mark.parametrize(
    ("turn_deg", "shape", "red", "blue"),
    [(90, (90, 51), "bottom left", "top right"), (180, (90, 160), "bottom right", "top left"),
     (270, (90, 51), "top right", "bottom left")],
)  # fmt: skip
def test_a_turned_video_is_upright(tmp_path: Path, turn_deg: int, shape: tuple[int, int], red: str, blue: str) -> None:
    picture = np.zeros((90, 160, 3), np.uint8)
    picture[:45, :80] = (220, 30, 30)
    picture[45:, 80:] = (30, 30, 220)
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = h264_stream(container, 160, 90)
        stream.set_display_rotation(turn_deg)  # Counterclockwise.
        container.mux([packet for number in range(3) for packet in stream.encode(video_frame(picture, number))])
        container.mux(stream.encode(None))
    rgb = next(iter(analysis_frames(path))).rgb
    assert rgb.shape[:2] == shape
    row, column = shape[0] // 4, shape[1] // 4
    corners = {"top left": (row, column), "top right": (row, -column), "bottom left": (-row, column),
               "bottom right": (-row, -column)}  # fmt: skip
    assert rgb[corners[red]].argmax() == 0 and rgb[corners[red]].max() > 150
    assert rgb[corners[blue]].argmax() == 2 and rgb[corners[blue]].max() > 150


@pytest.mark.parametrize(("suffix", "count"), [(".mp4", 40), (".mkv", 50)])
def test_what_an_edit_list_hides_is_not_shown(tmp_path: Path, suffix: str, count: int) -> None:
    # Frames 0 to 9 have negative times: MP4 hides them by an edit list, Matroska moves everything instead.
    path = tmp_path / f"a{suffix}"
    with av.open(str(path), "w") as container:
        stream = h264_stream(container, 320, 180)
        for number, picture in enumerate(shot_frames([30], 50)):
            container.mux(stream.encode(video_frame(picture, number - 10)))
        container.mux(stream.encode(None))
    frames = list(analysis_frames(path))
    assert [frame.t_s for frame in frames] == pytest.approx([number / 25 for number in range(count)], abs=2e-3)
    assert cuts_of(frames) == pytest.approx([(count - 20) / 25], abs=2e-3)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_a_start_without_a_key_frame_costs_the_pictures_up_to_the_next(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    with av.open(str(path), "w") as container:
        stream = h264_stream(container, 320, 180)
        packets = []
        for number, picture in enumerate(shot_frames([30], 60)):
            packets += stream.encode(video_frame(picture, number))
        packets += stream.encode(None)
        container.mux(packets[3:])
    frames = list(analysis_frames(path))
    assert len(frames) == 40  # The second key frame is number 20.
    assert np.diff([frame.t_s for frame in frames]) == pytest.approx(np.full(39, 0.04), abs=2e-3)
    assert cuts_of(frames) == pytest.approx([frames[0].t_s + 0.4], abs=2e-3)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_picture_stream_without_a_frame_is_refused_in_a_sentence(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    with av.open(str(path), "w") as container:
        h264_stream(container, 320, 180)
        sound = container.add_stream("aac", rate=48000, layout="stereo")
        encode_audio(container, sound, music(0.5, rate=48000), 48000)
    with pytest.raises(KnownError) as refused:
        list(analysis_frames(path))
    assert path.name in refused.value.sentence and refused.value.remedy


def test_transparency_lies_over_black(tmp_path: Path) -> None:
    picture = np.full((90, 160, 4), 255, np.uint8)
    picture[:, 80:, 3] = 0
    path = tmp_path / "a.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("qtrle", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "argb"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgba").reformat(format="argb")))
        container.mux(stream.encode(None))
    rgb = next(iter(analysis_frames(path))).rgb
    assert rgb[45, 20].min() > 250
    assert rgb[45, 140].max() < 5


def test_damage_in_the_middle_costs_only_some_frames(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", shot_frames([25, 50, 75], 100))
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 600] = bytes(600)
    path.write_bytes(content)
    frames = list(analysis_frames(path))
    assert 40 <= len(frames) <= 100
    assert np.all(np.diff([frame.t_s for frame in frames]) > 0)


def test_a_cut_off_file_gives_what_is_there(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", shot_frames([25, 50, 75], 100))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])
    assert 30 <= len(list(analysis_frames(path))) <= 90


def test_the_fast_mode_skips_frames_but_keeps_their_times(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", shot_frames([], 60))
    every = {round(frame.t_s, 4) for frame in analysis_frames(path)}
    some = {round(frame.t_s, 4) for frame in analysis_frames(path, is_every_frame=False)}
    assert len(every) == 60
    assert 5 < len(some) < 60
    assert some < every


def test_files_without_pictures_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(KnownError) as no_picture:
        list(analysis_frames(write_audio(tmp_path / "a.flac", music(0.5))))
    assert no_picture.value.code == "no-video"
    text = tmp_path / "text.mp4"
    text.write_text("not a video")
    with pytest.raises(BrokenMedia):
        list(analysis_frames(text))
    with pytest.raises(KnownError) as missing:
        list(analysis_frames(tmp_path / "nowhere.mp4"))
    assert missing.value.code == "missing"


def test_prefetched_keeps_the_order_and_raises_what_its_source_raises() -> None:
    def source() -> Iterator[int]:
        yield from range(5)
        raise KnownError("Broken.")

    got = []
    with pytest.raises(KnownError):
        for item in prefetched(source(), depth=2):
            got.append(item)
    assert got == list(range(5))
    assert list(prefetched(iter([None, 0, False]))) == [None, 0, False]


def test_closing_prefetched_early_closes_its_source() -> None:
    is_closed = threading.Event()

    def source() -> Iterator[int]:
        try:
            yield from iter(int, 1)
        finally:
            is_closed.set()

    ahead = prefetched(source(), depth=2)
    next(ahead)
    ahead.close()
    assert is_closed.wait(5)


@pytest.mark.shared_media
@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("dmlc_video-90.mov", (90, 51, 3)),
        ("dmlc_video-180.mov", (90, 160, 3)),
        ("meta-pytorch_nasa-13013-hdr.mp4", (90, 160, 3)),
        ("Zulko_transparent.webm", (90, 90, 3)),
        ("dmlc_corrupted.mp4", (90, 160, 3)),
        ("meta-pytorch_discard-first-keyframe.mp4", (90, 90, 3)),
    ],
)
def test_odd_real_files_decode(shared_media: Path, name: str, shape: tuple[int, ...]) -> None:
    frames = list(analysis_frames(shared_media / "videos" / name))
    assert frames[0].rgb.shape == shape
    assert frames[0].t_s < 1.0
