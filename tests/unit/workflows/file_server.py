# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server of files on this machine's own loopback, which can do what servers do wrong."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Served:
    """One file. broken_after: bytes sent before the connection ends; has_ranges: whether it goes on where asked."""

    data: bytes
    broken_after: int | None = None
    has_ranges: bool = True
    has_length: bool = True
    status: int = 200
    location: str = ""


@dataclass
class FileServer:
    """Files by path, and what was asked for: path and Range."""

    files: dict[str, Served] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""

    def url(self, path: str) -> str:
        return f"{self.address}/{path}"


@contextmanager
def file_server() -> Iterator[FileServer]:
    """Serve until the end of the block."""
    state = FileServer()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            state.asked.append((self.path.lstrip("/"), asked))
            served = state.files.get(self.path.lstrip("/"))
            if served is None:
                self.send_error(404)
                return
            answer(self, served, asked)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer(handler: http.server.BaseHTTPRequestHandler, served: Served, asked: str) -> None:
    start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and served.has_ranges else 0
    if served.status != 200:
        handler.send_response(served.status)
        if served.location:
            handler.send_header("Location", served.location)
        handler.end_headers()
        return
    if start >= len(served.data) > 0:
        handler.send_response(416)
        handler.send_header("Content-Range", f"bytes */{len(served.data)}")
        handler.end_headers()
        return
    body = served.data[start:]
    handler.send_response(206 if start else 200)
    if start:
        handler.send_header("Content-Range", f"bytes {start}-{len(served.data) - 1}/{len(served.data)}")
    if served.has_length:
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body if served.broken_after is None else body[: served.broken_after])
