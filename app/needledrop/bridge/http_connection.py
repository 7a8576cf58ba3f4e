# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection: HTTP/1.1 by h11, guarded before anything is read of its body, or on its way to being a WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs

import h11
from wsproto.utilities import generate_accept_token

from needledrop.bridge import refusals
from needledrop.bridge.answering import Answer, Answering, written
from needledrop.bridge.questions import parsed
from needledrop.bridge.websocket import WebSocket
from needledrop.core.errors import KnownError

WAY = "http"
PREFIX = "/v1/"
_SOCKET = "/v1/ws"
_READ_BYTES = 65536
_LINGER_S, _LINGER_BYTES = 1.0, 4 * 1024 * 1024
_PANELS = ("uxp://",)


@dataclass(frozen=True)
class Guard:
    """What every request is checked against."""

    port: int
    token: str

    def refuse_foreign(self, request: h11.Request) -> None:
        """Web pages and other names than ours.

        Raises:
            KnownError: "forbidden".
        """
        hosts, origins = _values(request, b"host"), _values(request, b"origin")
        names = {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}
        is_ours = len(hosts) == 1 and hosts[0].lower() in names
        if not is_ours or not all(one == "file://" or one.startswith(_PANELS) for one in origins):
            raise refusals.forbidden()

    def refuse_stranger(self, request: h11.Request, query_token: str = "") -> None:
        """Whoever does not know the token; compared in constant time.

        Raises:
            KnownError: "unauthorised".
        """
        given = query_token
        for value in _values(request, b"authorization"):
            scheme, _, credentials = value.partition(" ")
            given = credentials.strip() if scheme.lower() == "bearer" else ""
        if not secrets.compare_digest(given.encode(), self.token.encode()):
            raise refusals.unauthorised()


