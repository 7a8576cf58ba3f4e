# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CRC-32C against published values and against the definition, bit by bit."""

from __future__ import annotations

import numpy as np
import pytest

from needledrop.training.pairs.crc32c import crc32c, masked


def bit_by_bit(data: bytes) -> int:
    state = 0xFFFFFFFF
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (0x82F63B78 if state & 1 else 0)
    return state ^ 0xFFFFFFFF


@pytest.mark.parametrize(
    ("data", "checksum"),
    [
        (b"", 0x00000000),
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
    ],
)
def test_the_values_of_rfc_3720(data: bytes, checksum: int) -> None:
    assert crc32c(data) == checksum


@pytest.mark.parametrize("size", [255, 256, 257, 512, 1000, 2049])
def test_lanes_join_as_if_summed_in_one_go(size: int) -> None:
    data = np.random.default_rng(size).integers(0, 256, size, np.uint8).tobytes()
    assert crc32c(data) == bit_by_bit(data)


def test_the_mask_turns_by_15_bits_and_adds() -> None:
    assert masked(0) == 0xA282EAD8
    assert masked(0x00008000) == (1 + 0xA282EAD8)
    assert masked(0xFFFFFFFF) == 0xA282EAD7
