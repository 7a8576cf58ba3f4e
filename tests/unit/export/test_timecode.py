# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Timecode: the numbers that drop-frame leaves out, and times as people write them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from needledrop.export.timecode import frame_timecode, timecode

NTSC, NTSC_60, FILM = Fraction(30000, 1001), Fraction(60000, 1001), Fraction(24000, 1001)


@pytest.mark.parametrize(
    ("frame", "rate", "text"),
    [
        (0, Fraction(25), "00:00:00:00"),
        (90_061, Fraction(25), "01:00:02:11"),
        (1799, NTSC, "00:00:59;29"),
        (1800, NTSC, "00:01:00;02"),
        (17_981, NTSC, "00:09:59;29"),
        (17_982, NTSC, "00:10:00;00"),
        (107_892, NTSC, "01:00:00;00"),
        (3600, NTSC_60, "00:01:00;04"),
        (35_964, NTSC_60, "00:10:00;00"),
        (1440, FILM, "00:01:00:00"),
        (119, Fraction(120), "00:00:00:119"),
    ],
)
def test_frames_have_the_numbers_of_the_standard(frame: int, rate: Fraction, text: str) -> None:
    assert frame_timecode(frame, rate) == text


@pytest.mark.parametrize(("rate", "dropped"), [(NTSC, 2), (NTSC_60, 4)])
def test_drop_frame_leaves_out_only_the_first_numbers_of_a_minute(rate: Fraction, dropped: int) -> None:
    fps = 15 * dropped
    number = -1
    for frame in range(20 * 60 * fps):
        hours, minutes, rest = frame_timecode(frame, rate).split(":")
        seconds, frames = rest.split(";")
        now = ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * fps + int(frames)
        expected = number + 1
        if expected % (60 * fps) == 0 and expected // (60 * fps) % 10:
            expected += dropped
        assert now == expected
        number = now


def test_seconds_are_exact_after_an_hour_of_drop_frame() -> None:
    assert timecode(Fraction(107_892 * 1001, 30_000), NTSC) == "01:00:00;00"
    assert timecode(1.5, Fraction(24)) == "00:00:01:12"
