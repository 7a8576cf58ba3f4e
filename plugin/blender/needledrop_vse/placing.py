# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lays what Needledrop answered: a sound strip on a free channel, its levels, markers. Moves and replaces nothing."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from .bridge import BridgeError
from .levels import FALL, RISE, VolumeKey, volume_keys
from .strips import MARK, span_of, strips_of, trim
from .timeline import Question

MOST_CHANNELS = 128
CHANNEL_NAME = "Music"
MUSIC_FOLDER = "music"
# What is shown of the music's own markers, from nothing to all.
MARKER_KINDS = {
    "NONE": frozenset[str](),
    "SECTIONS": frozenset({"section"}),
    "DOWNBEATS": frozenset({"section", "downbeat"}),
    "BEATS": frozenset({"section", "downbeat", "beat"}),
}
_SHAPES = {RISE: ("SINE", "EASE_OUT"), FALL: ("SINE", "EASE_IN")}


def lay_music(scene: Any, question: Question, answer: Mapping[str, Any], is_editable: bool, markers: str) -> Any:
    """A new strip of the music of a `use` answer.

    Args:
        scene: Whose sequencer it is laid into.
        question: What was asked for; it says which frame the answer counts from.
        answer: The result of `use`.
        is_editable: The track itself with fades and levels as keyframes, not the WAV in which they are. Where the
            answer says that one strip cannot play the cue, it is the WAV all the same.
        markers: One of MARKER_KINDS.

    Raises:
        BridgeError: "no-channel", where every channel is taken there.
    """
    start = question.zero_frame + int(answer["start_frame"])
    frames = int(answer["frames"])
    original = answer["original"] if is_editable else None
    editor = scene.sequence_editor or scene.sequence_editor_create()
    channel = _free_channel(editor, start, start + frames)
    if original is not None:
        strip = _lay_track(editor, channel, start, frames, original, answer["title"], question.rate)
        _set_levels(scene, strip, start, volume_keys(original, frames, question.rate))
    else:
        strip = _lay(editor, channel, start, frames, answer["wav"], answer["title"], 0)
    strip[MARK] = str(answer["attribution"])
    _show_wave(strip)
    if editor.channels[channel].name == f"Channel {channel}":
        editor.channels[channel].name = CHANNEL_NAME
    _add_markers(scene, question, answer["markers"], MARKER_KINDS[markers])
    return strip


def _free_channel(editor: Any, start: int, end: int) -> int:
    """Above all others; where there is no channel above, one that is free from `start` to `end`."""
    strips = list(strips_of(editor))
    highest = max((strip.channel for strip in strips), default=0)
    if highest < MOST_CHANNELS:
        return int(highest) + 1
    for channel in range(MOST_CHANNELS, 0, -1):
        spans = [span_of(one) for one in strips if one.channel == channel]
        if all(span_end <= start or span_start >= end for span_start, span_end in spans):
            return channel
    raise BridgeError("no-channel", "There is no free channel for the music.", "Clear one in the sequencer.")


def _lay(editor: Any, channel: int, start: int, frames: int, path: str, title: str, offset: int) -> Any:
    strip = strips_of(editor).new_sound(name=title, filepath=path, channel=channel, frame_start=start - offset)
    trim(strip, offset, frames)
    return strip


def _lay_track(
    editor: Any, channel: int, start: int, frames: int, original: Mapping[str, Any], title: str, rate: Fraction
) -> Any:
    """The track's own file from its in-point: to the sample where strips can, from 4.4 on, else to half a frame."""
    in_s = float(original["in_s"])
    offset = round(in_s * rate)
    strip = _lay(editor, channel, start, frames, original["path"], title, offset)
    if hasattr(strip, "sound_offset"):
        strip.sound_offset = float(offset / rate) - in_s
    return strip


def _set_levels(scene: Any, strip: Any, start: int, keys: list[VolumeKey]) -> None:
    strip.volume = keys[0].volume
    if len(keys) == 1:
        return
    for key in keys:
        strip.volume = key.volume
        strip.keyframe_insert("volume", frame=start + key.frame)
    points = _curve(scene, strip.path_from_id("volume")).keyframe_points
    for point, key in zip(points, keys, strict=True):
        point.interpolation, point.easing = _SHAPES.get(key.shape, ("LINEAR", "AUTO"))


def _curve(scene: Any, path: str) -> Any:
    """The F-curve of a property; from 4.4 on actions have layers and slots, from 5.0 on nothing else."""
    animation = scene.animation_data
    if getattr(animation.action, "layers", None):
        bag = animation.action.layers[0].strips[0].channelbag(animation.action_slot)
        return bag.fcurves.find(path)
    return animation.action.fcurves.find(path)


def _show_wave(strip: Any) -> None:
    if hasattr(strip, "show_waveform"):
        strip.show_waveform = True


def _add_markers(scene: Any, question: Question, markers: list[Mapping[str, Any]], kinds: frozenset[str]) -> None:
    for marker in markers:
        if marker["kind"] in kinds:
            frame = question.zero_frame + round(float(marker["at_s"]) * question.rate)
            scene.timeline_markers.new(str(marker["name"]), frame=frame)


def credits_of(scene: Any) -> str:
    """What the licences of all music laid here want to be published, each once."""
    editor = scene.sequence_editor
    strips = strips_of(editor) if editor else ()
    texts = dict.fromkeys(str(strip[MARK]).strip() for strip in strips if MARK in strip)
    return "\n\n".join(text for text in texts if text)


def music_folder(saved_as: str) -> Path | None:
    """Where the WAV goes: in a folder beside the saved file; None, which is Needledrop's own, where there is none.

    Needledrop writes to no share by its name (UNC).
    """
    if not saved_as or saved_as.startswith(("\\\\", "//")):
        return None
    folder = Path(saved_as).parent / MUSIC_FOLDER
    try:
        folder.mkdir(exist_ok=True)
    except OSError:
        return None
    return folder
