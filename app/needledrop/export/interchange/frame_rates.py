# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frame rates as editors write them, made exact again: 23.976 is 24000/1001."""

from __future__ import annotations

from fractions import Fraction

from needledrop.core.times import parse_time

_USUAL = tuple(
    [Fraction(rate) for rate in (10, 12, 15, 24, 25, 30, 48, 50, 60, 100, 120)]
    + [Fraction(rate * 1000, 1001) for rate in (24, 30, 48, 60, 120)]
)
_NEAR = Fraction(1, 4000)  # 24 and 23.976 are four times as far apart.


def exact_rate(rate: Fraction | float) -> Fraction:
    """The usual rate that is meant.

    Raises:
        ValueError: the rate is no number, or not between 1 and 1000.
    """
    exact = Fraction(rate).limit_denominator(100_000)
    if not 1 <= exact <= 1000:
        raise ValueError(f"no frame rate: {rate}")
    near = min(_USUAL, key=lambda usual: abs(usual - exact))
    return near if abs(near - exact) <= near * _NEAR else exact


def whole_rate(rate: Fraction) -> int:
    """How many numbers timecode has for a second: 24 at 23.976."""
    return -(-rate.numerator // rate.denominator)


def frames_of_timecode(text: str, rate: Fraction, *, is_drop: bool = False) -> int:
    """The number of the frame that a timecode names; a semicolon says drop-frame whatever is_drop says.

    Raises:
        KnownError: it is no timecode.
    """
    head, _, frames = text.strip().replace(";", ":").replace(".", ":").rpartition(":")
    mark = ";" if is_drop or ";" in text else ":"
    return round(parse_time(f"{head}{mark}{frames}", Fraction(rate)) * rate)
