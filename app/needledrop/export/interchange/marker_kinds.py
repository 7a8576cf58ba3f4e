# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What markers of music look like in each editor, and the note that keeps what they mark."""

from __future__ import annotations

from needledrop.core.marker import MarkerKind

# Kdenlive's own categories: 0 purple, 1 blue, 2 green and on.
KDENLIVE_TYPES = {MarkerKind.SECTION: 0, MarkerKind.DOWNBEAT: 1, MarkerKind.BEAT: 2, MarkerKind.NAMED: 3}
SHOTCUT_COLOURS = {
    MarkerKind.SECTION: "#c88800",
    MarkerKind.DOWNBEAT: "#0060c8",
    MarkerKind.BEAT: "#008000",
    MarkerKind.NAMED: "#c00000",
}
OTIO_COLOURS = {
    MarkerKind.SECTION: "YELLOW",
    MarkerKind.DOWNBEAT: "BLUE",
    MarkerKind.BEAT: "CYAN",
    MarkerKind.NAMED: "RED",
}
PREFIX = "Needledrop "  # Before the word of a kind, so that no other note is taken for one.


def note_of(kind: MarkerKind | None) -> str:
    """The note that says a kind."""
    return f"{PREFIX}{kind.name.lower()}" if kind is not None else ""


def kind_of_note(note: str) -> MarkerKind | None:
    """The kind that a note says."""
    name = note.removeprefix(PREFIX).upper() if note.startswith(PREFIX) else ""
    return MarkerKind[name] if name in MarkerKind.__members__ else None
