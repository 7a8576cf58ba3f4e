# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Learning in a process of its own, for a window that stays quick: nice to the machine, paused while the user plays.

The process keeps every finished fold, so stopping it is killing it: nothing is lost, and the next run goes on there.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from typing import TYPE_CHECKING, Any

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, Progress, ProgressSink
from needledrop.jobs.jail import die_with_parent, interrupts_held_back

if TYPE_CHECKING:
    from needledrop.training.personal.learning import Point, Watch
    from needledrop.workflows.taste import LearnReport

__all__ = ["Point", "learn_in_process"]
_POLL_S = 0.1
_NICE = 10


def learn_in_process(
    profile: Profile, progress: ProgressSink, cancel: CancelToken, watch: Watch, is_paused: Callable[[], bool]
) -> LearnReport:
    """learn_taste in a child process; `watch` and `progress` are called here as its news arrive.

    Args:
        is_paused: asked ten times a second; while it says so the child stands still between two steps.

    Raises:
        KnownError: as learn_taste; "crashed" where the child died.
        Cancelled: stopped by the user; the finished folds are kept.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    may_go = context.Event()
    child = context.Process(target=_serve, args=(theirs, may_go, profile), daemon=True)
    with interrupts_held_back():
        child.start()
    theirs.close()
    try:
        while True:
            cancel.check()
            may_go.clear() if is_paused() else may_go.set()
            if ours.poll(_POLL_S) and (report := _heard(ours, progress, watch)) is not None:
                return report
    finally:
        if child.is_alive():
            child.join(0.2)
            child.kill()
        child.join(2.0)
        ours.close()


def _heard(pipe: Connection, progress: ProgressSink, watch: Watch) -> LearnReport | None:
    """Pass on one message; the report where it is the last."""
    try:
        kind, value = pipe.recv()
    except (EOFError, OSError) as error:
        raise KnownError(
            "Learning ended before it was done.",
            remedy="Learn again: it goes on where it was.",
            cause=repr(error),
            code="crashed",
        ) from error
    if kind == "point":
        watch(value)
    elif kind == "progress":
        progress(value)
    elif kind == "known":
        sentence, remedy, cause, code = value
        raise KnownError(sentence, remedy=remedy, cause=cause, code=code)
    elif kind == "bug":
        raise RuntimeError(value)
    else:
        report: LearnReport = value
        return report
    return None


def _serve(pipe: Connection, may_go: Event, profile: Profile) -> None:
    """The child's side."""
    if sys.platform != "win32":
        os.nice(_NICE)
    threading.Thread(target=die_with_parent, name="parent-watch", daemon=True).start()
    # Set before numpy is loaded: more threads than one get in the way of the user's own work.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
    from needledrop.workflows.taste import learn_taste

    def told(point: Point) -> None:
        may_go.wait()
        pipe.send(("point", point))

    def gone_on(progress: Progress) -> None:
        may_go.wait()
        pipe.send(("progress", progress))

    message: tuple[str, Any]
    try:
        message = ("done", learn_taste(profile, gone_on, CancelToken(), told))
    except KnownError as error:
        message = ("known", (error.sentence, error.remedy, error.cause, error.code))
    except Exception:
        message = ("bug", traceback.format_exc())
    pipe.send(message)
