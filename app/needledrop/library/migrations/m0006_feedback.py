# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Version 1.5: feedback with its cue. Never edited after a release: a change is the next migration."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

NAME = "m0006_feedback"
VERSION = (1, 5)

_SCHEMA = """
ALTER TABLE feedback ADD COLUMN cue TEXT;
ALTER TABLE feedback ADD COLUMN listened_s REAL;
"""


def apply(db: Database) -> None:
    """Add the cue that a verdict was given on, and how long it was listened to; both are null where not known."""
    db.executescript(_SCHEMA)
