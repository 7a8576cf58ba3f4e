# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a song as a Standard MIDI File (format 1), with humanised timing and velocity.

Source: "Standard MIDI Files 1.0" (MIDI Manufacturers Association). Makes no sound.
"""

from __future__ import annotations

import random
import struct

from .score import Part, Song

TICKS_PER_BEAT = 960
LEAD_IN_S = 0.25
Event = tuple[int, int, bytes]


def note_time_s(song: Song, start_beat: float) -> float:
    """Seconds from the start of the file to a beat, with the song's swing on its off-beats."""
    if song.swing != 0.5:
        pair = 0.5 if song.genre == "Lo-Fi" else 1.0
        whole, part = divmod(start_beat, pair)
        fraction = part / pair
        warped = fraction * 2 * song.swing if fraction <= 0.5 else song.swing + (fraction - 0.5) * 2 * (1 - song.swing)
        start_beat = (whole + warped) * pair
    return LEAD_IN_S + start_beat * song.beat_s


def smf_bytes(song: Song, parts: list[Part]) -> bytes:
    """The MIDI file of `parts`, which must all have a GM voice (at most 15 melodic ones)."""
    end_tick = _tick(song, LEAD_IN_S + song.bars * song.beats_per_bar * song.beat_s + song.tail_s)
    chunks = [_chunk(_tempo_events(song), end_tick)]
    melodic = iter([c for c in range(16) if c != 9])
    for part in parts:
        channel = 9 if part.voice == "drums" else next(melodic)
        chunks.append(_chunk(_part_events(song, part, channel), end_tick))
    return b"MThd" + struct.pack(">IHHH", 6, 1, len(chunks), TICKS_PER_BEAT) + b"".join(chunks)


def _tick(song: Song, time_s: float) -> int:
    return max(0, round(time_s / song.beat_s * TICKS_PER_BEAT))


def _tempo_events(song: Song) -> list[Event]:
    micros = round(song.beat_s * 1_000_000)
    title = song.title.encode("ascii")
    return [
        (0, 0, b"\xff\x03" + _variable_length(len(title)) + title),
        (0, 0, b"\xff\x51\x03" + micros.to_bytes(3, "big")),
        (0, 0, b"\xff\x58\x04" + bytes((song.beats_per_bar, 2, 24, 8))),
    ]


def _part_events(song: Song, part: Part, channel: int) -> list[Event]:
    rng = random.Random(f"{song.slug}/{part.name}")
    program = part.kit if part.voice == "drums" else int(part.voice)
    events: list[Event] = [(0, 1, bytes((0xC0 | channel, program)))]
    for control, value in ((7, part.volume), (10, part.pan), (91, part.reverb), (93, part.chorus), (11, 110)):
        events.append((0, 1, bytes((0xB0 | channel, control, value))))
    for beat, value in part.expression:
        events.append((_tick(song, note_time_s(song, beat)), 1, bytes((0xB0 | channel, 11, max(1, min(127, value))))))
    for note in part.notes:
        jitter_ms = max(-part.human_ms, min(part.human_ms, rng.gauss(0.0, part.human_ms / 2.5)))
        velocity = round(max(8, min(126, note.velocity + rng.gauss(0.0, 2.6))))
        start = _tick(song, note_time_s(song, note.start) + jitter_ms / 1000)
        end = max(start + 30, _tick(song, note_time_s(song, note.start + note.length)))
        events.append((start, 3, bytes((0x90 | channel, note.pitch, velocity))))
        events.append((end, 2, bytes((0x80 | channel, note.pitch, 64))))
    return sorted(events)


def _chunk(events: list[Event], end_tick: int) -> bytes:
    body, now = bytearray(), 0
    for tick, _, message in events:
        body += _variable_length(tick - now) + message
        now = tick
    body += _variable_length(max(0, end_tick - now)) + b"\xff\x2f\x00"
    return b"MTrk" + struct.pack(">I", len(body)) + bytes(body)


def _variable_length(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(0x80 | (value & 0x7F))
    return bytes(reversed(groups))
