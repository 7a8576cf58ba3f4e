# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One WebSocket connection (RFC 6455): text messages in, answers out as they are ready. Compression is not offered."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from wsproto.connection import SERVER, Connection
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, TextMessage
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import LocalProtocolError

from needledrop.bridge import refusals
from needledrop.bridge.answering import Answer, Answering, written
from needledrop.bridge.questions import QUESTION_ID, parsed
from needledrop.core.errors import KnownError

WAY = "websocket"
PING_S = 20.0
_READ_BYTES = 65536


class WebSocket:
    """A connection whose handshake is done."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answering: Answering, already: bytes
    ) -> None:
        """`already` came behind the handshake."""
        self._reader, self._writer, self._answering = reader, writer, answering
        self._connection = Connection(SERVER, trailing_data=already)
        self._parts: list[str] = []  # Of the message that is arriving, and how much of it there is, since when.
        self._bytes = 0
        self._begun = 0.0
        self._open: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Answer until either side closes; open questions are dropped then."""
        try:
            async for event in self._events():
                if not await self._take(event):
                    return
        except asyncio.CancelledError:  # The engine ends.
            with contextlib.suppress(Exception):
                await self._close(CloseReason.GOING_AWAY)
            raise
        finally:
            for task in self._open:
                task.cancel()

    async def _events(self) -> AsyncIterator[Event]:
        """What the other side sends; ends with the connection, or where it neither speaks nor answers a ping."""
        is_pinged = False
        while True:
            for event in self._connection.events():
                yield event
            # The rest of a message that has begun must come soon; a quiet panel is asked whether it lives.
            left_s = self._begun + refusals.WHOLE_REQUEST_S - time.monotonic()
            try:
                async with asyncio.timeout(left_s if self._parts else PING_S):
                    received = await self._reader.read(_READ_BYTES)
            except TimeoutError:
                if is_pinged or self._parts:
                    await self._close(CloseReason.GOING_AWAY)
                    return
                is_pinged = True
                await self._send(Ping())
                continue
            is_pinged = False
            if not received:
                return
            self._connection.receive_data(received)

    async def _take(self, event: Event) -> bool:
        """Deal with one event; False where the connection is over."""
        if isinstance(event, TextMessage):
            if not self._parts:
                self._begun = time.monotonic()
            self._parts.append(event.data)
            self._bytes += len(event.data.encode())
            if self._bytes > refusals.MOST_BYTES:
                await self._close(CloseReason.MESSAGE_TOO_BIG)
                return False
            if event.message_finished:
                text = "".join(self._parts)
                self._parts, self._bytes = [], 0
                await self._ask(text)
        elif isinstance(event, Ping):
            await self._send(event.response())
        elif isinstance(event, CloseConnection):
            await self._send(event.response())  # To a goodbye, or to frames that break the protocol.
            return False
        elif isinstance(event, BytesMessage):
            await self._close(CloseReason.UNSUPPORTED_DATA)
            return False
        return True

    async def _ask(self, text: str) -> None:
        try:
            message = parsed(text.encode())
        except KnownError as error:
            await self._say(self._answering.refuse(WAY, error))
            return
        if len(self._open) >= refusals.MOST_OPEN_QUESTIONS:
            refused = self._answering.refuse(WAY, refusals.busy())
            question_id = message.get("id")
            is_id = isinstance(question_id, str) and QUESTION_ID.fullmatch(question_id)
            await self._say({**refused, "id": question_id} if is_id else refused)
            return

        async def answer() -> None:
            await self._say(await self._answering.answer_message(WAY, message))

        task = asyncio.create_task(answer())
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _say(self, answer: Answer) -> None:
        await self._send(TextMessage(data=written(answer).decode("ascii")))

    async def _close(self, reason: CloseReason) -> None:
        await self._send(CloseConnection(code=reason))

    async def _send(self, event: Event) -> None:
        """Send to a side that reads; one that does not is cut off after a while."""
        with contextlib.suppress(LocalProtocolError, ConnectionError):  # It is closing already.
            self._writer.write(self._connection.send(event))
            try:
                async with asyncio.timeout(refusals.WHOLE_REQUEST_S):
                    await self._writer.drain()
            except TimeoutError:
                self._writer.transport.abort()
