# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choice in the list: the best stays first, twins and albums are thinned out, unknown names are not alike."""

from __future__ import annotations

import numpy as np

from needledrop.suggest.diversify import diversified


def apart(count: int) -> np.ndarray:
    return (10.0 * np.eye(count, 32)).astype(np.float32)


def test_without_likeness_the_order_stands() -> None:
    assert diversified([0.9, 0.8, 0.7], apart(3), [""] * 3, [""] * 3, 3) == [0, 1, 2]


def test_a_track_that_sounds_the_same_steps_back() -> None:
    descriptors = apart(3)
    descriptors[1] = descriptors[0]
    assert diversified([0.9, 0.89, 0.85], descriptors, [""] * 3, [""] * 3, 3) == [0, 2, 1]


def test_an_album_steps_back_but_only_the_same_artists() -> None:
    scores = [0.9, 0.89, 0.85]
    assert diversified(scores, apart(3), ["Hits", "Hits", ""], ["A", "A", "B"], 3) == [0, 2, 1]
    assert diversified(scores, apart(3), ["Hits", "Hits", ""], ["A", "C", "B"], 3) == [0, 1, 2]


def test_no_more_than_there_are() -> None:
    assert diversified([], np.zeros((0, 32), np.float32), [], [], 5) == []
    assert diversified([0.5], apart(1), ["a"], ["b"], 5) == [0]
