# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP as plugins speak it: kept connections, chunks, statuses."""

from __future__ import annotations

import json

import pytest

from needledrop.bridge.engine import Engine
from unit.bridge.plugin_client import PluginClient, talk


def request(engine: Engine, *lines: str, body: bytes = b"", path: str = "/v1/status", close: bool = True) -> bytes:
    """A request with the token, as bytes."""
    head = [
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{engine.endpoint.port}",
        f"Authorization: Bearer {engine.endpoint.token}",
        *lines,
        *(["Connection: close"] if close else []),
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def answers(received: bytes) -> list[tuple[int, dict[str, object]]]:
    """Statuses and answers of the responses in some bytes."""
    found = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
        found.append((status, json.loads(rest[:length]) if length else {}))
        received = rest[length:]
    return found


def test_a_connection_is_kept_for_many_questions(plugin: PluginClient) -> None:
    for _ in range(20):
        assert plugin.result("status")["tracks"] == 0
    assert plugin.ask("shutdown")["error"]["code"] == "unknown-verb"
    assert plugin.ask("status")["ok"]


def test_a_body_may_come_in_chunks(engine: Engine) -> None:
    received = talk(
        engine.endpoint, request(engine, "Transfer-Encoding: chunked", body=b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")
    )
    assert [status for status, _ in answers(received)] == [200]


def test_it_says_go_on_to_those_who_wait_for_it(engine: Engine) -> None:
    received = talk(engine.endpoint, request(engine, "Expect: 100-continue", "Content-Length: 2", body=b"{}"))
    assert [status for status, _ in answers(received)][-1] == 200


def test_questions_sent_at_once_are_answered_in_order(engine: Engine) -> None:
    first = request(engine, close=False, path="/v1/status")
    received = talk(engine.endpoint, first + request(engine, close=False, path="/v1/none") + request(engine))
    assert [status for status, _ in answers(received)] == [200, 404, 200]


def test_who_closes_their_half_still_gets_the_answer(engine: Engine) -> None:
    received = talk(engine.endpoint, request(engine, close=False), is_half_closed=True)
    assert [status for status, _ in answers(received)] == [200]


@pytest.mark.parametrize(
    ("path", "method", "status", "code"),
    [
        ("/v1/status", "GET", 405, "bad-request"),
        ("/v1/status", "DELETE", 405, "bad-request"),
        ("/", "POST", 404, "unknown-verb"),
        ("/v2/status", "POST", 404, "unknown-verb"),
        ("/v1/status?x=1", "POST", 404, "unknown-verb"),
        ("/v1/ws", "POST", 404, "unknown-verb"),
        ("/v1/%73tatus", "POST", 404, "unknown-verb"),
    ],
)
def test_only_a_verb_by_post_is_answered(plugin: PluginClient, path: str, method: str, status: int, code: str) -> None:
    found, answer = plugin.send(path, method=method)
    assert (found, answer["error"]["code"]) == (status, code)


@pytest.mark.parametrize(("token", "status"), [(True, 405), (False, 401)])
def test_who_asks_for_a_head_gets_a_head(engine: Engine, token: bool, status: int) -> None:
    known = f"Authorization: Bearer {engine.endpoint.token}\r\n" if token else ""
    host = f"Host: 127.0.0.1:{engine.endpoint.port}\r\n"
    received = talk(engine.endpoint, f"HEAD /v1/status HTTP/1.1\r\n{host}{known}Connection: close\r\n\r\n".encode())
    head, _, rest = received.partition(b"\r\n\r\n")
    assert (int(head.split()[1]), rest) == (status, b"")


def test_a_handshake_that_is_none_is_refused_whatever_its_bytes(engine: Engine) -> None:
    host = f"Host: 127.0.0.1:{engine.endpoint.port}\r\nAuthorization: Bearer {engine.endpoint.token}\r\n"
    asked = f"GET /v1/ws HTTP/1.1\r\n{host}Upgrade: websocket\r\nConnection: upgr\xe9de\r\n\r\n".encode("latin-1")
    assert [status for status, _ in answers(talk(engine.endpoint, asked))] == [400]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1"])
@pytest.mark.parametrize("origin", [None, "file://", "uxp://org.needledrop.panel"])
def test_own_names_and_panels_are_served(engine: Engine, plugin: PluginClient, host: str, origin: str | None) -> None:
    headers = {"Host": f"{host}:{engine.endpoint.port}", "Authorization": f"bearer {engine.endpoint.token}"}
    status, _ = plugin.send("/v1/status", headers=headers | ({"Origin": origin} if origin else {}))
    assert status == 200


def test_what_the_world_refuses_is_409_with_its_reason(plugin: PluginClient) -> None:
    status, answer = plugin.send("/v1/suggest", b'{"media": "/nowhere/film.mp4"}')
    assert status == 409
    assert answer["error"]["code"] == "missing" and "/nowhere/film.mp4" in answer["error"]["sentence"]
    assert plugin.send("/v1/list", b'{"job": "j-0123456789abcdef"}')[1]["error"]["code"] == "no-job"
