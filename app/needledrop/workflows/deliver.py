# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several exports of the same cues at once, side by side in one folder under one name. Never replaces a file."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, Progress, ProgressSink
from needledrop.export.markers import MarkerChoice
from needledrop.workflows.markers import MarkerFormat, MarkerWish, selection_markers, write_markers
from needledrop.workflows.output import Kind, RenderOptions, Written, export
from needledrop.workflows.project import Selection


class Deliverable(StrEnum):
    """One kind of file. Of its own, for a WAV is a kind of export and a format of markers."""

    FILM = "film"
    MUSIC = "music"
    RESOLVE = "resolve"
    PREMIERE = "premiere"
    AUDACITY = "audacity"
    TABLE = "table"
    TEMPO_MAP = "tempo-map"
    MARKED_WAV = "marked-wav"
    CREDITS = "credits"
    CUE_SHEET = "cue-sheet"
    DATA = "data"


# Who writes it, and what stands behind the common name.
_WRITTEN_BY: Mapping[Deliverable, tuple[Kind | MarkerFormat, str]] = {
    Deliverable.FILM: (Kind.MP4, ".mp4"),
    Deliverable.MUSIC: (Kind.WAV, ".wav"),
    Deliverable.CREDITS: (Kind.ATTRIBUTION, " credits.txt"),
    Deliverable.CUE_SHEET: (Kind.CUE_SHEET, " cue sheet.csv"),
    Deliverable.DATA: (Kind.JSON, " cues.json"),
    Deliverable.RESOLVE: (MarkerFormat.RESOLVE, " markers.edl"),
    Deliverable.PREMIERE: (MarkerFormat.PREMIERE, " markers.xml"),
    Deliverable.AUDACITY: (MarkerFormat.AUDACITY, " labels.txt"),
    Deliverable.TABLE: (MarkerFormat.CSV, " markers.csv"),
    Deliverable.TEMPO_MAP: (MarkerFormat.MIDI, " tempo map.mid"),
    Deliverable.MARKED_WAV: (MarkerFormat.WAV, " with markers.wav"),
}
_MOST_NUMBERS = 1000


@dataclass(frozen=True)
class Delivery:
    """What is wanted: which files, in which folder, under which common name, and how."""

    wanted: frozenset[Deliverable]
    folder: Path
    name: str
    options: RenderOptions = field(default_factory=RenderOptions)
    markers: MarkerChoice = field(default_factory=MarkerChoice)


def file_name(name: str, wanted: Deliverable) -> str:
    """What one of the files is called."""
    return name + _WRITTEN_BY[wanted][1]


def free_name(folder: Path, name: str, wanted: Collection[Deliverable]) -> str:
    """The name, or with the lowest number behind it under which none of the files is there yet.

    Raises:
        KnownError: a thousand of them are.
    """
    for number in range(1, _MOST_NUMBERS):
        tried = name if number == 1 else f"{name} {number}"
        if not any((folder / file_name(tried, one)).exists() for one in wanted):
            return tried
    raise KnownError(
        f"There are {_MOST_NUMBERS:,} files named '{name}' already.", remedy="Choose another name.", code="exists"
    )


def deliver(
    profile: Profile, selection: Selection, delivery: Delivery, progress: ProgressSink, cancel: CancelToken
) -> list[Written]:
    """Write everything that is wanted; the tracks count as used.

    Raises:
        KnownError: nothing is wanted or there are no cues, a track's file is not there, the folder is missing or cannot
            be written to, the disk is full. Files that were written before stay.
        Cancelled: stopped by the user; what was written before stays, nothing is left of the file in hand.
    """
    if not selection.cues:
        raise KnownError("There is no music to export.", remedy="Use a suggestion first.", code="nothing-found")
    if not delivery.wanted:
        raise KnownError("Nothing is chosen to be exported.", remedy="Switch at least one on.", code="usage")
    name = free_name(delivery.folder, delivery.name, delivery.wanted)
    written: list[Written] = []
    # One after another, so that each says what it is writing.
    for wanted in (one for one in Deliverable if one in delivery.wanted):
        path, kind = delivery.folder / file_name(name, wanted), _WRITTEN_BY[wanted][0]
        report = _told_by(path, progress)
        if isinstance(kind, Kind):
            written += export(profile, selection, {kind: path}, delivery.options, report, cancel)
        else:
            marked = selection_markers(profile, selection, MarkerWish(delivery.markers))
            write_markers(marked, {kind: path}, overwrite=False, progress=report, cancel=cancel)
            written.append(Written(path))
    return written


def _told_by(path: Path, progress: ProgressSink) -> ProgressSink:
    def report(one: Progress) -> None:
        progress(dataclasses.replace(one, detail=path.name))

    return report
