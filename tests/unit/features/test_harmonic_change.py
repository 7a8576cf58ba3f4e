# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.features.harmonic_change import SPANS, at_frames, harmonic_change


def chords(every: int, count: int) -> np.ndarray:
    """Another chord every so many frames, with a little of everything in it."""
    rng = np.random.default_rng(0)
    chroma = np.full((every * count, 12), 0.05, np.float32)
    for chord in range(count):
        chroma[chord * every : (chord + 1) * every, (chord * 5 + np.array([0, 4, 7])) % 12] += 1
    return chroma * rng.uniform(0.9, 1.1, chroma.shape).astype(np.float32)


def test_changes_are_highest_where_chords_change() -> None:
    changes = harmonic_change(chords(20, 8))
    for column in range(len(SPANS)):
        for at in range(20, 160, 20):
            assert changes[at - 9 : at + 10, column].argmax() == 9
    assert changes.min() > -1e-6
    assert changes.max() <= 1


def test_loudness_does_not_matter() -> None:
    chroma = chords(20, 8)
    assert np.allclose(harmonic_change(chroma), harmonic_change(1000 * chroma), atol=1e-5)


@pytest.mark.parametrize("frames", [0, 1, 3, 40])
def test_nothing_changes_in_silence(frames: int) -> None:
    assert harmonic_change(np.zeros((frames, 12), np.float32)).tolist() == np.zeros((frames, len(SPANS))).tolist()


def test_frames_of_another_rate_peak_at_the_same_time() -> None:
    changes = harmonic_change(chords(20, 8))
    fine = at_frames(changes, 10.0, np.arange(800), 50.0)
    # Chroma frame 60 is centred on 6 s and the first of its chord: the change lies half a frame before.
    assert abs(int(fine[250:350, 1].argmax()) + 250 - round(5.95 * 50)) <= 1
    outside = at_frames(changes, 10.0, np.array([-50, 5000]), 50.0)
    assert not outside.any()
