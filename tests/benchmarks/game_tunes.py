# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tunes of free games, rendered from their MIDI files, with the beats that their tempo maps and time signatures name.

A development set for beat tracking; never trained on. Many such files have a tempo map that is not the music's: a tune
counts only where the rendered sound has stronger onsets on its grid than on shifted and stretched ones. By hand:

    apt-get install fluidsynth musescore-general-soundfont freedink-data freedoom openttd-openmsx \
        planetblupi-music-midi simutrans-data
    python tests/benchmarks/game_tunes.py FOLDER [SOUNDFONT]

renders what is missing in FOLDER and prints what was kept, and what was thrown out and why.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
import soundfile
from numpy.typing import NDArray

from needledrop.core.music import ONSET_RATE_HZ
from needledrop.features import onsets
from needledrop.training.beats import render

LENGTH_S = 90.0
_SHARE = Path("/usr/share")
_FOLDERS = {
    "freedink": _SHARE / "games/dink/dink/Sound",
    "openttd": _SHARE / "games/openttd/baseset/openmsx",
    "planetblupi": _SHARE / "planetblupi/music",
    "simutrans": _SHARE / "games/simutrans/music",
}
_WADS = {"freedoom1": _SHARE / "games/doom/freedoom1.wad", "freedoom2": _SHARE / "games/doom/freedoom2.wad"}
# The constants of the first tracker were chosen while looking at these: they can only serve to choose again.
_LOOKED_AT = frozenset({"freedink", "openttd"})
_FEWEST_BEATS = 24
_SHIFTS = (1 / 8, 1 / 4, 3 / 8, 5 / 8, 3 / 4, 7 / 8)
_STRETCHES = (0.93, 0.97, 1.03, 1.07)
# By how much onsets on the grid must exceed those on the best of the other grids. Half a beat off there may be nearly
# as much (hi-hats), but no more.
_CLEARLY = 1.15


# Keys do not matter here, and some files have such as mido refuses.
_KEY_SIGNATURE = re.compile(rb"\xff\x59\x02..", re.DOTALL)


@dataclass(frozen=True)
class Truth:
    """Beats in seconds, those that begin a bar, and whether the file names its metre."""

    beats_s: NDArray[np.float64]
    downbeats_s: NDArray[np.float64]
    beats_per_bar: int
    names_metre: bool


@dataclass(frozen=True)
class GameTune:
    """A tune that was kept: stereo sound at onsets.RATE in a file, log-mel codes as the network hears them, truth.

    half: "A" to choose by, "B" to report.
    """

    name: str
    half: str
    sound_path: Path
    codes: NDArray[np.uint8]
    truth: Truth

    @property
    def tempo_bpm(self) -> float:
        """As notated, which need not be the tempo that people tap."""
        return float(60 / np.median(np.diff(self.truth.beats_s)))


def game_tunes(folder: Path, soundfont: Path = render.HELD_OUT_SOUNDFONT, half: str = "AB") -> Iterator[GameTune]:
    """The tunes kept, by name; what is not in the folder yet is rendered into it."""
    for name, midi in sorted(_unique_files().items()):
        if half_of(name) in half:
            tune, _ = _made(folder / soundfont.stem, name, midi, soundfont)
            if tune is not None:
                yield tune


def half_of(name: str) -> str:
    """The half a tune belongs to, the same for ever."""
    if name.partition("-")[0] in _LOOKED_AT:
        return "A"
    return "AB"[hashlib.sha256(name.encode()).digest()[0] % 2]


def _unique_files() -> dict[str, bytes]:
    """Name -> MIDI; of equal files the first."""
    found: dict[str, bytes] = {}
    for source, folder in _FOLDERS.items():
        for path in sorted(folder.glob("*.mid")):
            found[f"{source}-{path.stem}"] = path.read_bytes()
    for source, path in _WADS.items():
        if path.exists():
            found |= {f"{source}-{name}": midi for name, midi in _lumps(path.read_bytes())}
    seen: set[bytes] = set()
    unique: dict[str, bytes] = {}
    for name, midi in found.items():
        digest = hashlib.sha256(midi).digest()
        if digest not in seen:
            seen.add(digest)
            unique[name] = midi
    return unique


