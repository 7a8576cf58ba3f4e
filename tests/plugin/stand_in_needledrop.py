# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in of the command `needledrop` for the scripts that call it: a fixed list, and files that say who wrote them.

Appends each command line to `asked.jsonl` in its own folder. Run with any Python; imports nothing of the program.
"""

from __future__ import annotations

import json
import sys
import wave
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).resolve().parent
NOTHING_FOUND, KNOWN_ERROR = 4, 3
TRACK = {
    "path": "/music/01 tide.flac",
    "tags": {"title": "Tide", "artist": "Ana"},
    "tempo_bpm": 120.2,
    "key": "A min",
    "licence": {"name": "CC-BY-4.0"},
}
REASON = {"text": "8 of 9 cuts fall on beats", "times_s": []}


def suggest(arguments: list[str]) -> int:
    """Print the list, or what is wrong, by the name of the project."""
    project = Path(arguments[0]).name
    if "wrong" in project:
        print(json.dumps({"error": {"sentence": "There is no music yet.", "remedy": "Scan a folder.", "code": "x"}}))
        return KNOWN_ERROR
    found = [] if "empty" in project else [{"rank": at, "track": TRACK, "reasons": [REASON]} for at in (1, 2, 3)]
    print(json.dumps({"suggestions": found, "notes": ["A note on the list."], "range_s": [1.5, 20.0]}))
    return 0 if found else NOTHING_FOUND


def export(arguments: list[str]) -> int:
    """Write what is wanted: a second of silence where it is a WAV."""
    for option, value in pairwise(arguments):
        if option == "--wav":
            with wave.open(value, "wb") as sound:
                sound.setparams((2, 2, 48000, 0, "NONE", ""))
                sound.writeframes(bytes(4 * 48000))
        elif option in ("--kdenlive", "--kdenlive-22", "--mlt", "--fcpxml", "--attribution"):
            Path(value).write_text(option)
    return 0


if __name__ == "__main__":
    with (HERE / "asked.jsonl").open("a") as asked:
        asked.write(json.dumps(sys.argv[1:]) + "\n")
    sys.exit({"suggest": suggest, "export": export}[sys.argv[1]](sys.argv[2:]))
