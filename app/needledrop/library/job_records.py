# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of jobs, and settings: small tables that the rest of the program keeps in the library."""

from __future__ import annotations

from needledrop.core.job import JobRecord, JobState
from needledrop.library.connection import Part

_COLUMNS = "job_id, verb, started_at, state, done, total, reason"


class JobRecords(Part):
    """The part of the library that implements core.job.JobStore."""

    def save_job(self, record: JobRecord) -> None:
        """Insert or replace the record of `record.job_id`."""
        with self.connection.recomputable():
            self.connection.write(
                f"INSERT OR REPLACE INTO jobs ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    record.job_id,
                    record.verb,
                    record.started_at,
                    str(record.state),
                    record.done,
                    record.total,
                    record.reason,
                ),
            )

    def jobs(self, limit: int = 50) -> list[JobRecord]:
        """The latest jobs, newest first."""
        found = self.connection.rows(f"SELECT {_COLUMNS} FROM jobs ORDER BY started_at DESC, job_id LIMIT ?", (limit,))
        return [JobRecord(row[0], row[1], row[2], JobState(row[3]), row[4], row[5], row[6]) for row in found]

    def setting(self, key: str, default: str = "") -> str:
        """The text kept under a key."""
        value = self.connection.value("SELECT value FROM settings WHERE key = ?", (key,))
        return default if value is None else str(value)

    def save_setting(self, key: str, value: str) -> None:
        """Keep a text under a key."""
        with self.connection.decision():
            self.connection.write("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", (key, value))
