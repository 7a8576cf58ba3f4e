# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress that is pulled or pushed, and the cancel token that long work checks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from needledrop.core.errors import Cancelled


@dataclass(frozen=True)
class Progress:
    """How far a piece of work has come. `total` is None while it is not known yet."""

    label: str
    done: int
    total: int | None
    elapsed_s: float
    detail: str = ""

    @property
    def rate_hz(self) -> float:
        """Items per second since the start; 0 before the first."""
        return self.done / self.elapsed_s if self.elapsed_s > 0 else 0.0

    @property
    def left_s(self) -> float | None:
        """Estimated seconds left; None where nothing can be said yet."""
        if self.total is None or self.done == 0 or self.elapsed_s <= 0:
            return None
        return (self.total - self.done) / self.rate_hz


ProgressSink = Callable[[Progress], None]


def ignore_progress(progress: Progress) -> None:
    """A sink for callers that do not show progress."""


class CancelToken:
    """A flag one thread sets and the work polls."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop at its next check."""
        self._event.set()

    @property
    def is_cancelled(self) -> bool:
        """True once `cancel` was called."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise Cancelled if the work was asked to stop."""
        if self._event.is_set():
            raise Cancelled


class Stopwatch:
    """Seconds since it was made, from the monotonic clock."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start
