# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proxies of videos that are too slow to play: made in the background, kept in the cache folder under a budget.

The least recently used goes first. Whatever is there can be deleted at any time.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch, ignore_progress
from needledrop.media.proxy import SUFFIX, is_proxy_needed, write_proxy
from needledrop.workflows.videos import run_in_worker

BUDGET_BYTES = 20 << 30
_PLAYS_WELL = ".plays-well"  # An empty file that says: this video needs no proxy on this machine.
_ENTRY = "needledrop.workflows.proxies:make_in_worker"


def proxies_dir(profile: Profile) -> Path:
    """Where proxies lie."""
    return profile.cache_dir / "proxies"


def stored_proxy(profile: Profile, content_hash: str) -> Path | None:
    """The proxy of a video, if there is one; it counts as used now."""
    path = proxies_dir(profile) / f"{content_hash}{SUFFIX}"
    try:
        os.utime(path)
    except OSError:
        return None
    return path


def proxy_for(
    profile: Profile,
    video_path: Path,
    content_hash: str,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
    *,
    duration_s: float = 0.0,
    budget_bytes: int = BUDGET_BYTES,
    is_wanted: bool = False,
) -> Path | None:
    """The proxy of a video, made now if it is too slow to play here; None where it plays well without.

    Args:
        profile: Whose cache folder is used.
        video_path: Read in a worker process.
        content_hash: Names the proxy; see `media.identity`.
        progress: Told how many seconds of the video are done.
        cancel: Ends the worker; nothing is left behind.
        duration_s: Of the video, for the progress; 0 where it is not known.
        budget_bytes: What all proxies together may take, the new one included.
        is_wanted: Make one however fast the video is.

    Raises:
        KnownError: the video cannot be read, or the disk is full.
        Cancelled: asked to stop.
    """
    folder = proxies_dir(profile)
    plays_well = folder / f"{content_hash}{_PLAYS_WELL}"
    if (path := stored_proxy(profile, content_hash)) is not None:
        return path
    if plays_well.exists() and not is_wanted:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{content_hash}{SUFFIX}"
    if not _made(video_path, path, progress, cancel or CancelToken(), duration_s, is_wanted):
        plays_well.touch()
        return None
    trim(profile, budget_bytes, kept=(path,))
    return path


def _made(
    video_path: Path, path: Path, progress: ProgressSink, cancel: CancelToken, duration_s: float, is_wanted: bool
) -> bool:
    watch = Stopwatch()

    def on_report(_: int, done_s: float) -> None:
        progress(Progress("Making a proxy, seconds", int(done_s), round(duration_s) or None, watch.elapsed_s))

    return bool(run_in_worker(_ENTRY, video_path, (path, is_wanted), cancel, on_report))


def make_in_worker(report: Callable[[float], None], video: bytes, path: Path, is_wanted: bool) -> bool:
    """The worker's entry: whether a proxy was needed, and so was written."""
    video_path = Path(os.fsdecode(video))
    if not is_wanted and not is_proxy_needed(video_path):
        return False
    write_proxy(report, video_path, path)
    return True


def trim(profile: Profile, budget_bytes: int = BUDGET_BYTES, kept: Sequence[Path] = ()) -> None:
    """Delete the least recently used proxies until the rest fits the budget; those in `kept` stay."""
    found = []
    for path in proxies_dir(profile).glob(f"*{SUFFIX}"):
        with contextlib.suppress(OSError):
            status = path.stat()
            found.append((status.st_mtime_ns, status.st_size, path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= budget_bytes:
            return
        if path in kept or path.name.startswith("."):
            continue
        with contextlib.suppress(OSError):  # It is being played on a system that locks open files.
            path.unlink()
            total -= size
