# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gain, fades and ducking as one row of keyframes, for editors that know nothing else, and back.

A row that begins or ends in silence is a fade there; what is left is a gain with levels under it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from needledrop.core.edit import EditClip, LevelPoint

SILENT_DB = -60.0


@dataclass(frozen=True)
class Envelope:
    """The level of a clip as EditClip has it."""

    gain_db: float = 0.0
    fade_in_s: Fraction = Fraction(0)
    fade_out_s: Fraction = Fraction(0)
    levels: tuple[LevelPoint, ...] = ()


def keyframes_of(clip: EditClip) -> list[LevelPoint]:
    """Everything that sets a clip's level as keyframes, gain included; one where it never changes."""
    inner = clip.fade_in_s, clip.duration_s - clip.fade_out_s
    times = {point.time_s for point in clip.levels if inner[0] <= point.time_s <= inner[1]}
    points = [LevelPoint(at_s, clip.gain_db + level_at(clip.levels, at_s)) for at_s in sorted(times | set(inner))]
    if clip.fade_in_s > 0:
        points.insert(0, LevelPoint(Fraction(0), SILENT_DB))
    if clip.fade_out_s > 0:
        points.append(LevelPoint(clip.duration_s, SILENT_DB))
    flat = {point.level_db for point in points}
    return points[:1] if len(flat) == 1 else points


def envelope_of(points: Sequence[LevelPoint], duration_s: Fraction) -> Envelope:
    """What keyframes_of made keyframes of: the gain is the loudest they say."""
    if not points:
        return Envelope()
    rest, fade_in_s, fade_out_s = list(points), Fraction(0), Fraction(0)
    if len(rest) > 1 and rest[0].level_db <= SILENT_DB:
        rest = rest[1:]
        fade_in_s = rest[0].time_s
    if len(rest) > 1 and rest[-1].level_db <= SILENT_DB:
        rest = rest[:-1]
        fade_out_s = duration_s - rest[-1].time_s
    gain_db = max(point.level_db for point in rest)
    levels = tuple(LevelPoint(point.time_s, point.level_db - gain_db) for point in rest)
    is_flat = all(point.level_db == 0 for point in levels)
    return Envelope(gain_db, fade_in_s, fade_out_s, () if is_flat else levels)


def level_at(levels: Sequence[LevelPoint], time_s: Fraction) -> float:
    """The level at a moment: straight in dB between two keyframes, held outside them; 0 without any."""
    if not levels:
        return 0.0
    before = [point for point in levels if point.time_s <= time_s]
    after = [point for point in levels if point.time_s > time_s]
    if not before:
        return after[0].level_db
    if not after:
        return before[-1].level_db
    first, second = before[-1], after[0]
    share = float((time_s - first.time_s) / (second.time_s - first.time_s))
    return first.level_db + share * (second.level_db - first.level_db)
