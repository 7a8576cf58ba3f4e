# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine: one to a profile, on a thread of its own, with or without a window. Listens on 127.0.0.1 only."""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
import time
from pathlib import Path

from needledrop import __version__
from needledrop.bridge import refusals
from needledrop.bridge.answering import Answering
from needledrop.bridge.audit import AuditLog
from needledrop.bridge.exported_requests import ExportedRequests
from needledrop.bridge.folder import BridgeFolder, Endpoint
from needledrop.bridge.http_connection import Guard, HttpConnection
from needledrop.bridge.request_files import RequestFiles
from needledrop.core import log
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.workflows.editor_session import EditorSession, EngineLock, take_engine

IDLE_S = 15 * 60.0  # Of an engine that a plugin started.
_LOOK_S = 0.25
_ANNOUNCED_S = 3.0
_TOKEN_BYTES = 32


class Engine:
    """Serves the plugins of a profile until `close`, or until nobody asked anything for a while."""

    def __init__(self, profile: Profile, folder: BridgeFolder, lock: EngineLock, idle_s: float | None) -> None:
        """Use `start`."""
        self._profile, self._folder, self._lock, self._idle_s = profile, folder, lock, idle_s
        self._session = EditorSession(profile)
        self._endpoint: Endpoint | None = None
        self._failure: OSError | None = None
        self._is_up, self._has_ended = threading.Event(), threading.Event()
        self._is_ending = threading.Event()
        self._connections: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="bridge", daemon=True)

    @classmethod
    def start(cls, profile: Profile, *, idle_s: float | None = None) -> Engine:
        """An engine that listens, and has said so in the bridge folder.

        Args:
            idle_s: Seconds without a request and without a job after which it ends by itself; None: never.

        Raises:
            KnownError: "serving": another process serves this profile, and the sentence says where; the folder cannot
                be made, or there is no port.
        """
        folder = BridgeFolder(profile.bridge_dir)
        folder.prepare()
        lock = take_engine(profile)
        if lock is None:
            raise _already_served(folder)
        engine = cls(profile, folder, lock, idle_s)
        engine._thread.start()
        engine._is_up.wait()
        if engine._failure is not None:
            engine._thread.join()
            raise KnownError(
                "Plugins cannot be served: no connection can be opened on this machine, or its folder is full.",
                remedy="Look at what blocks 127.0.0.1, such as a firewall, and at the free space.",
                cause=str(engine._failure),
                code="cannot-serve",
            )
        return engine

    @property
    def endpoint(self) -> Endpoint:
        """How it is reached."""
        assert self._endpoint is not None
        return self._endpoint

    @property
    def folder(self) -> Path:
        """The bridge folder it serves."""
        return self._folder.path

    def wait(self, timeout_s: float) -> bool:
        """Wait for it to end by itself, at most so long; whether it has ended."""
        return self._has_ended.wait(timeout_s)

    def close(self) -> None:
        """End it: jobs are stopped, connections closed, the announcement is taken back."""
        self._is_ending.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._failure = error
        finally:
            self._lock.release(is_clean=True)
            self._has_ended.set()
            self._is_up.set()

    async def _serve(self) -> None:
        audit = AuditLog(self._profile.cache_dir)
        answering = Answering(self._session, audit)
        guard: list[Guard] = []

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve_connection(HttpConnection(reader, writer, guard[0], answering), writer)

        server = await asyncio.start_server(connected, "127.0.0.1", 0, backlog=refusals.MOST_CONNECTIONS)
        port = int(server.sockets[0].getsockname()[1])
        self._endpoint = Endpoint(port, secrets.token_urlsafe(_TOKEN_BYTES), os.getpid(), __version__)
        guard.append(Guard(port, self._endpoint.token))
        ways = (RequestFiles(self._folder, answering), ExportedRequests(self._folder, answering))
        files = [asyncio.create_task(way.serve()) for way in ways]
        try:
            self._folder.announce(self._endpoint)
            log.suggest.info("plugins are served on port %d", port)
            self._is_up.set()
            while not self._is_over(answering):
                await asyncio.sleep(_LOOK_S)
        finally:
            self._folder.withdraw(self._endpoint)
            server.close()
            for task in (*files, *self._connections):
                task.cancel()
            await asyncio.gather(*files, *self._connections, return_exceptions=True)
            self._session.close()
            answering.close()
            audit.close()

    def _is_over(self, answering: Answering) -> bool:
        if self._is_ending.is_set() or self._idle_s is None:
            return self._is_ending.is_set()
        return time.monotonic() - answering.asked_at > self._idle_s and not self._session.is_busy

    async def _serve_connection(self, connection: HttpConnection, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        is_crowded = len(self._connections) >= refusals.MOST_CONNECTIONS
        if not is_crowded:
            self._connections.add(task)
        try:
            await (connection.turn_away() if is_crowded else connection.serve())
            writer.close()
            async with asyncio.timeout(refusals.WHOLE_REQUEST_S):
                await writer.wait_closed()
        except (ConnectionError, TimeoutError, asyncio.CancelledError):
            pass  # The other side went away, or reads nothing; or the engine ends, which is all that cancels this.
        except Exception:
            log.suggest.exception("a bug of ours on a connection of a plugin")
        finally:
            self._connections.discard(task)
            writer.transport.abort()  # What was not taken by now is not waited for.


def _already_served(folder: BridgeFolder) -> KnownError:
    """Says where; the other one may be on its way up and has not written it yet."""
    end = time.monotonic() + _ANNOUNCED_S
    while (endpoint := folder.endpoint()) is None and time.monotonic() < end:
        time.sleep(_LOOK_S)
    where = f"on 127.0.0.1:{endpoint.port} (process {endpoint.pid})" if endpoint is not None else "already"
    return KnownError(
        f"Plugins of this profile are served {where}.", remedy="Nothing needs to be done.", code="serving"
    )
