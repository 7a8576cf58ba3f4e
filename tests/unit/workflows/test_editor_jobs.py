# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists in the making: how many, how they end, how long they are remembered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from needledrop.core.errors import KnownError
from needledrop.core.job import JobState
from needledrop.core.progress import CancelToken, Progress, ProgressSink
from needledrop.workflows import editor_jobs
from needledrop.workflows.editor_jobs import KEPT_JOBS, MOST_AT_ONCE, EditorJobs, EditorQuestion
from needledrop.workflows.suggest import Answer

QUESTION = EditorQuestion(Path("/film.mp4"))


class Bench:
    """Work that waits until it may go on."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.error: Exception | None = None
        self.jobs = EditorJobs(self.work)

    def work(self, question: EditorQuestion, progress: ProgressSink, cancel: CancelToken) -> Answer:
        progress(Progress("Watching the video", 3, 10, 1.0))
        while not self.may_end.wait(0.01):
            cancel.check()
        if self.error is not None:
            raise self.error
        return cast("Answer", object())  # What a list is, no job asks.


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.jobs.close()


def refusal(bench: Bench, job_id: str = "") -> str:
    with pytest.raises(KnownError) as refused:
        if job_id:
            bench.jobs.job(job_id)
        else:
            bench.jobs.start(QUESTION)
    return refused.value.code


def test_a_job_runs_and_ends_with_its_list(bench: Bench) -> None:
    job = bench.jobs.start(QUESTION)
    assert bench.jobs.job(job.job_id) is job and bench.jobs.running() == [job]
    bench.may_end.set()
    job.ended.result(10)
    assert job.state is JobState.DONE and job.answer is not None
    assert job.progress is not None and job.progress.done == 3
    assert bench.jobs.running() == []


def test_no_more_wait_than_may(bench: Bench) -> None:
    jobs = [bench.jobs.start(QUESTION) for _ in range(MOST_AT_ONCE)]
    assert refusal(bench) == "busy"
    bench.jobs.cancel(jobs[-1].job_id)  # One that still waits for a thread makes room at once.
    assert jobs[-1].state is JobState.CANCELLED and jobs[-1].ended.done()
    bench.jobs.cancel(jobs[-1].job_id)
    jobs.append(bench.jobs.start(QUESTION))
    assert refusal(bench) == "busy"
    bench.may_end.set()
    for job in jobs:
        job.ended.result(10)
    states = [job.state for job in jobs]
    assert states == [JobState.DONE] * (MOST_AT_ONCE - 1) + [JobState.CANCELLED, JobState.DONE]
    bench.jobs.start(QUESTION).ended.result(10)


def test_those_that_ended_longest_ago_are_forgotten(bench: Bench) -> None:
    bench.may_end.set()
    jobs = []
    for _ in range(KEPT_JOBS + 2):
        jobs.append(bench.jobs.start(QUESTION))
        jobs[-1].ended.result(10)
    assert [refusal(bench, job.job_id) for job in jobs[:2]] == ["no-job", "no-job"]
    assert all(bench.jobs.job(job.job_id) is job for job in jobs[2:])


def test_what_the_world_did_and_bugs_end_a_job_too(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.may_end.set()
    ends = []
    for error in (KnownError("It is gone.", remedy="Bring it.", code="missing"), ValueError("ours")):
        bench.error = error
        job = bench.jobs.start(QUESTION)
        job.ended.result(10)
        assert job.error is not None
        ends.append((job.state, job.error.code))
    assert ends == [(JobState.FAILED, "missing"), (JobState.FAILED, "bug")]
    assert "ours" in caplog.text


def test_the_end_stops_what_runs_and_what_waits(bench: Bench) -> None:
    jobs = [bench.jobs.start(QUESTION) for _ in range(editor_jobs.MOST_AT_ONCE)]
    bench.jobs.close()
    assert {job.state for job in jobs} == {JobState.CANCELLED}
