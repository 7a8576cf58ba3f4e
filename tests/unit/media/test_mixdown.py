# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any number of channels is mixed down, also where a damaged file claims a layout that does not fit them."""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.media.mixdown import downmix_matrix


@pytest.mark.parametrize(
    ("layout", "channels"), [("5.1", 6), ("7.1", 8), ("48 channels", 48), ("5.1", 48), ("mono", 3)]
)
def test_every_channel_has_its_gains(layout: str, channels: int) -> None:
    gains = downmix_matrix(layout, channels, 2)
    assert gains.shape == (channels, 2)
    assert np.isfinite(gains).all() and (gains.sum(axis=0) > 0).all()


def test_a_layout_that_does_not_fit_goes_to_the_middle() -> None:
    np.testing.assert_allclose(downmix_matrix("5.1", 48, 2), 1 / 48)
