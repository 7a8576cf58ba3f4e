# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Types of arguments that several commands share."""

from __future__ import annotations

import argparse
import re
from fractions import Fraction

from needledrop.core.errors import KnownError
from needledrop.core.times import parse_time

# Rates that people write shortened.
_SLOWED = {"23.976": 24, "23.98": 24, "29.97": 30, "47.95": 48, "47.952": 48, "59.94": 60, "119.88": 120}
_RANGE = re.compile(r"^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$")


def bpm_range(text: str) -> tuple[float, float]:
    """Read "90-120"."""
    match = _RANGE.match(text.strip())
    if match is None or float(match[1]) > float(match[2]):
        raise argparse.ArgumentTypeError(f"'{text}' is not a range of tempi such as 90-120")
    return float(match[1]), float(match[2])


def licence_names(text: str) -> frozenset[str]:
    """Read "CC-BY-4.0,CC0-1.0"; each is written the way the library writes it."""
    from needledrop.media.licences import parse_licence_name

    names = [name.strip() for name in text.split(",") if name.strip()]
    return frozenset(parse_licence_name(name) or name for name in names)


def time_text(text: str) -> Fraction:
    """Read a time such as 83.5 or 1:23.5."""
    try:
        return parse_time(text)
    except KnownError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def frame_rate(text: str) -> Fraction:
    """Read "25", "23.976" (24000/1001) or "30000/1001", frames a second."""
    if text in _SLOWED:
        return Fraction(_SLOWED[text] * 1000, 1001)
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 1 <= rate <= 240:
        raise argparse.ArgumentTypeError(f"'{text}' is not a frame rate such as 25 or 29.97")
    return rate
