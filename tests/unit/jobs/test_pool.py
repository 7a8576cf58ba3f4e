# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Worker processes: results, known errors, bugs, crashes, hangs, cancel."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.progress import CancelToken
from needledrop.jobs.pool import Outcome, Task, WorkerPool

ENTRY = "pool_entry:work"


def _tasks(*words: str) -> list[Task]:
    return [Task(key, f"file {key}", (word,)) for key, word in enumerate(words)]


def _run(*words: str, workers: int = 2, silence_limit_s: float = 30.0) -> dict[int, Outcome[str]]:
    pool: WorkerPool[str] = WorkerPool(ENTRY, workers, silence_limit_s=silence_limit_s)
    return {outcome.key: outcome for outcome in pool.run(_tasks(*words), CancelToken())}


@pytest.fixture(autouse=True)
def _entry_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(Path(__file__).parent)
    monkeypatch.setattr(sys, "path", [*sys.path, folder])


def test_every_task_gets_its_own_result() -> None:
    outcomes = _run("echo a", "echo b", "echo c", "echo d", "echo e")
    assert {key: outcome.result for key, outcome in outcomes.items()} == {0: "a", 1: "b", 2: "c", 3: "d", 4: "e"}


def test_a_known_error_crosses_the_pipe_with_its_remedy() -> None:
    fault = _run("known")[0].fault
    assert isinstance(fault, KnownError)
    assert (fault.sentence, fault.remedy, fault.code) == ("It is empty.", "Fill it.", "empty")


def test_a_bug_is_reported_and_the_worker_lives_on() -> None:
    outcomes = _run("bug", "echo after", workers=1)
    assert outcomes[0].fault is not None and outcomes[0].fault.code == "bug"
    assert outcomes[1].result == "after"


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_a_crash_costs_one_task() -> None:
    outcomes = _run("crash", "echo 1", "echo 2", "crash", "echo 4")
    assert [key for key, outcome in sorted(outcomes.items()) if outcome.fault] == [0, 3]
    fault = outcomes[0].fault
    assert fault is not None and fault.code == "crashed" and signal.SIGSEGV.name in fault.sentence


def test_a_hang_is_killed_and_costs_one_task() -> None:
    outcomes = _run("hang", "echo 1", "echo 2", silence_limit_s=1.5)
    assert outcomes[0].fault is not None and outcomes[0].fault.code == "hung"
    assert outcomes[1].result == "1" and outcomes[2].result == "2"


def test_a_slow_task_that_reports_is_not_a_hang() -> None:
    assert _run("slow", workers=1, silence_limit_s=1.5)[0].result == "slow but steady"


def test_cancel_keeps_what_came_and_stops_without_waiting() -> None:
    cancel = CancelToken()
    pool: WorkerPool[str] = WorkerPool(ENTRY, 1)
    came: list[str | None] = []
    started = 0.0

    def run(stop: Callable[[], None]) -> None:
        for outcome in pool.run(_tasks("echo a", "hang", "echo never"), cancel):
            came.append(outcome.result)
            stop()

    def stop() -> None:
        nonlocal started
        started = time.monotonic()
        cancel.cancel()

    with pytest.raises(Cancelled):
        run(stop)
    assert came == ["a"]
    assert (
        time.monotonic() - started < 10.0
    )  # The hanging task would take an hour; the figure itself is in the benchmarks.
