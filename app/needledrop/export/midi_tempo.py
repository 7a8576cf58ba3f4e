# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Beats as the tempo map of a Standard MIDI File: a music program that imports it lays its bars on those of the sound.

Source: MIDI Manufacturers Association, "Standard MIDI Files 1.0" (format 0; meta events 03, 06, 2F, 51, 58).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np

from needledrop.core.marker import MarkerKind, MarkerSheet

TICKS_A_BEAT = 480
_SLOWEST_US = 0xFFFFFF
_USUAL_BAR = 4
_LOWEST_KEY = 0
# Gaps longer than so many usual steps are filled with beats, or the tempo would fall to a crawl.
_GAP_STEPS = 1.75
Event = tuple[int, int, bytes]


def midi_tempo_map(sheet: MarkerSheet) -> bytes:
    """A file of one track whose beats sound when those of the sheet do, to a microsecond each.

    Time before the first beat is filled with beats of about the same tempo; each bar has the metre of its beats;
    sections are marker events. One silent-most note (key 0, velocity 1) spans it all: some programs read tempo only
    as far as notes reach.

    Raises:
        ValueError: the sheet has no beats.
    """
    bars = _whole_bars(sheet)
    times_s = np.concatenate([np.asarray(bar) for bar in bars])
    events = [*_tempi(times_s), *_metres(bars), *_sections(sheet, times_s)]
    last = len(times_s) * TICKS_A_BEAT
    events += [(0, 3, bytes((0x90, _LOWEST_KEY, 1))), (last, 3, bytes((0x80, _LOWEST_KEY, 0)))]
    title = sheet.title.encode()[:120]
    body = bytearray(b"\x00\xff\x03" + _length(len(title)) + title)
    now = 0
    for tick, _, message in sorted(events):
        body += _length(tick - now) + message
        now = tick
    body += b"\x00\xff\x2f\x00"
    return struct.pack(">4sIHHH4sI", b"MThd", 6, 0, 1, TICKS_A_BEAT, b"MTrk", len(body)) + bytes(body)


def _whole_bars(sheet: MarkerSheet) -> list[list[float]]:
    """The bars of the sheet from time zero on, gaps filled."""
    beats_s = [beat_s for bar in sheet.bars_s for beat_s in bar]
    if not beats_s:
        raise ValueError("a sheet without beats has no tempo map")
    usual_s = float(np.median(np.diff(beats_s))) if len(beats_s) > 1 else 0.5
    bars = _lead_in(beats_s[0], usual_s)
    for index, bar in enumerate(sheet.bars_s):
        after = sheet.bars_s[index + 1][0] if index + 1 < len(sheet.bars_s) else None
        ends = [*bar[1:], after]
        filled: list[float] = []
        for beat_s, end_s in zip(bar, ends, strict=True):
            filled += _filled(beat_s, end_s, usual_s) if end_s is not None else [beat_s]
        bars.append(filled)
    return bars


def _lead_in(first_s: float, usual_s: float) -> list[list[float]]:
    """Beats from time zero to the first one, in bars of which the first may be short."""
    if first_s < 1e-3:
        return []
    lead = _filled(0.0, first_s, usual_s)
    short = len(lead) % _USUAL_BAR
    return ([lead[:short]] if short else []) + [
        lead[at : at + _USUAL_BAR] for at in range(short, len(lead), _USUAL_BAR)
    ]


def _filled(start_s: float, end_s: float, usual_s: float) -> list[float]:
    """A beat and those that fill the gap to the next."""
    steps = max(1, round((end_s - start_s) / usual_s)) if end_s - start_s > _GAP_STEPS * usual_s else 1
    return [start_s + (end_s - start_s) * step / steps for step in range(steps)]


def _tempi(times_s: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Iterator[Event]:
    """A tempo for each step; what rounding to microseconds left out is given to the next."""
    played_us, before = 0, 0
    for index, end_s in enumerate(times_s[1:]):
        step_us = min(max(round(float(end_s) * 1e6) - played_us, 1), _SLOWEST_US)
        played_us += step_us
        if step_us != before:
            yield index * TICKS_A_BEAT, 1, b"\xff\x51\x03" + step_us.to_bytes(3, "big")
        before = step_us


def _metres(bars: list[list[float]]) -> Iterator[Event]:
    """A metre where the number of beats in a bar changes; the last bar may be cut short by the end."""
    tick, before = 0, 0
    for index, bar in enumerate(bars):
        beats = before if index == len(bars) - 1 and 0 < len(bar) < before else len(bar)
        if beats != before:
            yield tick, 0, bytes((0xFF, 0x58, 4, min(beats, 255), 2, 24, 8))
        before = beats
        tick += len(bar) * TICKS_A_BEAT


def _sections(sheet: MarkerSheet, times_s: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Iterator[Event]:
    """Marker events at the ticks of the sections."""
    places = np.arange(len(times_s), dtype=np.float64)
    for marker in sheet.markers:
        if marker.kind is MarkerKind.SECTION:
            text = marker.label.encode()[:120]
            tick = round(float(np.interp(marker.time_s, times_s, places)) * TICKS_A_BEAT)
            yield tick, 2, b"\xff\x06" + _length(len(text)) + text


def _length(value: int) -> bytes:
    """A variable-length quantity."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(0x80 | (value & 0x7F))
    return bytes(reversed(groups))