def _lumps(wad: bytes) -> Iterator[tuple[str, bytes]]:
    """The MIDI files in a WAD of Doom's format."""
    count, directory = struct.unpack_from("<ii", wad, 4)
    for index in range(count):
        start, size, name = struct.unpack_from("<ii8s", wad, directory + 16 * index)
        if wad[start : start + 4] == b"MThd":
            yield name.rstrip(b"\0").decode(), wad[start : start + size]


def _messages(midi: bytes) -> tuple[mido.MidiTrack, int]:
    """All tracks in one, and ticks a quarter; no messages where the file cannot be read."""
    without_keys = _KEY_SIGNATURE.sub(b"\xff\x59\x02\x00\x00", midi)
    try:
        score = mido.MidiFile(file=io.BytesIO(without_keys), clip=True)
    except (OSError, EOFError, ValueError, KeyError, IndexError):
        return mido.MidiTrack(), 480
    return mido.merge_tracks(score.tracks), score.ticks_per_beat


def _made(folder: Path, name: str, midi: bytes, soundfont: Path) -> tuple[GameTune | None, str]:
    """The tune, or None and why it was thrown out."""
    kept = folder / f"{name}.npz"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _make(kept, midi, soundfont)
    with np.load(kept) as stored:
        if stored["reason"].item():
            return None, str(stored["reason"])
        truth = Truth(stored["beats"], stored["downbeats"], int(stored["bpb"]), bool(stored["names_metre"]))
        return GameTune(name, half_of(name), kept.with_suffix(".flac"), stored["codes"], truth), ""


def _make(path: Path, midi: bytes, soundfont: Path) -> None:
    messages, ticks = _messages(midi)
    has_notes = any(message.type == "note_on" for message in messages)
    truth = _truth(messages, ticks) if has_notes else None
    if truth is None or len(truth.beats_s) < _FEWEST_BEATS:
        np.savez(path, reason="fewer beats than can be checked")
        return
    sound = render.rendered(_shortened(messages, ticks), soundfont, reverb=True)[: round(LENGTH_S * onsets.RATE)]
    codes = render.mel_codes(sound)
    beats_s = truth.beats_s[truth.beats_s < len(sound) / onsets.RATE]
    reason = _objection(codes, beats_s)
    soundfile.write(path.with_suffix(".flac"), sound, onsets.RATE)
    np.savez(
        path,
        reason=reason,
        codes=codes,
        beats=beats_s,
        downbeats=truth.downbeats_s[truth.downbeats_s < len(sound) / onsets.RATE],
        bpb=truth.beats_per_bar,
        names_metre=truth.names_metre,
    )


def _truth(messages: mido.MidiTrack, ticks: int) -> Truth:
    """Beats of the time signature from the first note to the last, within LENGTH_S; a bar of 6/8 has two."""
    now, tempi, metres, notes = 0, [(0, 500_000)], [], []
    for message in messages:
        now += message.time
        if message.type == "set_tempo":
            tempi.append((now, message.tempo))
        elif message.type == "time_signature":
            metres.append((now, message.numerator, message.denominator))
        elif message.type == "note_on" and message.velocity:
            notes.append(now)
    spans = [(0, 4, 4), *metres]
    beats, downbeats, per_bar = [], [], Counter[int]()
    for index, (start, numerator, denominator) in enumerate(spans):
        stop = spans[index + 1][0] if index + 1 < len(spans) else notes[-1] + 1
        is_compound = denominator == 8 and numerator % 3 == 0 and numerator > 3
        count = numerator // 3 if is_compound else numerator
        step = ticks * 4 * (3 if is_compound else 1) / denominator
        here = np.arange(start, stop - 0.5, step)
        beats.append(here)
        downbeats.append(here[::count])
        per_bar[count] += len(here)
    first, last = notes[0] - ticks / 8, min(notes[-1] + 1, _tick_of(LENGTH_S, tempi, ticks))
    inside = [times[(times >= first) & (times <= last)] for times in map(np.concatenate, (beats, downbeats))]
    beats_s, downbeats_s = (_seconds(times, tempi, ticks) for times in inside)
    return Truth(beats_s, downbeats_s, per_bar.most_common(1)[0][0], bool(metres))


