# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""WebSocket as panels speak it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, RejectConnection, TextMessage

import media_factory
from needledrop.bridge import websocket
from needledrop.bridge.engine import Engine
from needledrop.bridge.refusals import MOST_BYTES, MOST_OPEN_QUESTIONS
from unit.bridge.plugin_client import SocketClient


@pytest.fixture
def panel(engine: Engine) -> Iterator[SocketClient]:
    client = SocketClient(engine.endpoint)
    assert client.is_open
    yield client
    client.close()


def ask(panel: SocketClient, verb: str, question_id: str | None = None, **arguments: object) -> None:
    """Send a question and do not wait."""
    named = {"id": question_id} if question_id is not None else {}
    panel.send(TextMessage(json.dumps({"schema": 1, "verb": verb, "arguments": arguments, **named})))


def answer(panel: SocketClient) -> dict[str, Any]:
    """The next answer, whatever it answers."""
    text = ""
    while True:
        event = panel.next_event()
        assert isinstance(event, TextMessage), event
        text += event.data
        if event.message_finished:
            found: dict[str, Any] = json.loads(text)
            return found


def test_answers_carry_the_id_of_their_question(panel: SocketClient) -> None:
    ask(panel, "status", "a1")
    found = answer(panel)
    assert (found["schema"], found["id"], found["ok"]) == (1, "a1", True)
    ask(panel, "status")
    assert "id" not in answer(panel)
    ask(panel, "none", "a2")
    found = answer(panel)
    assert (found["id"], found["error"]["code"]) == ("a2", "unknown-verb")


def test_answers_come_as_they_are_ready_and_no_more_than_eight_are_open(panel: SocketClient, tmp_path: Path) -> None:
    film = media_factory.write_video(tmp_path / "film.mp4", media_factory.shot_frames((20,), 40))
    ask(panel, "suggest", media=str(film))
    job = answer(panel)["result"]["job"]
    for number in range(MOST_OPEN_QUESTIONS):
        ask(panel, "list", f"wait-{number}", job=job, wait_s=20)
    ask(panel, "status", "one too many")
    found = answer(panel)
    assert (found["id"], found["error"]["code"]) == ("one too many", "busy")
    ask(panel, "status", "x" * 65)
    found = answer(panel)
    assert (found.get("id"), found["error"]["code"]) == (None, "busy")
    waited = [answer(panel) for _ in range(MOST_OPEN_QUESTIONS)]
    assert {one["id"] for one in waited} == {f"wait-{number}" for number in range(MOST_OPEN_QUESTIONS)}
    assert {one["result"]["state"] for one in waited} == {"done"}
    ask(panel, "status", "again")
    assert answer(panel)["ok"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "bad-request"),
        ("[1]", "bad-request"),
        ('{"verb": "status"}', "unsupported-schema"),
        ('{"schema": 2, "verb": "status"}', "unsupported-schema"),
        ('{"schema": true, "verb": "status"}', "unsupported-schema"),
        ('{"schema": 1}', "bad-request"),
        ('{"schema": 1, "verb": 7}', "bad-request"),
        ('{"schema": 1, "verb": "status", "id": 7}', "bad-request"),
        ('{"schema": 1, "verb": "status", "id": "%s"}' % ("x" * 65), "bad-request"),
        ('{"schema": 1, "verb": "status", "arguments": []}', "bad-request"),
        ('{"schema": 1, "verb": "status", "arguments": null}', "bad-request"),
    ],
)
def test_a_wrong_message_is_answered_and_the_connection_lives(panel: SocketClient, text: str, code: str) -> None:
    panel.send(TextMessage(text))
    assert answer(panel)["error"]["code"] == code
    ask(panel, "status", "a1")
    assert answer(panel)["ok"]


