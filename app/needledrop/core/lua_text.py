# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain values as Lua: what a script inside an editor can read that is given no way to open files but `loadfile`."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping


def lua_chunk(value: object) -> bytes:
    """A chunk that returns a value of None, booleans, finite numbers, text, lists and mappings with text as keys.

    The bytes are plain ASCII and mean the same in Lua 5.1 to 5.4 and LuaJIT, whatever the texts hold: they cannot
    become anything but text.

    Raises:
        ValueError: a number is not finite. TypeError: a value of another type.
    """
    return f"return {_literal(value)}\n".encode("ascii")


def _literal(value: object) -> str:
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise ValueError(value)
        return repr(value)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"[{_string(key)}]={_literal(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "{" + ",".join(map(_literal, value)) + "}"
    raise TypeError(type(value).__name__)


def _string(text: str) -> str:
    """Bytes that are not plain become their numbers, of three digits, so that a digit may follow."""
    plain = (chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03d}" for byte in os.fsencode(text))
    return '"' + "".join(plain) + '"'
