# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions in the names of files, answers in Lua: for DaVinci Resolve's free edition from 21.1 on.

Its scripts may open, write and rename no file, but Resolve writes one for them: a list of the timeline's clips, whose
name is the question (docs/plugin-protocol.md). The content is never read; a timeline exported before it lies beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from urllib.parse import parse_qsl

from needledrop.bridge.answering import Answering
from needledrop.bridge.folder import SCHEMA, BridgeFolder, write_private
from needledrop.bridge.looking import log_failure, look_forever
from needledrop.core import log
from needledrop.core.lua_text import lua_chunk

WAY = "export"
STALE_REQUEST_S = 60.0
STALE_S = 24 * 3600.0  # A timeline is read again as long as somebody works with its list.
_MOST_AT_ONCE = 32
_NAME = re.compile(r"([a-z0-9-]{8,64})\.([a-z]{1,16})\.([\w%=&+.~-]{0,200})\.csv", re.ASCII)
_BESIDE = re.compile(r"[a-z0-9-]{8,64}\.otio")
_NUMBERS = {"in_s": float, "out_s": float, "wait_s": float, "count": int, "number": int}


class ExportedRequests:
    """The folder `exports` of one engine."""

    def __init__(self, folder: BridgeFolder, answering: Answering) -> None:
        self._folder, self._answering = folder, answering
        self._exports = folder.exports
        self._open: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Look for questions until the task is cancelled."""
        try:
            await look_forever(self._take_all, self._sweep)
        finally:
            for task in self._open:
                task.cancel()

    def _take_all(self) -> None:
        for path in sorted(self._exports.glob("*.csv")):
            match = _NAME.fullmatch(path.name)
            if match is None or len(self._open) >= _MOST_AT_ONCE:
                continue
            is_stale = time.time() - path.lstat().st_mtime > STALE_REQUEST_S
            try:
                path.unlink()
            except OSError:  # Windows lets go of it when Resolve has; the next look sees.
                continue
            if not is_stale:
                task = asyncio.create_task(self._answer(*match.groups()))
                self._open.add(task)
                task.add_done_callback(self._open.discard)
                task.add_done_callback(log_failure)

    async def _answer(self, question_id: str, verb: str, query: str) -> None:
        answer = await self._answering.answer(WAY, verb, self._arguments(query))
        try:
            path = self._folder.answers / f"{question_id}.lua"
            write_private(path, lua_chunk({"schema": SCHEMA, "id": question_id, **answer}))
        except OSError as error:  # A full disk: the plugin gives up by itself.
            log.suggest.warning("an answer to a plugin could not be written: %s", error)

    def _arguments(self, query: str) -> dict[str, object]:
        """As JSON would have them; what is no number stays text, and is refused where a number is wanted."""
        found: dict[str, object] = {}
        for name, said in parse_qsl(query, keep_blank_values=True):
            found[name] = said
            if name in _NUMBERS:
                with contextlib.suppress(ValueError):
                    found[name] = _NUMBERS[name](said)
            elif name == "project" and _BESIDE.fullmatch(said):
                found[name] = str(self._exports / said)
        return found

    def _sweep(self) -> None:
        """Remove what nobody came for; the folder of answers is swept by those who share it."""
        for path in list(self._exports.iterdir()):
            with contextlib.suppress(OSError):  # An editor may still hold it; the others go.
                if time.time() - path.lstat().st_mtime > STALE_S and (path.is_symlink() or path.is_file()):
                    path.unlink()
