# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that must not run on the GUI thread: a small thread pool whose results come back in small portions.

Threads put what they have to say into a queue; the GUI thread drains it every 30 ms, for 8 ms at most, so that a
thousand results never freeze the window (2,000 cross-thread signals froze it for 165-390 ms). Nothing but plain values
crosses. `work` runs on a thread of the pool and must not touch Qt; `done` and `failed` run on the GUI thread.
"""

from __future__ import annotations

import itertools
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.progress import CancelToken, Progress, ProgressSink

POLL_MS = 30
BUDGET_S = 0.008
REPORT_S = 0.1  # How often progress is told to the window: ten times a second.
THREADS = 4
KEPT_JOBS = 50

T = TypeVar("T")
Work = Callable[[ProgressSink, CancelToken], T]


class JobState(Enum):
    """Where a job stands. WAITING for a thread; STOPPED by the user, finished work kept."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class Job:
    """One piece of work. Read on the GUI thread; `progress` is the newest report, `error` the reason of a failure."""

    def __init__(self, number: int, title: str, *, is_quiet: bool, is_essential: bool) -> None:
        self.id = number
        self.title = title
        self.is_quiet = is_quiet
        self.is_essential = is_essential
        self.progress: Progress | None = None
        self.state = JobState.WAITING
        self.error: KnownError | None = None
        self.cancel = CancelToken()
        self.started_at = time.monotonic()
        self.ended_at: float | None = None

    @property
    def is_over(self) -> bool:
        """True once it is done, failed or stopped."""
        return self.state in (JobState.DONE, JobState.FAILED, JobState.STOPPED)

    @property
    def elapsed_s(self) -> float:
        """Seconds since it was asked for, to its end."""
        return (self.ended_at if self.ended_at is not None else time.monotonic()) - self.started_at

    def stop(self) -> None:
        """Ask the work to stop; it does so at its next check, and neither `done` nor `failed` is called."""
        self.cancel.cancel()


class Background(QObject):
    """The application's threads and the list of what they do. Lives on the GUI thread."""

    jobs_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._numbers = itertools.count(1)
        self._running: dict[int, Job] = {}
        self._over: deque[Job] = deque(maxlen=KEPT_JOBS)
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._told_at = 0.0
        self._is_closed = False
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._drain)

    def run(
        self,
        title: str,
        work: Work[T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[KnownError], None] | None = None,
        is_quiet: bool = False,
        is_essential: bool = False,
    ) -> Job:
        """Start `work` on a thread and return its job at once.

        Args:
            title: What the user reads in the list of jobs.
            work: Takes where progress goes and the token to check; runs on a thread, never touches Qt.
            done: Called on the GUI thread with the result, unless the job was stopped.
            failed: Called on the GUI thread with what the world did; a bug goes to sys.excepthook instead.
            is_quiet: Not shown to the user: short work that answers a click.
            is_essential: Done even when the application is just ending: it saves something.
        """
        job = Job(next(self._numbers), title, is_quiet=is_quiet, is_essential=is_essential)
        self._running[job.id] = job
        self._tasks.put(lambda: self._work(job, work, done, failed))
        if len(self._threads) < min(THREADS, len(self._running)):
            self._add_thread()
        self._timer.start()
        if not is_quiet:
            self.jobs_changed.emit()
        return job

    def jobs(self) -> list[Job]:
        """The jobs a user should see: those under way in the order they were asked for, then the latest that ended."""
        return [job for job in (*self._running.values(), *reversed(self._over)) if not job.is_quiet]

    def is_idle(self) -> bool:
        """True when nothing runs and every result has been delivered."""
        return not self._running

    def forget(self) -> None:
        """Take the jobs that have ended off the list."""
        self._over.clear()
        self.jobs_changed.emit()

    def close(self, patience_s: float = 2.0) -> None:
        """Stop every job that is not essential and wait, `patience_s` at most. No callback is made any more."""
        self._is_closed = True
        self._timer.stop()
        for job in self._running.values():
            if not job.is_essential:
                job.stop()
        if any(job.is_essential for job in self._running.values()):
            self._add_thread()  # The others may be held by work that is slow to stop.
        for _ in self._threads:
            self._tasks.put(None)
        end = time.monotonic() + patience_s
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _add_thread(self) -> None:
        # Daemons: work that cannot be interrupted (a decoder in C) must not keep the program alive after its window.
        thread = threading.Thread(target=self._serve, name=f"background-{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()

    def _work(
        self,
        job: Job,
        work: Work[T],
        done: Callable[[T], None] | None,
        failed: Callable[[KnownError], None] | None,
    ) -> None:
        """Runs on a thread of the pool: do the work, queue what is to happen on the GUI thread."""

        def report(progress: Progress) -> None:
            job.progress = progress

        try:
            job.cancel.check()
            job.state = JobState.RUNNING
            result = work(report, job.cancel)
            self._results.put(lambda: self._finish(job, done, result))
        except Cancelled:
            self._results.put(lambda: self._end(job, JobState.STOPPED))
        except KnownError as error:
            known = error
            self._results.put(lambda: self._fail(job, failed, known))
        except Exception as error:
            bug = error
            self._results.put(lambda: self._break(job, bug))

    def _finish(self, job: Job, done: Callable[[Any], None] | None, result: object) -> None:
        is_stopped = job.cancel.is_cancelled
        self._end(job, JobState.STOPPED if is_stopped else JobState.DONE)
        if done is not None and not is_stopped:
            done(result)

    def _fail(self, job: Job, failed: Callable[[KnownError], None] | None, error: KnownError) -> None:
        job.error = error
        self._end(job, JobState.FAILED)
        if failed is not None and not job.cancel.is_cancelled:
            failed(error)

    def _break(self, job: Job, bug: Exception) -> None:
        job.error = KnownError(f"{job.title}: this is a bug of ours.", remedy="Please report it.", cause=repr(bug))
        self._end(job, JobState.FAILED)
        sys.excepthook(type(bug), bug, bug.__traceback__)

    def _end(self, job: Job, state: JobState) -> None:
        job.state = state
        job.ended_at = time.monotonic()
        self._running.pop(job.id, None)
        if not job.is_quiet:
            self._over.append(job)
            self.jobs_changed.emit()

    def _drain(self) -> None:
        end = time.perf_counter() + BUDGET_S
        while time.perf_counter() < end and not self._is_closed:
            try:
                deliver = self._results.get_nowait()
            except queue.Empty:
                break
            deliver()
        if self.is_idle() and self._results.empty():
            self._timer.stop()
        self._tell()

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._told_at >= REPORT_S and any(not job.is_quiet for job in self._running.values()):
            self._told_at = now
            self.jobs_changed.emit()
