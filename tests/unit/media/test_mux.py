# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing movies: copied pictures are the same packets, encoded ones the same frames; sound begins on its sample."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from media_factory import shot_frames, write_audio, write_video
from needledrop.core.errors import BrokenMedia, Cancelled, KnownError
from needledrop.core.music import FloatArray
from needledrop.core.progress import CancelToken
from needledrop.core.times import TimeRange
from needledrop.media.audio import read_audio
from needledrop.media.mux import MovieResult, suffix_for_copy, write_movie
from needledrop.media.picture_encoder import MovieQuality

RATE = 48_000
QUALITY = MovieQuality(crf=20, preset="ultrafast", sound_bit_rate=256_000)
CLICKS_S = (0.0, 0.5, 1.3, 2.7)


def clicks(seconds: float) -> FloatArray:
    sound = np.zeros((round(seconds * RATE), 2), np.float32)
    t = np.arange(240)
    ping = (0.8 * np.exp(-t / 30) * np.sin(2 * np.pi * 3000 * t / RATE)).astype(np.float32)
    for at_s in CLICKS_S:
        part = sound[round(at_s * RATE) :][:240]
        part += ping[: len(part), np.newaxis]
    return sound


def blocks(sound: FloatArray) -> Iterator[FloatArray]:
    for start in range(0, len(sound), 5000):
        yield sound[start : start + 5000]


def seconds(start: float | str, end: float | str) -> TimeRange:
    return TimeRange(Fraction(start), Fraction(end))


