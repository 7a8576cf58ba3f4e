# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several exports of the same cues at once, side by side in one folder under one name. Never replaces a file.

What writes them is imported when something is written: a page that only offers them opens at once.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile, is_shipped
from needledrop.core.progress import CancelToken, Progress, ProgressSink
from needledrop.core.work import TimelineMarker

if TYPE_CHECKING:
    from needledrop.workflows.output import Written
    from needledrop.workflows.project import Selection


class Deliverable(StrEnum):
    """One kind of file. Of its own, for a WAV is a kind of export and a format of markers."""

    FILM = "film"
    MUSIC = "music"
    RESOLVE_PROJECT = "resolve-project"
    FINAL_CUT_PROJECT = "final-cut-project"
    PREMIERE_PROJECT = "premiere-project"
    KDENLIVE_PROJECT = "kdenlive-project"
    SHOTCUT_PROJECT = "shotcut-project"
    RESOLVE = "resolve"
    PREMIERE = "premiere"
    AUDACITY = "audacity"
    TABLE = "table"
    TEMPO_MAP = "tempo-map"
    MARKED_WAV = "marked-wav"
    CREDITS = "credits"
    CUE_SHEET = "cue-sheet"
    DATA = "data"


# What stands behind the common name.
_ENDINGS: Mapping[Deliverable, str] = {
    Deliverable.FILM: ".mp4",
    Deliverable.MUSIC: ".wav",
    Deliverable.RESOLVE_PROJECT: " project.otio",
    Deliverable.FINAL_CUT_PROJECT: " project.fcpxml",
    Deliverable.PREMIERE_PROJECT: " project.xml",
    Deliverable.KDENLIVE_PROJECT: " project.kdenlive",
    Deliverable.SHOTCUT_PROJECT: " project.mlt",
    Deliverable.CREDITS: " credits.txt",
    Deliverable.CUE_SHEET: " cue sheet.csv",
    Deliverable.DATA: " cues.json",
    Deliverable.RESOLVE: " markers.edl",
    Deliverable.PREMIERE: " markers.xml",
    Deliverable.AUDACITY: " labels.txt",
    Deliverable.TABLE: " markers.csv",
    Deliverable.TEMPO_MAP: " tempo map.mid",
    Deliverable.MARKED_WAV: " with markers.wav",
}
PROJECTS = frozenset(
    {
        Deliverable.RESOLVE_PROJECT, Deliverable.FINAL_CUT_PROJECT, Deliverable.PREMIERE_PROJECT,
        Deliverable.KDENLIVE_PROJECT, Deliverable.SHOTCUT_PROJECT,
    }
)  # fmt: skip
# What every hand-off brings along: the music of all its projects as one WAV.
_PROJECTS_MUSIC = " project music.wav"
_MOST_NUMBERS = 1000


@dataclass(frozen=True)
class Delivery:
    """What is wanted: which files, in which folder, under which common name. is_music_only leaves the film's own sound
    out of the film; a marker stands every so many beats, or with None at the bars only; named are the user's own."""

    wanted: frozenset[Deliverable]
    folder: Path
    name: str
    is_music_only: bool = False
    beats_every: int | None = 1
    named: tuple[TimelineMarker, ...] = ()


def file_name(name: str, wanted: Deliverable) -> str:
    """What one of the files is called."""
    return name + _ENDINGS[wanted]


def proposed_folder(beside: Path, others: Sequence[Path]) -> Path:
    """Where to write what is made of a film in the folder `beside`: there, unless that cannot be written or ships with
    the program; then the first of the others that can be, and `beside` again where none can."""
    if not is_shipped(beside) and os.access(beside, os.W_OK):
        return beside
    return next((one for one in others if one.is_dir() and os.access(one, os.W_OK)), beside)


