# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rate, time left, and the cancel token."""

from __future__ import annotations

import pytest

from needledrop.core.errors import Cancelled
from needledrop.core.progress import CancelToken, Progress


def test_rate_and_time_left() -> None:
    progress = Progress("analyse", 20, 100, 10.0)
    assert progress.rate_hz == 2.0
    assert progress.left_s == 40.0


def test_nothing_is_claimed_before_the_first_item() -> None:
    assert Progress("analyse", 0, 100, 0.0).left_s is None
    assert Progress("analyse", 5, None, 1.0).left_s is None


def test_the_token_raises_only_once_cancelled() -> None:
    token = CancelToken()
    token.check()
    token.cancel()
    with pytest.raises(Cancelled):
        token.check()
