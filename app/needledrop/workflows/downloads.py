# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One file over https to a temporary name, going on where an interrupted download stopped.

Only what the user said yes to is ever asked for. What arrives is not trusted here: the caller checks its SHA-256.
"""

from __future__ import annotations

import errno
import http.client
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch

TIMEOUT_S = 30.0
_CHUNK_BYTES = 1 << 18
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# A quota and the largest file a FAT volume allows are a full disk to the user.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def download(url: str, part: Path, progress: ProgressSink, cancel: CancelToken) -> None:
    """Bring `part` to the whole of what `url` serves; what it holds already is not asked for again.

    On any interruption `part` stays, and the next call goes on from there.

    Raises:
        Cancelled. KnownError: "network": no connection, a refusal, or the connection broke; "missing": nothing there;
            "disk-full", "unwritable".
    """
    _require_https(url)
    name = urlsplit(url).path.rpartition("/")[2]
    held = part.stat().st_size if part.is_file() else 0
    try:
        with _opened(url, held) as answer:
            start, total = _extent(answer, held)
            _receive(answer, part, start, total, Progress(f"Fetching {name}", start, total, 0.0), progress, cancel)
    except _AllHeld:
        return
    except (OSError, http.client.HTTPException) as error:
        raise _translated(error, url, part) from error


class _AllHeld(Exception):
    """The server has nothing beyond what is held."""


def _opened(url: str, held: int) -> Any:
    import urllib.error
    import urllib.request

    headers = {"User-Agent": "needledrop", "Accept-Encoding": "identity"}
    if held:
        headers["Range"] = f"bytes={held}-"
    opener = urllib.request.build_opener(_redirects())
    try:
        return opener.open(urllib.request.Request(url, headers=headers), timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and error.headers.get("Content-Range") == f"bytes */{held}":
            raise _AllHeld from error
        if error.code == 416:  # What is held is no beginning of what is served now.
            return _opened(url, 0)
        raise


def _redirects() -> Any:
    import urllib.request

    class HttpsOnly(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
            _require_https(newurl)
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    return HttpsOnly()


def _extent(answer: Any, held: int) -> tuple[int, int | None]:
    """Where what is served begins, and how long the whole is. A server that knows no ranges begins anew."""
    headers: Mapping[str, str] = answer.headers
    if answer.status == 206:
        match = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", headers.get("Content-Range", ""))
        if match is None or int(match[1]) != held:
            raise http.client.HTTPException(f"asked from {held}, got {headers.get('Content-Range')}")
        return held, int(match[2])
    length = headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else None


def _receive(
    answer: Any, part: Path, start: int, total: int | None, first: Progress, progress: ProgressSink, cancel: CancelToken
) -> None:
    watch = Stopwatch()
    done = start
    with part.open("ab" if start else "wb") as file:
        for chunk in iter(_reader(answer), b""):
            cancel.check()
            _store(file, chunk)
            done += len(chunk)
            progress(Progress(first.label, done, total, watch.elapsed_s))
    if total is not None and done < total:
        raise http.client.IncompleteRead(b"", total - done)


def _reader(answer: Any) -> Callable[[], bytes]:
    return lambda: answer.read(_CHUNK_BYTES)


def _store(file: IO[bytes], chunk: bytes) -> None:
    file.write(chunk)
    file.flush()  # So that a kill loses nothing that has arrived.


def _require_https(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise KnownError(
            f"'{url}' is no address that models are fetched from.",
            remedy="Only https is. Fetch the file yourself, and use --from-file.",
            code="network",
        )


def _translated(error: Exception, url: str, part: Path) -> KnownError:
    import urllib.error

    host, cause = urlsplit(url).hostname, repr(error)
    if isinstance(error, urllib.error.HTTPError):
        if error.code in (404, 410):
            sentence, remedy = f"There is no file at {url} any more.", "Get it elsewhere, and use --from-file."
            return KnownError(sentence, remedy=remedy, cause=cause, code="missing")
        sentence = f"{host} refused to send the file ({error.code})."
        return KnownError(sentence, remedy="Try again later, or use --from-file.", cause=cause, code="network")
    if isinstance(error, http.client.HTTPException | urllib.error.URLError | TimeoutError | ConnectionError):
        arrived = "" if not part.is_file() else f" {part.stat().st_size:,} bytes are kept."
        return KnownError(
            f"The connection to {host} failed or broke off.{arrived}",
            remedy="Run it again: it goes on from there. Without a network, use --from-file.",
            cause=cause,
            code="network",
        )
    return disk_error(error, part)


def disk_error(error: Exception, path: Path) -> KnownError:
    """The sentence for a file of a model that could not be written."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return KnownError(
            f"The disk is full: {display_path(path)} cannot be written.",
            remedy="Free some space and run it again: it goes on from there.",
            cause=repr(error),
            code="disk-full",
        )
    return KnownError(
        f"{display_path(path)} cannot be written.",
        remedy="Check that its folder can be written.",
        cause=repr(error),
        code="unwritable",
    )
