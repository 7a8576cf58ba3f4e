# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any editor's file as an edit, told apart by its name and by what is in it. Changes no file."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from needledrop.core.edit import EDIT_SUFFIXES, ClipKind, ProjectEdit
from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.export.interchange.edl_reader import read_edl
from needledrop.export.interchange.fcp7_reader import read_fcp7
from needledrop.export.interchange.fcpxml_reader import read_fcpxml
from needledrop.export.interchange.mlt_reader import read_mlt
from needledrop.export.interchange.otio_reader import read_otio
from needledrop.export.interchange.safe_xml import broken, read_xml

_BUNDLED = "Info.fcpxml"
_LONGEST_S = 7 * 86_400


def read_edit(path: Path, frame_rate: Fraction | None = None) -> ProjectEdit:
    """The timeline of a project.

    Args:
        frame_rate: Of an EDL, which says none.

    Raises:
        KnownError: "missing", "unsupported", "broken-project", "unsafe-project", or "nothing-found" without clips.
    """
    edit = _tracks_from_zero(_read(path, frame_rate))
    if edit.duration_s > _LONGEST_S or any(clip.record_in_s < 0 or clip.duration_s < 0 for clip in edit.clips):
        raise broken(display_path(path.name), "a clip lies where no timeline is")
    if not edit.clips:
        raise KnownError(
            f"The timeline in '{display_path(path.name)}' has no clips.",
            remedy="Export the timeline that holds your cut.",
            code="nothing-found",
        )
    return edit


def _tracks_from_zero(edit: ProjectEdit) -> ProjectEdit:
    """Tracks on which nothing is do not count."""
    used = {kind: sorted({clip.track for clip in edit.clips if clip.kind is kind}) for kind in ClipKind}
    return replace(edit, clips=tuple(replace(clip, track=used[clip.kind].index(clip.track)) for clip in edit.clips))


def _read(path: Path, frame_rate: Fraction | None) -> ProjectEdit:
    suffix = path.suffix.casefold()
    if suffix in {".otio", ".otioz"}:
        return read_otio(path)
    if suffix == ".edl":
        return read_edl(path, frame_rate)
    if suffix in {".kdenlive", ".mlt"}:
        return read_mlt(path)
    if suffix not in EDIT_SUFFIXES:
        raise KnownError(
            f"'{display_path(path.name)}' is no project that Needledrop reads.",
            remedy=f"It reads {', '.join(EDIT_SUFFIXES)}.",
            code="unsupported",
        )
    # Final Cut Pro writes a folder with the document in it; its media are named from there.
    file = path / _BUNDLED if path.is_dir() else path
    root = read_xml(file)
    if root.tag == "fcpxml":
        return read_fcpxml(root, file)
    if root.tag == "xmeml":
        return read_fcp7(root, file)
    raise broken(display_path(path.name), f"its root is {root.tag}")
