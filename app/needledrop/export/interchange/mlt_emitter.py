# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Kdenlive's and Shotcut's files have in common: profile, producers, playlists, mixing, as MLT reads them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from needledrop.core.edit import EditClip, ProjectEdit
from needledrop.export.interchange.fade_shape import SILENT_DB
from needledrop.export.interchange.layout import Placed, media_frames, media_path, picture_size


def add_property(parent: Element, name: str, value: object) -> None:
    """A property; what XML cannot hold is left out of its text."""
    SubElement(parent, "property", name=name).text = printable(str(value))


def printable(text: str) -> str:
    """Text without the characters that XML 1.0 forbids."""
    return "".join(char for char in text if char in "\t\n" or char.isprintable())


def add_profile(root: Element, edit: ProjectEdit, description: str = "custom") -> None:
    """Frame rate and size of the timeline."""
    width, height = picture_size(edit)
    common = math.gcd(width, height)
    SubElement(
        root,
        "profile",
        description=description,
        width=str(width),
        height=str(height),
        progressive="1",
        sample_aspect_num="1",
        sample_aspect_den="1",
        display_aspect_num=str(width // common),
        display_aspect_den=str(height // common),
        frame_rate_num=str(edit.frame_rate.numerator),
        frame_rate_den=str(edit.frame_rate.denominator),
        colorspace="709",
    )


def add_media(root: Element, tag: str, element_id: str, edit: ProjectEdit, one: Placed) -> Element:
    """A producer of a clip's file; without its length MLT would take one that it does not open for a single frame."""
    source = one.clip.source
    if source is None:
        raise ValueError("a clip without a file has no producer")
    at_least = one.last + 1
    length = media_frames(edit, source, at_least) if one.clip.speed == 1 else at_least
    element = SubElement(root, tag, {"id": element_id, "in": "0", "out": str(length - 1)})
    add_property(element, "length", length)
    path = printable(str(media_path(source)))
    if one.clip.speed > 0 and one.clip.speed != 1:
        speed = f"{float(one.clip.speed):.6f}"
        add_property(element, "resource", f"{speed}:{path}")
        add_property(element, "warp_speed", speed)
        add_property(element, "warp_resource", path)
        add_property(element, "mlt_service", "timewarp")
    else:
        add_property(element, "resource", path)
        add_property(element, "mlt_service", "avformat-novalidate")
    return element


def add_black(root: Element, element_id: str, frames: int) -> None:
    """The picture under all pictures, as long as the timeline."""
    black = SubElement(root, "producer", {"id": element_id, "in": "0", "out": str(frames - 1)})
    add_property(black, "length", frames)
    add_property(black, "eof", "continue")
    add_property(black, "resource", "black")
    add_property(black, "mlt_service", "color")
    add_property(black, "mlt_image_format", "rgba")
    add_property(black, "set.test_audio", "0")


def add_blank(playlist: Element, frames: int) -> None:
    """Nothing for some frames; nothing at all for none."""
    if frames > 0:
        SubElement(playlist, "blank", length=str(frames))


def add_mix(tractor: Element, track: int, **more: str) -> None:
    """Adds the sound of a track to what sounds below it."""
    transition = SubElement(tractor, "transition")
    add_property(transition, "a_track", 0)
    add_property(transition, "b_track", track)
    add_property(transition, "mlt_service", "mix")
    for name, value in more.items():
        add_property(transition, name, value)
    add_property(transition, "always_active", 1)
    add_property(transition, "sum", 1)


def level_text(edit: ProjectEdit, clip: EditClip, first: int = 0) -> str:
    """Gain and levels as the filter `volume` wants them: a number, or keyframes counted from frame `first`."""
    if not clip.levels:
        return decibel_text(clip.gain_db)
    points = [(edit.frame_of(one.time_s) + first, clip.gain_db + one.level_db) for one in clip.levels]
    return ";".join(f"{frame}={decibel_text(level_db)}" for frame, level_db in points)


def decibel_text(level_db: float) -> str:
    """A level in dB, six digits behind the point at most."""
    return f"{max(level_db, SILENT_DB):.6f}".rstrip("0").rstrip(".")


def document(root: Element, head: Sequence[str] = ()) -> bytes:
    """The file."""
    ElementTree.indent(root)
    lines = ['<?xml version="1.0" encoding="utf-8"?>', *head, ElementTree.tostring(root, encoding="unicode")]
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")
