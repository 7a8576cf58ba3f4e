# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The levels of clips in MLT's filter `volume`, as Kdenlive and Shotcut use it: gain, fades, keyframes.

Source: files that both programs saved. Filters count from the start of the source, keyframes from
the filter's in-point.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from xml.etree.ElementTree import Element

from needledrop.core.edit import LevelPoint
from needledrop.export.interchange.fade_shape import SILENT_DB
from needledrop.export.interchange.mlt_document import MltDocument, filters

_KEYFRAME = re.compile(r"^\s*([\d:.,]+)\s*[|!~$a-zA-Z]*=\s*(-?\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class MltLevels:
    """What the filters of one clip do."""

    gain_db: float = 0.0
    fade_in_s: Fraction = Fraction(0)
    fade_out_s: Fraction = Fraction(0)
    levels: tuple[LevelPoint, ...] = ()


def levels_of(document: MltDocument, elements: list[Element]) -> MltLevels:
    """What the volume filters of a clip's entry and of its producer do together.

    Raises:
        ValueError: a time is none.
    """
    gain_db, fades = 0.0, {"in": Fraction(0), "out": Fraction(0)}
    points: tuple[LevelPoint, ...] = ()
    for element in elements:
        for one, said in filters(element, "volume"):
            kind = said.get("kdenlive_id") or said.get("shotcut:filter", "")
            length_s = (document.frame(one.get("out")) - document.frame(one.get("in")) + 1) / document.frame_rate
            if kind in {"fadein", "fadeInVolume"}:
                fades["in"] = _fade_s(document, said, "shotcut:animIn", length_s)
            elif kind in {"fadeout", "fadeOutVolume"}:
                fades["out"] = _fade_s(document, said, "shotcut:animOut", length_s)
            else:
                flat_db, found = _level(document, said)
                gain_db += flat_db
                points = found or points
    return MltLevels(gain_db, fades["in"], fades["out"], points)


def _fade_s(document: MltDocument, said: dict[str, str], name: str, length_s: Fraction) -> Fraction:
    frames = document.frame(said.get(name)) if name in said else 0
    return frames / document.frame_rate if frames else length_s


def _level(document: MltDocument, said: dict[str, str]) -> tuple[float, tuple[LevelPoint, ...]]:
    """A gain in dB, or the keyframes of one."""
    text = said.get("level", "")
    if "=" in text:
        found = [match for part in text.split(";") if (match := _KEYFRAME.match(part))]
        points = tuple(LevelPoint(document.frame(m[1]) / document.frame_rate, float(m[2])) for m in found)
        if len(points) == 1:
            return points[0].level_db, ()
        return 0.0, points
    if text:
        return float(text), ()
    return _decibel(said.get("gain", "1")), ()


def _decibel(gain: str) -> float:
    """A linear gain, or one that says its unit."""
    if gain.casefold().endswith("db"):
        return float(gain[:-2])
    linear = float(gain.split("=")[-1])
    return 20 * math.log10(linear) if linear > 0 else SILENT_DB
