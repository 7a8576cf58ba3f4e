# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest

from media_factory import music, shot_frames, write_video
from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.music import Peaks
from needledrop.core.packing import unpack
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, Progress
from needledrop.workflows.timeline_media import (
    MOST_THUMBNAILS,
    THUMBNAIL_HEIGHT,
    Thumbnail,
    packed_peaks,
    stream_thumbnails,
    thumbnail_times,
    video_peaks,
)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    sound = music(3.0, rate=48_000)
    sound[:48_000] *= np.float32(0.05)
    return write_video(tmp_path / "film.mp4", shot_frames([25, 50], 75), sound=sound)


def test_every_shot_has_its_middle_first_then_long_shots_are_filled_evenly() -> None:
    times_s = thumbnail_times(42.0, [2.0, 22.0])
    assert times_s[:3] == [1.0, 12.0, 32.0]
    inside = sorted(s for s in times_s if 2.0 < s < 22.0)
    assert len(inside) == 5
    assert max(np.diff([2.0, *inside, 22.0])) <= 4.001


def test_there_are_never_more_than_so_many() -> None:
    assert len(thumbnail_times(7200.0, [])) <= MOST_THUMBNAILS + 1
    many = thumbnail_times(7200.0, np.arange(1.0, 7199.0, 3.0).tolist())
    assert len(many) == MOST_THUMBNAILS
    assert many[0] < 30.0 and many[-1] > 7100.0


def test_pictures_come_one_by_one_and_the_second_time_from_the_cache(profile: Profile, film: Path) -> None:
    found: list[Thumbnail] = []
    told: list[Progress] = []
    stream_thumbnails(profile, film, "hash", [0.5, 1.5, 2.5], found.append, told.append)
    assert sorted(one.at_s for one in found) == [0.5, 1.5, 2.5]
    assert [(one.done, one.total) for one in told] == [(1, 3), (2, 3), (3, 3)]
    for one in found:
        with av.open(BytesIO(one.jpeg), format="mjpeg") as picture:
            assert next(picture.decode(video=0)).height == THUMBNAIL_HEIGHT
    film.unlink()
    again: list[Thumbnail] = []
    stream_thumbnails(profile, film, "hash", [0.5, 1.5, 2.5], again.append)
    assert sorted(again, key=lambda one: one.at_s) == sorted(found, key=lambda one: one.at_s)


def test_stopping_keeps_what_was_made(profile: Profile, film: Path) -> None:
    cancel, found = CancelToken(), []

    def take(one: Thumbnail) -> None:
        found.append(one)
        cancel.cancel()

    with pytest.raises(Cancelled):
        stream_thumbnails(profile, film, "hash", [0.2, 0.8, 1.4, 2.0, 2.6], take, cancel=cancel)
    assert 1 <= len(found) < 5
    assert len(list((profile.cache_dir / "thumbnails" / "hash").iterdir())) == len(found)


def test_a_video_that_cannot_be_read_gives_no_pictures(profile: Profile, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"not a video")
    found: list[Thumbnail] = []
    stream_thumbnails(profile, broken, "hash", [0.5], found.append)
    assert found == []
    with pytest.raises(KnownError, match="broken"):
        video_peaks(profile, broken, "hash", 0, CancelToken())


def test_the_waveform_follows_the_sound_and_is_kept(profile: Profile, film: Path) -> None:
    peaks = video_peaks(profile, film, "hash", 0, CancelToken())
    finest = peaks.pairs[: peaks.bounds[1]]
    assert len(finest) / peaks.rate_hz == pytest.approx(3.0, abs=0.1)
    quiet, loud = finest[: int(0.9 * peaks.rate_hz)], finest[int(1.1 * peaks.rate_hz) :]
    assert quiet.max() < 0.2 * loud.max()
    film.unlink()
    again = video_peaks(profile, film, "hash", 0, CancelToken())
    assert np.array_equal(again.pairs, peaks.pairs)


def test_a_damaged_waveform_in_the_cache_is_made_again(profile: Profile, film: Path) -> None:
    video_peaks(profile, film, "hash", 0, CancelToken())
    (file,) = (profile.cache_dir / "peaks").iterdir()
    file.write_bytes(b"damaged")
    assert len(video_peaks(profile, film, "hash", 0, CancelToken()).pairs) > 0


def test_blocks_of_any_length_make_whole_pairs(film: Path) -> None:
    told: list[float] = []
    peaks = unpack(Peaks, packed_peaks(told.append, str(film).encode(), 0))
    assert told and told == sorted(told)
    # 48,000 samples make pairs of 240: three seconds and the encoder's padding, nothing doubled at block edges.
    assert abs((peaks.bounds[1] - peaks.bounds[0]) - 600) <= 10
