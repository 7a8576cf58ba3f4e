# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watching folders: a new file is seen, and cancel ends the watch."""

from __future__ import annotations

import threading
from pathlib import Path

from needledrop.core.progress import CancelToken
from needledrop.jobs.watch import changed_paths


def test_a_new_file_is_seen_and_cancel_ends_the_watch(tmp_path: Path) -> None:
    cancel = CancelToken()
    stop_writing = threading.Event()

    def write_until_seen() -> None:
        count = 0
        while not stop_writing.wait(0.3):  # The watch may start after the first write.
            (tmp_path / f"new-{count}.flac").write_bytes(b"x")
            count += 1
            if count > 100:
                return

    writer = threading.Thread(target=write_until_seen)
    writer.start()
    seen: set[Path] = set()
    for paths in changed_paths([tmp_path], cancel):
        seen |= paths
        if paths:
            stop_writing.set()
            cancel.cancel()
    writer.join()
    assert seen and all(path.name.startswith("new-") for path in seen)
