# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seconds as SMPTE timecode; drop-frame where the frame rate is 30000/1001 or 60000/1001 (SMPTE ST 12-1)."""

from __future__ import annotations

from fractions import Fraction

_DROP_RATES = {Fraction(30000, 1001), Fraction(60000, 1001)}


def is_drop_rate(frame_rate: Fraction) -> bool:
    """Whether timecode at this rate may leave numbers out (drop-frame)."""
    return frame_rate in _DROP_RATES


def timecode(seconds: Fraction | float, frame_rate: Fraction) -> str:
    """ "01:00:03;02": the frame on screen nearest to `seconds`; ";" marks drop-frame.

    Fractional rates other than the drop-frame ones (23.976) count at the whole rate above, as editors do.
    """
    return frame_timecode(round(Fraction(seconds) * frame_rate), frame_rate)


def frame_timecode(frame: int, frame_rate: Fraction) -> str:
    """The timecode of a frame counted from zero."""
    per_second = -(-frame_rate.numerator // frame_rate.denominator)
    is_drop = is_drop_rate(frame_rate)
    number = _with_dropped(frame, per_second) if is_drop else frame
    seconds, frames = divmod(number, per_second)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    digits = max(2, len(str(per_second - 1)))
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{';' if is_drop else ':'}{frames:0{digits}d}"


def _with_dropped(frame: int, per_second: int) -> int:
    """Numbers 0 and 1 (at 60: 0 to 3) are left out each minute, save every tenth."""
    dropped = per_second // 15
    per_minute = per_second * 60 - dropped
    per_ten_minutes = per_second * 600 - 9 * dropped
    tens, rest = divmod(frame, per_ten_minutes)
    number = frame + 9 * dropped * tens
    if rest >= per_second * 60:
        number += dropped * (1 + (rest - per_second * 60) // per_minute)
    return number
