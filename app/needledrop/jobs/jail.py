# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every child process that opens untrusted files is held to: bounded memory, and no life after its parent."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker

MEMORY_LIMIT_BYTES = 6 << 30  # Address space, not resident size: a bomb gets MemoryError, not the machine.


@contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Let a child begin with SIGINT blocked: Ctrl-C reaches the whole group, also a child that still imports."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # Its start would unblock the signal again.
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def die_with_parent() -> None:
    """Wait for the parent's end, then end this process: a hanging decoder would never notice a closed pipe."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def bound_memory() -> None:
    """Hold this process to MEMORY_LIMIT_BYTES of address space, where the system offers it."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY_LIMIT_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_LIMIT_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
