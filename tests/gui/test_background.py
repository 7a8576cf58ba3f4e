# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Background work: results on the GUI thread, small portions, stops that hold, saves that survive the end."""

from __future__ import annotations

import gc
import itertools
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from needledrop.core.errors import KnownError
from needledrop.core.progress import CancelToken, Progress, ProgressSink
from needledrop.gui.background import KEPT_JOBS, Background, JobState


def wait_for_stop(progress: ProgressSink, cancel: CancelToken) -> None:
    while True:
        cancel.check()
        time.sleep(0.005)


def test_work_runs_elsewhere_and_its_result_arrives_on_the_gui_thread(qtbot: QtBot, background: Background) -> None:
    threads: list[threading.Thread] = []
    results: list[int] = []

    def work(progress: ProgressSink, cancel: CancelToken) -> int:
        threads.append(threading.current_thread())
        progress(Progress("Counting", 3, 7, 1.0))
        return 42

    def done(result: int) -> None:
        threads.append(threading.current_thread())
        results.append(result)

    job = background.run("Counting", work, done)
    qtbot.waitUntil(lambda: job.is_over)
    assert results == [42]
    assert threads[0] is not threading.main_thread()
    assert threads[1] is threading.main_thread()
    assert (job.state, job.progress) == (JobState.DONE, Progress("Counting", 3, 7, 1.0))


def test_what_the_world_did_reaches_the_caller_and_stays_with_the_job(qtbot: QtBot, background: Background) -> None:
    errors: list[KnownError] = []

    def work(progress: ProgressSink, cancel: CancelToken) -> None:
        raise KnownError("The disk is full.", remedy="Free some space.")

    job = background.run("Saving", work, None, errors.append)
    qtbot.waitUntil(lambda: job.is_over)
    assert job.state is JobState.FAILED
    assert [error.sentence for error in errors] == ["The disk is full."]
    assert job.error is errors[0]


def test_a_bug_goes_to_the_excepthook_and_the_next_job_runs(
    qtbot: QtBot, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    bugs: list[BaseException] = []

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        bugs.append(error)

    monkeypatch.setattr(sys, "excepthook", hook)
    job = background.run("Dividing", lambda progress, cancel: 1 // 0)
    qtbot.waitUntil(lambda: job.is_over)
    assert [type(bug) for bug in bugs] == [ZeroDivisionError]
    after: list[int] = []
    background.run("Next", lambda progress, cancel: 1, after.append)
    qtbot.waitUntil(lambda: after == [1])


def test_a_stopped_job_calls_nothing_even_if_its_work_ends_well(qtbot: QtBot, background: Background) -> None:
    called: list[object] = []
    may_end = threading.Event()

    def work(progress: ProgressSink, cancel: CancelToken) -> str:
        may_end.wait(10)
        return "late"

    job = background.run("Late", work, called.append, called.append)
    job.stop()
    may_end.set()
    qtbot.waitUntil(lambda: job.is_over)
    assert (called, job.state) == ([], JobState.STOPPED)


def test_a_stop_takes_effect_while_the_work_runs(qtbot: QtBot, background: Background) -> None:
    job = background.run("Endless", wait_for_stop)
    qtbot.waitUntil(lambda: job.state is JobState.RUNNING)
    job.stop()
    qtbot.waitUntil(lambda: job.is_over)
    assert job.state is JobState.STOPPED


def test_quiet_jobs_are_not_listed_and_the_list_of_old_ones_is_short(qtbot: QtBot, background: Background) -> None:
    for _ in range(KEPT_JOBS + 20):
        background.run("Short", lambda progress, cancel: None)
    background.run("Quiet", lambda progress, cancel: None, is_quiet=True)
    assert "Quiet" not in {job.title for job in background.jobs()}
    qtbot.waitUntil(background.is_idle)
    assert len(background.jobs()) == KEPT_JOBS
    background.forget()
    assert background.jobs() == []


def test_two_thousand_results_leave_the_event_loop_free(qtbot: QtBot, background: Background) -> None:
    """Each result costs 0.2 ms on the GUI thread: 0.4 s in all, which a drain without a budget spends at one go."""
    ticks: list[float] = []
    arrived: list[int] = []
    timer = QTimer()
    timer.setInterval(5)
    timer.timeout.connect(lambda: ticks.append(len(arrived)))

    def done(number: int) -> None:
        end = time.perf_counter() + 0.0002
        while time.perf_counter() < end:
            pass
        arrived.append(number)

    for number in range(2000):
        background.run("One of many", lambda progress, cancel, number=number: number, done, is_quiet=True)  # type: ignore[misc]
    timer.start()
    qtbot.waitUntil(lambda: len(arrived) == 2000, timeout=60_000)
    between = [after - before for before, after in itertools.pairwise(ticks)]
    assert sorted(arrived) == list(range(2000))
    # What one drain may deliver in 8 ms at 0.2 ms each, however slow the machine.
    assert max(between) <= 41


def test_closing_stops_what_runs_but_finishes_what_saves(qapp: QApplication, tmp_path: Path) -> None:
    background = Background()
    endless = [background.run("Endless", wait_for_stop) for _ in range(4)]

    def save(progress: ProgressSink, cancel: CancelToken) -> None:
        cancel.check()
        (tmp_path / "saved").write_text("yes")

    background.run("Saving", save, is_essential=True)
    background.close(10.0)
    assert (tmp_path / "saved").read_text() == "yes"
    assert all(job.cancel.is_cancelled for job in endless)


def test_three_thousand_jobs_leave_nothing_behind(qtbot: QtBot, background: Background) -> None:
    def run_many(count: int) -> None:
        arrived: list[int] = []
        for _ in range(count):
            background.run("Short", lambda progress, cancel: 1, arrived.append)
        qtbot.waitUntil(lambda: len(arrived) == count, timeout=60_000)

    run_many(500)
    gc.collect()
    before, threads = len(gc.get_objects()), threading.active_count()
    run_many(3000)
    gc.collect()
    assert len(gc.get_objects()) - before < 500
    assert threading.active_count() == threads
