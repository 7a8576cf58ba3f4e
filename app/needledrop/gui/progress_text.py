# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a job has come, in the words of the status line and the list of jobs."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from needledrop.core.progress import Progress
from needledrop.core.times import format_time
from needledrop.gui.background import Job, JobState
from needledrop.gui.sentences import job_in_words

LEAST_RATED_S = 3.0  # Before that a rate says nothing.


def _tr(text: str) -> str:
    return QCoreApplication.translate("Progress", text)


def amount(job: Job) -> str:
    """What is being done and how much of it: "Analysing music 1,284 / 3,902"."""
    progress = job.progress
    if progress is None or job.is_over:
        return job_in_words(job.title)
    label = job_in_words(progress.label)
    if progress.total:
        return f"{label} {progress.done:,} / {progress.total:,}"
    return f"{label} {progress.detail}".strip()


def pace(job: Job) -> str:
    """Rate and time left, or the seconds that have passed where nothing can be said: "41/min · 4 min left"."""
    progress = job.progress
    if progress is None or progress.total is None or progress.elapsed_s < LEAST_RATED_S or not progress.done:
        return format_time(job.elapsed_s)
    parts = [f"{progress.rate_hz * 60:,.0f}{_tr('/min')}"] if progress.total > 1 else []
    if progress.left_s is not None:
        parts.append(_tr("%s left").replace("%s", _about(progress.left_s)))
    return " · ".join(parts)


def outcome(job: Job) -> str:
    """How a job ended, with the time it took."""
    words = {
        JobState.DONE: _tr("done in %s"),
        JobState.FAILED: _tr("failed after %s"),
        JobState.STOPPED: _tr("stopped after %s; what was finished is kept"),
    }
    return words[job.state].replace("%s", _about(job.elapsed_s))


def share(progress: Progress | None) -> float | None:
    """How much is done, 0 to 1; None where the total is not known."""
    if progress is None or not progress.total:
        return None
    return min(1.0, progress.done / progress.total)


def _about(seconds: float) -> str:
    if seconds < 1:
        return _tr("less than 1 s")
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
