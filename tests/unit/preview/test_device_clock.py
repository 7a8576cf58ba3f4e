# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock of a device that reports in steps: steady, without drift, never ahead of what was given."""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.preview.device_clock import DeviceClock

RATE = 48_000


def test_steps_of_the_device_become_a_steady_clock() -> None:
    clock = DeviceClock(RATE)
    rng = np.random.default_rng(0)
    errors_s = []
    for period in range(12_000):  # A minute of periods of 5 ms, noted up to 4 ms late.
        at_s = 100.0 + period * 0.005
        clock.note(at_s + rng.uniform(0, 0.004), period * 240.0, period * 240 + 2160)
        errors_s.append(clock.played_at(at_s) / RATE - period * 0.005)
    assert np.std(errors_s[1000:]) < 0.0006
    assert abs(np.mean(errors_s[1000:6000]) - np.mean(errors_s[6000:])) < 0.0002


def test_a_stall_is_believed_at_once() -> None:
    clock = DeviceClock(RATE)
    clock.note(0.0, 0.0, 4800)
    clock.note(1.0, 48_000.0, 52_800)
    clock.note(3.0, 48_480.0, 52_800)  # Two seconds without a request.
    assert clock.played_at(3.0) == 48_480.0


def test_it_is_never_ahead_of_what_was_given_and_counts_the_way_to_the_ear() -> None:
    clock = DeviceClock(RATE, latency_s=0.01)
    clock.note(10.0, 1000.0, 3000)
    assert clock.played_at(10.0) == pytest.approx(1000 - 480)
    assert clock.played_at(20.0) == 3000
