# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks into a folder of questions again and again, and outlives what goes wrong there. Knows of no question."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from needledrop.core import log

_LOOK_S = 0.1
_SWEEP_S = 60.0
_AFTER_BUG_S = 1.0


async def look_forever(take: Callable[[], None], sweep: Callable[[], None]) -> None:
    """Call `take` ten times a second and `sweep` every minute, until the task is cancelled.

    A folder that is not there is not a fault: the next start makes it again. Anything else is a bug of ours; it is
    logged, and the next look comes a second later.
    """
    swept_at = float("-inf")
    while True:
        try:
            take()
            if time.monotonic() - swept_at > _SWEEP_S:
                swept_at = time.monotonic()
                sweep()
        except OSError:
            pass
        except Exception:
            log.suggest.exception("a bug of ours in a folder that plugins ask in")
            await asyncio.sleep(_AFTER_BUG_S)
        await asyncio.sleep(_LOOK_S)


def log_failure(task: asyncio.Task[None]) -> None:
    """Say in the log what ended an answer; as its task's callback."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.suggest.error("a bug of ours in an answer to a plugin", exc_info=error)
