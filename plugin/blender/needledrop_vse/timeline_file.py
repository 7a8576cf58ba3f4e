# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a timeline as an OpenTimelineIO file, from plain values and without the library."""

from __future__ import annotations

import hashlib
import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

from .bridge import BridgeError
from .timeline import Clip, Timeline, channels_of

_LONGEST_NAME = 50  # Of letters with up to 4 bytes each; a name has room for 255.
_MARK_DIGITS = 12
# "Channel 3", in any language.
_DEFAULT_NAME = re.compile(r"\w+ \d+")


def timeline_name(cut: str, film: str, scene: str) -> str:
    """The file in which a cut is handed over: the same each time, and another for each `scene` of each `film`.

    What Needledrop learns of a cut goes by it. `cut` is what people read.
    """
    mark = hashlib.sha256(f"{film}\0{scene}".encode("utf-8", "surrogateescape")).hexdigest()[:_MARK_DIGITS]
    plain = re.sub(r"[^\w -]", "_", cut or "untitled")[:_LONGEST_NAME]
    return f"{plain}-{mark}.otio"


def write_timeline(timeline: Timeline, path: Path) -> Path:
    """Write `path` whole or not at all; its folder is made, for this user only.

    Raises:
        BridgeError: "unwritable".
    """
    part = path.with_name(path.name + ".tmp")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.write_text(json.dumps(as_otio(timeline), indent=1), "utf-8")
        return part.replace(path)
    except OSError as error:
        sentence = f"The cut cannot be written to {path}: {error.strerror or error}."
        raise BridgeError("unwritable", sentence, "See that there is room, and that you may write there.") from error


def as_otio(timeline: Timeline) -> dict[str, Any]:
    """The timeline as OpenTimelineIO's JSON: one track a channel, pictures first, its zero at `timeline.origin`."""
    names = dict(timeline.channel_names)
    tracks = [
        _track(timeline, channel, is_sound, _given_name(names.get(channel, "")))
        for is_sound in (False, True)
        for channel in channels_of(timeline.clips, is_sound)
    ]
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "name": timeline.name,
        "global_start_time": _time(Fraction(0), timeline.rate),
        "tracks": {"OTIO_SCHEMA": "Stack.1", "name": "tracks", "children": tracks},
    }


def _given_name(name: str) -> str:
    """The name of a channel, where somebody gave it one: Needledrop takes names for words about the film."""
    return "" if _DEFAULT_NAME.fullmatch(name) else name


def _track(timeline: Timeline, channel: int, is_sound: bool, name: str) -> dict[str, Any]:
    clips = [clip for clip in timeline.clips if clip.channel == channel and clip.is_sound == is_sound]
    children: list[dict[str, Any]] = []
    at = timeline.origin
    for clip in sorted(clips, key=lambda clip: clip.first):
        if clip.first > at:
            gap = _range(Fraction(0), Fraction(clip.first - at), timeline.rate)
            children.append({"OTIO_SCHEMA": "Gap.1", "name": "", "source_range": gap})
        children.append(_clip(clip, timeline.rate))
        at = clip.end
    return {"OTIO_SCHEMA": "Track.1", "name": name, "kind": "Audio" if is_sound else "Video", "children": children}


def _clip(clip: Clip, rate: Fraction) -> dict[str, Any]:
    effects = []
    if clip.speed != 1:
        effects = [
            {"OTIO_SCHEMA": "LinearTimeWarp.1", "effect_name": "LinearTimeWarp", "time_scalar": float(clip.speed)}
        ]
    reference: dict[str, Any] = {"OTIO_SCHEMA": "MissingReference.1", "name": clip.name}
    if clip.media is not None:
        reference = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": clip.media.as_uri(), "available_range": None}
    return {
        "OTIO_SCHEMA": "Clip.2",
        "name": clip.name,
        "source_range": _range(clip.source_in_s * rate, Fraction(clip.end - clip.first), rate),
        "effects": effects,
        "media_references": {"DEFAULT_MEDIA": reference},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }


def _range(start: Fraction, duration: Fraction, rate: Fraction) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(start, rate), "duration": _time(duration, rate)}


def _time(frames: Fraction, rate: Fraction) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": float(frames), "rate": float(rate)}
