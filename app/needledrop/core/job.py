# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job tells the world, and how it is kept: the contract between `jobs` and whoever stores them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class JobState(StrEnum):
    """A job ends in exactly one of the last three."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class JobRecord:
    """One run of a verb: what, since when (Unix seconds), how far, how it ended."""

    job_id: str
    verb: str
    started_at: float
    state: JobState
    done: int
    total: int | None
    reason: str = ""


class JobStore(Protocol):
    """Where job records are kept. Implemented by the library, joined in workflows."""

    def save_job(self, record: JobRecord) -> None:
        """Insert or replace the record of `record.job_id`."""
        ...
