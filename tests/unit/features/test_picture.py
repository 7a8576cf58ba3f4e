# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All picture features in one pass, from a file to values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media_factory import shot_frames, write_video
from needledrop.core.packing import pack, unpack
from needledrop.core.picture import Colour, Motion, PictureRows, Shots
from needledrop.features.picture import VIDEO_FEATURE_VERSIONS, PictureAnalyser
from needledrop.features.picture_rows import ROW_SIZE
from needledrop.media.frames import analysis_frames, prefetched

Features = tuple[Shots, Motion, Colour, PictureRows]


def analyse(path: Path, duration_s: float | None = None) -> Features:
    analyser = PictureAnalyser()
    for frame in prefetched(analysis_frames(path)):
        analyser.feed(frame.t_s, frame.rgb)
    return analyser.finish(duration_s)


def test_a_real_file_gives_every_feature_and_the_same_bytes_twice(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", shot_frames([40, 75], 120))
    shots, motion, colour, rows = features = analyse(path, 4.8)
    assert shots.cuts_s == pytest.approx([1.6, 3.0], abs=1e-3)
    assert motion.curve.shape == (60,)
    assert colour.brightness.shape == (10,)
    assert colour.palette.shape == (5, 3)
    assert rows.seconds.shape == (5, ROW_SIZE)
    assert np.isin(np.flatnonzero(rows.is_break), (11, 12, 23, 24)).all() and rows.is_break.sum() == 2
    for value, again in zip(features, analyse(path, 4.8), strict=True):
        assert pack(value) == pack(again)
        assert pack(unpack(type(value), pack(value))) == pack(value)


def test_the_cuts_of_a_variable_frame_rate_are_found_to_the_frame(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    ticks = np.cumsum(rng.choice([17, 33, 42, 50, 67], 120))
    path = write_video(tmp_path / "a.mkv", shot_frames([40, 75], 120), pts=ticks.tolist())
    shots, *_ = analyse(path)
    assert shots.cuts_s == pytest.approx((ticks[[40, 75]] - ticks[0]) / 1000, abs=2e-3)
    assert not shots.is_dissolve.any()


def test_one_black_frame() -> None:
    analyser = PictureAnalyser()
    analyser.feed(0.0, np.zeros((90, 160, 3), np.uint8))
    shots, motion, colour, rows = analyser.finish()
    assert not len(shots.cuts_s) and not motion.curve.any() and not colour.brightness.any()
    assert len(rows.seconds) == 1 and not rows.is_break.any()


def test_a_declared_duration_longer_than_the_pictures_is_filled() -> None:
    analyser = PictureAnalyser()
    for index in range(10):
        analyser.feed(index / 25, np.full((90, 160, 3), 99, np.uint8))
    _, motion, colour, _ = analyser.finish(8.0)
    assert motion.curve.shape == (100,)
    assert colour.brightness == pytest.approx(np.full(16, 99 / 255), abs=0.01)


def test_each_feature_set_has_a_version() -> None:
    assert set(VIDEO_FEATURE_VERSIONS) == {"shots", "motion", "colour", "rows", "soundtrack"}


@pytest.mark.shared_media
def test_the_cuts_of_a_real_film_are_found(shared_media: Path) -> None:
    shots, *_ = analyse(shared_media / "pairs" / "Mangomm_sintel.mp4")
    assert shots.cuts_s == pytest.approx([3.04, 4.84, 12.76, 18.28, 21.8, 24.44], abs=1e-3)
