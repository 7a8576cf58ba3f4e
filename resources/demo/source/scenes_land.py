# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Landscape scenes of the demo video: layered mountains, flight over terrain, conifer forest.

Every scene is a function of the time in the shot; nothing is random from run to run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from .picture import (
    HEIGHT,
    WIDTH,
    Picture,
    bloom,
    disc,
    fill_below,
    glow,
    grid,
    mix,
    noise_tile,
    ramp,
    rgb,
    sample,
    sky,
    smoothstep,
)  # fmt: skip


@dataclass(frozen=True)
class MountainLook:
    """Palette and staging of a mountain shot (colours as "#rrggbb")."""

    sky: tuple[tuple[float, str], ...]
    haze: str
    far: str
    near: str
    sun: str
    sun_x: float
    sun_from: float
    sun_to: float
    seed: int
    layers: int = 7
    horizon: float = 400
    birds: bool = False


DAWN = MountainLook(
    ((0, "#1d2a55"), (0.35, "#4a4f86"), (0.62, "#b2748f"), (0.84, "#f0a07c"), (1, "#ffd9a0")),
    "#f3b48e", "#a5728f", "#141b33", "#fff0c8", 800, 440, 330, 3,
)  # fmt: skip
MORNING = MountainLook(
    ((0, "#3f79b8"), (0.4, "#7fb1d6"), (0.75, "#cfe3e6"), (1, "#fff1d2")),
    "#e6ead9", "#8fb0bd", "#12353b", "#fffbe8", 420, 250, 205, 8, 7, 410, True,
)  # fmt: skip
MIST = MountainLook(
    ((0, "#5b5f8f"), (0.45, "#a888a4"), (0.8, "#f0b79b"), (1, "#ffe2b8")),
    "#f2c7a8", "#b98ea0", "#2b2340", "#fff2d0", 930, 300, 262, 21, 6, 380, True,
)  # fmt: skip


@cache
def _profile(seed: int, rough: float) -> tuple[Picture, Picture]:
    """Ridge line of 8192 points (wraps) and its smoothed version, on which the haze is laid."""
    rng = np.random.default_rng(seed)
    frequency = np.fft.rfftfreq(8192)
    frequency[0] = 1
    shape = np.where(frequency * 8192 < 9, (frequency * 8192 / 9) ** 1.0, 1.0) / frequency**rough
    line = np.fft.irfft(np.fft.rfft(rng.standard_normal(8192)) * shape)
    line = (line / line.std()).astype(np.float32)
    smooth = cv2.GaussianBlur(np.tile(line, 3)[None, :], (0, 0), 70)[0, 8192:16384]
    return line, np.asarray(smooth, np.float32)


def mountains(look: MountainLook, t: float, share: float, pan: float = 60.0, zoom: float = 1.0) -> Picture:
    """Parallax ridges in haze under a rising sun; `share` 0..1 is the progress through the shot."""
    picture = sky(list(look.sky), look.horizon)
    sun_y = look.sun_from + (look.sun_to - look.sun_from) * share
    sun_x = look.sun_x - pan * t * 0.04
    _clouds(picture, look, t)
    glow(picture, sun_x, sun_y, 150, rgb(look.sun) * 0.26, 1.7)
    glow(picture, sun_x, sun_y, 46, rgb(look.sun) * 0.34, 2.2)
    disc(picture, sun_x, sun_y, 37, rgb(look.sun) * 1.35, 2.5)
    if look.birds:
        _birds(picture, t)
    x = np.arange(WIDTH, dtype=np.float32)
    _, gy = grid()
    for index in range(look.layers):
        depth = index / (look.layers - 1)
        scale = (0.62 + 1.5 * depth**1.3) / zoom
        base = look.horizon - 42 + 330 * depth**1.55
        position = (x - WIDTH / 2) * (1.15 - 0.25 * depth) / zoom + 900 * index + pan * t * (0.12 + 1.6 * depth**2)
        profile, smooth = _profile(look.seed + index, 1.42)
        heights = np.interp(position % 8191, np.arange(8192), profile)
        ridge = base - (20 + 44 * scale) * heights
        slope_top = base - (20 + 44 * scale) * np.interp(position % 8191, np.arange(8192), smooth)
        tone = mix(rgb(look.far), rgb(look.near), depth**1.1)
        lit = mix(tone, rgb(look.sun), 0.30 * (1 - depth) * np.exp(-(((x - sun_x) / 330) ** 2))[:, None])
        top = max(0, int(ridge.min()) - 2)
        below = smoothstep(0, 150 + 120 * depth, gy[top:] - slope_top[None, :].astype(np.float32))[..., None]
        shade = mix(lit[None, :, :].astype(np.float32), rgb(look.haze), below * np.float32(0.78 - 0.66 * depth))
        fill_below(picture[top:], ridge - top, shade)
    glow(picture, sun_x, sun_y, 230, rgb(look.sun) * 0.08, 1.8)
    return bloom(picture, 0.95, 0.3)


