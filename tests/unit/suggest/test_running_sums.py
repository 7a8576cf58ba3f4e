# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.suggest.running_sums import running_sums


@pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 15, 60, 100])
def test_every_stretch_is_summed(length: int) -> None:
    values = np.random.default_rng(1).normal(size=(100, 3)).astype(np.float32)
    expected = [values[start : start + length].sum(axis=0, dtype=np.float64) for start in range(101 - length)]
    found = running_sums(values, length)
    assert found == pytest.approx(np.array(expected), abs=1e-4) and found.dtype == np.float32


def test_what_is_given_stays_as_it_is() -> None:
    values = np.ones(9, np.float32)
    found = running_sums(values, 1)
    found += 1.0
    assert (values == 1.0).all()


@pytest.mark.parametrize("length", [0, 10])
def test_no_stretch_of_that_length(length: int) -> None:
    with pytest.raises(ValueError, match="stretches"):
        running_sums(np.ones(9, np.float32), length)