def free_name(folder: Path, name: str, wanted: Collection[Deliverable]) -> str:
    """The name, or with the lowest number behind it under which none of the files is there yet.

    Raises:
        KnownError: a thousand of them are.
    """
    for number in range(1, _MOST_NUMBERS):
        tried = name if number == 1 else f"{name} {number}"
        names = {file_name(tried, one) for one in wanted}
        if PROJECTS & set(wanted):
            names.add(tried + _PROJECTS_MUSIC)
        if not any((folder / one).exists() for one in names):
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
    projects = {one: delivery.folder / file_name(name, one) for one in Deliverable if one in delivery.wanted & PROJECTS}
    if projects:
        told = _told_by(next(iter(projects.values())), progress)
        written += _hand_off(profile, selection, delivery, projects, told, cancel)
    for wanted in (one for one in Deliverable if one in delivery.wanted - PROJECTS):
        path = delivery.folder / file_name(name, wanted)
        written += _write(profile, selection, delivery, wanted, path, _told_by(path, progress), cancel)
    return written


def _write(
    profile: Profile,
    selection: Selection,
    delivery: Delivery,
    wanted: Deliverable,
    path: Path,
    progress: ProgressSink,
    cancel: CancelToken,
) -> list[Written]:
    from needledrop.export.markers import MarkerChoice
    from needledrop.workflows.markers import MarkerFormat, MarkerWish, selection_markers, write_markers
    from needledrop.workflows.output import Kind, RenderOptions, Written, export

    kinds = {
        Deliverable.FILM: Kind.MP4,
        Deliverable.MUSIC: Kind.WAV,
        Deliverable.CREDITS: Kind.ATTRIBUTION,
        Deliverable.CUE_SHEET: Kind.CUE_SHEET,
        Deliverable.DATA: Kind.JSON,
    }
    formats = {
        Deliverable.RESOLVE: MarkerFormat.RESOLVE,
        Deliverable.PREMIERE: MarkerFormat.PREMIERE,
        Deliverable.AUDACITY: MarkerFormat.AUDACITY,
        Deliverable.TABLE: MarkerFormat.CSV,
        Deliverable.TEMPO_MAP: MarkerFormat.MIDI,
        Deliverable.MARKED_WAV: MarkerFormat.WAV,
    }
    if wanted in kinds:
        options = RenderOptions(music_only=delivery.is_music_only)
        return export(profile, selection, {kinds[wanted]: path}, options, progress, cancel)
    marked = selection_markers(profile, selection, MarkerWish(MarkerChoice(delivery.beats_every), named=delivery.named))
    write_markers(marked, {formats[wanted]: path}, overwrite=False, progress=progress, cancel=cancel)
    return [Written(path)]


def _hand_off(
    profile: Profile,
    selection: Selection,
    delivery: Delivery,
    projects: Mapping[Deliverable, Path],
    progress: ProgressSink,
    cancel: CancelToken,
) -> list[Written]:
    """Projects of editors, in one go: they share the music that is written beside them."""
    from needledrop.export.interchange.write import EditFormat
    from needledrop.export.markers import MarkerChoice
    from needledrop.workflows.interchange import HandoffWish, hand_off

    formats = {
        Deliverable.RESOLVE_PROJECT: EditFormat.RESOLVE,
        Deliverable.FINAL_CUT_PROJECT: EditFormat.FCPXML,
        Deliverable.PREMIERE_PROJECT: EditFormat.FCP7,
        Deliverable.KDENLIVE_PROJECT: EditFormat.KDENLIVE,
        Deliverable.SHOTCUT_PROJECT: EditFormat.MLT,
    }
    targets = {formats[one]: path for one, path in projects.items()}
    return hand_off(
        profile, selection, HandoffWish(targets, MarkerChoice(delivery.beats_every), delivery.named), progress, cancel
    )


def _told_by(path: Path, progress: ProgressSink) -> ProgressSink:
    def report(one: Progress) -> None:
        progress(dataclasses.replace(one, detail=path.name))

    return report