def _clouds(picture: Picture, look: MountainLook, t: float) -> None:
    x, y = grid()
    band = noise_tile(look.seed + 50, 512, 1.75)
    wisps = sample(band, x * 0.22 + t * 2.2, y * 1.15 + 30)
    cover = smoothstep(0.25, 2.0, wisps) * smoothstep(20, 160, y) * smoothstep(look.horizon, look.horizon - 160, y)
    picture += (rgb(look.haze) * 1.06 - picture) * (0.5 * cover)[..., None]


def _birds(picture: Picture, t: float) -> None:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    rng = np.random.default_rng(4)
    for index in range(11):
        x = 250 + 34 * t + rng.normal(0, 62) + 6 * np.sin(t * 0.8 + index)
        y = 150 + rng.normal(0, 24) - 3.0 * t + 3 * np.sin(t * 1.1 + index * 2)
        wing = 6.0 + 3.0 * rng.random()
        lift = wing * (0.25 + 0.55 * np.sin(t * (7 + index % 3) + index * 1.7))
        arm, tip = (wing * 0.45, lift * 0.75), (wing, lift)
        shape = [(-tip[0], -tip[1]), (-arm[0], -arm[1]), (0, 0), (arm[0], -arm[1]), (tip[0], -tip[1])]
        points = np.add(shape, (x, y))
        cv2.polylines(mask, [np.round(points * 16).astype(np.int32)], False, 255, 2, cv2.LINE_AA, 4)
    picture += (rgb("#22263f") - picture) * (mask.astype(np.float32) / 255 * 0.85)[..., None]


@dataclass(frozen=True)
class FlightLook:
    """Palette of a terrain flight."""

    sky: tuple[tuple[float, str], ...]
    haze: str
    low: str
    high: str
    sun: str
    sun_x: float
    snow: float
    water: str


GOLD_FLIGHT = FlightLook(
    ((0, "#2b5c9e"), (0.5, "#7fb2d4"), (0.85, "#ffe3b0"), (1, "#ffd08a")),
    "#ffd59b", "#3d4f2c", "#b9824c", "#fff0c4", 820, 0.74, "#5aa2b8",
)  # fmt: skip
ICE_FLIGHT = FlightLook(
    ((0, "#123a7a"), (0.55, "#3f8fd0"), (0.9, "#c8ecff"), (1, "#eafcff")),
    "#cdeeff", "#27506b", "#dfeefa", "#ffffff", 500, 0.30, "#1d6a96",
)  # fmt: skip
DUSK_FLIGHT = FlightLook(
    ((0, "#241046"), (0.5, "#7d2a6e"), (0.85, "#ff7a59"), (1, "#ffc06a")),
    "#ff9a63", "#2a1f4d", "#b2476a", "#ffe0a0", 640, 0.8, "#c4567a",
)  # fmt: skip
STEPS = 360
RELIEF, WATER = 56.0, 0.20


@cache
def _terrain() -> Picture:
    """Tileable height map (1024, 1024), about 0..1: ridged multifractal (Musgrave) with broad valleys."""
    rng = np.random.default_rng(61)
    fy, fx = np.fft.fftfreq(1024)[:, None] * 1024, np.fft.rfftfreq(1024)[None, :] * 1024
    radius = np.hypot(fx, fy)
    total, weight = np.zeros((1024, 1024)), np.ones((1024, 1024))
    for octave in range(7):
        band = np.exp(-((np.log2(radius + 1e-9) - np.log2(4.2 * 2**octave)) ** 2) / 0.5)
        layer = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((1024, 1024))) * band, s=(1024, 1024))
        crest = (1 - np.minimum(np.abs(layer / layer.std()) / 1.9, 1)) ** 1.6
        total += crest * weight * 0.46**octave
        weight = np.clip(crest * 1.5, 0, 1) if octave == 0 else np.clip(weight * (0.45 + crest), 0, 1)
    total = (total - total.min()) / (np.percentile(total, 99.8) - total.min())
    return np.asarray(0.08 + 0.92 * total**1.15, np.float32)


