# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A question in, an answer out: checks the arguments, asks the session, writes the line of the log.

The three ways in (HTTP, WebSocket, request files) all come here. Runs on the engine's event loop, which nothing may
hold up: verbs run on threads.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from needledrop.bridge import refusals
from needledrop.bridge.audit import AuditLog
from needledrop.bridge.folder import SCHEMA
from needledrop.bridge.questions import QUESTION_ID, VERBS, checked
from needledrop.core import log
from needledrop.core.errors import Cancelled, KnownError
from needledrop.workflows.editor_jobs import EditorQuestion
from needledrop.workflows.editor_session import EditorSession

Answer = dict[str, Any]
_QUICK = frozenset({"status", "list", "cancel"})


class Answering:
    """What all ways in share: the session, its threads, the log, and when it was last asked something."""

    def __init__(self, session: EditorSession, audit: AuditLog) -> None:
        self._session = session
        self._audit = audit
        # Baking and slow drives must not keep a status waiting.
        self._quick = ThreadPoolExecutor(2, thread_name_prefix="bridge-quick")
        self._slow = ThreadPoolExecutor(4, thread_name_prefix="bridge-slow")
        self._verbs: Mapping[str, Callable[[dict[str, Any]], Answer]] = {
            "status": lambda given: session.status(),
            "suggest": lambda given: session.suggest(_question(given)),
            "list": lambda given: session.listed(given["job"]),
            "audition": lambda given: session.audition(given["job"], given["number"]),
            "use": lambda given: session.use(given["job"], given["number"], given["folder"]),
            "cancel": lambda given: session.cancel(given["job"]),
        }
        self.asked_at = time.monotonic()

    async def answer(self, way: str, verb: str, arguments: object) -> Answer:
        """What the verb says, or why it does not; never raises but when its task is cancelled."""
        begun = self.asked_at = time.monotonic()
        known = verb if verb in VERBS else "-"
        outcome = "gone"  # Whoever asked went away meanwhile.
        try:
            answer = {"schema": SCHEMA, "ok": True, "result": await self._result(verb, arguments)}
            outcome = "ok"
        except KnownError as error:
            answer, outcome = failure(error), error.code
        except Cancelled:  # A session that is being closed.
            answer, outcome = failure(refusals.busy()), "busy"
        except Exception:
            log.suggest.exception("a bug of ours in the bridge, verb %s", known)
            answer, outcome = failure(refusals.bug()), "bug"
        finally:
            self._audit.note(way, known, outcome, time.monotonic() - begun)
        return answer

    async def answer_message(self, way: str, message: Mapping[str, Any]) -> Answer:
        """The answer to a question that says its own schema, id and verb, as messages and files do."""
        try:
            question_id, verb, arguments = _message(message)
        except KnownError as error:
            return self.refuse(way, error)
        answer = await self.answer(way, verb, arguments)
        return {"schema": SCHEMA, "id": question_id, **answer} if question_id is not None else answer

    def refuse(self, way: str, error: KnownError) -> Answer:
        """An answer to what never became a question, and its line in the log."""
        self._audit.note(way, "-", error.code, 0.0)
        return failure(error)

    def close(self) -> None:
        """Let go of the threads; what they do still ends."""
        self._quick.shutdown(wait=True, cancel_futures=True)
        self._slow.shutdown(wait=True, cancel_futures=True)

    async def _result(self, verb: str, arguments: object) -> Answer:
        loop = asyncio.get_running_loop()
        threads = self._quick if verb in _QUICK else self._slow
        given = await loop.run_in_executor(threads, checked, verb, arguments)
        if given.get("wait_s"):
            ended = asyncio.wrap_future(self._session.ended(given["job"]))
            await asyncio.wait([asyncio.shield(ended)], timeout=given["wait_s"])
        return await loop.run_in_executor(threads, self._verbs[verb], given)


def failure(error: KnownError) -> Answer:
    """A known error as an answer."""
    facts = {"code": error.code, "sentence": error.sentence, "remedy": error.remedy}
    return {"schema": SCHEMA, "ok": False, "error": facts}


def written(answer: Answer) -> bytes:
    """An answer as JSON; names that are no UTF-8 come through as escapes."""
    return json.dumps(answer, allow_nan=False).encode("ascii")


def _message(message: Mapping[str, Any]) -> tuple[str | None, str, object]:
    if message.get("schema") != SCHEMA or isinstance(message["schema"], bool):
        raise refusals.unsupported_schema()
    question_id, verb = message.get("id"), message.get("verb")
    if question_id is not None and not (isinstance(question_id, str) and QUESTION_ID.fullmatch(question_id)):
        raise refusals.bad_request("'id' is no text of 1 to 64 characters.")
    if not isinstance(verb, str):
        raise refusals.bad_request("'verb' is no text.")
    return question_id, verb, message.get("arguments", {})


def _question(given: dict[str, Any]) -> EditorQuestion:
    return EditorQuestion(
        path=given["media"] or given["project"],
        in_s=given["in_s"],
        out_s=given["out_s"],
        frame_rate=given["frame_rate"],
        count=given["count"],
        text=given["text"],
        like=given["like"],
        project_key=given["project_key"],
    )
