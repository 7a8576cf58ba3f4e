# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frozen dataclasses of arrays and numbers to bytes and back, for storage and for pipes.

A packed value is a little JSON header followed by the raw little-endian arrays. Nothing in it is ever executed:
reading checks the class name, the fields, the dtypes and the sizes.
"""

from __future__ import annotations

import dataclasses
import json
import struct
from typing import Any, TypeVar

import numpy as np

_MAGIC = b"NDPK"
_DTYPES = {"<f8", "<f4", "<f2", "<i8", "<i4", "<i2", "|i1", "|u1", "<u2", "<u4", "<u8", "|b1"}
T = TypeVar("T")


def pack(value: Any) -> bytes:
    """Serialise a dataclass whose fields are arrays, numbers, strings, None or tuples of these plain values."""
    fields: dict[str, Any] = {}
    buffers: list[bytes] = []
    for field in dataclasses.fields(value):
        item = getattr(value, field.name)
        if isinstance(item, np.ndarray):
            array = np.ascontiguousarray(item, dtype=item.dtype.newbyteorder("<"))
            fields[field.name] = {"dtype": array.dtype.str, "shape": array.shape}
            buffers.append(array.tobytes())
        else:
            fields[field.name] = {"value": item}
    header = json.dumps({"class": type(value).__name__, "fields": fields}).encode()
    return b"".join([_MAGIC, struct.pack("<I", len(header)), header, *buffers])


def unpack(kind: type[T], packed: bytes) -> T:
    """Read what `pack` wrote. Arrays are read-only views of `packed`.

    Raises:
        ValueError: the bytes are not a packed `kind`.
    """
    if packed[:4] != _MAGIC or len(packed) < 8:
        raise ValueError(f"not a packed {kind.__name__}")
    try:
        values, used = _read_fields(kind, packed)
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"damaged packed {kind.__name__}") from error
    names = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    if names != values.keys() or used != len(packed):
        raise ValueError(f"the fields of the packed {kind.__name__} do not fit")
    return kind(**values)


def _read_fields(kind: type[Any], packed: bytes) -> tuple[dict[str, Any], int]:
    (header_size,) = struct.unpack_from("<I", packed, 4)
    header = json.loads(packed[8 : 8 + header_size])
    if header["class"] != kind.__name__:
        raise ValueError(f"packed {header['class']}, wanted {kind.__name__}")
    offset = 8 + header_size
    values: dict[str, Any] = {}
    for name, spec in header["fields"].items():
        if "value" in spec:
            item = spec["value"]
            values[name] = tuple(item) if isinstance(item, list) else item
            continue
        array = _array_at(packed, offset, spec)
        values[name] = array
        offset += array.nbytes
    return values, offset


def _array_at(packed: bytes, offset: int, spec: dict[str, Any]) -> np.ndarray[Any, Any]:
    if spec["dtype"] not in _DTYPES:
        raise ValueError(f"dtype {spec['dtype']} is not allowed")
    shape = tuple(int(size) for size in spec["shape"])
    count = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(packed, dtype=spec["dtype"], count=count, offset=offset).reshape(shape)
