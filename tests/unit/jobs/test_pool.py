# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Worker processes: results, known errors, bugs, crashes, hangs, cancel."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.progress import CancelToken
from needledrop.jobs import pool as pool_module
from needledrop.jobs.pool import Outcome, Task, WorkerPool, in_order

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


def test_without_work_no_process_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_Worker", None)
    assert _run() == {}


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_a_hanging_child_ends_with_its_killed_parent(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = (
        f"import sys; sys.path.append({str(Path(__file__).parent)!r})\n"
        "from needledrop.core.progress import CancelToken\n"
        "from needledrop.jobs.pool import Task, WorkerPool\n"
        f"list(WorkerPool({ENTRY!r}, 1).run([Task(0, 'x', ('note and hang {note}',))], CancelToken()))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code])
    _wait_for(lambda: note.exists() and note.read_text() != "")
    parent.kill()
    parent.wait()
    child = int(note.read_text())
    _wait_for(lambda: not _is_alive(child))


def _wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60.0
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_outcomes_can_be_had_in_the_order_of_their_tasks() -> None:
    mixed = [Outcome(key, f"result {key}", None) for key in (2, 0, 1, 4, 3)]
    assert [outcome.key for outcome in in_order(mixed)] == [0, 1, 2, 3, 4]
    assert [outcome.key for outcome in in_order(mixed[:1])] == []
