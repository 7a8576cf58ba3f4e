# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws a scene script as small moving pictures: grounds, moving things, camera, light and cuts on the beat.

Two styles share the drawing and not the mapping: what FIRST says with hue, SECOND says with light, and so on. What is
learned from FIRST is tried on SECOND and never trained on it.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray, TimeArray
from needledrop.features.picture_rows import Pictures
from needledrop.training.corpus.scene_script import LENGTH_S, SceneScript

SIZE = (96, 54)
RATE_HZ = 8.0
_GROUND_SCALE = 3
_TEXTURES = ("cloud", "stripes", "blocks", "dots", "hills", "rings")
_SHAPES = ("disc", "box", "triangle", "bar")


@dataclass(frozen=True)
class PictureStyle:
    """How a script becomes a picture. hues: of the saddest and the happiest palette, turns of 0..1; light_from_valence
    and light_from_level: shares of the brightness; kind_shift: which texture and shape a kind gets; outlined: things
    are lines; zooms: the camera goes in and out instead of sideways; follows: how often the usual texture is used."""

    name: str
    hues: tuple[float, float]
    light_from_valence: float
    light_from_level: float
    kind_shift: int
    outlined: bool
    zooms: bool
    follows: float


FIRST = PictureStyle("first", (0.66, 0.10), 0.40, 0.15, 0, False, False, 0.75)
SECOND = PictureStyle("second", (0.45, 0.95), 0.15, 0.40, 7, True, True, 0.75)


@dataclass(frozen=True)
class _Thing:
    shape: str
    size: float
    colour: tuple[int, int, int]
    start: tuple[float, float]
    velocity: tuple[float, float]
    spin: float


@dataclass(frozen=True)
class _Shot:
    ground: Pictures
    things: tuple[_Thing, ...]
    offset: tuple[float, float]


def drawn(
    script: SceneScript, seed: int, style: PictureStyle, *, size: tuple[int, int] = SIZE,
    beats_s: TimeArray | None = None, length_s: float = LENGTH_S,
) -> Pictures:  # fmt: skip
    """RGB pictures uint8 [round(length_s * RATE_HZ), h, w, 3] of the script; `size` is (w, h).

    beats_s: the beats that cuts fall on, where they are measured ones rather than the script's.
    """
    rng = np.random.default_rng((seed, 3))
    cuts_s = cut_times_s(script, script.beats_s(length_s) if beats_s is None else beats_s, rng, length_s)
    count = round(length_s * RATE_HZ)
    pictures = np.empty((count, size[1], size[0], 3), np.uint8)
    starts = [0, *(min(count, math.ceil(cut * RATE_HZ - 1e-6)) for cut in cuts_s), count]
    travelled = 0.0
    for first, last in itertools.pairwise(starts):
        shot = _new_shot(script, style, rng, size)
        for index in range(first, last):
            level = script.level_at(index / RATE_HZ)
            travelled += (0.25 + 1.5 * level) / RATE_HZ
            pictures[index] = _picture(script, style, shot, size, travelled, level)
    return pictures


def cut_times_s(script: SceneScript, beats_s: TimeArray, rng: np.random.Generator, length_s: float) -> TimeArray:
    """Where shots begin after the first: on every cut_beats-th beat, some left out, and at sections."""
    on_beats = [beat for beat in beats_s[:: script.cut_beats] if rng.random() < 0.85]
    sections = [start for start in script.section_starts_s[1:] if rng.random() < 0.8]
    if len(beats_s):
        sections = [float(beats_s[np.abs(beats_s - start).argmin()]) for start in sections]
    cuts = np.unique(np.array([*on_beats, *sections], np.float64))
    return cuts[(cuts > 0.5) & (cuts < length_s - 0.5)]


def _new_shot(script: SceneScript, style: PictureStyle, rng: np.random.Generator, size: tuple[int, int]) -> _Shot:
    things = tuple(
        _new_thing(script, style, rng, size) for _ in range(round(1 + 9 * script.density + rng.normal(0, 1)))
    )
    return _Shot(_ground(script, style, rng, size), things, (float(rng.uniform(0, 1)), float(rng.uniform(0, 1))))


def _usual(kind: int, style: PictureStyle, choices: tuple[str, ...], rng: np.random.Generator) -> str:
    """What that kind of scene is mostly drawn with."""
    if rng.random() < style.follows:
        return choices[(kind + style.kind_shift) % len(choices)]
    return choices[int(rng.integers(len(choices)))]


def _colour(script: SceneScript, style: PictureStyle, rng: np.random.Generator, spread: float) -> NDArray[np.float64]:
    """An RGB colour 0..255 of the script's palette."""
    import cv2

    low, high = style.hues
    hue = (low + (high - low) * script.warmth + rng.normal(0, spread)) % 1.0
    saturation = np.clip(0.25 + 0.55 * script.arousal + rng.normal(0, 0.08), 0.05, 1)
    value = np.clip(0.3 + style.light_from_valence * script.valence + rng.normal(0, 0.1), 0.1, 1)
    hsv = np.array([[[hue * 180, saturation * 255, value * 255]]]).astype(np.uint8)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0], np.float64)


def _ground(script: SceneScript, style: PictureStyle, rng: np.random.Generator, size: tuple[int, int]) -> Pictures:
    """A canvas larger than the picture, for the camera to move over."""
    texture = _texture(_usual(script.kind, style, _TEXTURES, rng), rng, script.density, size)
    near, far = (_colour(script, style, rng, 0.05).astype(np.float32) for _ in range(2))
    mixed = far + (near - far) * texture[:, :, None] * np.float32(0.4 + 0.6 * script.arousal)
    mixed *= 0.55 + 0.45 * texture[:, :, None]
    return np.clip(mixed, 0, 255).astype(np.uint8)


