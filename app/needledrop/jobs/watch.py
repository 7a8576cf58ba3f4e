# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits for changes in folders. Knows nothing of what the files are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from needledrop.core.progress import CancelToken

DEBOUNCE_MS = 2000  # Copying an album is one change, not fifteen.
_POLL_CANCEL_MS = 200


def changed_paths(folders: Sequence[Path], cancel: CancelToken) -> Iterator[set[Path]]:
    """Yield the paths that changed, gathered over quiet spells of DEBOUNCE_MS, until the token is set.

    The first yield is empty: from then on nothing is missed, and what changed before is the caller's to find.
    """
    import watchfiles

    is_first = True
    for changes in watchfiles.watch(
        *folders,
        debounce=DEBOUNCE_MS,
        step=200,
        rust_timeout=_POLL_CANCEL_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
        ignore_permission_denied=True,
    ):
        if cancel.is_cancelled:
            return
        if changes or is_first:
            is_first = False
            yield {Path(path) for _, path in changes}
