# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An edit as a new file for an editor; never in place of a project that is there, unless that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from needledrop.core.edit import ProjectEdit
from needledrop.export.interchange.fcp7_writer import fcp7_document
from needledrop.export.interchange.fcpxml_writer import fcpxml_document
from needledrop.export.interchange.kdenlive_writer import KdenliveShape, kdenlive_project
from needledrop.export.interchange.otio_writer import otio_document
from needledrop.export.interchange.shotcut_writer import shotcut_project
from needledrop.media.output_file import written_whole


class EditFormat(StrEnum):
    """What an edit can be written as."""

    OTIO = "otio"
    RESOLVE = "resolve-otio"
    FCPXML = "fcpxml"
    FCP7 = "fcp7"
    KDENLIVE = "kdenlive"
    KDENLIVE_22 = "kdenlive-22"
    MLT = "mlt"


EDIT_FORMAT_SUFFIXES = {
    EditFormat.OTIO: ".otio",
    EditFormat.RESOLVE: ".otio",
    EditFormat.FCPXML: ".fcpxml",
    EditFormat.FCP7: ".xml",
    EditFormat.KDENLIVE: ".kdenlive",
    EditFormat.KDENLIVE_22: ".kdenlive",
    EditFormat.MLT: ".mlt",
}
_DOCUMENTS: dict[EditFormat, Callable[[ProjectEdit], bytes]] = {
    EditFormat.OTIO: otio_document,
    EditFormat.RESOLVE: lambda edit: otio_document(edit, for_resolve=True),
    EditFormat.FCPXML: fcpxml_document,
    EditFormat.FCP7: fcp7_document,
    EditFormat.KDENLIVE: lambda edit: kdenlive_project(edit, KdenliveShape.FROM_23_04),
    EditFormat.KDENLIVE_22: lambda edit: kdenlive_project(edit, KdenliveShape.UP_TO_22_12),
    EditFormat.MLT: shotcut_project,
}
_SPEEDLESS = {EditFormat.FCPXML, EditFormat.FCP7}


def edit_document(edit: ProjectEdit, target: EditFormat) -> bytes:
    """The file. Clips without one of their own, such as titles, are left out."""
    return _DOCUMENTS[target](replace(edit, clips=tuple(clip for clip in edit.clips if clip.source is not None)))


def write_edit(
    edit: ProjectEdit, target: EditFormat, path: Path, *, overwrite: bool = False, sources: Iterable[Path] = ()
) -> tuple[str, ...]:
    """Write the file; gives what it does not hold, a sentence each.

    Args:
        sources: Files that are never written over, such as the project that the edit is from.

    Raises:
        KnownError: "exists", "would-overwrite-source", "missing", "disk-full" or "unwritable".
    """
    media = [clip.source.path for clip in edit.clips if clip.source is not None and clip.source.path is not None]
    content = edit_document(edit, target)
    with written_whole(path, overwrite=overwrite, sources=[*sources, *dict.fromkeys(media)]) as part:
        part.write_bytes(content)
    return _losses(edit, target)


def _losses(edit: ProjectEdit, target: EditFormat) -> tuple[str, ...]:
    said = []
    if any(clip.source is None for clip in edit.clips):
        said.append("Titles and other clips without a file are left out.")
    if target in _SPEEDLESS and any(clip.source is not None and clip.speed != 1 for clip in edit.clips):
        said.append("Speed changes are left out: these clips play at their own speed.")
    if target is EditFormat.RESOLVE and any(clip.gain_db or clip.fade_in_s or clip.fade_out_s for clip in edit.clips):
        said.append("Resolve reads no levels or fades from OpenTimelineIO: use the WAV beside it, or the XML.")
    return tuple(said)