def numbered_video(path: Path, count: int = 75, codec: str = "libx264", gop: int = 25, **stream_values: object) -> Path:
    """Frame i shows i as eight black and white stripes, at 25 a second; a key frame every `gop`."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        stream.gop_size = gop
        if codec == "libx264":
            stream.options = {"crf": "10", "sc_threshold": "0"}
        for name, value in stream_values.items():
            setattr(stream.codec_context, name, value)
        for index in range(count):
            bits = np.array([(index >> bit & 1) * 200 + 20 for bit in range(8)], np.uint8)
            stripes = np.ascontiguousarray(np.broadcast_to(np.repeat(bits, 20)[:, np.newaxis], (96, 160, 3)))
            frame = av.VideoFrame.from_ndarray(stripes, format="rgb24")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def packet_hashes(path: Path) -> list[str]:
    with av.open(str(path)) as container:
        return [hashlib.sha256(bytes(p)).hexdigest() for p in container.demux(video=0) if p.size]


def frame_times(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [float(frame.pts * frame.time_base) for frame in container.decode(video=0)]


def frame_numbers(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return [sum(1 << bit for bit in range(8) if picture[48, 20 * bit + 10, 0] > 120) for picture in pictures]


def write(video: Path, out: Path, time_range: TimeRange, sound: FloatArray | None = None) -> MovieResult:
    made = sound if sound is not None else clicks(float(time_range.duration_s))
    return write_movie(video, out, time_range, blocks(made), quality=QUALITY)


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [(".mp4", "libx264"), (".mov", "libx264"), (".mkv", "libx264"), (".webm", "libvpx"), (".mov", "prores_ks")],
)
def test_the_picture_is_copied_and_the_sound_begins_on_its_sample(tmp_path: Path, suffix: str, codec: str) -> None:
    frames = shot_frames([30], 75, width=160, height=96)
    if codec == "prores_ks":
        video = numbered_video(tmp_path / f"in{suffix}", codec=codec, pix_fmt="yuv422p10le")
    else:
        video = write_video(tmp_path / f"in{suffix}", frames, codec=codec)
    out = tmp_path / f"out{suffix}"
    result = write(video, out, seconds(0, 3))
    assert result.is_picture_copied
    assert (result.picture_frames, result.sound_frames) == (75, 3 * RATE)
    assert packet_hashes(out) == packet_hashes(video)
    assert frame_times(out) == pytest.approx(frame_times(video), abs=0.0011)
    heard = read_audio(out, 0.0, 3.0)[:, 0]
    for at_s in CLICKS_S:  # Within a twentieth of a millisecond; the codec smears the onset itself.
        around = clicks(3.0)[:, 0]
        start = max(0, round(at_s * RATE) - 480)
        product = np.correlate(heard[start : start + 1200], around[start : start + 1200], mode="full")
        assert abs(int(np.argmax(product)) - 1199) <= 2


def test_the_track_of_sound_is_as_long_as_the_range(tmp_path: Path) -> None:
    video = numbered_video(tmp_path / "in.mp4")
    write(video, tmp_path / "out.mp4", seconds(0, "2.999"), clicks(2.999))
    with av.open(str(tmp_path / "out.mp4")) as container:
        stream = container.streams.audio[0]
        assert stream.duration * stream.time_base == Fraction(2999, 1000)


def test_a_range_from_a_key_frame_is_copied_frame_for_frame(tmp_path: Path) -> None:
    video = numbered_video(tmp_path / "in.mp4", gop=25, max_b_frames=0)
    result = write(video, tmp_path / "out.mp4", seconds(1, 2))
    assert result.is_picture_copied
    assert frame_numbers(tmp_path / "out.mp4") == list(range(25, 50))
    assert packet_hashes(tmp_path / "out.mp4") == packet_hashes(video)[25:50]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
def test_a_range_off_the_key_frames_is_encoded_frame_for_frame(tmp_path: Path, suffix: str) -> None:
    codec = "libvpx" if suffix == ".webm" else "libx264"
    video = numbered_video(tmp_path / f"in{suffix}", codec=codec)
    result = write(video, tmp_path / f"out{suffix}", seconds("1.04", "1.64"))
    assert result.why_encoded == "the range does not begin on a key frame"
    assert frame_numbers(tmp_path / f"out{suffix}") == list(range(26, 41))
    assert frame_times(tmp_path / f"out{suffix}")[0] == 0.0


@pytest.mark.parametrize("start", range(1, 45, 4))
def test_open_groups_of_pictures_are_entered_early_enough(tmp_path: Path, start: int) -> None:
    options = {"x265-params": "open-gop=1:bframes=4:b-adapt=0:keyint=10:min-keyint=10:log-level=none"}
    video = numbered_video(tmp_path / "in.mp4", count=50, codec="libx265", gop=10, options=options)
    write(video, tmp_path / "out.mp4", seconds(Fraction(start, 25), Fraction(start + 5, 25)))
    assert frame_numbers(tmp_path / "out.mp4") == list(range(start, start + 5))


def test_a_range_from_between_two_frames_begins_with_the_one_on_screen(tmp_path: Path) -> None:
    video = numbered_video(tmp_path / "in.mp4")
    write(video, tmp_path / "out.mp4", seconds("1.06", "1.2"))
    assert frame_numbers(tmp_path / "out.mp4") == [26, 27, 28, 29]
    assert frame_times(tmp_path / "out.mp4") == pytest.approx([0.0, 0.02, 0.06, 0.10], abs=1e-4)


def test_an_end_that_frames_are_predicted_across_is_encoded(tmp_path: Path) -> None:
    video = numbered_video(tmp_path / "in.mp4", gop=50, max_b_frames=3)
    for end in range(5, 12):
        result = write(video, out := tmp_path / f"{end}.mp4", seconds(0, Fraction(end, 25)))
        assert frame_numbers(out) == list(range(end))
        assert result.why_encoded in {"", "the last frames of the range are predicted from later ones"}


def test_another_container_takes_what_it_can_and_encodes_what_it_cannot(tmp_path: Path) -> None:
    h264 = numbered_video(tmp_path / "h264.mkv")
    vp8 = numbered_video(tmp_path / "vp8.webm", codec="libvpx")
    assert write(h264, tmp_path / "a.mp4", seconds(0, 3)).is_picture_copied
    assert packet_hashes(tmp_path / "a.mp4") == packet_hashes(h264)
    assert frame_times(tmp_path / "a.mp4") == pytest.approx(frame_times(h264), abs=1e-6)
    assert write(vp8, tmp_path / "b.mp4", seconds(0, 3)).why_encoded == "mp4 does not take vp8 pictures"
    assert frame_numbers(tmp_path / "b.mp4") == list(range(75))


@pytest.mark.parametrize(("start", "is_copied"), [("0", True), ("0.2", False)])
def test_rotation_is_kept(tmp_path: Path, start: str, is_copied: bool) -> None:
    upright = numbered_video(tmp_path / "in.mp4", count=20)
    video = tmp_path / "rotated.mp4"
    with av.open(str(upright)) as source, av.open(str(video), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0], opaque=True)
        stream.set_display_rotation(90)
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    result = write(video, tmp_path / "out.mp4", seconds(start, "0.8"))
    assert result.is_picture_copied is is_copied
    with av.open(str(video)) as was, av.open(str(tmp_path / "out.mp4")) as became:
        assert next(became.decode(video=0)).rotation == next(was.decode(video=0)).rotation == 90


@pytest.mark.parametrize("is_copied", [True, False])
def test_variable_frame_times_are_kept(tmp_path: Path, is_copied: bool) -> None:
    times_ms = [0, 40, 80, 200, 233, 300, 500, 540, 700, 960]
    video = write_video(tmp_path / "in.mkv", shot_frames([], 10), pts=times_ms)
    write(video, out := tmp_path / "out.mp4", seconds(0 if is_copied else "0.04", "1.0"))
    expected = [t / 1000 for t in times_ms] if is_copied else [(t - 40) / 1000 for t in times_ms[1:]]
    assert frame_times(out) == pytest.approx(expected, abs=1e-3)


def test_colour_tags_and_the_apple_tag_of_hevc_are_kept(tmp_path: Path) -> None:
    tags = {"color_primaries": 9, "color_trc": 16, "colorspace": 9, "pix_fmt": "yuv420p10le"}
    options = {"x265-params": "log-level=none"}
    video = numbered_video(tmp_path / "in.mkv", count=10, codec="libx265", options=options, **tags)
    write(video, tmp_path / "out.mp4", seconds(0, "0.4"))
    with av.open(str(tmp_path / "out.mp4")) as container:
        context = container.streams.video[0].codec_context
        found = (context.color_primaries, context.color_trc, context.colorspace, context.pix_fmt)
        assert (*found, context.codec_tag) == (9, 16, 9, "yuv420p10le", "hvc1")


def transparent_video(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx-vp9", rate=25, options={"deadline": "realtime", "cpu-used": "8"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuva420p"
        stream.metadata["alpha_mode"] = "1"
        for index in range(10):
            picture = np.full((64, 64, 4), 25 * index, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgba").reformat(format="yuva420p")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_transparency_is_copied_and_its_loss_is_said(tmp_path: Path) -> None:
    video = transparent_video(tmp_path / "in.webm")
    assert write(video, tmp_path / "out.webm", seconds(0, "0.4")).is_picture_copied
    with av.open(str(tmp_path / "out.webm")) as container:
        assert "1" in container.streams.video[0].metadata.values()  # ALPHA_MODE
        assert next(container.demux(video=0)).has_sidedata("matroska_block_additional")
    assert "transparency is lost" in write(video, tmp_path / "out.mp4", seconds(0, "0.4")).why_encoded


def test_colour_tags_are_kept_when_the_picture_is_encoded(tmp_path: Path) -> None:
    tags = {"color_primaries": 9, "color_trc": 16, "colorspace": 9, "pix_fmt": "yuv420p10le"}
    video = numbered_video(tmp_path / "in.mp4", count=20, **tags)
    assert not write(video, tmp_path / "out.mp4", seconds("0.2", "0.8")).is_picture_copied
    with av.open(str(tmp_path / "out.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace) == (9, 16, 9)
        assert context.pix_fmt == "yuv420p10le"


def test_a_video_of_one_frame(tmp_path: Path) -> None:
    video = numbered_video(tmp_path / "in.mp4", count=1)
    result = write(video, tmp_path / "out.mp4", seconds(0, "0.04"), clicks(0.04))
    assert (result.picture_frames, result.sound_frames) == (1, 1920)
    assert frame_times(tmp_path / "out.mp4") == [0.0]


def test_sound_may_be_longer_or_shorter_than_the_picture(tmp_path: Path) -> None:
    video = numbered_video(tmp_path / "in.mp4", count=25)
    assert write(video, tmp_path / "long.mp4", seconds(0, 3)).sound_frames == 3 * RATE
    assert write(video, tmp_path / "short.mp4", seconds(0, 1), clicks(0.3)).sound_frames == round(0.3 * RATE)
    assert len(frame_times(tmp_path / "long.mp4")) == len(frame_times(tmp_path / "short.mp4")) == 25


def test_the_same_movie_twice_has_the_same_bytes(tmp_path: Path) -> None:
    for suffix, codec in ((".mp4", "libx264"), (".mkv", "libx264")):
        video = numbered_video(tmp_path / f"in{suffix}", codec=codec)
        made = [tmp_path / f"{name}{suffix}" for name in "ab"]
        for out in made:
            write(video, out, seconds(0, 3))
        assert made[0].read_bytes() == made[1].read_bytes()


def test_odd_sizes_are_encoded_one_line_smaller(tmp_path: Path) -> None:
    frames = (np.full((97, 161, 3), 5 * i, np.uint8) for i in range(10))
    video = tmp_path / "in.mkv"
    with av.open(str(video), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 161, 97, "yuv444p"
        for picture in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    write(video, tmp_path / "out.mp4", seconds(0, "0.4"))
    with av.open(str(tmp_path / "out.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.width, context.height) == (160, 96)


def test_the_suffix_for_a_copy_follows_the_codec(tmp_path: Path) -> None:
    assert suffix_for_copy(numbered_video(tmp_path / "a.mkv", count=3)) == ".mp4"
    assert suffix_for_copy(numbered_video(tmp_path / "a.webm", count=3, codec="libvpx")) == ".webm"
    assert suffix_for_copy(numbered_video(tmp_path / "b.mov", 3, "prores_ks", pix_fmt="yuv422p10le")) == ".mov"


def test_cancel_stops_between_packets(tmp_path: Path) -> None:
    video = numbered_video(tmp_path / "in.mp4")
    token = CancelToken()

    def stop(done_s: float) -> None:
        if done_s > 1:
            token.cancel()

    with pytest.raises(Cancelled):
        write_movie(
            video, tmp_path / "out.mp4", seconds(0, 3), blocks(clicks(3)), quality=QUALITY, report_s=stop, cancel=token
        )


def test_what_cannot_be_read_or_written_is_said(tmp_path: Path) -> None:
    sound_only = tmp_path / "sound.wav"
    write_audio(sound_only, clicks(1.0), RATE)
    with pytest.raises(BrokenMedia, match="no moving picture"):
        write(sound_only, tmp_path / "out.mp4", seconds(0, 1))
    video = numbered_video(tmp_path / "in.mp4", count=2)
    with pytest.raises(KnownError, match="no movie container"):
        write(video, tmp_path / "out.gif", seconds(0, 1))
    with pytest.raises(KnownError, match="before the range begins"):
        write(video, tmp_path / "out.mkv", seconds(5, 6))
