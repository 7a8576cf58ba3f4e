# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The level of a clip in FCPXML: adjust-volume with an amount, fades and keyframes.

Source: Apple, "FCPXML reference".
"""

from __future__ import annotations

from fractions import Fraction
from xml.etree.ElementTree import Element

from needledrop.core.edit import LevelPoint
from needledrop.export.interchange.fade_shape import SILENT_DB, Envelope
from needledrop.export.interchange.fcpxml_times import seconds_of


def level_of(part: Element, start_s: Fraction, duration_s: Fraction) -> Envelope:
    """What a clip that begins at start_s of its own time says of its level.

    Raises:
        ValueError: a time or an amount is none.
    """
    volume = part.find("adjust-volume")
    if volume is None:
        return Envelope()
    fades = [
        min(seconds_of(one.get("duration")) if one is not None else Fraction(0), duration_s)
        for one in (volume.find("param/fadeIn"), volume.find("param/fadeOut"))
    ]
    points = [
        LevelPoint(seconds_of(one.get("time")) - start_s, decibel(one.get("value", "0dB")))
        for one in volume.iterfind("param/keyframeAnimation/keyframe")
    ]
    if not points:
        return Envelope(decibel(volume.get("amount", "0dB")), fades[0], fades[1])
    gain_db = max(point.level_db for point in points)
    levels = tuple(LevelPoint(point.time_s, point.level_db - gain_db) for point in points)
    return Envelope(gain_db, fades[0], fades[1], levels)


def decibel(text: str) -> float:
    """A level such as "-6dB".

    Raises:
        ValueError: it is none.
    """
    return max(float(text.strip().removesuffix("dB")), SILENT_DB)
