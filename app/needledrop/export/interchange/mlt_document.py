# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The XML of MLT, on which Kdenlive and Shotcut build: its properties, its times, and what its ids name.

Source: MLT, "MLT XML" (mltframework.org/docs/mltxml).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element

from needledrop.core.edit import MediaSource
from needledrop.export.interchange.frame_rates import exact_rate
from needledrop.export.interchange.media_paths import MediaFinder

_CLOCK = re.compile(r"^(?:(\d+):)?(\d+):(\d+(?:[.,]\d+)?)$")
_NO_FILES = ("color", "colour", "noise", "kdenlivetitle", "black")
_WARPED = re.compile(r"^(-?\d+(?:\.\d+)?):(.+)$", re.DOTALL)


@dataclass(frozen=True)
class MltMedia:
    """What a producer plays: its name, its file (None if it is made up) and how fast."""

    name: str
    source: MediaSource | None
    speed: Fraction = Fraction(1)


class MltDocument:
    """One file. Frames are counted as its profile says.

    Raises:
        ValueError: it has no profile with a frame rate.
    """

    def __init__(self, root: Element, path: Path) -> None:
        self.root = root
        profile = root.find("profile")
        if profile is None:
            raise ValueError("no profile")
        rate = Fraction(int(profile.get("frame_rate_num", "0")), int(profile.get("frame_rate_den", "1")))
        self.frame_rate = exact_rate(rate)
        self.size = int(profile.get("width", "0")), int(profile.get("height", "0"))
        self._by_id = {found: element for element in root.iter() if (found := element.get("id"))}
        self._bin_names = {
            said["kdenlive:id"]: name
            for element in self._by_id.values()
            if (said := properties(element)).get("kdenlive:id") and (name := said.get("kdenlive:clipname"))
        }
        base = root.get("root", "")
        self._finder = MediaFinder(path, [Path(base)] if base else [])

    def named(self, element_id: str) -> Element | None:
        """The element of an id."""
        return self._by_id.get(element_id)

    def frame(self, text: str | None, default: int = 0) -> int:
        """A time as frames: it is written so, or as a clock.

        Raises:
            ValueError: it is neither.
        """
        if text is None or not text.strip():
            return default
        if match := _CLOCK.match(text.strip()):
            hours, minutes, seconds = match.groups()
            clock_s = (int(hours or 0) * 60 + int(minutes)) * 60 + Fraction(seconds.replace(",", "."))
            return round(clock_s * self.frame_rate)
        return round(float(text))

    def media(self, producer: Element) -> MltMedia:
        """What a producer or a chain plays."""
        said = properties(producer)
        resource, service = said.get("resource", ""), said.get("mlt_service", "")
        speed = Fraction(1)
        if service == "timewarp" and (match := _WARPED.match(resource)):
            speed, resource = Fraction(match[1]), match[2]
        resource = said.get("kdenlive:originalurl") or said.get("shotcut:originalResource") or resource
        named = said.get("kdenlive:clipname") or self._bin_names.get(said.get("kdenlive:id", ""))
        name = named or said.get("shotcut:caption") or resource.replace("\\", "/").split("/")[-1]
        if service in _NO_FILES or not resource or resource in {"0", "<producer>", "<tractor>"}:
            return MltMedia(name, None)
        length = self.frame(said.get("length")) or None
        duration_s = length / self.frame_rate if length else None
        return MltMedia(name, self._finder.source(resource, duration_s), speed)


def properties(element: Element) -> dict[str, str]:
    """The properties of an element by their names."""
    return {one.get("name", ""): one.text or "" for one in element.iterfind("property")}


def filters(element: Element, service: str) -> Iterator[tuple[Element, dict[str, str]]]:
    """The filters of one service that are on, with their properties."""
    for one in element.iterfind("filter"):
        said = properties(one)
        if said.get("mlt_service") == service and said.get("disable", "0") != "1":
            yield one, said
