# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which frame of the output is at the loudspeaker now: the device's own count, smoothed. No Qt, no device."""

from __future__ import annotations

from dataclasses import dataclass

_LARGEST_ERROR_S = 0.08  # Beyond this the device stalled or began anew: take its word at once.
_PULL = 0.02


@dataclass(frozen=True)
class _Reading:
    """At `at_s` of the monotonic clock so many frames had been played; `produced` were given."""

    at_s: float
    played: float
    produced: int


class DeviceClock:
    """Frames played as a steady function of time. `note` is called by the device's thread, `played_at` by any.

    A device reports in steps of its own buffer; the clock follows them slowly, so that it neither jumps nor drifts.

    Args:
        sample_rate: Frames a second.
        latency_s: How long a frame that the device took is on its way to be heard.
    """

    def __init__(self, sample_rate: int, latency_s: float = 0.0) -> None:
        self._rate = sample_rate
        self.latency_s = latency_s
        self._reading = _Reading(0.0, 0.0, 0)
        self._is_new = True

    def restart(self) -> None:
        """Another device, or none: believe its next report."""
        self._is_new = True

    def note(self, at_s: float, taken: float, produced: int) -> None:
        """At `at_s` the device had taken so many frames of the `produced` that it was given."""
        before = self._reading
        expected = before.played + (at_s - before.at_s) * self._rate
        error = taken - expected
        if self._is_new or abs(error) > _LARGEST_ERROR_S * self._rate:
            self._is_new = False
            expected, error = taken, 0.0
        self._reading = _Reading(at_s, expected + _PULL * error, produced)

    def played_at(self, at_s: float) -> float:
        """How many frames have been heard at `at_s`; never more than were given."""
        reading = self._reading
        played = reading.played + (at_s - reading.at_s - self.latency_s) * self._rate
        return min(played, float(reading.produced))
