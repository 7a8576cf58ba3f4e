# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every format of markers, read back by a reader that shares no code with its writer."""

from __future__ import annotations

import csv
import io
import json
import re
import struct
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile

from needledrop.core.marker import Marker, MarkerKind, MarkerSheet
from needledrop.export.marked_wav import write_marked_wav
from needledrop.export.marker_texts import audacity_labels, marker_csv, marker_json, premiere_xml, resolve_edl
from needledrop.export.midi_tempo import midi_tempo_map

BEATS_S = tuple((1.37 + 0.5004 * np.arange(40)).tolist())
BARS_S = (BEATS_S[:3], *(BEATS_S[at : at + 4] for at in range(3, 39, 4)), BEATS_S[39:])
MARKERS = (
    Marker(0.0, MarkerKind.SECTION, "1 Intro"),
    Marker(BEATS_S[1], MarkerKind.BEAT, "0.3", 0, 3),
    Marker(BEATS_S[3], MarkerKind.DOWNBEAT, "Bar 1", 1, 1),
    Marker(BEATS_S[11], MarkerKind.SECTION, 'Ü|"drop"\t2', 3, 1),
)
RATES = [Fraction(25), Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60)]


def sheet(rate: Fraction = Fraction(25), *, is_drop: bool = False, start: int = 0, **changes: object) -> MarkerSheet:
    given = {"title": "A & B", "markers": MARKERS, "duration_s": 22.5, "bars_s": BARS_S} | changes
    return MarkerSheet(frame_rate=rate, start_frame=start, is_drop_frame=is_drop, **given)  # type: ignore[arg-type]


def frame_at(timecode: str, rate: Fraction) -> int:
    """SMPTE ST 12-1 read back: frames since 00:00:00:00."""
    hours, minutes, seconds, frames = (int(part) for part in re.split("[:;]", timecode))
    nominal = -(-rate.numerator // rate.denominator)
    count = ((hours * 60 + minutes) * 60 + seconds) * nominal + frames
    whole = hours * 60 + minutes
    return count - (nominal // 15) * (whole - whole // 10) if ";" in timecode else count


def test_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(marker_csv(sheet(start=90_000)))))
    assert [float(row["time_s"]) for row in rows] == pytest.approx([m.time_s for m in MARKERS], abs=1e-4)
    assert [row["kind"] for row in rows] == ["section", "beat", "downbeat", "section"]
    assert rows[0]["timecode"] == "01:00:00:00" and rows[0]["bar"] == "" and rows[2]["bar"] == "1"
    assert rows[3]["label"] == MARKERS[3].label


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("is_drop", [False, True])
def test_timecode_and_frames_agree_with_seconds(rate: Fraction, is_drop: bool) -> None:
    is_drop = is_drop and rate == Fraction(30000, 1001)
    late = tuple(Marker(at, MarkerKind.BEAT, "x") for at in np.arange(0.01, 1300, 59.37).tolist())
    given = sheet(rate, is_drop=is_drop, start=1000, markers=late, duration_s=1400.0)
    found = json.loads(marker_json(given))["markers"]
    for marker, facts in zip(late, found, strict=True):
        assert abs(facts["frame"] / rate - Fraction(marker.time_s)) <= 1 / (2 * rate)
        assert frame_at(facts["timecode"], rate) == facts["frame"] + 1000
        assert (";" in facts["timecode"]) is is_drop


def test_json_says_what_it_counts_by() -> None:
    document = json.loads(marker_json(sheet(Fraction(24000, 1001), start=86_400)))
    assert document["frame_rate"] == "24000/1001" and document["start_timecode"] == "01:00:00:00"
    assert document["title"] == "A & B" and document["markers"][0]["beat"] is None


def test_audacity_labels() -> None:
    rows = [line.split("\t") for line in audacity_labels(sheet()).splitlines()]
    assert [float(start) for start, _, _ in rows] == pytest.approx([m.time_s for m in MARKERS], abs=1e-6)
    assert all(start == end for start, end, _ in rows)
    assert [text for _, _, text in rows] == ["1 Intro", "0.3", "Bar 1", 'Ü|"drop" 2']


EVENT = re.compile(r"^(\d{3,})  001      V     C        (\S+) (\S+) (\S+) (\S+)  $")
MARK = re.compile(r"^ \|C:ResolveColor(\w+) \|M:([^|]*) \|D:(\d+)$")


