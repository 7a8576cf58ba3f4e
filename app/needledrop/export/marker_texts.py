# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Markers as text, each form for one purpose: spreadsheets, programs, Audacity, DaVinci Resolve, Premiere Pro."""

from __future__ import annotations

import csv
import io
import json
import math
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

from needledrop.core.marker import Marker, MarkerKind, MarkerSheet
from needledrop.export.timecode import frame_timecode

COLUMNS = ("time_s", "timecode", "frame", "kind", "label", "bar", "beat")
# Colours of DaVinci Resolve's markers by kind.
_RESOLVE_COLOURS = {
    MarkerKind.BEAT: "Sky",
    MarkerKind.DOWNBEAT: "Blue",
    MarkerKind.SECTION: "Yellow",
    MarkerKind.NAMED: "Red",
}


def frame_of(marker: Marker, sheet: MarkerSheet) -> int:
    """The frame nearest to a marker, counted from the start of the sheet."""
    return round(Fraction(marker.time_s) * sheet.frame_rate)


def sheet_timecode(frame: int, sheet: MarkerSheet) -> str:
    """The timecode of a frame counted from the start of the sheet."""
    whole_rate = Fraction(math.ceil(sheet.frame_rate))
    return frame_timecode(sheet.start_frame + frame, sheet.frame_rate if sheet.is_drop_frame else whole_rate)


def marker_csv(sheet: MarkerSheet) -> str:
    """CSV with a head line (RFC 4180), for spreadsheets and scripts."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for facts in marker_facts(sheet):
        writer.writerow([facts[name] if facts[name] is not None else "" for name in COLUMNS])
    return text.getvalue()


def marker_json(sheet: MarkerSheet) -> str:
    """One object, for programs."""
    document = {
        "title": sheet.title,
        "duration_s": round(sheet.duration_s, 4),
        "frame_rate": str(sheet.frame_rate),
        "start_timecode": sheet_timecode(0, sheet),
        "markers": marker_facts(sheet),
    }
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def marker_facts(sheet: MarkerSheet) -> list[dict[str, Any]]:
    """Each marker as COLUMNS name it; bar and beat are None where there are none."""
    return [
        {
            "time_s": round(marker.time_s, 4),
            "timecode": sheet_timecode(frame_of(marker, sheet), sheet),
            "frame": frame_of(marker, sheet),
            "kind": marker.kind.name.lower(),
            "label": marker.label,
            "bar": marker.bar or None,
            "beat": marker.beat or None,
        }
        for marker in sheet.markers
    ]


def audacity_labels(sheet: MarkerSheet) -> str:
    """A label track (File > Import > Labels): start, end and text between tabs; start and end of a point are equal.

    Source: Audacity manual, "Importing and Exporting Labels".
    """
    lines = (f"{marker.time_s:.6f}\t{marker.time_s:.6f}\t{_line(marker.label)}\n" for marker in sheet.markers)
    return "".join(lines)


def resolve_edl(sheet: MarkerSheet) -> str:
    """An edit list that DaVinci Resolve reads onto a timeline (Timelines > Import > Timeline Markers from EDL).

    It is what Resolve itself writes (Timelines > Export > Timeline Markers to EDL): an event of one frame for each
    marker, and under it colour, name and length in frames. One marker a frame; of several the greatest.
    """
    mode = "DROP FRAME" if sheet.is_drop_frame else "NON-DROP FRAME"
    parts = [f"TITLE: {_line(sheet.title)}\nFCM: {mode}\n"]
    by_frame: dict[int, Marker] = {}
    for marker in sheet.markers:
        frame = frame_of(marker, sheet)
        if frame not in by_frame or marker.kind > by_frame[frame].kind:
            by_frame[frame] = marker
    for number, (frame, marker) in enumerate(by_frame.items(), 1):
        start, end = sheet_timecode(frame, sheet), sheet_timecode(frame + 1, sheet)
        name = _line(marker.label).replace("|", "/")
        parts.append(
            f"\n{number:03d}  001      V     C        {start} {end} {start} {end}  \n"
            f" |C:ResolveColor{_RESOLVE_COLOURS[marker.kind]} |M:{name} |D:1\n"
        )
    return "".join(parts)


def premiere_xml(sheet: MarkerSheet) -> bytes:
    """An empty sequence with markers as Final Cut Pro 7 XML, which Premiere Pro imports (File > Import).

    Source: Apple, "Final Cut Pro XML Interchange Format" 5: a marker's <in> is a frame of the sequence, its <out> is
    -1 for a point; <rate> is a whole rate and whether it is slowed by 1000/1001.
    """
    root = ElementTree.Element("xmeml", version="5")
    sequence = ElementTree.SubElement(root, "sequence", id="markers")
    _child(sequence, "name", sheet.title)
    _child(sequence, "duration", str(math.ceil(sheet.duration_s * sheet.frame_rate)))
    _add_rate(sequence, sheet)
    timecode = ElementTree.SubElement(sequence, "timecode")
    _add_rate(timecode, sheet)
    _child(timecode, "string", sheet_timecode(0, sheet))
    _child(timecode, "frame", str(sheet.start_frame))
    _child(timecode, "displayformat", "DF" if sheet.is_drop_frame else "NDF")
    media = ElementTree.SubElement(sequence, "media")
    ElementTree.SubElement(ElementTree.SubElement(media, "video"), "track")
    ElementTree.SubElement(ElementTree.SubElement(media, "audio"), "track")
    for marker in sheet.markers:
        element = ElementTree.SubElement(sequence, "marker")
        _child(element, "comment", marker.kind.name.lower())
        _child(element, "name", _line(marker.label))
        _child(element, "in", str(frame_of(marker, sheet)))
        _child(element, "out", "-1")
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n{body}\n'.encode()


def _add_rate(parent: ElementTree.Element, sheet: MarkerSheet) -> None:
    rate = ElementTree.SubElement(parent, "rate")
    _child(rate, "timebase", str(math.ceil(sheet.frame_rate)))
    _child(rate, "ntsc", "TRUE" if sheet.frame_rate.denominator != 1 else "FALSE")


def _child(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = "".join(c for c in text if c.isprintable())


def _line(text: str) -> str:
    """One line, without tabs."""
    return " ".join(text.split())
