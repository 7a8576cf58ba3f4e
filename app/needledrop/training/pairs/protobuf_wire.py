# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Protocol buffers on the wire, as far as TensorFlow's examples need them: fields by number, no schemas, no writing.

Source: the protocol buffers encoding guide; field numbers in tensorflow/core/example/{feature,example}.proto.
"""

from __future__ import annotations

from collections.abc import Iterator

_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5
_LONGEST_VARINT = 10
Value = int | bytes


def fields(message: bytes) -> Iterator[tuple[int, Value]]:
    """Number and value of each field in order: an int for a varint, else the bytes as they stand.

    Raises:
        ValueError: the message is cut off or is none.
    """
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, place = _varint(message, place)
            yield number, value
            continue
        if kind == _BYTES:
            size, place = _varint(message, place)
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            size = 8 if kind == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"wire type {kind}")
        if number == 0 or place + size > len(message):
            raise ValueError("a field goes beyond the end")
        yield number, message[place : place + size]
        place += size


def parts(message: bytes, number: int) -> Iterator[bytes]:
    """The values of all fields of a number that hold bytes, a text or a message.

    Raises:
        ValueError: the message is damaged, or such a field holds a number.
    """
    for found, value in fields(message):
        if found == number:
            if not isinstance(value, bytes):
                raise ValueError(f"field {number} holds a number")
            yield value


def string_map(message: bytes, number: int) -> dict[str, bytes]:
    """The entries of a map from texts to messages.

    Raises:
        ValueError: the message is damaged.
    """
    entries = {}
    for entry in parts(message, number):
        key = next(parts(entry, 1), b"").decode("utf-8")
        entries[key] = next(parts(entry, 2), b"")
    return entries


def whole_numbers(message: bytes, number: int) -> list[int]:
    """The values of a repeated int64, packed or not.

    Raises:
        ValueError: the message is damaged.
    """
    values: list[int] = []
    for found, value in fields(message):
        if found != number:
            continue
        if isinstance(value, int):
            values.append(value)
            continue
        place = 0
        while place < len(value):
            one, place = _varint(value, place)
            values.append(one)
    return [value - (1 << 64) if value >> 63 else value for value in values]


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(_LONGEST_VARINT):
        if place >= len(message):
            raise ValueError("a number is cut off")
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, place
    raise ValueError("a number has no end")