@cache
def _clearance() -> Picture:
    """Smooth ceiling over the terrain, the height at which the camera flies."""
    tall = cv2.dilate(np.tile(_terrain(), (3, 3)), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (45, 45)))
    return np.asarray(cv2.GaussianBlur(tall, (0, 0), 26)[1024:2048, 1024:2048], np.float32)


def flight(look: FlightLook, t: float, speed: float, start: tuple[float, float], heading: float, bank: float,
           height_m: float = 9.0) -> Picture:  # fmt: skip
    """Low flight over mountains: one ray per column, heights found by a front-to-back horizon sweep."""
    half_w = WIDTH // 2
    turn = heading + 0.16 * np.sin(t * 0.9)
    cam_x = start[0] + speed * t * np.sin(heading)
    cam_z = start[1] + speed * t * np.cos(heading)
    cam_y = float(sample(_clearance(), np.array([[cam_x]]), np.array([[cam_z]]))[0, 0]) * RELIEF + height_m
    horizon, focal = 268.0, 900.0
    depth = (5 + 620 * np.linspace(0, 1, STEPS) ** 2.0).astype(np.float32)
    column = ((np.arange(0, WIDTH, 1) - half_w) / focal).astype(np.float32)
    world_x = cam_x + depth[:, None] * (np.sin(turn) + column[None, :] * np.cos(turn))
    world_z = cam_z + depth[:, None] * (np.cos(turn) - column[None, :] * np.sin(turn))
    raw = sample(_terrain(), world_x, world_z)
    height = np.maximum(raw, WATER)
    screen = horizon + (cam_y - height * RELIEF) * focal / depth[:, None]
    skyline = np.minimum.accumulate(screen, axis=0)
    colour = _ground_colour(look, world_x, world_z, raw, depth)
    picture = sky(list(look.sky), horizon + 40)
    glow(picture, look.sun_x, 175, 120, rgb(look.sun) * 0.4, 1.9)
    disc(picture, look.sun_x, 175, 30, rgb(look.sun) * 1.4, 2)
    _paint_columns(picture, skyline, colour)
    glow(picture, look.sun_x, 190, 240, rgb(look.sun) * 0.13, 1.7)
    picture = _banked(picture, bank * np.sin(t * 1.4 + 0.4))
    return bloom(picture, 0.82, 0.4)


def _ground_colour(look: FlightLook, x: Picture, z: Picture, raw: Picture, depth: Picture) -> Picture:
    height = np.maximum(raw, WATER)
    sun_x, sun_z = (look.sun_x - WIDTH / 2) / 980, 1.0
    tile = _terrain()
    gap = np.float32(1.4)
    slope = (height - np.maximum(sample(tile, x + gap * sun_x, z + gap * sun_z), WATER)) * RELIEF / gap
    cross = (height - np.maximum(sample(tile, x + gap, z - 0.35), WATER)) * RELIEF / gap
    light = np.clip(0.62 + 0.26 * np.tanh(slope * 0.8) + 0.46 * np.tanh(cross * 0.7), 0.10, 1.3)
    grain = 0.03 * sample(noise_tile(64, 512, 1.0), x * 3.1, z * 3.1) * np.exp(-depth / 130)[:, None]
    share = smoothstep(0.18, 0.55, height + grain)[..., None]
    base = mix(rgb(look.low), rgb(look.high), share)
    white = smoothstep(look.snow, look.snow + 0.12, height + 1.5 * grain)[..., None]
    base = mix(base, rgb("#fbfcff"), white * 0.9)
    shadow = np.maximum(1 - light, 0)[..., None] * rgb(look.sky[1][1]) * 0.5
    base = base * (1.12 * light[..., None] + shadow)
    lake = smoothstep(WATER + 0.004, WATER - 0.002, raw)[..., None]
    base = mix(base, rgb(look.water) * (0.9 + 0.2 * np.tanh(grain * 6))[..., None], lake)
    fog = (1 - np.exp(-((depth / 330) ** 1.7)))[:, None, None]
    return np.asarray(mix(base, rgb(look.haze), fog), np.float32)