@pytest.mark.parametrize(("rate", "is_drop"), [(Fraction(25), False), (Fraction(30000, 1001), True)])
def test_resolve_edl(rate: Fraction, is_drop: bool) -> None:
    head, *events = resolve_edl(sheet(rate, is_drop=is_drop, start=frame_at("01:00:00:00", rate))).split("\n\n")
    assert head == f"TITLE: A & B\nFCM: {'DROP FRAME' if is_drop else 'NON-DROP FRAME'}"
    read = [(EVENT.match(lines[0]), MARK.match(lines[1])) for event in events if (lines := event.splitlines())]
    assert len(read) == len(MARKERS)
    for number, (marker, (event, mark)) in enumerate(zip(MARKERS, read, strict=True), 1):
        assert event is not None and mark is not None and int(event[1]) == number
        start = frame_at(event[2], rate)
        assert abs((start - frame_at("01:00:00:00", rate)) / rate - Fraction(marker.time_s)) <= 1 / (2 * rate)
        assert frame_at(event[3], rate) == start + 1 and event.group(2, 3) == event.group(4, 5)
        assert mark[3] == "1"
    assert [mark[2] for _, mark in read if mark] == ["1 Intro", "0.3", "Bar 1", 'Ü/"drop" 2']


def test_resolve_takes_one_marker_a_frame() -> None:
    crowd = (Marker(1.0, MarkerKind.SECTION, "s"), Marker(1.015, MarkerKind.BEAT, "b"))
    assert resolve_edl(sheet(markers=crowd)).count("|M:") == 1
    assert "|M:s |" in resolve_edl(sheet(markers=crowd[::-1]))


@pytest.mark.parametrize("rate", RATES)
def test_premiere_xml(rate: Fraction) -> None:
    given = sheet(rate, markers=(*MARKERS, Marker(3.0, MarkerKind.BEAT, "a\x00<b>")))
    (sequence,) = ElementTree.fromstring(premiere_xml(given)).iter("sequence")
    assert sequence.findtext("name") == "A & B"
    nominal, slowed = int(sequence.findtext("rate/timebase", "")), sequence.findtext("rate/ntsc")
    assert Fraction(nominal * (1000 if slowed == "TRUE" else 1001), 1001) == rate
    marks = sequence.findall("marker")
    for marker, mark in zip(given.markers, marks, strict=True):
        assert abs(int(mark.findtext("in", "")) / rate - Fraction(marker.time_s)) <= 1 / (2 * rate)
        assert mark.findtext("out") == "-1"
    assert marks[-1].findtext("name") == "a<b>" and marks[-1].findtext("comment") == "beat"


def wav_cues(path: Path) -> list[tuple[int, str]]:
    """Sample positions and labels, by the chunks of a RIFF file."""
    data = path.read_bytes()
    assert data[:4] == b"RIFF" and struct.unpack_from("<I", data, 4)[0] == len(data) - 8
    at, positions, names = 12, {}, {}
    while at < len(data):
        name, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        body = data[at + 8 : at + 8 + size]
        if name == b"cue ":
            assert struct.unpack_from("<I", body)[0] * 24 + 4 == size
            for point in range(4, size, 24):
                number, _, chunk, _, _, sample = struct.unpack_from("<II4sIII", body, point)
                assert chunk == b"data"
                positions[number] = sample
        if name == b"LIST" and body[:4] == b"adtl":
            inner = 4
            while inner < size:
                kind, length, number = struct.unpack_from("<4sII", body, inner)
                assert kind == b"labl" and body[inner + 7 + length : inner + 8 + length] == b"\0"
                names[number] = body[inner + 12 : inner + 7 + length].decode()
                inner += 8 + length + length % 2
        at += 8 + size + size % 2
    assert at == len(data)
    return [(positions[number], names[number]) for number in sorted(positions)]


def test_wav_keeps_sound_and_cue_points(tmp_path: Path) -> None:
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, (48_000 * 8 + 1, 2)).astype(np.float32)
    path = tmp_path / "marked.wav"
    with path.open("w+b") as file:
        write_marked_wav(file, [sound[:1000], sound[1000:]], len(sound), 48_000, MARKERS)
    assert wav_cues(path) == [
        (round(marker.time_s * 48_000), marker.label) for marker in MARKERS if marker.time_s <= 8
    ]  # fmt: skip
    read, rate = soundfile.read(path, dtype="float32")
    assert rate == 48_000 and read.shape == sound.shape and np.abs(read - sound).max() < 2**-22


