# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks Needledrop's engine over loopback HTTP (docs/plugin-protocol.md), and starts it where it does not run.

Standard library only, Python 3.8 or later, and nothing of Needledrop's own code.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

INSTALL_FILE = "needledrop_install.json"
ANSWER_S = 120.0
START_S = 20.0
LOOK_S = 0.1
LOOPBACK = "127.0.0.1"


class BridgeError(Exception):
    """What went wrong, and what to do about it; `code` as in the protocol."""

    def __init__(self, sentence: str, remedy: str = "", code: str = "no-engine") -> None:
        super().__init__(f"{sentence} {remedy}".strip())
        self.code = code


class Bridge:
    """The engine of the profile that the plugin was installed by."""

    def __init__(self, folder: Path) -> None:
        try:
            self._facts = json.loads((folder / INSTALL_FILE).read_text(encoding="utf-8"))
            folder = Path(self._facts["bridge_dir"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BridgeError(
                f"{INSTALL_FILE} is missing beside this script.", "Run: needledrop plugin install HOST"
            ) from error
        self._endpoint = folder / "endpoint.json"
        self.exports = folder / "exports"

    def ask(self, verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The result of a verb.

        Raises:
            BridgeError: the engine refused, or cannot be reached or started.
        """
        try:
            return self._asked(verb, arguments)
        except OSError:
            self._start()
        try:
            return self._asked(verb, arguments)
        except OSError as error:
            raise BridgeError("Needledrop stopped answering.", "Start it again, then try again.") from error

    def _asked(self, verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """An OSError also where somebody else has the port by now that a crashed engine has left behind."""
        endpoint = self._read_endpoint()
        connection = http.client.HTTPConnection(LOOPBACK, endpoint["port"], timeout=ANSWER_S)
        headers = {"Authorization": f"Bearer {endpoint['token']}", "Content-Type": "application/json"}
        try:
            connection.request("POST", f"/v1/{verb}", json.dumps(arguments), headers)
            answer = dict(json.loads(connection.getresponse().read()))
        except (http.client.HTTPException, ValueError, TypeError) as error:
            raise ConnectionRefusedError from error
        finally:
            connection.close()
        if answer.get("ok"):
            return dict(answer["result"])
        refusal = answer.get("error", {})
        if refusal.get("code") == "unauthorised":
            raise ConnectionRefusedError
        raise BridgeError(
            refusal.get("sentence", "Needledrop refused."), refusal.get("remedy", ""), refusal.get("code", "")
        )

    def _read_endpoint(self) -> dict[str, Any]:
        """An OSError where no engine has said how it is reached, as where none listens."""
        try:
            return dict(json.loads(self._endpoint.read_text(encoding="utf-8")))
        except ValueError as error:
            raise ConnectionRefusedError from error

    def _start(self) -> None:
        detached: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":  # There it would share this terminal, and end with it.
            detached = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
        try:
            subprocess.Popen(
                self._facts["launch"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                **detached,
            )  # fmt: skip
        except OSError as error:
            raise BridgeError(
                "Needledrop could not be started.", "Run again: needledrop plugin install HOST"
            ) from error
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            time.sleep(LOOK_S)
            try:
                self._asked("status", {})
            except OSError:
                continue
            return
        raise BridgeError("Needledrop was started and does not answer.", "Start it by hand, then try again.")