def test_a_message_may_come_in_pieces(panel: SocketClient) -> None:
    text = json.dumps({"schema": 1, "id": "ä€", "verb": "status", "arguments": {}}, ensure_ascii=False)
    for char in text[:-1]:
        panel.send(TextMessage(char, message_finished=False))
    panel.send(TextMessage(text[-1]))
    assert answer(panel)["id"] == "ä€"


def test_pings_are_answered(panel: SocketClient) -> None:
    panel.send(Ping(b"there?"))
    assert panel.next_event() == Pong(b"there?")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ([BytesMessage(b"{}")], 1003),
        ([TextMessage("x" * (MOST_BYTES + 1))], 1009),
        ([TextMessage("x" * 60_000, message_finished=False)] * 5, 1009),
    ],
)
def test_what_is_no_message_of_ours_closes_the_connection(
    engine: Engine, panel: SocketClient, sent: list[TextMessage | BytesMessage], code: int
) -> None:
    for event in sent:
        panel.send(event)
    closed = panel.next_event()
    assert isinstance(closed, CloseConnection) and closed.code == code
    again = SocketClient(engine.endpoint)
    assert again.is_open
    again.close()


def test_frames_that_break_the_protocol_close_the_connection(engine: Engine, panel: SocketClient) -> None:
    panel.socket.sendall(b"\x81\x02{}")  # Not masked, as a client's must be.
    closed = panel.next_event()
    assert isinstance(closed, CloseConnection) and closed.code == 1002


def test_a_panel_that_says_goodbye_is_answered(panel: SocketClient) -> None:
    panel.send(CloseConnection(1000))
    closed = panel.next_event()
    assert isinstance(closed, CloseConnection) and closed.code == 1000


def test_a_panel_that_does_not_answer_a_ping_is_let_go(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "PING_S", 0.2)
    client = SocketClient(engine.endpoint)
    assert isinstance(client.next_event(), Ping)
    closed = client.next_event()
    assert isinstance(closed, CloseConnection) and closed.code == 1001
    client.close()


def test_a_panel_that_answers_pings_stays(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "PING_S", 0.2)
    client = SocketClient(engine.endpoint)
    for _ in range(4):
        ping = client.next_event()
        assert isinstance(ping, Ping)
        client.send(ping.response())
    ask(client, "status", "a1")
    event = client.next_event()
    while isinstance(event, Ping):  # The next one may be on its way before the answer is.
        client.send(event.response())
        event = client.next_event()
    assert isinstance(event, TextMessage) and json.loads(event.data)["ok"]
    client.close()


def test_a_message_that_trickles_in_is_cut_off(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("needledrop.bridge.refusals.WHOLE_REQUEST_S", 0.5)
    client = SocketClient(engine.endpoint)
    client.send(TextMessage('{"schema"', message_finished=False))
    closed = client.next_event()
    assert isinstance(closed, CloseConnection) and closed.code == 1001
    client.close()


def test_its_end_is_told_to_open_panels(engine: Engine, panel: SocketClient) -> None:
    engine.close()
    closed = panel.next_event()
    assert isinstance(closed, CloseConnection) and closed.code == 1001


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        ("wrong", [], 401),
        ("", [], 401),
        (None, [(b"Origin", b"https://evil.example")], 403),
        (None, [(b"Origin", b"null")], 403),
        (None, [(b"Origin", b"http://127.0.0.1:8000")], 403),
        ("", [(b"Authorization", b"Bearer wrong")], 401),
    ],
)
def test_strangers_and_web_pages_get_no_socket(
    engine: Engine, token: str | None, headers: list[tuple[bytes, bytes]], status: int
) -> None:
    client = SocketClient(engine.endpoint, token=token, headers=headers)
    assert isinstance(client.handshake, RejectConnection) and client.handshake.status_code == status
    client.close()


def test_the_token_may_come_as_a_header(engine: Engine) -> None:
    header = (b"Authorization", f"Bearer {engine.endpoint.token}".encode())
    client = SocketClient(engine.endpoint, token="", headers=[header])
    assert client.is_open
    client.close()
