# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A grid of beats over a whole track from a few taps of the user.

Taps are some 20 ms off each: a line through eight of them, drawn over four minutes, ends a second beside the music. So
the grid is settled on the onsets of the sound, as far as the spread of the taps leaves it open, and never farther.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.core.music import ONSET_RATE_HZ, TimeArray

FEWEST_TAPS = 4
SLOWEST_TAPS_S, FASTEST_TAPS_S = 3.0, 0.15
_UNEVEN = 0.2
# How far from the taps' own line the grid is sought: three standard errors, and within these shares of a step.
_ERRORS, _WIDEST_STEP, _WIDEST_PHASE = 3.0, 0.03, 0.15
_FINEST_TAP_S = 0.005
_DRIFT_S = 0.01
_MOST_STEPS = 2001


@dataclass(frozen=True)
class _Line:
    """Beat n lies at middle_s + step_s * (n - middle); the errors are standard errors of both."""

    step_s: float
    step_error_s: float
    middle: float
    middle_s: float
    middle_error_s: float

    def number_at(self, time_s: float) -> float:
        """The number of the beat at a time, with its fraction."""
        return self.middle + (time_s - self.middle_s) / self.step_s


def tapped_beats(taps_s: Sequence[float], onset_curve: NDArray[np.uint8], end_s: float) -> tuple[TimeArray, int]:
    """Beats from the start of the track to `end_s` in even steps, and the index of the beat that was tapped first.

    onset_curve [frames] is at ONSET_RATE_HZ. A tap left out, or one too many, does no harm.

    Raises:
        KnownError: "bad-value": there are too few taps, too uneven ones, or some outside the track.
    """
    taps = np.unique(np.asarray(taps_s, np.float64))
    if len(taps) < FEWEST_TAPS:
        taps_are = "1 tap is" if len(taps) == 1 else f"{len(taps)} taps are"
        raise _refusal(f"{taps_are} too few to find a tempo.", f"Tap {FEWEST_TAPS} beats or more, in a row.")
    if not (taps[0] >= 0 and taps[-1] <= end_s):
        raise _refusal(
            f"The taps lie outside the music, which ends at {end_s:.1f} s.", "Tap times are seconds of the track."
        )
    line = _settled(_line_through(taps), onset_curve, end_s)
    start_s = line.middle_s - line.step_s * line.middle
    before = int(np.floor(start_s / line.step_s + 1e-9))
    first_s = max(start_s - before * line.step_s, 0.0)
    count = int(np.ceil((end_s - first_s) / line.step_s - 1e-9))
    times_s: TimeArray = first_s + line.step_s * np.arange(count, dtype=np.float64)
    return times_s, before


def _line_through(taps: TimeArray) -> _Line:
    """Least squares of tap time over beat number; the numbers skip a beat where a step is twice the usual one."""
    steps = np.diff(taps)
    usual_s = float(np.median(steps))
    if not FASTEST_TAPS_S <= usual_s <= SLOWEST_TAPS_S:
        raise _refusal(f"Steps of {usual_s:g} s between taps are no tempo.", "Tap once a beat.")
    numbers = np.concatenate([[0.0], np.cumsum(np.round(steps / usual_s))])
    taps, numbers = taps[np.append(True, np.diff(numbers) > 0)], np.unique(numbers)
    if len(taps) < FEWEST_TAPS:
        raise _refusal("The taps are too uneven to find a tempo.", "Tap evenly, once a beat.")
    middle, middle_s = float(numbers.mean()), float(taps.mean())
    spread = float(((numbers - middle) ** 2).sum())
    step_s = float((numbers - middle) @ (taps - middle_s)) / spread
    off = taps - middle_s - step_s * (numbers - middle)
    if np.abs(off).max() > _UNEVEN * step_s:
        raise _refusal("The taps are too uneven to find a tempo.", "Tap evenly, once a beat.")
    tap_error_s = max(float(np.sqrt((off @ off) / (len(taps) - 2))), _FINEST_TAP_S)
    return _Line(step_s, tap_error_s / spread**0.5, middle, middle_s, tap_error_s / len(taps) ** 0.5)


def _settled(line: _Line, onset_curve: NDArray[np.uint8], end_s: float) -> _Line:
    """The line nearby whose beats have most onset strength on them; the taps' own one where none has more."""
    curve = np.convolve(onset_curve.astype(np.float64), [0.25, 0.5, 0.25], "same") if len(onset_curve) > 2 else None
    if curve is None or not curve.any():
        return line
    first, last = np.ceil(line.number_at(0.0)), np.floor(line.number_at(end_s))
    beats = np.arange(first, last + 1) - line.middle
    width_s = min(_ERRORS * line.step_error_s, _WIDEST_STEP * line.step_s)
    # Neighbouring steps may part by _DRIFT_S at the far end, no more: between them no onset can be missed.
    sought = min(2 * int(np.ceil(width_s * np.abs(beats).max() / _DRIFT_S)) + 1, _MOST_STEPS)
    steps_s = _nearest_first(line.step_s, width_s, sought)
    reach_s = min(_ERRORS * line.middle_error_s + _DRIFT_S, _WIDEST_PHASE * line.step_s)
    phases_s = _nearest_first(line.middle_s, reach_s, 2 * int(np.ceil(reach_s / _DRIFT_S * 2)) + 1)
    best, most = line, -1.0
    for step_s in steps_s:
        at = np.round((phases_s[:, None] + step_s * beats) * ONSET_RATE_HZ).astype(np.intp)
        heard = curve[np.clip(at, 0, len(curve) - 1)].sum(axis=1)
        top = int(heard.argmax())
        if heard[top] > most:
            most = float(heard[top])
            best = _Line(float(step_s), line.step_error_s, line.middle, float(phases_s[top]), line.middle_error_s)
    return best


def _nearest_first(middle: float, width: float, count: int) -> NDArray[np.float64]:
    """`count` values within `width` of `middle`, the middle first: of equals the first one wins."""
    offsets = np.linspace(-width, width, count)
    return np.asarray(middle + offsets[np.argsort(np.abs(offsets), kind="stable")])


def _refusal(sentence: str, remedy: str) -> KnownError:
    return KnownError(sentence, remedy=remedy, code="bad-value")
