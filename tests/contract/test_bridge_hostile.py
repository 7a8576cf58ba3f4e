# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever means ill, or is broken, at the bridge: a clear refusal, and the next plugin is served."""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wsproto.events import CloseConnection, TextMessage

from needledrop.bridge import refusals
from needledrop.bridge.engine import Engine
from needledrop.bridge.questions import VERBS
from needledrop.core.paths import Profile
from unit.bridge.plugin_client import PATIENCE_S, PluginClient, SocketClient, ask_by_file, talk

MANY = 200
KNOWN = {
    "bad-request", "bad-path", "unauthorised", "forbidden", "unknown-verb", "unsupported-schema", "too-large",
    "too-slow", "busy", "no-job", "no-entry", "not-ready", "missing",
}  # fmt: skip

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=15,
)
argument_names = st.sampled_from(sorted({name for known in VERBS.values() for name in known})) | st.text(max_size=10)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One engine for all of them: whatever one test does to it, the next one needs it."""
    engine = Engine.start(Profile.at(tmp_path_factory.mktemp("bridge")))
    yield engine
    engine.close()


@pytest.fixture(autouse=True)
def lives_on(engine: Engine) -> Iterator[None]:
    """After each test a well-behaved plugin is answered."""
    yield
    with PluginClient(engine.endpoint) as plugin:
        assert plugin.ask("status")["ok"]
    panel = SocketClient(engine.endpoint)
    assert panel.is_open
    panel.close()


def head(engine: Engine, *lines: str, path: str = "/v1/status") -> bytes:
    """The head of a request with a right Host; the rest is said by the test."""
    said = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{engine.endpoint.port}", *lines]
    return "\r\n".join(said).encode() + b"\r\n\r\n"


def token(engine: Engine) -> str:
    return f"Authorization: Bearer {engine.endpoint.token}"


def refusal(received: bytes) -> tuple[int, dict[str, Any]]:
    """Status and error of the only response."""
    first, _, body = received.partition(b"\r\n\r\n")
    answer = json.loads(body)
    assert answer["ok"] is False and answer["error"]["sentence"] and answer["error"]["remedy"]
    return int(first.split()[1]), answer["error"]


def test_garbage(engine: Engine) -> None:
    rng = random.Random(7)
    for length in (1, 10, 1000, 100_000):
        received = talk(engine.endpoint, rng.randbytes(length) + b"\r\n\r\n", is_half_closed=True)
        if received:
            assert refusal(received)[1]["code"] == "bad-request"
    for content in (b"\r\n" * 1000, b"\0" * 5000, b"GET / HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
        received = talk(engine.endpoint, content, is_half_closed=True)
        if received:
            assert refusal(received)[1]["code"] in {"bad-request", "forbidden"}


def test_a_client_hello_of_tls(engine: Engine) -> None:
    hello = bytes.fromhex("16030100c8010000c40303") + bytes(189)
    received = talk(engine.endpoint, hello, is_half_closed=True)
    assert not received or refusal(received)[1]["code"] == "bad-request"


def test_a_head_without_end(engine: Engine) -> None:
    received = talk(engine.endpoint, head(engine, "X-Long: " + "x" * 200_000))
    assert not received or refusal(received)[1]["code"] == "bad-request"
    received = talk(engine.endpoint, head(engine, *(f"X-{number}: x" for number in range(3000))))
    assert not received or refusal(received)[1]["code"] == "bad-request"


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: -1"],
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: " + "9" * 30],
        ["Transfer-Encoding: chunked, gzip"],
        ["Content-Length: 5", "Transfer-Encoding: gzip"],
        ["Bad Header: x"],
        ["X: a\x00b"],
    ],
)
def test_broken_heads(engine: Engine, lines: list[str]) -> None:
    status, error = refusal(talk(engine.endpoint, head(engine, token(engine), *lines) + b"{}"))
    assert (status, error["code"]) == (400, "bad-request")


def test_two_ways_to_say_a_length_are_never_two_requests(engine: Engine) -> None:
    smuggled = head(engine, token(engine), path="/v1/status")
    received = talk(
        engine.endpoint,
        head(
            engine, token(engine), "Transfer-Encoding: chunked", f"Content-Length: {len(smuggled)}", "Connection: close"
        )
        + b"0\r\n\r\n"
        + smuggled,
    )
    assert received.count(b"HTTP/1.1 ") == 1


def test_huge_bodies_are_not_read(engine: Engine) -> None:
    status, error = refusal(talk(engine.endpoint, head(engine, token(engine), "Content-Length: 10000000000")))
    assert (status, error["code"]) == (413, "too-large")
    body = b" " * (refusals.MOST_BYTES + 1)
    status, error = refusal(talk(engine.endpoint, head(engine, token(engine), f"Content-Length: {len(body)}") + body))
    assert (status, error["code"]) == (413, "too-large")
    chunk = b"ffff\r\n" + b" " * 0xFFFF + b"\r\n"
    chunked = head(engine, token(engine), "Transfer-Encoding: chunked") + chunk * 8
    assert refusal(talk(engine.endpoint, chunked))[1]["code"] == "too-large"
    with PluginClient(engine.endpoint) as plugin:
        assert plugin.send("/v1/status", b"{" + b" " * (refusals.MOST_BYTES - 2) + b"}")[0] == 200


def test_a_body_that_is_not_read_does_not_cost_its_size(engine: Engine) -> None:
    sent = 0
    with socket.create_connection(("127.0.0.1", engine.endpoint.port), timeout=PATIENCE_S) as connection:
        connection.sendall(head(engine, token(engine), "Transfer-Encoding: chunked"))
        with pytest.raises(ConnectionError):
            while sent < 1 << 30:
                connection.sendall(b"ffff\r\n" + b" " * 0xFFFF + b"\r\n")
                sent += 0xFFFF
    assert sent < 100 << 20


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["Authorization: Bearer wrong"],
        ["Authorization: Bearer"],
        ["Authorization: Basic YTpi"],
        ["Authorization: Bearer " + "a" * 43],
        ["Authorization: Bearer \xe4\xf6"],
        ["Cookie: token=x"],
    ],
)
def test_strangers(engine: Engine, lines: list[str]) -> None:
    received = talk(engine.endpoint, head(engine, *lines, "Content-Length: 1000000"))
    status, error = refusal(received)
    assert (status, error["code"]) == (401, "unauthorised")
    assert engine.endpoint.token.encode() not in received


def test_the_token_in_the_address_counts_for_sockets_only(engine: Engine) -> None:
    received = talk(engine.endpoint, head(engine, path=f"/v1/status?token={engine.endpoint.token}"))
    assert refusal(received)[0] == 401


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:{port}",
        "127.0.0.1.evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "0.0.0.0:{port}",
        "[::1]:{port}",
        "2130706433:{port}",
        "127.0.0.1:{port}@evil.example",
        "",
    ],
)
def test_other_names_of_this_machine(engine: Engine, host: str) -> None:
    """A page of evil.example whose name was made to lead here (DNS rebinding) says where it thinks it is."""
    said = host.format(port=engine.endpoint.port)
    content = f"POST /v1/status HTTP/1.1\r\nHost: {said}\r\n{token(engine)}\r\n\r\n".encode()
    status, error = refusal(talk(engine.endpoint, content))
    assert (status, error["code"]) == (403, "forbidden")


def test_no_name_and_two_names(engine: Engine) -> None:
    bare = f"POST /v1/status HTTP/1.1\r\n{token(engine)}\r\n\r\n".encode()
    assert refusal(talk(engine.endpoint, bare))[1]["code"] == "bad-request"
    old = f"POST /v1/status HTTP/1.0\r\n{token(engine)}\r\n\r\n".encode()
    assert refusal(talk(engine.endpoint, old))[1]["code"] == "forbidden"
    twice = head(engine, "Host: evil.example", token(engine))
    assert refusal(talk(engine.endpoint, twice))[0] in {400, 403}


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://127.0.0.1:{port}", "http://localhost", "null", "file://evil.example", "", "uxp:"],
)
def test_web_pages(engine: Engine, origin: str) -> None:
    said = origin.format(port=engine.endpoint.port)
    received = talk(engine.endpoint, head(engine, token(engine), f"Origin: {said}"))
    assert refusal(received)[1]["code"] == "forbidden"
    assert b"access-control" not in received.lower()


def test_what_a_browser_asks_before_it_asks(engine: Engine) -> None:
    content = head(engine, "Origin: https://evil.example", "Access-Control-Request-Method: POST").replace(
        b"POST /", b"OPTIONS /", 1
    )
    received = talk(engine.endpoint, content)
    assert refusal(received)[0] == 403 and b"access-control" not in received.lower()


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
        b'{"count": NaN}',
        b'{"count": 1e999}',
        b'{"job": {"job": {}}}',
        b'{"media": "\\u0000"}',
        b'{"media": "/\\ud800"}',
        b"\xef\xbb\xbf{}",
        b"{}{}",
    ],
)
def test_json_that_is_none_or_means_ill(engine: Engine, body: bytes) -> None:
    with PluginClient(engine.endpoint) as plugin:
        status, answer = plugin.send("/v1/suggest", body)
        assert status == 400 and answer["error"]["code"] in {"bad-request", "bad-path"}
        assert plugin.ask("status")["ok"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    verb=st.sampled_from(sorted(VERBS)) | st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=10),
    arguments=st.dictionaries(argument_names, anything, max_size=5) | anything,
)
def test_arguments_of_every_kind(engine: Engine, verb: str, arguments: object) -> None:
    with PluginClient(engine.endpoint) as plugin:
        status, answer = plugin.send(f"/v1/{verb}", json.dumps(arguments).encode())
        assert status != 500
        assert answer["ok"] or (answer["error"]["code"] in KNOWN and answer["error"]["sentence"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(message=anything | st.fixed_dictionaries({"schema": st.just(1), "verb": anything, "id": anything}))
def test_messages_of_every_kind(engine: Engine, message: object) -> None:
    panel = SocketClient(engine.endpoint)
    panel.send(TextMessage(json.dumps(message)))
    answer = panel.next_event()
    assert isinstance(answer, TextMessage)
    found = json.loads(answer.data)
    assert found["ok"] or found["error"]["code"] in KNOWN
    panel.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frames=st.binary(min_size=2, max_size=200))
def test_frames_of_every_kind(engine: Engine, frames: bytes) -> None:
    panel = SocketClient(engine.endpoint)
    panel.socket.sendall(frames)
    panel.socket.shutdown(socket.SHUT_WR)
    received = b""
    while block := panel.socket.recv(65536):
        received += block
    panel.close()
    assert len(received) < 4096


@pytest.mark.parametrize("name", ["media", "project", "like"])
def test_tricks_with_paths(engine: Engine, tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe.otio")
    (tmp_path / "device.otio").symlink_to("/dev/zero")
    film = tmp_path / "film.mp4"
    film.write_bytes(b"x")
    others = {"media": str(film)} if name == "like" else {}
    with PluginClient(engine.endpoint) as plugin:
        for path in (
            "../../etc/passwd",
            f"{tmp_path}/../film.mp4",
            "//server/share/a.otio",
            "\\\\server\\share\\a.otio",
            str(tmp_path / "pipe.otio"),
            str(tmp_path / "device.otio"),
            "/dev/stdin",
            "/proc/self/fd",
            str(tmp_path),
        ):
            answer = plugin.ask("suggest", **others, **{name: path})
            assert answer["error"]["code"] == "bad-path" and answer["error"]["remedy"], path
        assert plugin.result("status")["jobs"] == []


def test_a_request_that_trickles_in(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "WHOLE_REQUEST_S", 0.6)
    for slow in (head(engine, token(engine)), head(engine, token(engine), "Content-Length: 100") + b" " * 100):
        with socket.create_connection(("127.0.0.1", engine.endpoint.port), timeout=PATIENCE_S) as connection:
            begun, received = time.monotonic(), b""
            connection.settimeout(0.05)
            for byte in slow[:-1]:
                try:
                    connection.sendall(bytes([byte]))
                    received += connection.recv(65536)
                    break
                except TimeoutError:
                    continue
            connection.settimeout(PATIENCE_S)
            while block := connection.recv(65536):
                received += block
        assert refusal(received)[1]["code"] == "too-slow"
        assert time.monotonic() - begun < PATIENCE_S


def test_who_says_nothing_and_who_does_not_listen(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "WHOLE_REQUEST_S", 0.5)
    with socket.create_connection(("127.0.0.1", engine.endpoint.port), timeout=PATIENCE_S) as silent:
        assert silent.recv(1) == b""
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(("127.0.0.1", engine.endpoint.port))
    deaf.settimeout(PATIENCE_S)
    body = json.dumps({"media": "/" + "x" * 4000}).encode()  # Its answer is as long.
    question = head(engine, token(engine), f"Content-Length: {len(body)}", path="/v1/suggest") + body
    with pytest.raises(ConnectionError):  # Cut off once nothing more fits in between.
        while True:
            deaf.sendall(question * 20)
    deaf.close()


def test_half_closed_and_vanished(engine: Engine) -> None:
    assert talk(engine.endpoint, b"", is_half_closed=True) == b""
    talk(engine.endpoint, b"POST /v1/status HTTP/1.1\r\nHost:", is_half_closed=True)
    talk(engine.endpoint, head(engine, token(engine), "Content-Length: 100") + b"{", is_half_closed=True)
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", engine.endpoint.port), timeout=PATIENCE_S) as connection:
            connection.sendall(head(engine, token(engine), "Content-Length: 2") + b"{}")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # A reset, no farewell.


def test_two_hundred_at_once(engine: Engine) -> None:
    together = threading.Barrier(MANY)

    def ask(_: int) -> bool:
        with PluginClient(engine.endpoint) as plugin:
            together.wait(PATIENCE_S)
            return all(plugin.ask("status")["ok"] for _ in range(3))

    with ThreadPoolExecutor(MANY) as threads:
        assert list(threads.map(ask, range(MANY))) == [True] * MANY


def test_more_than_are_served_are_told_so(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MOST_CONNECTIONS", 20)
    held = [SocketClient(engine.endpoint) for _ in range(20)]
    assert all(one.is_open for one in held)
    status, error = refusal(talk(engine.endpoint, head(engine, token(engine))))
    assert (status, error["code"]) == (503, "busy")
    for one in held:
        one.close()
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            with PluginClient(engine.endpoint) as plugin:
                if plugin.ask("status")["ok"]:
                    break
        except (http.client.HTTPException, ConnectionError):
            assert time.monotonic() < end


def test_a_panel_that_asks_too_much_at_once(engine: Engine) -> None:
    panel = SocketClient(engine.endpoint)
    for number in range(200):
        panel.send(TextMessage(json.dumps({"schema": 1, "id": str(number), "verb": "status", "arguments": {}})))
    codes = []
    while len(codes) < 200:
        answer = panel.next_event()
        assert isinstance(answer, TextMessage) and not isinstance(answer, CloseConnection)
        found = json.loads(answer.data)
        codes.append("ok" if found["ok"] else found["error"]["code"])
    assert set(codes) <= {"ok", "busy"} and "ok" in codes
    panel.close()


def test_request_files_of_every_kind(engine: Engine, tmp_path: Path) -> None:
    bridge_dir = engine.folder
    rng = random.Random(3)
    for number in range(10):
        answer = ask_by_file(bridge_dir, rng.randbytes(1000), f"garbage-{number}")
        assert answer["error"]["code"] == "bad-request"
    deep = b'{"schema":1,"id":"deep-0001","verb":"status","arguments":' + b"[" * 5000
    assert ask_by_file(bridge_dir, deep, "deep-0001")["error"]["code"] == "bad-request"
    answer = ask_by_file(bridge_dir, {"verb": "suggest", "arguments": {"media": "../film.mp4"}})
    assert answer["error"]["code"] == "bad-path"
    (bridge_dir / "requests" / "..json").write_text("{}")
    (bridge_dir / "requests" / "odd\nname.json").write_text("{}")
    assert ask_by_file(bridge_dir, {"verb": "status"})["ok"]


def test_the_log_never_has_the_token_or_a_path(engine: Engine, tmp_path: Path) -> None:
    with PluginClient(engine.endpoint) as plugin:
        plugin.ask("suggest", media=str(tmp_path / "secret.mp4"))
        plugin.send(f"/v1/{engine.endpoint.token}")
    SocketClient(engine.endpoint).close()
    logs = [path.read_text() for path in engine.folder.parent.parent.rglob("*.log*")]
    assert logs and not any(engine.endpoint.token in text or "secret" in text for text in logs)