def _texture(name: str, rng: np.random.Generator, density: float, size: tuple[int, int]) -> FloatArray:
    """A pattern 0..1 [h, w] of _GROUND_SCALE times the picture's size, finer where the scene is denser."""
    import cv2

    wide, high = size[0] * _GROUND_SCALE, size[1] * _GROUND_SCALE
    x, y = np.meshgrid(np.arange(wide, dtype=np.float32) / size[1], np.arange(high, dtype=np.float32) / size[1])
    pitch = 2 + 10 * density
    if name == "stripes":
        turn = rng.uniform(0, np.pi)
        pattern = 0.5 + 0.5 * np.sign(np.sin(2 * pitch * (x * np.cos(turn) + y * np.sin(turn))))
    elif name == "rings":
        pattern = 0.5 + 0.5 * np.sin(2 * pitch * np.hypot(x - rng.uniform(1, 4), y - rng.uniform(0.5, 2.5)))
    elif name == "dots":
        pattern = (np.hypot((x * pitch / 2) % 1 - 0.5, (y * pitch / 2) % 1 - 0.5) < 0.3).astype(np.float32)
    elif name == "hills":
        ridge = 1.5 + 0.4 * np.sin(pitch * 0.4 * x + rng.uniform(0, 6)) + 0.15 * np.sin(pitch * x)
        pattern = np.clip((y - ridge) * 2 + 0.5, 0, 1)
    else:
        coarse = rng.random((max(2, round(pitch * 1.5)), max(2, round(pitch * 2.5))), np.float32)
        method = cv2.INTER_NEAREST if name == "blocks" else cv2.INTER_CUBIC
        pattern = np.clip(cv2.resize(coarse, (wide, high), interpolation=method), 0, 1)
    return np.asarray(pattern * 0.85 + 0.15 * rng.random((high, wide), np.float32), np.float32)


def _new_thing(script: SceneScript, style: PictureStyle, rng: np.random.Generator, size: tuple[int, int]) -> _Thing:
    red, green, blue = (int(channel) for channel in np.clip(_colour(script, style, rng, 0.12) * 1.3, 0, 255))
    speed = size[1] * (0.05 + 0.7 * script.object_motion) * rng.uniform(0.5, 1.5)
    turn = rng.uniform(0, 2 * np.pi)
    return _Thing(
        _usual(script.kind, style, _SHAPES, rng),
        float(size[1] * rng.uniform(0.06, 0.2)),
        (red, green, blue),
        (float(rng.uniform(0, size[0])), float(rng.uniform(0, size[1]))),
        (float(speed * np.cos(turn)), float(speed * np.sin(turn))),
        float(rng.uniform(-2, 2) * script.object_motion),
    )


def _picture(
    script: SceneScript, style: PictureStyle, shot: _Shot, size: tuple[int, int], travelled: float, level: float
) -> Pictures:
    """One picture: the camera's window on the ground, things over it, and the light of the moment."""
    import cv2

    picture = _window(shot, size, script.camera * travelled, zooms=style.zooms)
    for thing in shot.things:
        _draw(picture, thing, size, travelled, outlined=style.outlined)
    light = 1 + 2 * style.light_from_level * (level - 0.5)
    return np.asarray(cv2.convertScaleAbs(picture, alpha=light), np.uint8)


def _window(shot: _Shot, size: tuple[int, int], way: float, *, zooms: bool) -> Pictures:
    import cv2

    wide, high = size
    room_x, room_y = wide * (_GROUND_SCALE - 1), high * (_GROUND_SCALE - 1)
    zoom = 1.0 + 0.5 * math.sin(1.2 * way) if zooms else 1.0
    pan = 0.1 * way if zooms else 0.9 * way
    left = _swing(shot.offset[0] * room_x + pan * high, room_x)
    top = _swing(shot.offset[1] * room_y + 0.2 * pan * high, room_y)
    matrix = np.array([[zoom, 0, left], [0, zoom, top]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(shot.ground, matrix, size, flags=flags, borderMode=cv2.BORDER_REFLECT), np.uint8)


def _swing(place: float, room: float) -> float:
    """`place` folded into 0..room, there and back."""
    return room - abs(place % (2 * room) - room)


def _draw(picture: Pictures, thing: _Thing, size: tuple[int, int], travelled: float, *, outlined: bool) -> None:
    import cv2

    x = _swing(thing.start[0] + thing.velocity[0] * travelled, size[0])
    y = _swing(thing.start[1] + thing.velocity[1] * travelled, size[1])
    centre = (round(x), round(y))
    width = max(1, size[1] // 40) if outlined else -1
    if thing.shape == "disc":
        cv2.circle(picture, centre, round(thing.size), thing.colour, width)
        return
    sides = {"box": 4, "triangle": 3, "bar": 4}[thing.shape]
    wide, high = (2.2, 0.35) if thing.shape == "bar" else (1.0, 1.0)
    corners = []
    for side in range(sides):
        angle = thing.spin * travelled + side * 2 * math.pi / sides
        corner = (x + wide * thing.size * math.cos(angle), y + high * thing.size * math.sin(angle))
        corners.append((round(corner[0]), round(corner[1])))
    points = np.array(corners, np.int32)
    if outlined:
        cv2.polylines(picture, [points], True, thing.colour, width)
    else:
        cv2.fillPoly(picture, [points], thing.colour)
