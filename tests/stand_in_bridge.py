# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine that answers plugins as docs/plugin-protocol.md says, with what a test tells it. Real sockets, no music."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TOKEN = "a-token-of-the-test"
Answer = Callable[[dict[str, Any]], dict[str, Any]]


class Refusal(Exception):
    """Raised by an answer: the engine refuses with this code."""

    def __init__(self, code: str, sentence: str = "It cannot be.", remedy: str = "Do otherwise.") -> None:
        super().__init__(sentence)
        self.error = {"code": code, "sentence": sentence, "remedy": remedy}


class StandInBridge:
    """Serves verbs on a free port of 127.0.0.1 while it is entered, and says so in `bridge_dir`.

    Attributes:
        asked: What was asked, in order: (verb, arguments).
        install_file: What the installer writes beside a plugin.
    """

    def __init__(self, folder: Path, verbs: Mapping[str, Answer]) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.bridge_dir = folder / "bridge"
        self.install_file = folder / "needledrop_install.json"
        self._verbs = {"status": lambda _: {"version": "0", "tracks": 3, "jobs": []}, **verbs}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    def __enter__(self) -> StandInBridge:
        self.bridge_dir.mkdir(parents=True, exist_ok=True)
        install = {"schema": 1, "bridge_dir": str(self.bridge_dir), "launch": ["/nowhere/needledrop", "serve"]}
        self.install_file.write_text(json.dumps(install))
        endpoint = {"schema": 1, "port": self._server.server_port, "token": TOKEN, "pid": 1, "version": "0"}
        (self.bridge_dir / "endpoint.json").write_text(json.dumps(endpoint))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def arguments_of(self, verb: str) -> list[dict[str, Any]]:
        """What was asked of one verb."""
        return [arguments for asked, arguments in self.asked if asked == verb]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        bridge = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, answer = bridge._answer(self.path, self.headers.get("Authorization"), body)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """Tests are silent."""

        return Handler

    def _answer(self, path: str, authorization: str | None, body: bytes) -> tuple[int, dict[str, Any]]:
        verb = path.removeprefix("/v1/")
        try:
            if authorization != f"Bearer {TOKEN}":
                raise Refusal("unauthorised")
            if verb not in self._verbs:
                raise Refusal("unknown-verb")
            arguments = json.loads(body or b"{}")
            self.asked.append((verb, arguments))
            return 200, {"schema": 1, "ok": True, "result": self._verbs[verb](arguments)}
        except Refusal as refusal:
            return 409, {"schema": 1, "ok": False, "error": refusal.error}


def suggestion(number: int, start_s: float, end_s: float, title: str = "Tide") -> dict[str, Any]:
    """An entry of a list."""
    return {
        "number": number, "title": title, "artist": "Ana", "bpm": 92.0, "key": "D min", "duration_s": 203.1,
        "licence": "CC-BY-4.0", "match": 0.81, "reasons": ["8 of 9 cuts fall on a beat."], "warnings": [],
        "start_s": start_s, "end_s": end_s, "track_in_s": 3.0, "gain_db": -6.5, "fade_in_s": 0.0, "fade_out_s": 2.0,
    }  # fmt: skip
