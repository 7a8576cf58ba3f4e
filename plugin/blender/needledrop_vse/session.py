# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One search and what came of it. The asking happens in threads; everything else in `pump`, on the caller's thread.

Knows nothing of Blender: whoever owns a session calls `pump` from a timer and draws what it says.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from .bridge import Bridge, BridgeError, Installation
from .timeline import Question

_WAIT_S = 1
_FORGETS = frozenset({"no-job", "not-running", "unauthorised"})  # An engine ends when it was idle for a while.


class State(Enum):
    """What the panel shows."""

    EMPTY = "empty"
    SEARCHING = "searching"
    LISTED = "listed"
    FAILED = "failed"


@dataclass
class Session:
    """The search that was asked for last, and what is being done with its list.

    Attributes:
        state: Of the search.
        step: What is being done, in words; empty while nothing is.
        share: How far that is, 0 to 1; None where nobody knows.
        error: Why the last thing failed; stays until the next one begins.
        suggestions, notes: As the engine gave them.
        question: What the list answers.
    """

    state: State = State.EMPTY
    step: str = ""
    share: float | None = None
    error: BridgeError | None = None
    suggestions: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    question: Question | None = None
    _bridge: Bridge | None = None
    _job: str = ""
    _search: int = 0
    _running: int = 0
    _done: queue.SimpleQueue[Callable[[], None]] = field(default_factory=queue.SimpleQueue)

    @property
    def is_busy(self) -> bool:
        """Whether a thread still asks, or its answer was not taken yet."""
        return self._running > 0

    def pump(self) -> None:
        """Take what the threads found. Raises nothing: errors are in `error`."""
        while not self._done.empty():
            self._done.get()()

    def suggest(self, installation: Installation, question: Question) -> None:
        """Begin a search; one that still runs is left."""
        self.cancel()
        self.state, self.step, self.share = State.SEARCHING, "Starting Needledrop", None
        self.question, self.suggestions, self.notes, self._job = question, [], [], ""
        search = self._search

        def work() -> dict[str, Any]:
            bridge = Bridge(installation)
            bridge.start()
            job = str(bridge.ask("suggest", question.arguments)["job"])
            self._post(lambda: self._began(search, bridge, job))
            return self._wait_for(search, bridge, job)

        self._run(work, lambda answer: self._ended(search, answer), lambda error: self._failed(search, error))

    def refuse(self, error: BridgeError) -> None:
        """Say why no search can begin; one that still runs is left."""
        self.cancel()
        self._failed(self._search, error)

    def cancel(self) -> None:
        """Leave the search that runs, here and in the engine."""
        self._search += 1
        self.error = None
        if self.state is not State.SEARCHING:
            return
        self.state, self.step, self.share = State.EMPTY, "", None
        if self._bridge is not None and self._job:
            self._leave(self._bridge, self._job)

    def audition(self, number: int, play: Callable[[Path], None]) -> None:
        """Have an entry baked for listening, then `play` the file."""
        self._ask_entry("audition", number, "Mixing", lambda answer: play(Path(answer["path"])))

    def use(self, number: int, folder: Path | None, place: Callable[[dict[str, Any]], None]) -> None:
        """Have an entry baked to stay, into `folder` or Needledrop's own, then `place` the answer."""
        extra = {"folder": str(folder)} if folder is not None else {}
        self._ask_entry("use", number, "Mixing", place, **extra)

    def _ask_entry(
        self, verb: str, number: int, step: str, then: Callable[[dict[str, Any]], None], **extra: Any
    ) -> None:
        bridge, arguments = self._bridge, {"job": self._job, "number": number, **extra}
        if bridge is None:
            return
        self.error, self.step, self.share = None, step, None
        search = self._search

        def work() -> dict[str, Any]:
            try:
                return bridge.ask(verb, arguments)
            except BridgeError as error:
                if error.code not in _FORGETS:
                    raise
            return bridge.ask(verb, {**arguments, "job": self._search_again(search, bridge, number, step)})

        def done(answer: dict[str, Any]) -> None:
            self.step = ""
            if search == self._search:
                then(answer)

        self._run(work, done, lambda error: self._entry_failed(search, error))

    def _search_again(self, search: int, bridge: Bridge, number: int, step: str) -> str:
        """The job of the same list, which an engine that has ended forgot; runs in a thread.

        Raises:
            BridgeError: it cannot be made, or another entry has this number in it; then it is shown.
        """
        assert self.question is not None
        before = _entry(self.suggestions, number)
        bridge.start()
        job = str(bridge.ask("suggest", self.question.arguments)["job"])
        answer = self._wait_for(search, bridge, job)
        if answer["state"] != "done":
            if answer["state"] == "running":  # The user has gone on to another search.
                bridge.ask("cancel", {"job": job})
            raise _refusal(answer)
        self._post(lambda: self._renewed(search, job, answer, step))
        if _entry(answer["suggestions"], number) != before:
            raise BridgeError(
                "changed", "Needledrop was started again, and its list is another one now.", "Choose again."
            )
        return job

    def _renewed(self, search: int, job: str, answer: dict[str, Any], step: str) -> None:
        if search == self._search:
            self._job, self.step, self.share = job, step, None
            self.suggestions, self.notes = list(answer["suggestions"]), [str(note) for note in answer.get("notes", [])]

    def _wait_for(self, search: int, bridge: Bridge, job: str) -> dict[str, Any]:
        while True:
            answer = bridge.ask("list", {"job": job, "wait_s": _WAIT_S})
            if answer["state"] != "running" or search != self._search:
                return answer
            self._post(lambda found=answer["progress"] or {}: self._went_on(search, found))

    def _began(self, search: int, bridge: Bridge, job: str) -> None:
        if search != self._search:
            self._leave(bridge, job)
            return
        self._bridge, self._job, self.step = bridge, job, "Looking for music"

    def _went_on(self, search: int, progress: dict[str, Any]) -> None:
        if search == self._search:
            done, total = progress.get("done"), progress.get("total")
            self.step = str(progress.get("title") or "Looking for music")
            self.share = min(1.0, done / total) if done is not None and total else None

    def _ended(self, search: int, answer: dict[str, Any]) -> None:
        if search != self._search:
            return
        self.step, self.share = "", None
        if answer["state"] == "done":
            self.state, self.suggestions = State.LISTED, list(answer["suggestions"])
            self.notes = [str(note) for note in answer.get("notes", [])]
            return
        self._failed(search, _refusal(answer))

    def _failed(self, search: int, error: BridgeError) -> None:
        if search == self._search:
            self.state, self.step, self.share, self.error = State.FAILED, "", None, error

    def _entry_failed(self, search: int, error: BridgeError) -> None:
        self.step = ""
        if search == self._search:
            self.error = error

    def _leave(self, bridge: Bridge, job: str) -> None:
        self._run(lambda: bridge.ask("cancel", {"job": job}), lambda _: None, lambda _: None)

    def _run(
        self,
        work: Callable[[], dict[str, Any]],
        done: Callable[[dict[str, Any]], None],
        failed: Callable[[BridgeError], None],
    ) -> None:
        self._running += 1

        def ended(then: Callable[[], None]) -> None:
            self._running -= 1
            then()

        def run() -> None:
            try:
                answer = work()
            except BridgeError as error:
                self._post(lambda error=error: ended(lambda: failed(error)))
            except (KeyError, TypeError, ValueError) as error:
                # An answer of another shape than version 1 of the protocol says.
                strange = BridgeError("unsupported-schema", f"Needledrop's answer was not understood: {error!r}.")
                self._post(lambda: ended(lambda: failed(strange)))
            else:
                self._post(lambda: ended(lambda: done(answer)))

        threading.Thread(target=run, name="needledrop", daemon=True).start()

    def _post(self, then: Callable[[], None]) -> None:
        self._done.put(then)


def _refusal(answer: dict[str, Any]) -> BridgeError:
    """Why a list did not come."""
    found = answer.get("error") or {}
    words = str(found.get("sentence") or "The search was stopped."), str(found.get("remedy") or "")
    return BridgeError(str(found.get("code") or "cancelled"), *words)


def _entry(suggestions: list[dict[str, Any]], number: int) -> tuple[Any, ...]:
    """What tells one entry from another: the same music at the same place."""
    found = next((one for one in suggestions if one["number"] == number), {})
    return tuple(found.get(key) for key in ("title", "artist", "start_s", "end_s", "track_in_s"))
