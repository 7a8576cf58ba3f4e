# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time: rational ranges for edits, and the ways people write a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from needledrop.core.errors import KnownError

_CLOCK = re.compile(r"^(?:(?:(\d+):)?(\d{1,3}):)?(\d+(?:\.\d+)?)$")
_TIMECODE = re.compile(r"^(\d+):(\d{2}):(\d{2})([:;])(\d{2,3})$")


@dataclass(frozen=True)
class TimeRange:
    """A stretch of the timeline, in exact seconds; end is exclusive.

    Raises:
        KnownError: the range is empty or starts before zero.
    """

    start_s: Fraction
    end_s: Fraction

    def __post_init__(self) -> None:
        if self.start_s < 0 or self.end_s <= self.start_s:
            raise KnownError(
                f"The range {format_time(float(self.start_s))} to {format_time(float(self.end_s))} is empty.",
                remedy="Give an out-point that lies after the in-point.",
                code="bad-range",
            )

    @property
    def duration_s(self) -> Fraction:
        """Length in exact seconds."""
        return self.end_s - self.start_s

    def sample_span(self, sample_rate: int) -> tuple[int, int]:
        """First sample and the one after the last at `sample_rate`; both ends are rounded the same way."""
        return round(self.start_s * sample_rate), round(self.end_s * sample_rate)


def parse_time(text: str, frame_rate: Fraction | None = None) -> Fraction:
    """Read "83.5", "1:23.5", "0:01:23.5" or, with a frame rate, "00:01:23:12" as exact seconds.

    A timecode counts frames: at 24000/1001 its hour is longer than an hour. A semicolon before the frames says
    drop-frame (SMPTE ST 12-1).

    Raises:
        KnownError: the text is none of these.
    """
    text = text.strip()
    if frame_rate is not None and (match := _TIMECODE.match(text)):
        return _timecode_frame(match, round(frame_rate)) / frame_rate
    match = _CLOCK.match(text)
    if match is None:
        raise KnownError(
            f"'{text}' is not a time.",
            remedy="Write seconds (83.5), minutes and seconds (1:23.5) or hours too (0:01:23.5).",
            code="bad-time",
        )
    clock_hours, clock_minutes, clock_seconds = match.groups()
    return int(clock_hours or 0) * 3600 + int(clock_minutes or 0) * 60 + Fraction(clock_seconds)


def _timecode_frame(match: re.Match[str], nominal_rate: int) -> int:
    hours, minutes, seconds, frames = (int(match[group]) for group in (1, 2, 3, 5))
    total = (hours * 3600 + minutes * 60 + seconds) * nominal_rate + frames
    if match[4] == ";":  # Two numbers (four at 60) are left out each minute but every tenth.
        whole_minutes = hours * 60 + minutes
        total -= nominal_rate // 15 * (whole_minutes - whole_minutes // 10)
    return total


def format_time(seconds: float) -> str:
    """Write seconds the way editors say them: "0:21", "1:03:07"."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{secs:02d}" if hours else f"{minutes}:{secs:02d}"
