# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packed values come back equal, and nothing else is accepted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needledrop.core.music import Fingerprint, Loudness
from needledrop.core.packing import pack, unpack

LOUDNESS = Loudness(-14.25, 6.5, -0.7, np.array([-70.0, -20.5], np.float32))


def test_a_value_comes_back_equal() -> None:
    back = unpack(Loudness, pack(LOUDNESS))
    assert (back.integrated_lufs, back.range_lu, back.true_peak_dbtp) == (-14.25, 6.5, -0.7)
    np.testing.assert_array_equal(back.curve_lufs, LOUDNESS.curve_lufs)
    assert back.curve_lufs.dtype == np.float32


def test_empty_arrays_keep_their_dtype() -> None:
    empty = Fingerprint(np.zeros(0, np.uint32), np.zeros(0, np.uint32), 0.01)
    assert unpack(Fingerprint, pack(empty)).hashes.dtype == np.uint32


def test_another_class_is_refused() -> None:
    with pytest.raises(ValueError, match="wanted Fingerprint"):
        unpack(Fingerprint, pack(LOUDNESS))


@given(st.binary(max_size=200))
def test_rubbish_is_refused(rubbish: bytes) -> None:
    with pytest.raises(ValueError):
        unpack(Loudness, rubbish)


@given(st.integers(0, 90), st.integers(0, 255))
def test_a_changed_or_cut_packing_never_yields_more_than_a_value_error(position: int, byte: int) -> None:
    packed = bytearray(pack(LOUDNESS))
    packed[position % len(packed)] = byte
    for candidate in (bytes(packed), bytes(packed[: position % len(packed)])):
        try:
            assert isinstance(unpack(Loudness, candidate), Loudness)
        except ValueError:
            continue


def test_an_object_array_is_never_read() -> None:
    packed = pack(LOUDNESS).replace(b'"<f4"', b'"|O8"')
    with pytest.raises(ValueError, match="not allowed"):
        unpack(Loudness, packed)
