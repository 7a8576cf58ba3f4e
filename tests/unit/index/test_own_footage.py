# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.features.picture_rows import ROW_SIZE
from needledrop.index.own_footage import FootageMeasure, likeness

CENTRE, GAIN = np.zeros(ROW_SIZE, np.float32), np.ones(ROW_SIZE, np.float32)
# Two figures of the detail: mirroring leaves them alone.
RESTLESS, TELLING = 37, 39


def videos(count: int, seed: int = 1) -> list[np.ndarray]:
    """Rows in which RESTLESS varies within every video, and TELLING is a video's own."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        rows = np.tile(0.2 * rng.normal(size=ROW_SIZE), (30, 1)) + 0.2 * rng.normal(size=(30, ROW_SIZE))
        rows[:, RESTLESS] += 3.0 * np.repeat(rng.normal(size=3), 10)
        rows[:, TELLING] += rng.normal()
        made.append(rows.astype(np.float32))
    return made


def found(measure: FootageMeasure, made: list[np.ndarray]) -> int:
    """How many first thirds find the last third of their own video first."""
    first, last = (np.stack([measure.direction(one[part]) for one in made]) for part in (slice(10), slice(20, 30)))
    return int(((first @ last.T).argmax(axis=1) == np.arange(len(made))).sum())


def test_a_part_of_a_video_finds_another_part_of_it() -> None:
    made = videos(40)
    plain = FootageMeasure.taught_by([], CENTRE, GAIN)
    assert found(FootageMeasure.taught_by(made, CENTRE, GAIN), made) >= found(plain, made) + 8
    assert found(FootageMeasure.taught_by(videos(40, seed=2), CENTRE, GAIN), made) >= found(plain, made) + 8


def test_without_videos_the_rows_are_measured_plainly() -> None:
    plain = FootageMeasure.taught_by([], CENTRE, GAIN)
    assert plain.whitener == pytest.approx(np.eye(ROW_SIZE), abs=1e-6)
    rows = np.full((3, ROW_SIZE), 2.0, np.float32)
    assert float(plain.direction(rows) @ plain.direction(rows[:1])) == pytest.approx(1.0, abs=1e-5)
    assert not plain.direction(np.zeros((2, ROW_SIZE), np.float32)).any()


def test_one_long_film_teaches_no_more_than_its_share() -> None:
    long = np.concatenate(videos(40))
    measure = FootageMeasure.taught_by([long, *videos(3, seed=3)], CENTRE, GAIN)
    assert np.isfinite(measure.whitener).all()
    spread = FootageMeasure.taught_by([long[:: len(long) // 120], *videos(3, seed=3)], CENTRE, GAIN)
    assert measure.whitener == pytest.approx(spread.whitener, abs=1e-6)


def test_strangers_have_no_likeness_and_a_stretch_its_own() -> None:
    made = videos(40)
    measure = FootageMeasure.taught_by(made, CENTRE, GAIN)
    directions = [measure.direction(one) for one in made]
    assert all(likeness(one, one) == 1.0 for one in directions)
    assert np.mean([likeness(directions[0], other) == 0.0 for other in directions[1:]]) > 0.8
