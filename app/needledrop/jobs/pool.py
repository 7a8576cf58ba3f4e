# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Worker processes for untrusted files: watched, killed when they hang, replaced when they die.

A file that crashes a decoder costs that one task. Children are spawned, never forked (libraries with threads do not
survive a fork), import their entry point by name, and stop by themselves when the parent is gone.
"""

from __future__ import annotations

import importlib
import multiprocessing
import multiprocessing.connection
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from needledrop.core import log
from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.progress import CancelToken
from needledrop.jobs.jail import bound_memory, die_with_parent, interrupts_held_back

SILENCE_LIMIT_S = 60.0  # A worker that reports nothing for this long hangs.
_POLL_S = 0.1
_HEARTBEAT_S = 0.5

R = TypeVar("R")
Report = Callable[[float], None]


@dataclass(frozen=True)
class Task:
    """One unit of work: `label` is logged before anything is opened, `arguments` go to the entry point."""

    key: int
    label: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """How one task ended: a result, or the reason it has none."""

    key: int
    result: R | None
    fault: KnownError | None


def in_order(outcomes: Iterable[Outcome[R]]) -> Iterator[Outcome[R]]:
    """The outcomes of tasks 0, 1, 2, ... in this order, each as soon as those before it are there."""
    waiting: dict[int, Outcome[R]] = {}
    following = 0
    for outcome in outcomes:
        waiting[outcome.key] = outcome
        while following in waiting:
            yield waiting.pop(following)
            following += 1


class WorkerPool(Generic[R]):
    """Runs tasks in `workers` child processes.

    Args:
        entry: "package.module:function", called in the child as function(report, *arguments); it calls
            report(seconds_of_media_done) now and then so that a long file is not taken for a hanging one.
        workers: how many processes.
        silence_limit_s: how long a worker may be silent before it is killed.
        is_memory_bounded: hold each worker to MEMORY_LIMIT_BYTES of address space.
    """

    def __init__(
        self, entry: str, workers: int, *, silence_limit_s: float = SILENCE_LIMIT_S, is_memory_bounded: bool = True
    ) -> None:
        self._entry = entry
        self._count = max(1, workers)
        self._silence_limit_s = silence_limit_s
        self._is_memory_bounded = is_memory_bounded
        self._workers: list[_Worker] = []

    def run(
        self, tasks: Iterable[Task], cancel: CancelToken, on_report: Callable[[int, float], None] | None = None
    ) -> Iterator[Outcome[R]]:
        """Yield outcomes as they come, in no particular order.

        Raises:
            Cancelled: the token was set; every outcome that had come by then was yielded.
        """
        queue = iter(tasks)
        upcoming = next(queue, None)  # Looked up first: without work no process is started.
        try:
            while True:
                cancel.check()
                while upcoming is not None and (worker := self._idle_worker()) is not None:
                    worker.start(upcoming)
                    upcoming = next(queue, None)
                busy = [worker for worker in self._workers if worker.task is not None]
                if not busy:
                    return
                yield from self._collect(busy, on_report)
        finally:
            self.close()

    def close(self) -> None:
        """Stop every child; those in mid-task are killed."""
        for worker in self._workers:
            worker.stop()
        self._workers.clear()

    def _idle_worker(self) -> _Worker | None:
        for worker in self._workers:
            if worker.task is None:
                return worker
        if len(self._workers) < self._count:
            worker = _Worker(self._entry, self._is_memory_bounded)
            self._workers.append(worker)
            return worker
        return None

    def _collect(self, busy: list[_Worker], on_report: Callable[[int, float], None] | None) -> Iterator[Outcome[R]]:
        ready = set(multiprocessing.connection.wait([worker.pipe for worker in busy], timeout=_POLL_S))
        for worker in busy:
            task = worker.task
            assert task is not None
            if worker.pipe in ready:
                message = worker.receive()
                if message is not None and message[0] == "report":
                    if on_report is not None:
                        on_report(task.key, message[1])
                    continue
                yield self._outcome(worker, task, message)
            elif worker.silence_s > self._silence_limit_s:
                self._retire(worker)
                yield Outcome(task.key, None, _hung(task, self._silence_limit_s))

    def _outcome(self, worker: _Worker, task: Task, message: tuple[Any, ...] | None) -> Outcome[R]:
        worker.task = None
        if message is None:
            exit_code = worker.exit_code()
            self._retire(worker)
            return Outcome(task.key, None, _crashed(task, exit_code))
        kind, *rest = message
        if kind == "ok":
            return Outcome(task.key, rest[0], None)
        if kind == "known":
            sentence, remedy, cause, code = rest
            return Outcome(task.key, None, KnownError(sentence, remedy=remedy, cause=cause, code=code))
        log.worker.error("bug while working on %s\n%s", task.label, rest[0])
        return Outcome(task.key, None, _bug(task, rest[0]))

    def _retire(self, worker: _Worker) -> None:
        worker.stop()
        self._workers.remove(worker)


class _Worker:
    """The parent's side of one child process."""

    def __init__(self, entry: str, is_memory_bounded: bool) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, child_pipe = context.Pipe()
        self.task: Task | None = None
        self._heard_at = time.monotonic()
        self._process = context.Process(target=_serve, args=(child_pipe, entry, is_memory_bounded), daemon=True)
        with interrupts_held_back():
            self._process.start()
        child_pipe.close()

    @property
    def silence_s(self) -> float:
        return time.monotonic() - self._heard_at

    def start(self, task: Task) -> None:
        log.worker.info("open %s", task.label)  # First the name, then the file: a crash must leave a trace.
        self.task = task
        self._heard_at = time.monotonic()
        try:
            self.pipe.send(task.arguments)
        except (BrokenPipeError, ConnectionResetError):
            pass  # The child died idle; receive() will say so.

    def receive(self) -> tuple[Any, ...] | None:
        """The next message; None where the child died (or sent what cannot be read)."""
        self._heard_at = time.monotonic()
        try:
            message: tuple[Any, ...] = self.pipe.recv()
        except (EOFError, OSError, pickle.UnpicklingError):
            return None
        return message

    def exit_code(self) -> int | None:
        self._process.join(1.0)
        return self._process.exitcode

    def stop(self) -> None:
        self.pipe.close()
        self._process.join(0.0 if self.task is not None else 0.2)
        if self._process.is_alive():
            self._process.kill()
        self._process.join(2.0)
        if self._process.exitcode is not None:
            self._process.close()


