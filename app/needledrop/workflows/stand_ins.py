# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is played where an editor's project is open: its timeline rendered small, kept among the proxies.

A project that shows one video from its first frame to its last, as it is, needs none: the video itself is played.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

from needledrop.core.edit import ClipKind, ProjectEdit, shown_pictures
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch
from needledrop.media.proxy import SUFFIX
from needledrop.workflows.kept_cuts import edit_key
from needledrop.workflows.proxies import proxies_dir, stored_proxy, trim
from needledrop.workflows.videos import run_in_worker

_ENTRY = "needledrop.workflows.stand_ins:make_in_worker"


def stand_in(profile: Profile, project: Path, edit: ProjectEdit, progress: ProgressSink, cancel: CancelToken) -> Path:
    """The video that is played for a project, made now if there is none.

    Raises:
        KnownError: the disk is full.
        Cancelled: stopped; nothing is left behind.
    """
    whole = _shown_whole(edit)
    if whole is not None:
        return whole
    key = f"{edit_key(edit)}-{_sound_key(edit)}"
    kept = stored_proxy(profile, key)
    if kept is not None:
        return kept
    proxies_dir(profile).mkdir(parents=True, exist_ok=True)
    path = proxies_dir(profile) / f"{key}{SUFFIX}"
    watch, total_s = Stopwatch(), round(edit.duration_s)

    def on_report(_: int, done_s: float) -> None:
        progress(Progress("Laying the timeline together, seconds", int(done_s), total_s or None, watch.elapsed_s))

    run_in_worker(_ENTRY, project, (edit, path), cancel, on_report)
    trim(profile, kept=(path,))
    return path


def make_in_worker(report: Callable[[float], None], project: bytes, edit: ProjectEdit, path: Path) -> None:
    """The worker's entry."""
    from needledrop.media.edit_proxy import write_edit_proxy

    write_edit_proxy(report, edit, path)


def _shown_whole(edit: ProjectEdit) -> Path | None:
    """The one video that is all there is to see and hear, each moment of it in its own place."""
    sources = {clip.source.path for clip in edit.clips if clip.is_enabled and clip.source is not None}
    path = next(iter(sources)) if len(sources) == 1 else None
    shown = shown_pictures(edit)
    clips = [*(one.clip for one in shown), *edit.of_kind(ClipKind.SOUND)]
    is_whole = bool(shown) and all(
        clip is not None and clip.speed == 1 and clip.source_in_s == clip.record_in_s and not clip.gain_db
        for clip in clips
    )
    return path if is_whole else None


def _sound_key(edit: ProjectEdit) -> str:
    """Names what is heard: media that were found meanwhile make another stand-in."""
    said = repr((edit.of_kind(ClipKind.SOUND), [clip.source for clip in edit.of_kind(ClipKind.PICTURE)]))
    return blake2b(said.encode(), digest_size=6).hexdigest()
