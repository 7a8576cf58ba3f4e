# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces from the accompaniment patterns of MMA (Debian package `mma`), with melodies of our own and our tempo map."""

from __future__ import annotations

import io
import random
import re
import subprocess
import tempfile
from pathlib import Path

from needledrop.training.beats.arranger import DRUMS, Part
from needledrop.training.beats.composer import Piece, add_melody, beat_times

_LIBRARIES = (Path("/usr/share/mma/lib/stdlib"), Path("/usr/share/mma/lib/casio"))
_CHORDS = ("C", "Am", "F", "G7", "Dm7", "Em", "Bb", "E7", "Fm", "Cmaj7", "D7", "A7")
# The first word found in a groove's name gives the range of its tempo in BPM.
_TEMPI = (
    ("fast", 150, 220), ("slow", 56, 92), ("ballad", 58, 92), ("waltz", 84, 190), ("bossa", 100, 160),
    ("house", 112, 134), ("techno", 124, 150), ("trance", 126, 145), ("rave", 126, 150), ("dance", 112, 134),
    ("disco", 104, 130), ("trip", 70, 98), ("hip", 74, 104), ("metal", 110, 176), ("march", 96, 132),
    ("polka", 100, 134), ("quickstep", 150, 208), ("foxtrot", 104, 150), ("swing", 100, 212), ("jazz", 100, 200),
    ("reggae", 66, 92), ("ska", 104, 150), ("blues", 70, 140), ("boogie", 110, 180), ("samba", 92, 116),
    ("rock", 92, 170), ("bluegrass", 100, 140), ("r+b", 66, 104), ("funk", 88, 120), ("16", 66, 104),
)  # fmt: skip


def grooves() -> list[tuple[str, str]]:
    """Library file stem and name of every groove, in order."""
    found = []
    for folder in _LIBRARIES:
        for path in sorted(folder.glob("*.mma")):
            names = re.findall(r"^\s*DefGroove\s+(\S+)", path.read_text(errors="replace"), re.MULTILINE)
            plain = [name for name in names if not re.search(r"intro|end|fill", name, re.IGNORECASE)]
            found.append((f"{folder.name}/{path.stem}", " ".join(plain)))
    return found


def compose_groove(seed: int, length_s: float) -> Piece | None:
    """The piece of that seed; None where MMA or the metre does not serve."""
    rng = random.Random(seed)
    file, names = rng.choice(grooves())
    chosen = rng.sample(names.split(), min(len(names.split()), rng.choice((1, 2, 3)))) if names else []
    if not chosen:
        return None
    slowest, fastest = next(
        ((low, high) for word, low, high in _TEMPI if word in f"{file}{chosen[0]}".lower()), (80, 150)
    )
    bpm = slowest * (fastest / slowest) ** rng.random()
    midi = _played(rng, seed, file, chosen, round(length_s * bpm / 60 / 3) + 4)
    return _piece(rng, midi, f"mma {file}", bpm, length_s) if midi else None


def _played(rng: random.Random, seed: int, file: str, names: list[str], bars: int) -> bytes:
    length = rng.choice((2, 4, 4, 8))
    cycle = [rng.choice(_CHORDS) for _ in range(length)]
    # MMA varies loudness and time by chance of its own.
    lines = [f"RndSeed {seed}"]
    for bar in range(bars):
        if bar % 8 == 0:
            lines.append(f"Groove {file}:{names[bar // 8 % len(names)]}")
        lines.append(f"{bar + 1} {cycle[bar % length]}")
    with tempfile.TemporaryDirectory() as folder:
        score, song = Path(folder, "score.mma"), Path(folder, "song.mid")
        score.write_text("\n".join(lines) + "\n")
        subprocess.run(["mma", "-w", "-f", str(song), str(score)], capture_output=True, check=False, timeout=60)
        return song.read_bytes() if song.exists() else b""


def _piece(rng: random.Random, midi: bytes, style: str, bpm: float, length_s: float) -> Piece | None:
    import mido

    song = mido.MidiFile(file=io.BytesIO(midi))
    metre, programs = (4, 4), dict.fromkeys(range(16), 0)
    parts: dict[int, Part] = {}
    open_notes: dict[tuple[int, int], tuple[int, int]] = {}
    ticks = 0
    unit = song.ticks_per_beat
    for message in mido.merge_tracks(song.tracks):
        ticks += message.time
        if message.type == "time_signature":
            metre = (message.numerator, message.denominator)
        elif message.type == "program_change":
            programs[message.channel] = message.program
        elif message.type == "note_on" and message.velocity:
            open_notes[message.channel, message.note] = (ticks, message.velocity)
        elif message.type in ("note_off", "note_on") and (message.channel, message.note) in open_notes:
            start, velocity = open_notes.pop((message.channel, message.note))
            program = DRUMS if message.channel == 9 else programs[message.channel]
            part = parts.setdefault(program, Part(program, rng.randint(60, 115), rng.choice((0, 0, 0.003, 0.007))))
            part.notes.append((start, ticks - start, message.note, velocity))
    numerator, denominator = metre
    if denominator == 8 and numerator % 3 == 0:
        numerator, unit, per_beat = numerator // 3, unit * 3 // 2, 6
    elif denominator == 4 and numerator in (2, 3, 4, 5):
        per_beat = 4
    else:
        return None
    beats = max(8, round(length_s * bpm / 60))
    kept = list(parts.values())[:14]
    for part in kept:
        part.notes = [(s / unit, max(0.1, n / unit), p, v) for s, n, p, v in part.notes if s / unit < beats]
    if rng.random() < 0.3:
        kept = [part for part in kept if part.program == DRUMS or rng.random() < 0.7] or kept
    if rng.random() < 0.12:
        kept = [part for part in kept if part.program != DRUMS] or kept
    if rng.random() < 0.65:
        kept.append(add_melody(rng, numerator, per_beat, max(1, beats // numerator)))
    return Piece(style, numerator, beat_times(rng, bpm, beats + 1), kept, 0.5, per_beat)
