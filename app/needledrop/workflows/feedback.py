# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The feedback a library keeps, for its owner: to be read, taken along as text, and deleted."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from needledrop.core.cue import Cue
from needledrop.core.errors import KnownError
from needledrop.core.json_file import read_json, write_json
from needledrop.core.paths import Profile
from needledrop.media.output_file import written_whole
from needledrop.workflows.profiles import read_library, write_library

FORMAT = "needledrop-feedback-1"


def give_feedback(
    profile: Profile,
    video_path: Path,
    content_hash: str,
    track_id: int,
    verdict: str,
    *,
    range_s: tuple[float, float],
    offered: Sequence[int],
    cue: Cue | None = None,
    listened_s: float | None = None,
) -> int:
    """Keep one verdict (library.feedback.VERDICTS) on a track of a list for a range of a video; the entry's id.

    Raises:
        KnownError: another process writes to the library, or the disk is full. ValueError: there is no such verdict.
    """
    with write_library(profile, "feedback") as library:
        project = library.open_project(content_hash, video_path)
        return library.give_feedback(
            project.id, track_id, verdict, range_s=range_s, offered=offered, cue=cue, listened_s=listened_s
        )


@dataclass(frozen=True)
class Note:
    """A verdict that waits to be kept; fields as give_feedback has them."""

    video_path: Path
    content_hash: str
    track_id: int
    verdict: str
    range_s: tuple[float, float]
    offered: tuple[int, ...]
    listened_s: float | None = None


def note_feedback(profile: Profile, notes: Sequence[Note]) -> bool:
    """Keep verdicts given in passing: in a file first, for a scan may hold the library for an hour, then in the library
    with all that waited before. One caller at a time.

    Returns:
        Whether the library has them; False while another process or job writes there.

    Raises:
        KnownError: the disk is full, or the library is damaged.
    """
    path = profile.data_dir / "taste" / "waiting.json"
    waiting = [*_waiting(path), *notes]
    if not waiting:
        return True
    write_json(path, {"waiting": [asdict(one) | {"video_path": os.fspath(one.video_path)} for one in waiting]})
    try:
        with write_library(profile, "feedback") as library:
            known = set(library.track_ids())
            for one in waiting:
                if one.track_id in known:
                    project = library.open_project(one.content_hash, one.video_path)
                    library.give_feedback(
                        project.id, one.track_id, one.verdict, range_s=one.range_s, offered=one.offered,
                        listened_s=one.listened_s,
                    )  # fmt: skip
    except KnownError as error:
        if error.code != "locked":
            raise
        return False
    path.unlink(missing_ok=True)
    return True


def _waiting(path: Path) -> list[Note]:
    stored = read_json(path)
    try:
        entries = stored["waiting"] if isinstance(stored, dict) else []
        return [
            Note(
                Path(one["video_path"]), one["content_hash"], int(one["track_id"]), one["verdict"],
                (float(one["range_s"][0]), float(one["range_s"][1])), tuple(one["offered"]), one["listened_s"],
            )
            for one in entries
        ]  # fmt: skip
    except (KeyError, TypeError, ValueError, IndexError):
        return []


def list_feedback(profile: Profile) -> list[dict[str, Any]]:
    """All of it, oldest first, as library.feedback.Feedback.feedback gives it."""
    with read_library(profile) as library:
        return library.feedback()


def delete_feedback(profile: Profile, entry_ids: Iterable[int] | None = None) -> int:
    """Delete entries by their ids, all of them where none are named; how many. What was learned from them is kept.

    Raises:
        KnownError: there is no such entry (then none is deleted), or another process writes to the library.
    """
    wanted = None if entry_ids is None else set(entry_ids)
    with write_library(profile, "taste feedback delete") as library:
        missing = sorted((wanted or set()) - {int(entry["id"]) for entry in library.feedback()})
        if missing:
            raise KnownError(
                f"There is no feedback {missing[0]}.", remedy="List it: needledrop taste feedback list", code="missing"
            )
        return library.delete_feedback(wanted)


def feedback_text(profile: Profile) -> str:
    """All of it as JSON, one entry a line."""
    lines = [json.dumps(entry, sort_keys=True, ensure_ascii=False) for entry in list_feedback(profile)]
    return f'{{"format": "{FORMAT}", "feedback": [\n' + ",\n".join(lines) + "\n]}\n"


def export_feedback(profile: Profile, path: Path, *, overwrite: bool) -> None:
    """Write it to a file, whole or not at all.

    Raises:
        KnownError: the file exists (without `overwrite`) or cannot be written.
    """
    text = feedback_text(profile)
    with written_whole(path, overwrite=overwrite) as scratch:
        scratch.write_text(text, encoding="utf-8")
