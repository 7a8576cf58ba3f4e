# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written as Lua is read back by Lua as it was, and can be nothing but values."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from needledrop.core.lua_text import lua_chunk

TEXTS = ["", 'a "quote" \\ and 7', "line\nand\r\0tab\t1", "Zoë 日本 😀", "]] --[[ os.exit(1)", "\\0651", "\udce9"]


@pytest.mark.parametrize("name", ["lua5.1", "luajit"])
def test_lua_reads_the_very_bytes(tmp_path: Path, name: str) -> None:
    lua = shutil.which(name)
    if lua is None:
        pytest.skip(f"{name} is not installed (Debian: apt-get install {name})")
    chunk = tmp_path / "chunk.lua"
    chunk.write_bytes(lua_chunk({"texts": TEXTS, 'odd "key"': [True, False, None, -1.5, 10**6]}))
    script = (
        "local v = dofile(arg[1]); for _, t in ipairs(v.texts) do io.write(#t, ':', t, ';') end\n"
        "local o = v['odd \"key\"']; io.write(tostring(o[1]), tostring(o[2]), tostring(o[3]), o[4], ' ', o[5])"
    )
    (tmp_path / "read.lua").write_text(script)
    done = subprocess.run([lua, tmp_path / "read.lua", chunk], capture_output=True, check=True)
    texts = [text.encode("utf-8", "surrogateescape") for text in TEXTS]
    assert done.stdout == b"".join(b"%d:%s;" % (len(text), text) for text in texts) + b"truefalsenil-1.5 1000000"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"bytes are lists of numbers?"])
def test_what_lua_has_no_word_for_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        lua_chunk([value])
