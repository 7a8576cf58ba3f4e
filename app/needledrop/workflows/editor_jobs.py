# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The suggestions that plugins of editors asked for: on threads of their own, remembered until fetched, stoppable.

Knows nothing of sockets, and not what the work is.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from needledrop.core import log
from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.job import JobState
from needledrop.core.progress import CancelToken, Progress, ProgressSink

if TYPE_CHECKING:
    from needledrop.workflows.suggest import Answer

MOST_AT_ONCE = 16
KEPT_JOBS = 50
_THREADS = 2


@dataclass(frozen=True)
class EditorQuestion:
    """What a plugin wants music for.

    Attributes:
        path: A video, or a project of an editor.
        in_s: Start of the range in seconds from the first frame; None for the start.
        out_s: End of the range; None for the end.
        frame_rate: Of the timeline the music will lie on; None for the file's own.
        count: Length of the list.
        text: Words the music should fit.
        like: A file with music it shall sound like.
        project_key: What the editor knows a project by, where its file has a new name each time; else its path.
    """

    path: Path
    in_s: Fraction | None = None
    out_s: Fraction | None = None
    frame_rate: Fraction | None = None
    count: int = 12
    text: str = ""
    like: Path | None = None
    project_key: str = ""


@dataclass
class EditorJob:
    """One list in the making, then the list.

    Attributes:
        uses: The answers to `use` that were given already.
        waiting: What the pool has of it; can be taken back as long as no thread has begun it.
    """

    job_id: str
    question: EditorQuestion
    state: JobState = JobState.RUNNING
    progress: Progress | None = None
    answer: Answer | None = None
    error: KnownError | None = None
    cancel: CancelToken = field(default_factory=CancelToken)
    ended: Future[None] = field(default_factory=Future)
    lock: threading.Lock = field(default_factory=threading.Lock)
    uses: dict[tuple[int, Path | None], dict[str, Any]] = field(default_factory=dict)
    waiting: Future[None] | None = None


Work = Callable[[EditorQuestion, ProgressSink, CancelToken], "Answer"]


class EditorJobs:
    """The jobs of one engine."""

    def __init__(self, work: Work) -> None:
        """`work` makes the list for a question, on a thread of the pool."""
        self._work = work
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="editor-job")
        self._jobs: dict[str, EditorJob] = {}
        self._lock = threading.Lock()

    def start(self, question: EditorQuestion) -> EditorJob:
        """Begin a list, and forget those that ended longest ago.

        Raises:
            KnownError: "busy": too many run or wait already.
        """
        with self._lock:
            if len(self.running()) >= MOST_AT_ONCE:
                raise KnownError(
                    f"{MOST_AT_ONCE} lists are being made already.", remedy="Try again in a moment.", code="busy"
                )
            over = [job for job in self._jobs.values() if job.state is not JobState.RUNNING]
            for job in over[: max(0, len(over) - KEPT_JOBS + 1)]:
                del self._jobs[job.job_id]
            job = EditorJob(f"j-{secrets.token_hex(8)}", question)
            self._jobs[job.job_id] = job
            job.waiting = self._threads.submit(self._run, job)
        return job

    def job(self, job_id: str) -> EditorJob:
        """A job by its id.

        Raises:
            KnownError: "no-job".
        """
        job = self._jobs.get(job_id)
        if job is None:
            raise KnownError(
                "There is no such list, or it was forgotten meanwhile.", remedy="Ask for music again.", code="no-job"
            )
        return job

    def cancel(self, job_id: str) -> None:
        """Stop a job, if it still runs; one that still waits for a thread is over at once.

        Raises:
            KnownError: "no-job".
        """
        self._stop(self.job(job_id))

    def running(self) -> list[EditorJob]:
        """Those that wait or run, oldest first."""
        return [job for job in list(self._jobs.values()) if job.state is JobState.RUNNING]

    def close(self) -> None:
        """Stop all of them and wait until they have ended."""
        for job in self.running():
            self._stop(job)
        self._threads.shutdown(wait=True)

    def _stop(self, job: EditorJob) -> None:
        job.cancel.cancel()
        with self._lock:
            if job.waiting is not None and not job.waiting.cancelled() and job.waiting.cancel():
                job.state = JobState.CANCELLED
                job.ended.set_result(None)

    def _run(self, job: EditorJob) -> None:
        def report(progress: Progress) -> None:
            job.progress = progress

        try:
            job.cancel.check()
            job.answer = self._work(job.question, report, job.cancel)
            job.state = JobState.DONE
        except Cancelled:
            job.state = JobState.CANCELLED
        except KnownError as error:
            job.error, job.state = error, JobState.FAILED
        except Exception:
            log.suggest.exception("a bug of ours, asked by a plugin")
            job.error = KnownError(
                "Needledrop failed on this.", remedy="Please report it with the log of Needledrop.", code="bug"
            )
            job.state = JobState.FAILED
        finally:
            job.ended.set_result(None)
