# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the worker processes of test_pool run."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from needledrop.core.errors import KnownError


def work(report: Callable[[float], None], word: str) -> str:
    """Behave as the word says."""
    if word.startswith("echo "):
        return word.removeprefix("echo ")
    if word == "known":
        raise KnownError("It is empty.", remedy="Fill it.", code="empty")
    if word == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if word == "hang":
        time.sleep(3600)
    if word.startswith("note and hang "):
        Path(word.removeprefix("note and hang ")).write_text(str(os.getpid()))
        time.sleep(3600)
    if word == "slow":
        for step in range(5):
            time.sleep(0.6)
            report(float(step))
        return "slow but steady"
    raise ValueError(word)
