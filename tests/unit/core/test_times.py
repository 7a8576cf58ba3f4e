# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times as people write them, and exact ranges."""

from __future__ import annotations

from fractions import Fraction

import pytest

from needledrop.core.errors import KnownError
from needledrop.core.times import TimeRange, format_time, parse_time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("83.5", Fraction(167, 2)), ("1:23.5", Fraction(167, 2)), ("0:01:23", Fraction(83)), ("2:00:00", Fraction(7200))],
)
def test_clock_times_are_exact(text: str, seconds: Fraction) -> None:
    assert parse_time(text) == seconds


def test_a_timecode_needs_the_frame_rate() -> None:
    assert parse_time("00:00:10:12", Fraction(24)) == Fraction(21, 2)
    with pytest.raises(KnownError, match="not a time"):
        parse_time("00:00:10:12")


def test_a_timecode_counts_frames_not_seconds() -> None:
    ntsc = Fraction(30000, 1001)
    assert parse_time("01:00:00:00", ntsc) == 3600 * Fraction(1001, 1000)
    # One hour of drop-frame timecode is 107,892 frames: 3599.9964 s.
    assert parse_time("01:00:00;00", ntsc) == Fraction(107_892) / ntsc
    assert parse_time("00:01:00;02", ntsc) == Fraction(1800) / ntsc


@pytest.mark.parametrize("text", ["", "soon", "-3", "1:2:3:4:5", "1e3", "nan"])
def test_what_is_no_time_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(KnownError) as caught:
        parse_time(text)
    assert "1:23.5" in caught.value.remedy


def test_the_sample_span_of_neighbouring_ranges_leaves_no_gap() -> None:
    first = TimeRange(Fraction(0), Fraction(1001, 30000) * 7)
    second = TimeRange(first.end_s, Fraction(1))
    assert first.sample_span(48000)[1] == second.sample_span(48000)[0]


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(KnownError, match="empty"):
        TimeRange(Fraction(5), Fraction(5))


def test_times_read_as_editors_say_them() -> None:
    assert [format_time(t) for t in (0.0, 21.4, 63, 3787)] == ["0:00", "0:21", "1:03", "1:03:07"]
