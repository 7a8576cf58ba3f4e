# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strips of Blender's sequencer as plain clips: the only place that knows how versions name what strips have."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import bpy

from .timeline import Clip, Timeline, frame_rate

# Marks a strip that this add-on laid: it is no part of the cut that the next search is about.
MARK = "needledrop"
_PICTURES = {"MOVIE", "IMAGE", "SCENE", "MOVIECLIP", "MASK", "COLOR", "TEXT"}
# The names up to 5.0, and those of the versions after it.
_NAMES = {
    "first": ("frame_final_start", "left_handle"),
    "end": ("frame_final_end", "right_handle"),
    "content_first": ("frame_start", "content_start"),
    "offset": ("frame_offset_start", "left_handle_offset"),
    "length": ("frame_final_duration", "duration"),
}


def sequencer_scene(context: Any) -> Any:
    """The scene that is edited; from 5.0 on the sequencer has one of its own."""
    return getattr(context, "sequencer_scene", None) or context.scene


def strips_of(owner: Any) -> Any:
    """The strips of a sequence editor or of a meta strip."""
    return owner.strips if hasattr(owner, "strips") else owner.sequences


def scene_range(scene: Any) -> tuple[int, int]:
    """First frame and the one after the last: of the preview range where it is on, else of the scene."""
    if scene.use_preview_range:
        return scene.frame_preview_start, scene.frame_preview_end + 1
    return scene.frame_start, scene.frame_end + 1


def scene_rate(scene: Any) -> Fraction:
    """Exact frames a second."""
    return frame_rate(scene.render.fps, scene.render.fps_base)


def read_timeline(scene: Any) -> Timeline:
    """What the scene's sequencer shows and plays, without muted strips, effects and music laid by this add-on."""
    first, end = scene_range(scene)
    editor = scene.sequence_editor
    clips = tuple(_clips(strips_of(editor), scene_rate(scene))) if editor else ()
    clips = tuple(clip for clip in clips if not _is_muted(editor, clip.channel))
    names = tuple((number, editor.channels[number].name) for number in sorted({clip.channel for clip in clips}))
    return Timeline(_given_name(scene), scene_rate(scene), first, end, clips, names)


def _given_name(scene: Any) -> str:
    """What the user called the cut, by file and scene; what Blender calls it by itself says nothing of a film."""
    file = Path(bpy.data.filepath).stem if bpy.data.filepath else ""
    return " ".join(part for part in (file, "" if scene.name == "Scene" else scene.name) if part)


def _is_muted(editor: Any, channel: int) -> bool:
    return bool(editor.channels[channel].mute)


def _clips(strips: Iterable[Any], rate: Fraction) -> Iterator[Clip]:
    for strip in strips:
        if strip.mute or MARK in strip:
            continue
        if strip.type == "META":
            yield from _inside(strip, rate)
        elif strip.type == "SOUND" or strip.type in _PICTURES:
            yield _clip(strip, rate)


def _inside(meta: Any, rate: Fraction) -> Iterator[Clip]:
    """The clips of a meta strip where it shows them, on its own channel where that is free of others of it."""
    first, end = span_of(meta)
    inside = [clip for clip in _clips(strips_of(meta), rate) if clip.first < end and clip.end > first]
    # Tracks hold no two clips at once. What lies on top is what is seen; sounds below the first are left out.
    taken: list[Clip] = []
    for clip in sorted(inside, key=lambda clip: -clip.channel):
        shown = _trimmed(clip, max(first, clip.first), min(end, clip.end), rate, meta.channel)
        if all(one.is_sound != shown.is_sound or one.end <= shown.first or one.first >= shown.end for one in taken):
            taken.append(shown)
            yield shown


def _trimmed(clip: Clip, first: int, end: int, rate: Fraction, channel: int) -> Clip:
    source_in_s = clip.source_in_s + (first - clip.first) / rate * clip.speed
    return Clip(
        clip.name, channel, clip.is_sound, clip.media, first, end, source_in_s, clip.speed, clip.media_rate
    )  # fmt: skip


def _clip(strip: Any, rate: Fraction) -> Clip:
    first, end = span_of(strip)
    speed = _speed(strip)
    source_in_s = (first - _exact(strip, "content_first")) / rate * speed
    media_rate = None
    if strip.type == "MOVIE":
        media_rate = float(strip.fps) or None
        # Frames cut off for good are counted in the media's own.
        source_in_s += Fraction(strip.animation_offset_start) / Fraction(media_rate or float(rate)).limit_denominator(
            1001
        )
    elif strip.type == "SOUND":
        source_in_s += Fraction(strip.animation_offset_start) / rate
        source_in_s -= Fraction(getattr(strip, "sound_offset", 0.0)).limit_denominator(1_000_000)
    return Clip(
        strip.name, strip.channel, strip.type == "SOUND", _media(strip), first, end, max(Fraction(0), source_in_s),
        speed, media_rate,
    )  # fmt: skip


def _speed(strip: Any) -> Fraction:
    """Seconds of media in a second: 3.3 to 3.6 have a factor, 4.0 and later keys, which say where it ends."""
    factor = getattr(strip, "speed_factor", 1.0)
    return Fraction(factor).limit_denominator(1000) if factor > 0 else Fraction(1)


def _media(strip: Any) -> Path | None:
    if strip.type == "MOVIE":
        named = strip.filepath
    elif strip.type == "SOUND" and strip.sound is not None:
        named = strip.sound.filepath
    else:
        return None
    path = Path(bpy.path.abspath(named))
    if not path.is_absolute():
        return None
    # Saved files name their media relative to themselves, and Needledrop refuses paths with `..` in them. On Windows
    # resolving would name the share of a network drive, which is refused too; there `..` is the folder above anyway.
    return Path(os.path.normpath(path)) if sys.platform == "win32" else path.resolve()


def span_of(strip: Any) -> tuple[int, int]:
    """The frames a strip covers: the first, and the first after it."""
    return round(_exact(strip, "first")), round(_exact(strip, "end"))


def trim(strip: Any, offset: int, length: int) -> None:
    """Have a new strip begin `offset` frames into its media and last `length` frames."""
    if offset:
        setattr(strip, _name(strip, "offset"), offset)
    setattr(strip, _name(strip, "length"), length)


def _exact(strip: Any, what: str) -> Fraction:
    return Fraction(getattr(strip, _name(strip, what))).limit_denominator(1000)


def _name(strip: Any, what: str) -> str:
    for name in _NAMES[what]:
        if hasattr(strip, name):
            return name
    raise AttributeError(f"this version of Blender names a strip's {what} otherwise")