def test_wav_without_markers_has_no_empty_chunks(tmp_path: Path) -> None:
    path = tmp_path / "bare.wav"
    with path.open("w+b") as file:
        write_marked_wav(file, [np.zeros((10, 2), np.float32)], 10, 48_000, [])
    assert b"cue " not in path.read_bytes() and wav_cues(path) == []


def midi_events(data: bytes) -> list[tuple[int, bytes]]:
    """Ticks and messages of a format-0 file: metas as (0xFF, kind, body)."""
    assert data[:8] == b"MThd\0\0\0\6"
    kind, tracks, division = struct.unpack_from(">HHH", data, 8)
    assert (kind, tracks, data[14:18]) == (0, 1, b"MTrk")
    assert struct.unpack_from(">I", data, 18)[0] == len(data) - 22
    at, tick, events = 22, 0, []

    def quantity() -> int:
        nonlocal at
        value = 0
        while True:
            at += 1
            value = value << 7 | data[at - 1] & 0x7F
            if data[at - 1] < 0x80:
                return value

    while at < len(data):
        tick += quantity()
        if data[at] == 0xFF:
            meta = data[at + 1]
            at += 2
            size = quantity()
            events.append((tick, bytes((0xFF, meta)) + data[at : at + size]))
            at += size
        else:
            events.append((tick, data[at : at + 3]))
            at += 3
    assert division == 480 and events[-1][1] == b"\xff\x2f"
    return events


def seconds_of(events: list[tuple[int, bytes]], tick: int) -> float:
    """When a tick sounds, by the tempo events before it."""
    tempi = [(at, int.from_bytes(message[2:], "big")) for at, message in events if message[:2] == b"\xff\x51"]
    assert tempi[0][0] == 0
    seconds = 0.0
    for (start, tempo_us), (end, _) in pairwise([*tempi, (tick, 0)]):
        if start < tick:
            seconds += (min(end, tick) - start) / 480 * tempo_us / 1e6
    return seconds


def drifting() -> tuple[tuple[float, ...], ...]:
    """Bars of four, three and five at a tempo that wanders, and a pause in the middle."""
    steps = np.random.default_rng(3).uniform(0.45, 0.6, 60)
    steps[33] = 9.5
    beats_s = (0.8 + np.concatenate([[0.0], np.cumsum(steps)])).tolist()
    sizes, bars, at = [2, *[4, 3, 5] * 4, 4, 4], [], 0
    for size in sizes:
        bars.append(tuple(beats_s[at : at + size]))
        at += size
    return tuple(bars)


@pytest.mark.parametrize("bars", [BARS_S, drifting(), ((0.0, 0.5, 1.0), (1.5, 2.0)), ((700.0, 700.4),)])
def test_midi_bars_and_beats_sound_where_the_music_has_them(bars: tuple[tuple[float, ...], ...]) -> None:
    events = midi_events(midi_tempo_map(sheet(bars_s=bars)))
    last = events[-1][0]
    assert last % 480 == 0
    grid_s = np.array([seconds_of(events, tick) for tick in range(0, last, 480)])
    for beat_s in (beat_s for bar in bars for beat_s in bar):
        assert np.abs(grid_s - beat_s).min() < 2e-6
    metres = [(tick, message[2]) for tick, message in events if message[:2] == b"\xff\x58"]
    assert metres[0][0] == 0
    lines: list[float] = []
    for (start, beats), (end, _) in pairwise([*metres, (last, 0)]):
        lines += [seconds_of(events, tick) for tick in range(start, end, beats * 480)]
    for bar in bars:
        assert np.abs(np.array(lines) - bar[0]).min() < 2e-6
    tempi_bpm = [6e7 / int.from_bytes(message[2:], "big") for _, message in events if message[:2] == b"\xff\x51"]
    assert 60 < min(tempi_bpm) <= max(tempi_bpm) < 250


def test_midi_names_sections_and_holds_a_note_to_the_end() -> None:
    events = midi_events(midi_tempo_map(sheet()))
    marks = [(seconds_of(events, tick), message[2:].decode()) for tick, message in events if message[:2] == b"\xff\x06"]
    assert marks[0] == (0.0, "1 Intro") and marks[1][0] == pytest.approx(MARKERS[3].time_s, abs=0.002)
    notes = [(tick, message[0]) for tick, message in events if message[0] in (0x80, 0x90)]
    assert notes == [(0, 0x90), (events[-1][0], 0x80)]
    assert events[0][1] in (b"\xff\x03A & B",)


def test_midi_needs_beats() -> None:
    with pytest.raises(ValueError, match="without beats"):
        midi_tempo_map(sheet(bars_s=()))
