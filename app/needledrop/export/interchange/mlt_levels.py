# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The levels of clips in MLT's filter `volume`, as Kdenlive and Shotcut use it: gain, fades, keyframes.

Source: files that both programs saved. Filters count from the start of the source, keyframes from
the filter's in-point.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from xml.etree.ElementTree import Element

from needledrop.core.edit import LevelPoint
from needledrop.export.interchange.fade_shape import SILENT_DB, Envelope, envelope_of
from needledrop.export.interchange.mlt_document import MltDocument, filters

_KEYFRAME = re.compile(r"^\s*([\d:.,]+)\s*[|!~$a-zA-Z]*=\s*(-?\d+(?:\.\d+)?)")


def levels_of(document: MltDocument, elements: list[Element], first: int, frames: int) -> Envelope:
    """What the volume filters of a clip's entry and of its producer do together.

    Args:
        first: Frame of the source that the clip begins with.
        frames: Length of the clip.

    Raises:
        ValueError: a time is none.
    """
    gain_db, fade_in_s, fade_out_s = 0.0, Fraction(0), Fraction(0)
    found = Envelope()
    for element in elements:
        for one, said in filters(element, "volume"):
            kind = said.get("kdenlive_id") or said.get("shotcut:filter", "")
            if kind in {"fadein", "fadeInVolume"}:
                fade_in_s = _fade_s(document, one, said, "shotcut:animIn")
            elif kind in {"fadeout", "fadeOutVolume"}:
                fade_out_s = _fade_s(document, one, said, "shotcut:animOut")
            elif "=" in said.get("level", ""):
                begin_s = Fraction(document.frame(one.get("in")) - first) / document.frame_rate
                found = envelope_of(_keyframes(document, said["level"], begin_s), frames / document.frame_rate)
            else:
                gain_db += float(said["level"]) if said.get("level") else _decibel(said.get("gain", "1"))
    return Envelope(gain_db + found.gain_db, fade_in_s or found.fade_in_s, fade_out_s or found.fade_out_s, found.levels)


def _fade_s(document: MltDocument, one: Element, said: dict[str, str], name: str) -> Fraction:
    length = document.frame(one.get("out")) - document.frame(one.get("in")) + 1
    return (document.frame(said.get(name)) or length) / document.frame_rate


def _keyframes(document: MltDocument, text: str, begin_s: Fraction) -> list[LevelPoint]:
    """Keyframes count from the in-point of their filter, which lies begin_s after that of the clip."""
    found = [match for part in text.split(";") if (match := _KEYFRAME.match(part))]
    return [LevelPoint(document.frame(m[1]) / document.frame_rate + begin_s, float(m[2])) for m in found]


def _decibel(gain: str) -> float:
    """A linear gain, or one that says its unit."""
    if gain.casefold().endswith("db"):
        return float(gain[:-2])
    linear = float(gain.split("=")[-1])
    return 20 * math.log10(linear) if linear > 0 else SILENT_DB