def _seconds(at: NDArray[np.float64], tempi: list[tuple[int, int]], ticks: int) -> NDArray[np.float64]:
    """The times of ticks, by a tempo map of ticks and microseconds a quarter."""
    starts = np.array([tick for tick, _ in tempi], float)
    rates = np.array([tempo for _, tempo in tempi]) / 1e6 / ticks
    times = np.concatenate([[0.0], np.cumsum(np.diff(starts) * rates[:-1])])
    span = np.searchsorted(starts, at, side="right") - 1
    return np.asarray(times[span] + (at - starts[span]) * rates[span])


def _tick_of(time_s: float, tempi: list[tuple[int, int]], ticks: int) -> float:
    starts = np.array([tick for tick, _ in tempi], float)
    times = _seconds(starts, tempi, ticks)
    span = int(np.searchsorted(times, time_s, side="right")) - 1
    return float(starts[span] + (time_s - times[span]) / (tempi[span][1] / 1e6 / ticks))


def _shortened(messages: mido.MidiTrack, ticks: int) -> bytes:
    """A file of what sounds in the first LENGTH_S, for rendering takes long."""
    now, tempi = 0, [(0, 500_000)]
    for message in messages:
        now += message.time
        if message.type == "set_tempo":
            tempi.append((now, message.tempo))
    end, now, written, track = _tick_of(LENGTH_S, tempi, ticks), 0, 0, mido.MidiTrack()
    for message in messages:
        now += message.time
        if now > end:
            break
        if not message.is_meta or message.type == "set_tempo":
            track.append(message.copy(time=now - written))
            written = now
    # fluidsynth renders for ever while a note sounds.
    track.extend(mido.Message("control_change", channel=channel, control=120) for channel in range(16))
    score, data = mido.MidiFile(type=0, ticks_per_beat=ticks, tracks=[track]), io.BytesIO()
    score.save(file=data)
    return data.getvalue()


def _objection(codes: NDArray[np.uint8], beats_s: NDArray[np.float64]) -> str:
    """Why this is not the music's grid, or nothing."""
    rises = np.maximum(np.diff(codes.astype(np.float64), axis=0), 0).sum(axis=1)
    rises = np.convolve(rises, np.ones(3) / 3, "same")

    def strength(times_s: NDArray[np.float64]) -> float:
        frames = np.round(times_s * ONSET_RATE_HZ).astype(np.intp)
        frames = frames[frames < len(rises)]
        return float(rises[frames].mean()) if len(frames) else 0.0

    if len(beats_s) < _FEWEST_BEATS:
        return "fewer beats than can be checked"
    step_s = np.append(np.diff(beats_s), np.diff(beats_s)[-1])
    on_grid = strength(beats_s)
    if on_grid <= strength(beats_s + step_s / 2):
        return "onsets are stronger half a beat off"
    if on_grid <= _CLEARLY * max(strength(beats_s + share * step_s) for share in _SHIFTS):
        return "onsets are as strong on a shifted grid"
    if on_grid <= _CLEARLY * max(strength(beats_s[0] + (beats_s - beats_s[0]) * by) for by in _STRETCHES):
        return "onsets are as strong on a stretched grid"
    return ""


def main(folder: Path, soundfont: Path) -> None:
    """Render what is missing and say what became of each tune."""
    outcomes: Counter[tuple[str, str]] = Counter()
    for name, midi in sorted(_unique_files().items()):
        tune, reason = _made(folder / soundfont.stem, name, midi, soundfont)
        outcomes[(half_of(name), reason or "kept")] += 1
        if tune is None:
            print(f"{name}: {reason}", flush=True)
            continue
        octave = "" if 60 <= tune.tempo_bpm <= 170 else ", an octave that few would tap"
        metre = f"{tune.truth.beats_per_bar} a bar" if tune.truth.names_metre else "metre not named"
        print(f"{name}: {tune.half}, {tune.tempo_bpm:.1f} BPM{octave}, {metre}", flush=True)
    for (half, outcome), count in sorted(outcomes.items()):
        print(f"{half}: {outcome}: {count}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else render.HELD_OUT_SOUNDFONT)
