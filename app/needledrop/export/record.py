# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cues and suggestions as JSON, for programs: every value by its own name, the same bytes each time."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from needledrop.core.cue import Cue
from needledrop.core.query import Suggestion
from needledrop.core.times import TimeRange
from needledrop.export.credits import CueTrack
from needledrop.media.output_file import written_whole

FORMAT = "needledrop-cues-1"


def cues_document(
    cues: Sequence[Cue],
    tracks: Mapping[int, CueTrack],
    time_range: TimeRange,
    *,
    suggestions: Sequence[Suggestion] = (),
    versions: Mapping[str, int | str] | None = None,
) -> str:
    """JSON with sorted keys and a final line feed.

    Args:
        versions: What computed the suggestions (feature sets, ranker), by name.
    """
    document = {
        "format": FORMAT,
        "range_s": [float(time_range.start_s), float(time_range.end_s)],
        "cues": [
            {**_plain_object(cue), "duration_s": cue.duration_s, "record_out_s": cue.record_out_s}
            for cue in sorted(cues, key=lambda cue: (cue.record_in_s, cue.track_id))
        ],
        "tracks": [_plain(tracks[track_id]) for track_id in sorted(tracks)],
        "suggestions": [_plain(suggestion) for suggestion in suggestions],
        "versions": dict(versions or {}),
    }
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def export_json(
    cues: Sequence[Cue],
    tracks: Mapping[int, CueTrack],
    out_path: Path,
    time_range: TimeRange,
    *,
    suggestions: Sequence[Suggestion] = (),
    versions: Mapping[str, int | str] | None = None,
    overwrite: bool = False,
) -> None:
    """Write `cues_document` as UTF-8.

    Raises:
        KnownError: "exists", "disk-full" or "unwritable".
    """
    text = cues_document(cues, tracks, time_range, suggestions=suggestions, versions=versions)
    with written_whole(out_path, overwrite=overwrite) as part:
        part.write_bytes(text.encode("utf-8", "backslashreplace"))  # Titles may hold bytes that are no text.


def _plain_object(value: object) -> dict[str, object]:
    """Fields of a dataclass by name; `dataclasses.asdict` would copy mappings it cannot rebuild."""
    if not dataclasses.is_dataclass(value):
        raise TypeError(f"{type(value).__name__} is no dataclass")
    return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _plain_object(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Fraction):
        return float(value)
    return value.item() if isinstance(value, np.generic) else value
