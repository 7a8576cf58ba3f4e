# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CRC-32C checksum of TFRecord files, fast enough in numpy. Knows nothing of what it sums up.

Sources: Castagnoli, Braeuer and Herrmann, 1993 (the polynomial); RFC 3720, appendix B.4 (test values); TensorFlow's
record format (the mask).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

_POLYNOMIAL = 0x82F63B78
_MASK_DELTA = 0xA282EAD8
_LANE_BYTES = 256
_ONES = 0xFFFFFFFF
Words = NDArray[np.uint32]


def crc32c(data: bytes) -> int:
    """The checksum of bytes of any length."""
    state = _ONES
    whole = len(data) // _LANE_BYTES
    if whole:
        # All lanes are summed at once from an empty state; what came before a lane is then led through its zeros.
        shift = _lane_shift()
        for lane in _lane_sums(data, whole).tolist():
            state = (
                lane
                ^ shift[0][state & 0xFF]
                ^ shift[1][state >> 8 & 0xFF]
                ^ shift[2][state >> 16 & 0xFF]
                ^ shift[3][state >> 24]
            )
    table = _table()
    for byte in data[whole * _LANE_BYTES :]:
        state = int(table[(state ^ byte) & 0xFF]) ^ (state >> 8)
    return state ^ _ONES


def masked(checksum: int) -> int:
    """A checksum as TFRecord stores it: turned by 15 bits, plus a constant."""
    return ((checksum >> 15 | checksum << 17) + _MASK_DELTA) & _ONES


def _lane_sums(data: bytes, count: int) -> Words:
    """The state after each lane of _LANE_BYTES, had it begun at 0."""
    lanes = np.frombuffer(data, np.uint8, count * _LANE_BYTES).reshape(count, _LANE_BYTES)
    return _fed(np.zeros(count, np.uint32), np.ascontiguousarray(lanes.T))


def _fed(states: Words, columns: NDArray[np.uint8]) -> Words:
    table = _table()
    for column in columns:
        states = table[(states ^ column) & 0xFF] ^ (states >> 8)
    return states


@cache
def _table() -> Words:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(_POLYNOMIAL), table >> 1).astype(np.uint32)
    return table


@cache
def _lane_shift() -> list[list[int]]:
    """What _LANE_BYTES zeros make of a state, for each of its bytes [4][256]: the sum is linear in the state."""
    zeros = np.zeros((_LANE_BYTES, 256), np.uint8)
    return [_fed(np.arange(256, dtype=np.uint32) << np.uint32(8 * place), zeros).tolist() for place in range(4)]