def _paint_columns(picture: Picture, skyline: Picture, colour: Picture) -> None:
    """For each pixel take the first depth step whose horizon line is above it (counting, then cumulative sum)."""
    columns = np.arange(WIDTH)
    rows = np.clip(np.ceil(skyline - 0.5), 0, HEIGHT).astype(np.int64)
    counts = np.bincount((rows * WIDTH + columns[None, :]).ravel(), minlength=(HEIGHT + 1) * WIDTH)
    hidden = STEPS - np.cumsum(counts.reshape(HEIGHT + 1, WIDTH), axis=0)[:HEIGHT]
    first = np.minimum(hidden, STEPS - 1)
    ground = hidden < STEPS
    before = np.maximum(first - 1, 0)
    y = np.arange(HEIGHT, dtype=np.float32)[:, None]
    upper, lower = skyline[first, columns[None, :]], skyline[before, columns[None, :]]
    blend = np.clip((lower - y) / np.maximum(lower - upper, 1e-3), 0, 1)[..., None]
    shade = mix(colour[before, columns[None, :]], colour[first, columns[None, :]], blend)
    edge = np.clip(y - skyline[-1][None, :] + 0.5, 0, 1)[..., None] * ground[..., None]
    picture += (shade - picture) * edge.astype(np.float32)


