# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cue sheet that broadcasters and collecting societies ask for: one line per cue, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from needledrop.core.cue import Cue
from needledrop.export.credits import CueTrack
from needledrop.export.timecode import timecode
from needledrop.media.output_file import written_whole

COLUMNS = (
    "cue", "timecode_in", "timecode_out", "duration", "title", "composer", "artist", "publisher", "isrc", "usage",
    "licence", "source_in", "source_out", "speed_percent",
)  # fmt: skip
USAGE = "BI"  # Background instrumental; whether a track is sung is not known, so the user corrects it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def cue_sheet(
    cues: Sequence[Cue],
    tracks: Mapping[int, CueTrack],
    frame_rate: Fraction,
    *,
    start_s: Fraction = Fraction(0),
) -> str:
    """CSV with a head line, in order of time. The duration is written m:ss, as societies want it.

    Args:
        start_s: What the first frame of the video is called, in seconds (its start timecode).

    Raises:
        KeyError: a cue's track has no credits.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    writer.writerow(COLUMNS)
    ordered = sorted(cues, key=lambda cue: (cue.record_in_s, cue.track_id))
    for number, cue in enumerate(ordered, 1):
        writer.writerow(_row(number, cue, tracks[cue.track_id], frame_rate, start_s))
    return text.getvalue()


def export_cue_sheet(
    cues: Sequence[Cue],
    tracks: Mapping[int, CueTrack],
    out_path: Path,
    frame_rate: Fraction,
    *,
    start_s: Fraction = Fraction(0),
    overwrite: bool = False,
) -> None:
    """Write `cue_sheet` as UTF-8 with a byte order mark, without which Excel misreads it.

    Raises:
        KnownError: "exists", "disk-full" or "unwritable".
    """
    with written_whole(out_path, overwrite=overwrite) as part:
        part.write_bytes(cue_sheet(cues, tracks, frame_rate, start_s=start_s).encode("utf-8-sig"))


def _row(number: int, cue: Cue, track: CueTrack, frame_rate: Fraction, start_s: Fraction) -> list[str]:
    whole_s = max(1, round(cue.duration_s))
    cells = [
        str(number),
        timecode(start_s + Fraction(cue.record_in_s), frame_rate),
        timecode(start_s + Fraction(cue.record_out_s), frame_rate),
        f"{whole_s // 60}:{whole_s % 60:02d}",
        track.title,
        track.composer or track.author,
        track.artist,
        "",
        track.isrc,
        USAGE,
        track.licence_name,
        *_source(cue),
    ]
    return [_inert(cell) for cell in cells]


def _source(cue: Cue) -> tuple[str, str, str]:
    """What is heard of the track, in seconds of it (several pieces one after another), and how fast it is played."""
    ins = " + ".join(f"{piece.source_in_s:.3f}" for piece in cue.pieces)
    outs = " + ".join(f"{piece.source_out_s:.3f}" for piece in cue.pieces)
    return ins, outs, f"{cue.speed_percent:.2f}"


def _inert(cell: str) -> str:
    """A spreadsheet would run a title such as "=HYPERLINK(...)"."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
