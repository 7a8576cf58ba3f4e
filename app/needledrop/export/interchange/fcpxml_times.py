# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times of FCPXML: rational seconds such as "1001/30000s". Source: Apple, "FCPXML reference"."""

from __future__ import annotations

import re
from fractions import Fraction

_TIME = re.compile(r"^\s*(-?\d+(?:\.\d+)?)(?:/(\d+))?s?\s*$")


def seconds_of(text: str | None, default: Fraction = Fraction(0)) -> Fraction:
    """Exact seconds.

    Raises:
        ValueError: it is no such time.
    """
    if text is None:
        return default
    match = _TIME.match(text)
    if match is None:
        raise ValueError(f"no time: {text[:40]}")
    return Fraction(match[1]) / int(match[2] or 1)


def time_text(seconds: Fraction) -> str:
    """As FCPXML writes it."""
    return f"{seconds.numerator}s" if seconds.denominator == 1 else f"{seconds.numerator}/{seconds.denominator}s"
