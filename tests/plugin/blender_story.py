# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs inside Blender: cuts a film, has the add-on find and lay music, mixes down, undoes. Says what it saw as JSON.

`blender -b --factory-startup -P blender_story.py -- story.json`, or `python blender_story.py story.json` with bpy.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import bpy

PATIENCE_S = 120.0


def tell(story: dict[str, Any]) -> dict[str, Any]:
    addon = story["module"]
    bpy.ops.preferences.addon_enable(module=addon)
    operators, strips = (importlib.import_module(f"{addon}.{name}") for name in ("operators", "strips"))
    settings = bpy.context.preferences.addons[addon].preferences
    settings.levels, settings.markers = story["levels"], story["markers"]
    scene = bpy.context.scene
    if "sound" in story:
        return {"clips": read_back(scene, strips, story)}
    cut(scene, strips, story)
    if story.get("save_as"):
        bpy.ops.wm.save_as_mainfile(filepath=story["save_as"])
    bpy.context.window_manager.needledrop_words = story.get("words", "")
    before = [strip.name for strip in strips.strips_of(scene.sequence_editor)]
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.needledrop.suggest() == {"FINISHED"}
    wait(operators)
    found = list(operators.session.suggestions)
    seen: dict[str, Any] = {"version": bpy.app.version_string, "found": found, "error": error_of(operators)}
    if found:
        assert bpy.ops.needledrop.use(number=story.get("number", 1)) == {"FINISHED"}
        wait(operators)
        seen["error"] = error_of(operators)
        seen["laid"] = [said(strip, strips) for strip in laid(scene, strips)]
        seen["channel"] = [scene.sequence_editor.channels[one["channel"]].name for one in seen["laid"]]
        seen["kept"] = [strip.name for strip in strips.strips_of(scene.sequence_editor) if strips.MARK not in strip]
        seen["before"] = before
        seen["markers"] = [[marker.frame, marker.name] for marker in scene.timeline_markers]
        seen["notes"] = operators.session.notes
        mix_down(scene, story["mix"])
        bpy.ops.ed.undo()
        scene = bpy.context.scene
        seen["undone"] = [strip.name for strip in strips.strips_of(scene.sequence_editor)]
        seen["undone_markers"] = len(scene.timeline_markers)
    bpy.ops.preferences.addon_disable(module=addon)
    return seen


def cut(scene: Any, strips: Any, story: dict[str, Any]) -> None:
    scene.render.fps, scene.render.fps_base = story["fps"]
    scene.frame_start, scene.frame_end = story["range"]
    if "preview" in story:
        scene.use_preview_range = True
        scene.frame_preview_start, scene.frame_preview_end = story["preview"]
    collection = strips.strips_of(scene.sequence_editor_create())
    for name, path, channel, first, offset, length in story["strips"]:
        strip = collection.new_movie(name=name, filepath=path, channel=channel, frame_start=first - offset)
        strips.trim(strip, offset, length)


def read_back(scene: Any, strips: Any, story: dict[str, Any]) -> list[list[Any]]:
    """What the add-on reads of a scene with a meta strip, a title, sound, and strips and channels that are muted."""
    cut(scene, strips, story)
    editor = scene.sequence_editor
    collection = strips.strips_of(editor)
    meta = collection.new_meta(name="meta", channel=5, frame_start=21)
    for name in story["inside"]:
        collection[name].move_to_meta(meta)
    strips.trim(meta, 0, 200)
    collection[story["muted"]].mute = True
    span = {"frame_end": 290} if bpy.app.version < (5, 0) else {"length": 30}
    collection.new_effect(name="title", type="COLOR", channel=1, frame_start=260, **span)
    voice = collection.new_sound(name="voice", filepath=story["sound"], channel=3, frame_start=10)
    strips.trim(voice, 25, 100)
    collection.new_sound(name="hum", filepath=story["sound"], channel=4, frame_start=10)
    editor.channels[4].mute = True
    clips = strips.read_timeline(scene).clips
    return [[one.name, one.channel, one.is_sound, one.first, one.end, float(one.source_in_s)] for one in clips]


def wait(operators: Any) -> None:
    """Timers do not run without a window: look as they would."""
    deadline = time.monotonic() + PATIENCE_S
    while operators.look() is not None:
        assert time.monotonic() < deadline, f"still {operators.session.step}"
        time.sleep(0.02)


def error_of(operators: Any) -> str | None:
    error = operators.session.error
    return f"{error.code}: {error.sentence}" if error else None


def laid(scene: Any, strips: Any) -> list[Any]:
    return [strip for strip in strips.strips_of(scene.sequence_editor) if strips.MARK in strip]


def said(strip: Any, strips: Any) -> dict[str, Any]:
    first, end = strips.span_of(strip)
    media = bpy.path.abspath(strip.sound.filepath)
    return {"name": strip.name, "channel": strip.channel, "first": first, "end": end, "media": media}


def mix_down(scene: Any, path: str) -> None:
    scene.render.ffmpeg.audio_mixrate = 48000
    bpy.ops.sound.mixdown(filepath=path, container="WAV", codec="PCM", format="F32", accuracy=256)


if __name__ == "__main__":
    file = Path(sys.argv[-1])
    told = json.loads(file.read_text())
    file.with_suffix(".seen.json").write_text(json.dumps(tell(told)))
