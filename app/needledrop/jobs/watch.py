# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits for changes in folders. Knows nothing of what the files are."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from needledrop.core.progress import CancelToken

DEBOUNCE_MS = 2000  # Copying an album is one change, not fifteen.
_POLL_CANCEL_S = 0.2


def changed_paths(folders: Sequence[Path], cancel: CancelToken) -> Iterator[set[Path]]:
    """Yield the paths that changed, gathered over quiet spells of DEBOUNCE_MS, until the token is set."""
    import watchfiles

    stop = threading.Event()

    def forward_cancel() -> None:
        while not stop.wait(_POLL_CANCEL_S):
            if cancel.is_cancelled:
                stop.set()

    relay = threading.Thread(target=forward_cancel, name="watch-cancel", daemon=True)
    relay.start()
    try:
        for changes in watchfiles.watch(
            *folders,
            stop_event=stop,
            debounce=DEBOUNCE_MS,
            step=200,
            raise_interrupt=False,
            ignore_permission_denied=True,
        ):
            yield {Path(path) for _, path in changes}
    finally:
        stop.set()
        relay.join()
