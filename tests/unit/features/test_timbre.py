# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.core.music import CLIP_DESCRIPTORS, FloatArray
from needledrop.features.music import MusicAnalyser

RATE = 48000
T = np.arange(RATE * 8) / RATE


def describe(left: np.ndarray, right: np.ndarray | None = None) -> dict[str, float]:
    stereo: FloatArray = np.stack([left, left if right is None else right], axis=1).astype(np.float32)
    analyser = MusicAnalyser(RATE)
    analyser.feed(stereo)
    return dict(zip(CLIP_DESCRIPTORS, analyser.finish().clips.values[1].tolist(), strict=True))


def test_sine() -> None:
    row = describe(0.5 * np.sin(2 * np.pi * 880 * T))
    assert row["level_db"] == pytest.approx(-9.03, abs=0.02)
    assert row["crest_db"] == pytest.approx(3.01, abs=0.02)
    assert row["centroid_oct"] == pytest.approx(4, abs=0.3)
    assert row["rolloff_oct"] == pytest.approx(4, abs=0.1)
    assert row["zero_crossing"] == pytest.approx(880 * 2 / 24000, rel=0.01)
    assert row["mid_share"] > 0.9
    assert row["stereo_width"] == 0
    assert row["level_range_db"] == pytest.approx(0, abs=0.1)


def test_noise_is_flat_and_a_tone_is_not() -> None:
    noise = describe(np.random.default_rng(0).standard_normal(len(T)) * 0.1)
    tone = describe(0.1 * np.sin(2 * np.pi * 440 * T))
    assert noise["flatness_db"] > -3
    assert tone["flatness_db"] < -40
    assert noise["centroid_oct"] > tone["centroid_oct"] + 2


def test_stereo_width_of_independent_and_opposite_channels() -> None:
    rng = np.random.default_rng(1)
    left, right = rng.standard_normal((2, len(T))) * 0.1
    assert describe(left, right)["stereo_width"] == pytest.approx(0.5, abs=0.01)
    assert describe(left, -left)["stereo_width"] == pytest.approx(1.0, abs=0.01)


def test_gain_changes_level_only_a_little_else() -> None:
    sound = np.random.default_rng(2).standard_normal(len(T)) * 0.2 * (1 + np.sin(2 * np.pi * 2 * T))
    loud, soft = describe(sound), describe(sound * 0.25)
    assert loud["level_db"] - soft["level_db"] == pytest.approx(12.04, abs=0.02)
    for name in ("crest_db", "centroid_oct", "flatness_db", "low_share", "zero_crossing", "mfcc_1", "mfcc_5"):
        assert soft[name] == pytest.approx(loud[name], abs=0.15), name
    assert loud["level_range_db"] > 3


def test_major_and_minor() -> None:
    def chord(*semitones: int) -> dict[str, float]:
        return describe(sum(np.sin(2 * np.pi * 220 * 2 ** (s / 12) * T) for s in semitones) * 0.1)

    assert chord(0, 4, 7)["majorness"] > chord(0, 3, 7)["majorness"]
    assert chord(0, 4, 7)["tonal_clarity"] > 0.5