class HttpConnection:
    """Answers the requests of one connection, one after another."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, guard: Guard, answering: Answering
    ) -> None:
        self._reader, self._writer, self._guard, self._answering = reader, writer, guard, answering
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=refusals.MOST_HEADER_BYTES)
        self._silence_s = refusals.WHOLE_REQUEST_S  # Longer once a request was answered.
        self._takes_body = True  # Whoever asks by HEAD takes none.

    async def serve(self) -> None:
        """Serve until the connection is closed, by either side, a limit, or broken HTTP."""
        while True:
            try:
                request = await self._request()
                if request is None:
                    return
                if _path(request) == _SOCKET and _values(request, b"upgrade"):
                    await self._become_socket(request)
                    return
                answer, status = await self._answer(request)
            except h11.RemoteProtocolError:
                await self._refuse(refusals.bad_request("The request is no HTTP/1.1, or its head is too large."))
                return
            except TimeoutError:
                await self._refuse(refusals.too_slow())
                return
            except KnownError as error:  # Refused by its head alone: the body is not read.
                await self._refuse(error)
                return
            await self._respond(status, answer)
            if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                return
            self._http.start_next_cycle()
            self._silence_s = refusals.KEPT_IDLE_S

    async def turn_away(self) -> None:
        """One connection too many."""
        await self._refuse(refusals.busy())

    async def _request(self) -> h11.Request | None:
        """The head of the next request; None where the other side has gone, or stayed silent."""
        if self._http.trailing_data[0] == b"":
            try:
                async with asyncio.timeout(self._silence_s):
                    self._http.receive_data(await self._reader.read(_READ_BYTES))
            except TimeoutError:
                return None
        async with asyncio.timeout(refusals.WHOLE_REQUEST_S):
            event = await self._next_event()
        if not isinstance(event, h11.Request):
            return None
        self._takes_body = event.method != b"HEAD"
        if sum(len(name) + len(value) for name, value in event.headers) > refusals.MOST_HEADER_BYTES:
            raise refusals.bad_request("The head of the request is too large.")  # h11 bounds what is incomplete only.
        return event

    async def _next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self._http.they_are_waiting_for_100_continue:
                await self._send(h11.InformationalResponse(status_code=100, headers=[]))
            self._http.receive_data(await self._reader.read(_READ_BYTES))

    async def _answer(self, request: h11.Request) -> tuple[Answer, int]:
        self._guard.refuse_foreign(request)
        self._guard.refuse_stranger(request)
        async with asyncio.timeout(refusals.WHOLE_REQUEST_S):
            body = await self._body(request)
        path = _path(request)
        if not path.startswith(PREFIX) or "?" in path:
            error = refusals.unknown_verb(path)
            return self._answering.refuse(WAY, error), 404
        if request.method != b"POST":
            error = refusals.bad_request("A verb is asked by POST.")
            return self._answering.refuse(WAY, error), 405
        try:
            arguments = parsed(body)
        except KnownError as error:
            return self._answering.refuse(WAY, error), 400
        answer = await self._answering.answer(WAY, path.removeprefix(PREFIX), arguments)
        return answer, 200 if answer["ok"] else _status(answer["error"]["code"])

    async def _body(self, request: h11.Request) -> bytes:
        for length in _values(request, b"content-length"):
            if int(length) > refusals.MOST_BYTES:
                raise refusals.too_large()
        body = bytearray()
        while True:
            event = await self._next_event()
            if isinstance(event, h11.Data):
                body += event.data
                if len(body) > refusals.MOST_BYTES:
                    raise refusals.too_large()
            elif isinstance(event, h11.EndOfMessage):
                return bytes(body)
            else:
                raise h11.RemoteProtocolError("the body ended early")

    async def _become_socket(self, request: h11.Request) -> None:
        self._guard.refuse_foreign(request)
        tokens = parse_qs(request.target.partition(b"?")[2].decode("ascii", "replace")).get("token", [""])
        self._guard.refuse_stranger(request, tokens[0])
        keys, versions = _values(request, b"sec-websocket-key"), _values(request, b"sec-websocket-version")
        upgrades = [one.strip().lower() for value in _values(request, b"connection") for one in value.split(",")]
        if request.method != b"GET" or len(keys) != 1 or versions != ["13"] or "upgrade" not in upgrades:
            raise refusals.bad_request("This is no handshake of a WebSocket, version 13.")
        async with asyncio.timeout(refusals.WHOLE_REQUEST_S):
            await self._body(request)
        headers = [
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Accept", generate_accept_token(keys[0].encode("ascii", "replace")).decode("ascii")),
        ]
        await self._send(h11.InformationalResponse(status_code=101, headers=headers))
        await WebSocket(self._reader, self._writer, self._answering, self._http.trailing_data[0]).serve()

    async def _refuse(self, error: KnownError) -> None:
        """Say why, then close: what else comes on this connection is not trusted to be a request."""
        answer = self._answering.refuse(WAY, error)
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        await self._respond(_status(error.code), answer, is_last=True)
        await self._linger()

    async def _respond(self, status: int, answer: Answer, *, is_last: bool = False) -> None:
        body = written(answer)
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        if is_last:
            headers.append(("Connection", "close"))
        if status == 401:
            headers.append(("WWW-Authenticate", "Bearer"))
        if status == 405:
            headers.append(("Allow", "POST"))
        response = h11.Response(status_code=status, headers=headers)
        # One write: two would wait for each other's acknowledgement.
        data = [h11.Data(data=body)] if self._takes_body else []
        parts = [self._http.send(one) for one in (response, *data, h11.EndOfMessage())]
        await self._write(b"".join(part or b"" for part in parts))

    async def _send(self, event: h11.Event) -> None:
        await self._write(self._http.send(event) or b"")

    async def _write(self, content: bytes) -> None:
        self._writer.write(content)
        async with asyncio.timeout(refusals.WHOLE_REQUEST_S):
            await self._writer.drain()

    async def _linger(self) -> None:
        """Read on for a moment: closed over unread bytes, the connection would take the answer back."""
        with contextlib.suppress(TimeoutError, ConnectionError, OSError):
            self._writer.write_eof()
            async with asyncio.timeout(_LINGER_S):
                left = _LINGER_BYTES
                while left > 0 and (received := await self._reader.read(_READ_BYTES)):
                    left -= len(received)


def _values(request: h11.Request, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in request.headers if key == name]


def _path(request: h11.Request) -> str:
    """The target as it was asked for; of the WebSocket, without the query its token stands in."""
    target = request.target.decode("latin-1")
    path, _, _ = target.partition("?")
    return path if path == _SOCKET else target


def _status(code: str) -> int:
    return refusals.HTTP_STATUS.get(code, refusals.OTHER_STATUS)
