# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bridge refuses, in sentences with a remedy, and the limits it keeps. Does not decide who is refused."""

from __future__ import annotations

from needledrop.core.errors import KnownError

MOST_BYTES = 256 * 1024  # Of a body, a message, a request file.
MOST_HEADER_BYTES = 16 * 1024
MOST_DEPTH = 16
MOST_PATH_CHARACTERS = 4096
MOST_CONNECTIONS = 256
MOST_OPEN_QUESTIONS = 8  # On one WebSocket.
WHOLE_REQUEST_S = 10.0
KEPT_IDLE_S = 60.0
LONGEST_WAIT_S = 20.0

_PLUGIN = "Update the plugin: needledrop plugin update."


def bad_request(sentence: str) -> KnownError:
    """A question that is wrong in itself."""
    return KnownError(sentence, remedy=_PLUGIN, code="bad-request")


def bad_path(sentence: str, remedy: str) -> KnownError:
    """A path that is not taken, whatever lies there."""
    return KnownError(sentence, remedy=remedy, code="bad-path")


def too_large() -> KnownError:
    """More bytes than are read."""
    return KnownError(f"The request is larger than {MOST_BYTES // 1024} KiB.", remedy=_PLUGIN, code="too-large")


def too_slow() -> KnownError:
    """A request that does not arrive."""
    return KnownError(f"The request did not arrive within {WHOLE_REQUEST_S:g} s.", remedy="Ask again.", code="too-slow")


def unauthorised() -> KnownError:
    """No token, or not the one of this engine."""
    return KnownError(
        "The token is missing or not the one of this engine.",
        remedy="Read endpoint.json again; it changes each time Needledrop starts.",
        code="unauthorised",
    )


def forbidden() -> KnownError:
    """A web page asks, or something that came here by another name."""
    return KnownError(
        "Only plugins of editors on this machine are served, not web pages and not other host names.",
        remedy="Connect to 127.0.0.1 with the port in endpoint.json.",
        code="forbidden",
    )


def unknown_verb(verb: str) -> KnownError:
    """A verb of a newer protocol, or none at all."""
    return KnownError(
        f"There is no verb '{verb[:40]}'.", remedy="Update Needledrop, or the plugin.", code="unknown-verb"
    )


def unsupported_schema() -> KnownError:
    """A question in another version of the protocol."""
    return KnownError(
        "This engine speaks version 1 of the protocol.",
        remedy="Update Needledrop, or the plugin.",
        code="unsupported-schema",
    )


def busy() -> KnownError:
    """More at once than is served."""
    return KnownError("Too much is asked at once.", remedy="Try again in a second.", code="busy")


def bug() -> KnownError:
    """Ours; the log has it."""
    return KnownError("Needledrop failed on this.", remedy="Please report it with its log.", code="bug")


HTTP_STATUS = {
    "bad-request": 400, "bad-path": 400, "unsupported-schema": 400, "unauthorised": 401, "forbidden": 403,
    "unknown-verb": 404, "too-slow": 408, "too-large": 413, "busy": 503, "bug": 500,
}  # fmt: skip
OTHER_STATUS = 409  # The world refuses.
