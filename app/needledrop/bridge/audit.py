# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line for each request: when, by which way, the verb, how it ended, how long it took. No paths, no token.

In a file of its own, so that plugins that ask often do not push the program's log out.
"""

from __future__ import annotations

import logging
import logging.handlers
from pathlib import Path

FILE_NAME = "bridge.log"
_BYTES, _KEPT = 1_000_000, 2


class AuditLog:
    """The lines of one engine. A file that cannot be written is no reason to refuse anybody."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._handler = logging.handlers.RotatingFileHandler(
            folder / FILE_NAME, maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8", delay=True
        )
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        self._logger = logging.Logger("needledrop.bridge", logging.INFO)  # Of this engine alone: not in the tree.
        self._logger.addHandler(self._handler)

    def note(self, way: str, verb: str, outcome: str, elapsed_s: float) -> None:
        """Write the line of one request; `verb` is one of ours or "-"."""
        self._logger.info("%s %s %s %.1f ms", way, verb, outcome, elapsed_s * 1000)

    def close(self) -> None:
        """Close the file."""
        self._handler.close()