def _banked(picture: Picture, degrees: float) -> Picture:
    matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), degrees, 1.0 + abs(degrees) * 0.018 + 0.01)
    return np.asarray(
        cv2.warpAffine(picture, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    )


@cache
def _conifer(seed: int) -> Picture:
    """Coverage (600, 300) of one conifer, built of drooping branch strokes."""
    rng = np.random.default_rng(seed)
    image = np.zeros((1200, 600), np.uint8)
    top, bottom = 30.0, 1195.0
    trunk = np.array([[300, top], [291, bottom], [309, bottom]])
    cv2.fillPoly(image, [np.round(trunk * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    spread = 120 + 60 * rng.random()
    for height in np.arange(top + 4, bottom - 70, 3.2):
        share = (height - top) / (bottom - top)
        tier = 0.62 + 0.38 * ((height / (26 + 46 * share)) % 1.0)
        for side in (-1, 1):
            reach = spread * share**0.85 * tier * (0.5 + 0.65 * rng.random())
            droop = reach * (0.42 + 0.35 * rng.random())
            curve = np.array([(300, height - 4), (300 + side * reach * 0.5, height + droop * 0.3),
                              (300 + side * reach, height + droop)])  # fmt: skip
            points = [np.round(curve * 16).astype(np.int32)]
            for part in np.arange(0.3, 1.0, 0.12):
                twig = (300 + side * reach * part, height + droop * part**1.3)
                end = (twig[0] + side * rng.normal(3, 4), twig[1] + 7 + 12 * rng.random())
                points.append(np.round(np.array([twig, end]) * 16).astype(np.int32))
            cv2.polylines(image, points, False, 255, 2, cv2.LINE_AA, 4)
    return np.asarray(cv2.resize(image, (300, 600), interpolation=cv2.INTER_AREA).astype(np.float32) / 255)


@dataclass(frozen=True)
class ForestLook:
    """Palette of a forest shot."""

    fog: tuple[tuple[float, str], ...]
    tree: str
    ground: str
    light: str
    light_x: float
    seed: int


EVENING_FOREST = ForestLook(
    ((0, "#20343f"), (0.4, "#5a7a74"), (0.75, "#d9c58f"), (1, "#ffe9b4")), "#0b1a1c", "#1a2b26", "#ffe7ae", 860, 5
)
RUN_FOREST = ForestLook(
    ((0, "#0d3b4f"), (0.4, "#1f8a8a"), (0.75, "#b9e59a"), (1, "#fff7b8")), "#04181f", "#12413a", "#fffac0", 640, 9
)


def forest(look: ForestLook, t: float, forward: float, sideways: float) -> Picture:
    """Conifers in fog in true perspective: the camera moves by `forward` and `sideways` metres per second."""
    horizon, focal, eye = 430.0, 760.0, 1.7
    picture = sky(list(look.fog), horizon + 30)
    x, y = grid()
    glow(picture, look.light_x, horizon - 90, 170, rgb(look.light) * 0.40, 1.8)
    sway = 0.10 * np.sin(t * 7.5) if forward > 4 else 0.0
    cam_x, cam_z = sideways * t, forward * t
    below = np.maximum(y - horizon, 0.6)
    depth = (eye + sway) * focal / below
    texture = sample(noise_tile(81, 512, 1.25), ((x - 640) / focal * depth + cam_x) * 30, (depth + cam_z) * 30)
    fog = np.exp(-((depth / 17) ** 1.3))
    soil = rgb(look.ground) * (0.62 + 0.36 * texture * np.exp(-depth / 10))[..., None]
    soil = mix(ramp(list(look.fog), np.array([0.93]))[0], soil, fog[..., None])
    picture += (soil - picture) * smoothstep(0, 3, y - horizon)[..., None]
    _trees(picture, look, cam_x, cam_z, horizon + sway * 12, focal, eye)
    _light_shafts(picture, look, t)
    return bloom(picture, 0.92, 0.35)


def _trees(
    picture: Picture, look: ForestLook, cam_x: float, cam_z: float, horizon: float, focal: float, eye: float
) -> None:
    rng = np.random.default_rng(look.seed)
    count, span = 300, 96.0
    side = np.where(rng.random(count) < 0.5, -1, 1)
    at_x = side * (3.4 + 44 * rng.random(count) ** 1.2)
    at_z = rng.random(count) * span
    tall = 11 + 9 * rng.random(count)
    kind = rng.integers(0, 6, count)
    distance = (at_z - cam_z) % span + 0.7
    air = ramp(list(look.fog), np.array([0.9]))[0]
    for index in np.argsort(-distance):
        z = float(distance[index])
        centre = WIDTH / 2 + (at_x[index] - cam_x) * focal / z
        foot = horizon + eye * focal / z
        size = tall[index] * focal / z
        shade = mix(air, rgb(look.tree), float(np.exp(-((z / 26) ** 1.6))))
        fade = float(smoothstep(span, span * 0.82, z) * smoothstep(0.7, 1.3, z))
        _stamp(picture, _conifer(int(kind[index])), centre, foot, size, shade, fade)


def _stamp(
    picture: Picture, cover: Picture, centre: float, foot: float, size: float, shade: Picture, fade: float
) -> None:
    scale = size / cover.shape[0]
    left, top = centre - 0.5 * cover.shape[1] * scale, foot - size
    x0, x1 = max(0, int(left)), min(WIDTH, int(left + cover.shape[1] * scale) + 2)
    y0, y1 = max(0, int(top)), min(HEIGHT, int(foot) + 2)
    if x0 >= x1 or y0 >= y1 or fade < 0.01:
        return
    if scale < 0.35:
        factor = 0.35
        cover = _small(cover)
        scale = scale / factor
    matrix = np.array([[scale, 0, left - x0], [0, scale, top - y0]], np.float32)
    alpha = cv2.warpAffine(cover, matrix, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR)[..., None] * np.float32(fade)
    picture[y0:y1, x0:x1] += (shade - picture[y0:y1, x0:x1]) * alpha


_SMALL: dict[int, Picture] = {}


def _small(cover: Picture) -> Picture:
    if id(cover) not in _SMALL:
        _SMALL[id(cover)] = np.asarray(cv2.resize(cover, None, fx=0.35, fy=0.35, interpolation=cv2.INTER_AREA))
    return _SMALL[id(cover)]


def _light_shafts(picture: Picture, look: ForestLook, t: float) -> None:
    x, y = grid()
    angle = np.arctan2(x - look.light_x - 60, y + 190)
    tile = noise_tile(82, 512, 2.0)
    beams = sample(tile, angle * 330 + t * 3, np.full_like(angle, 40 + t * 1.5))
    strength = smoothstep(0.1, 2.0, beams) * smoothstep(-40, 190, y) * smoothstep(690, 320, y)
    picture += (strength * 0.24)[..., None] * rgb(look.light)
    rng = np.random.default_rng(6)
    for _ in range(46):
        px, py, size = rng.random() * WIDTH, 120 + rng.random() * 520, 1.2 + 2.4 * rng.random()
        phase = rng.random() * 6.3
        px += 16 * np.sin(t * 0.5 + phase) + 9 * t
        glow(picture, px % WIDTH, py - 7 * t, size, rgb(look.light) * (0.35 + 0.3 * np.sin(t * 1.7 + phase)), 3)
