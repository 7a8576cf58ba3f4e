# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Talks to Needledrop over loopback HTTP (plugin protocol 1), and starts it where it does not run.

Blocks: call it from a thread. Knows nothing of Blender, and opens no connection but to 127.0.0.1.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA = 1
INSTALL_FILE = "needledrop_install.json"
# Baking a cue of an hour takes most of a minute.
ANSWER_TIMEOUT_S = 120.0
START_TIMEOUT_S = 10.0
LOOK_EVERY_S = 0.1
BUSY_WAIT_S = 1.0
BUSY_TRIES = 20
_LARGEST_FILE = 65_536


class BridgeError(Exception):
    """What went wrong, as the user shall read it."""

    def __init__(self, code: str, sentence: str, remedy: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.remedy = remedy


@dataclass(frozen=True)
class Installation:
    """Where Needledrop's bridge folder is, and the command that starts it."""

    bridge_dir: Path
    launch: tuple[str, ...]

    @property
    def handover_dir(self) -> Path:
        """Where plugins put the timelines they ask about."""
        return self.bridge_dir / "exports"


def read_installation(path: Path) -> Installation:
    """What `needledrop plugin install blender` wrote beside the add-on.

    Raises:
        BridgeError: "not-installed", where it is not there or says something else.
    """
    found = _read_json(path)
    folder, launch = found.get("bridge_dir"), found.get("launch")
    is_command = isinstance(launch, list) and launch and all(isinstance(part, str) for part in launch)
    if found.get("schema") != SCHEMA or not isinstance(folder, str) or not is_command:
        raise BridgeError(
            "not-installed",
            f"{path} does not say where Needledrop is.",
            "Run `needledrop plugin install blender`, or choose the file it wrote in the add-on's preferences.",
        )
    return Installation(Path(folder), tuple(launch))


class Bridge:
    """The engine of one profile. Port and token are read anew for each question: they change when it starts."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def ask(self, verb: str, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The result of a verb.

        Raises:
            BridgeError: the engine's own code and words; "not-running" where nobody answers.
        """
        for _ in range(BUSY_TRIES):
            try:
                return self._ask_once(verb, arguments or {})
            except BridgeError as error:
                if error.code != "busy":
                    raise
            time.sleep(BUSY_WAIT_S)
        return self._ask_once(verb, arguments or {})

    def start(self) -> None:
        """Make sure that the engine answers.

        Raises:
            BridgeError: "not-running", where it cannot be started or does not answer in ten seconds.
        """
        if self._answers():
            return
        _launch(self._installation.launch)
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._answers():
                return
            time.sleep(LOOK_EVERY_S)
        raise _not_running("Needledrop was started and does not answer.")

    def _answers(self) -> bool:
        try:
            self._ask_once("status", {})
        except BridgeError as error:
            return error.code not in {"not-running", "unauthorised"}
        return True

    def _ask_once(self, verb: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        endpoint = _read_json(self._installation.bridge_dir / "endpoint.json")
        port, token = endpoint.get("port"), endpoint.get("token")
        if not isinstance(port, int) or not isinstance(token, str):
            raise _not_running("Needledrop is not running.")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_TIMEOUT_S)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            connection.request("POST", f"/v1/{verb}", json.dumps(arguments).encode(), headers)
            answer = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _not_running("Needledrop does not answer.") from error
        finally:
            connection.close()
        return _result(answer)


def _result(answer: Any) -> dict[str, Any]:
    if isinstance(answer, dict) and answer.get("ok") is True and isinstance(answer.get("result"), dict):
        return dict(answer["result"])
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        raise BridgeError("unsupported-schema", "Needledrop answered something that this add-on does not understand.")
    words = [str(error.get(key) or "") for key in ("code", "sentence", "remedy")]
    raise BridgeError(words[0], words[1] or "Needledrop refused.", words[2])


def _not_running(sentence: str) -> BridgeError:
    return BridgeError("not-running", sentence, "Open Needledrop, then try again.")


def _read_json(path: Path) -> dict[str, Any]:
    """What a small file says; nothing where it is not there or damaged."""
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_LARGEST_FILE))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _launch(command: Sequence[str]) -> None:
    # Blender's own Python leaves its home in the environment, where another Python would find the wrong library.
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "PYTHONPATH"}}
    detached: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        detached = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    silent = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        engine = subprocess.Popen(command, env=environment, **silent, **detached)
    except OSError as error:
        raise _not_running(f"{command[0]} could not be started: {error.strerror or error}.") from error
    # It outlives the search, and somebody has to take note of its end.
    threading.Thread(target=engine.wait, name="needledrop engine", daemon=True).start()
