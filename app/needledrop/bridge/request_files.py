# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests and answers as files, for hosts without sockets. Takes what is renamed into the folder, sweeps what is left.

Follows no link and opens nothing but regular files of this user; what is none is removed, never read.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from pathlib import Path

from needledrop.bridge import refusals
from needledrop.bridge.answering import Answer, Answering, written
from needledrop.bridge.folder import SCHEMA, BridgeFolder, NotPrivate, read_private, write_private
from needledrop.bridge.looking import log_failure, look_forever
from needledrop.bridge.questions import parsed
from needledrop.core import log
from needledrop.core.errors import KnownError

WAY = "file"
STALE_REQUEST_S = 60.0
STALE_S = 3600.0
_MOST_AT_ONCE = 32
_NAME = re.compile(r"([a-z0-9-]{8,64})\.json")


class RequestFiles:
    """The two folders of one engine."""

    def __init__(self, folder: BridgeFolder, answering: Answering) -> None:
        self._folder, self._answering = folder, answering
        self._open: set[asyncio.Task[None]] = set()
        self._stuck: set[str] = set()  # What could not be removed is refused once, not ten times a second.

    async def serve(self) -> None:
        """Look for requests until the task is cancelled."""
        try:
            await look_forever(self._take_all, self._sweep)
        finally:
            for task in self._open:
                task.cancel()

    def _take_all(self) -> None:
        with os.scandir(self._folder.requests) as found:
            names = sorted(one.name for one in found)
        for name in names:
            match = _NAME.fullmatch(name)
            if match is not None and name not in self._stuck and len(self._open) < _MOST_AT_ONCE:
                self._take(self._folder.requests / name, match[1])

    def _take(self, path: Path, question_id: str) -> None:
        """Read a request, remove it, and answer it in a task of its own."""
        try:
            is_stale = time.time() - path.lstat().st_mtime > STALE_REQUEST_S
            content = b"" if is_stale else read_private(path, refusals.MOST_BYTES)
            path.unlink()
        except NotPrivate:
            error = refusals.bad_request("The request is no regular file of this user, or is too large.")
            if not _remove(path):
                self._stuck.add(path.name)
            self._reply(question_id, self._answering.refuse(WAY, error))
            return
        except OSError:  # Gone again, or not readable yet; the next look sees.
            return
        if not is_stale:
            task = asyncio.create_task(self._answer(question_id, content))
            self._open.add(task)
            task.add_done_callback(self._open.discard)
            task.add_done_callback(log_failure)

    async def _answer(self, question_id: str, content: bytes) -> None:
        try:
            message = parsed(content)
            if message.get("id") != question_id:
                raise refusals.bad_request("'id' is not the name of the file.")
        except KnownError as error:
            answer = self._answering.refuse(WAY, error)
        else:
            answer = await self._answering.answer_message(WAY, message)
        self._reply(question_id, answer)

    def _reply(self, question_id: str, answer: Answer) -> None:
        try:
            write_private(
                self._folder.answers / f"{question_id}.json", written({"schema": SCHEMA, "id": question_id, **answer})
            )
        except OSError as error:  # A full disk: the plugin gives up by itself.
            log.suggest.warning("an answer to a plugin could not be written: %s", error)

    def _sweep(self) -> None:
        """Remove what nobody came for: old answers, and old files of any other name among the requests."""
        for folder in (self._folder.requests, self._folder.answers):
            with contextlib.suppress(OSError):
                for path in list(folder.iterdir()):
                    if time.time() - path.lstat().st_mtime > STALE_S:
                        _remove(path)


def _remove(path: Path) -> bool:
    """A link goes itself, never what it leads to; a folder goes where it is empty. Whether it is gone."""
    try:
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()
    except OSError:
        return False
    return True