def _serve(pipe: multiprocessing.connection.Connection, entry: str, is_memory_bounded: bool) -> None:
    """The child's side: import the entry point, then answer tasks until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle.
    _be_modest(is_memory_bounded)
    threading.Thread(target=die_with_parent, name="parent-watch", daemon=True).start()
    # One worker a core is the parallelism: numerical libraries that start threads of their own only get in its way.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
    module_name, function_name = entry.split(":")
    function = getattr(importlib.import_module(module_name), function_name)
    reporter = _Reporter(pipe)
    while True:
        try:
            arguments = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer: tuple[Any, ...] = ("ok", function(reporter, *arguments))
        except KnownError as error:
            answer = ("known", error.sentence, error.remedy, error.cause, error.code)
        except Cancelled:
            return
        except MemoryError:
            answer = ("known", "The file needs more memory than a worker may use.", "", "MemoryError", "memory")
        except Exception:
            answer = ("bug", traceback.format_exc())
        try:
            pipe.send(answer)
        except OSError:
            return


class _Reporter:
    """Sends progress at most twice a second: reports keep the worker alive, they must not cost time."""

    def __init__(self, pipe: multiprocessing.connection.Connection) -> None:
        self._pipe = pipe
        self._last = 0.0

    def __call__(self, done_s: float) -> None:
        now = time.monotonic()
        if now - self._last < _HEARTBEAT_S:
            return
        self._last = now
        try:
            self._pipe.send(("report", done_s))
        except OSError as error:
            raise Cancelled from error  # The parent is gone: stop in the middle of the file.


def _be_modest(is_memory_bounded: bool) -> None:
    """Lower priority and, if asked, bounded memory, where the system offers it."""
    if sys.platform != "win32":
        os.nice(5)
    if is_memory_bounded:
        bound_memory()


def _hung(task: Task, limit_s: float) -> KnownError:
    return KnownError(
        f"Reading {task.label} hung; it was stopped after {limit_s:.0f} seconds without progress.",
        remedy="Convert the file with another program, or remove it from the folder.",
        code="hung",
    )


def _crashed(task: Task, exit_code: int | None) -> KnownError:
    how = f"exit code {exit_code}"
    if exit_code is not None and exit_code < 0:
        how = signal.Signals(-exit_code).name if -exit_code in set(signal.Signals) else f"signal {-exit_code}"
    return KnownError(
        f"The decoder crashed on {task.label} ({how}).",
        remedy="Convert the file with another program, or remove it from the folder.",
        cause=how,
        code="crashed",
    )


def _bug(task: Task, trace: str) -> KnownError:
    last_line = trace.strip().splitlines()[-1]
    return KnownError(
        f"Needledrop failed on {task.label}: {last_line}",
        remedy="This is a bug of ours: please report it with the log. The other files are not affected.",
        cause=trace,
        code="bug",
    )
