# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Types of arguments: what they read and what they refuse."""

from __future__ import annotations

import argparse
from fractions import Fraction

import pytest

from needledrop.cli.arguments import bpm_range, frame_rate, licence_names, time_text


def test_ranges_of_tempi() -> None:
    assert bpm_range(" 90-120.5 ") == (90.0, 120.5)
    assert bpm_range("100-100") == (100.0, 100.0)


@pytest.mark.parametrize("text", ["", "90", "120-90", "a-b", "-90", "90-"])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        bpm_range(text)


def test_licences_as_the_library_writes_them() -> None:
    assert licence_names("cc by 4.0, CC0, ,Own terms") == {"CC-BY-4.0", "CC0-1.0", "Own terms"}


def test_times() -> None:
    assert time_text("1:23.5") == Fraction(167, 2)
    with pytest.raises(argparse.ArgumentTypeError):
        time_text("soon")


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("25", Fraction(25)),
        ("12.5", Fraction(25, 2)),
        ("23.976", Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        ("60000/1001", Fraction(60000, 1001)),
    ],
)
def test_frame_rates_are_exact(text: str, rate: Fraction) -> None:
    assert frame_rate(text) == rate


@pytest.mark.parametrize("text", ["", "0", "-25", "nan", "1e9", "25fps", "1/0"])
def test_what_is_no_frame_rate_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="frame rate"):
        frame_rate(text)
