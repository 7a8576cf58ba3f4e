# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One splice made exact: on which beat near its bar line, in line with the beats before it, and ahead of the attack."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.core.times import format_time
from needledrop.features.bars import TrackSound, alignment_s, attack_near
from needledrop.suggest.fit_path import Jump
from needledrop.suggest.fit_places import FitPlaces

# The crossfade is over when the beat sounds: an attack must be heard once.
_AHEAD_S = 0.012
_ALTERNATIVES = 4
_ALTERNATIVES_BARS = 2
_SLIDE_COST = 0.01


@dataclass(frozen=True)
class Splice:
    """One joint: the track is left at out_s and entered at in_s (seconds of the track).

    beats is how many are left out; those repeated are negative. quality: 1 where both sides sound the same, 0 where
    they are as different as any two bars of the track. alternatives_s: where else near it could leave the track, best
    first.
    origin_s (out, in) names the splice however it is moved.
    """

    out_s: float
    in_s: float
    beats: int
    quality: float
    alternatives_s: tuple[float, ...]
    origin_s: tuple[float, float]


def made_splice(places: FitPlaces, sound: TrackSound, jump: Jump) -> Splice:
    """The splice for a jump between places, on the best beat within a bar of them."""
    leave, enter = _beats_of(places, jump)
    shifts, mismatch = _slides(places, leave, enter, places.beats_per_bar if places.has_pulse else 0)
    best = int(np.argmin(mismatch + _SLIDE_COST * np.abs(shifts)))
    return _exact(places, sound, jump, int(shifts[best]))


def moved_splice(places: FitPlaces, sound: TrackSound, jump: Jump, at_s: float) -> Splice:
    """The splice for a jump, slid by whole beats so that the track is left nearest to at_s.

    Raises:
        KnownError: that would lead out of the track.
    """
    leave, enter = _beats_of(places, jump)
    shift = int(np.abs(places.beats_s - at_s).argmin()) - leave
    if not 0 < enter + shift < len(places.beats_s) - 1:
        raise KnownError(
            f"The splice cannot be moved to {format_time(at_s)}: its other side would lie outside the track.",
            remedy="Choose a time nearer to where it is.",
            code="cannot-fit",
        )
    return _exact(places, sound, jump, shift)


def _beats_of(places: FitPlaces, jump: Jump) -> tuple[int, int]:
    return int(places.beat_of[jump[0]]), int(places.beat_of[jump[1]])


def _slides(places: FitPlaces, leave: int, enter: int, reach: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Shifts in beats by which a joint can be slid, and the mismatch at each."""
    count = len(places.beats_s)
    shifts = np.arange(max(-reach, -min(leave, enter)), min(reach, count - 1 - max(leave, enter)) + 1)
    apart = [places.mismatch(np.array([leave + k]), np.array([enter + k]))[0, 0] for k in shifts]
    return shifts, np.array(apart)


def _exact(places: FitPlaces, sound: TrackSound, jump: Jump, shift: int) -> Splice:
    leave, enter = _beats_of(places, jump)
    origin_s = (float(places.times_s[jump[0]]), float(places.times_s[jump[1]]))
    out_s, in_s = float(places.beats_s[leave + shift]), float(places.beats_s[enter + shift])
    mismatch = float(places.mismatch(np.array([leave + shift]), np.array([enter + shift]))[0, 0])
    if places.has_pulse:
        in_s += alignment_s(sound, out_s, in_s)
        # Both attacks count: whichever comes first must lie behind the crossfade.
        ahead_s = min(attack_near(sound, in_s) - in_s, attack_near(sound, out_s) - out_s) - _AHEAD_S
        out_s, in_s = out_s + ahead_s, in_s + ahead_s
    shifts, apart = _slides(places, leave, enter, _ALTERNATIVES_BARS * places.beats_per_bar if places.has_pulse else 0)
    order = [int(shifts[at]) for at in np.argsort(apart, kind="stable") if shifts[at] != shift]
    return Splice(
        out_s=out_s,
        in_s=in_s,
        beats=enter - leave,
        quality=float(np.clip(1.0 - mismatch, 0.0, 1.0)),
        alternatives_s=tuple(float(places.beats_s[leave + k]) for k in order[:_ALTERNATIVES]),
        origin_s=origin_s,
    )
