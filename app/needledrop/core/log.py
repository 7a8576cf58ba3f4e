# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Named category loggers, and one set-up: a rotating file in the profile, warnings on the terminal."""

from __future__ import annotations

import logging
import logging.handlers
from pathlib import Path

scan = logging.getLogger("needledrop.scan")
worker = logging.getLogger("needledrop.worker")
library = logging.getLogger("needledrop.library")
media = logging.getLogger("needledrop.media")
suggest = logging.getLogger("needledrop.suggest")
window = logging.getLogger("needledrop.window")


def start(log_path: Path, *, is_verbose: bool = False) -> None:
    """Send the program's log to `log_path` (1 MB, three kept). A log that cannot be written is no reason to stop."""
    root = logging.getLogger("needledrop")
    root.setLevel(logging.DEBUG if is_verbose else logging.INFO)
    if root.handlers:
        return
    try:
        log_path.parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            log_path,
            maxBytes=1_000_000,
            backupCount=3,
            encoding="utf-8",
            errors="backslashreplace",
            delay=True,
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    root.addHandler(handler)
