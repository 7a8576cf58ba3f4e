# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plugin as the engine sees one: HTTP, WebSocket, request files, and raw bytes where a test is rude."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Event, Request

from needledrop.bridge.folder import Endpoint

PATIENCE_S = 30.0


class PluginClient:
    """Asks one engine over one HTTP connection."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._http = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=PATIENCE_S)

    def __enter__(self) -> PluginClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def ask(self, verb: str, **arguments: object) -> dict[str, Any]:
        """The answer to a verb."""
        return self.send(f"/v1/{verb}", json.dumps(arguments).encode())[1]

    def result(self, verb: str, **arguments: object) -> dict[str, Any]:
        """What a verb gives, where it is done."""
        answer = self.ask(verb, **arguments)
        assert answer["ok"], answer
        result: dict[str, Any] = answer["result"]
        return result

    def send(
        self, path: str, body: bytes = b"", method: str = "POST", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Any request; the status and the answer. `headers` take the place of the token's."""
        given = {"Authorization": f"Bearer {self.endpoint.token}"} if headers is None else headers
        self._http.request(method, path, body, given)
        response = self._http.getresponse()
        answer = json.loads(response.read())
        assert answer["schema"] == 1 and answer["ok"] == (response.status == 200)
        return response.status, answer

    def made_list(self, **question: object) -> tuple[str, dict[str, Any]]:
        """Ask for music and wait; the job and its list."""
        job = self.result("suggest", **question)["job"]
        listed = self.result("list", job=job, wait_s=20)
        while listed["state"] == "running":
            listed = self.result("list", job=job, wait_s=20)
        return job, listed


class SocketClient:
    """One WebSocket connection."""

    def __init__(
        self, endpoint: Endpoint, *, token: str | None = None, headers: list[tuple[bytes, bytes]] | None = None
    ):
        self.socket = socket.create_connection(("127.0.0.1", endpoint.port), timeout=PATIENCE_S)
        self._connection = WSConnection(ConnectionType.CLIENT)
        target = f"/v1/ws?token={endpoint.token if token is None else token}"
        host = f"127.0.0.1:{endpoint.port}"
        self.send(Request(host=host, target=target, extra_headers=headers or []))
        self.handshake = self.next_event()

    @property
    def is_open(self) -> bool:
        """Whether the engine took the connection."""
        return isinstance(self.handshake, AcceptConnection)

    def send(self, event: Event) -> None:
        """Send an event of the protocol."""
        self.socket.sendall(self._connection.send(event))

    def next_event(self) -> Event:
        """The next thing the engine sends."""
        while True:
            for event in self._connection.events():
                return event
            received = self.socket.recv(65536)
            self._connection.receive_data(received or None)

    def close(self) -> None:
        """Go away without a word."""
        self.socket.close()


def talk(endpoint: Endpoint, content: bytes, *, is_half_closed: bool = False) -> bytes:
    """Send bytes as they are; what the engine says until it closes. `is_half_closed`: say that no more will come."""
    with socket.create_connection(("127.0.0.1", endpoint.port), timeout=PATIENCE_S) as connection:
        received = b""
        try:
            connection.sendall(content)
            if is_half_closed:
                connection.shutdown(socket.SHUT_WR)
            while block := connection.recv(65536):
                received += block
        except ConnectionError:
            pass  # It closed while we were still sending.
        return received


def ask_by_file(bridge_dir: Path, message: bytes | dict[str, Any], question_id: str | None = None) -> dict[str, Any]:
    """Write a request file as plugins do; its answer, which is then removed."""
    question_id = question_id or secrets.token_hex(8)
    if isinstance(message, dict):
        message = json.dumps({"schema": 1, "id": question_id, **message}).encode()
    scratch = bridge_dir / "requests" / f"{question_id}.json.tmp"
    scratch.write_bytes(message)
    os.replace(scratch, scratch.with_suffix(""))  # noqa: PTH105
    return fetch_answer(bridge_dir, question_id)


def fetch_answer(bridge_dir: Path, question_id: str) -> dict[str, Any]:
    """Wait for an answer file, read it, remove it."""
    path = bridge_dir / "answers" / f"{question_id}.json"
    end = time.monotonic() + PATIENCE_S
    while not path.exists():
        assert time.monotonic() < end, "no answer"
        time.sleep(0.02)
    answer: dict[str, Any] = json.loads(path.read_bytes())
    path.unlink()
    return answer
