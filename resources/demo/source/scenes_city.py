# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""City scenes of the demo video: a skyline over water, a drive down a lit street, fireworks."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import cv2
import numpy as np

from .picture import (
    HEIGHT,
    WIDTH,
    Picture,
    bloom,
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

WATERLINE = 540
NIGHT = [(0.0, "#10173f"), (0.3, "#2b2f6b"), (0.52, "#6d4a86"), (0.68, "#c06f83"), (0.8, "#f0a070"), (1.0, "#ffd08c")]
LATE = [(0.0, "#04060f"), (0.5, "#0a1230"), (0.85, "#1c2a5c"), (1.0, "#3a4a86")]
WARM_LIGHTS = [(0.0, "#ffb45a"), (0.45, "#ffd9a0"), (0.75, "#fff2d6"), (0.9, "#bfe2ff"), (1.0, "#8fc8ff")]


@cache
def _row_of_buildings(seed: int, tallest: int, narrow: int, tone: str, lit: float) -> tuple[Picture, Picture, Picture]:
    """(coverage, wall colour, window light) of a 2200 pixel wide row standing on the waterline."""
    rng = np.random.default_rng(seed)
    width = 2200
    cover = np.zeros((WATERLINE, width), np.float32)
    light = np.zeros((WATERLINE, width, 3), np.float32)
    wall = np.ones((WATERLINE, width, 1), np.float32) * rgb(tone)
    x = -10
    while x < width - 20:
        broad = int(narrow * (0.7 + 1.1 * rng.random()))
        middle = np.exp(-(((x + broad / 2 - width / 2) / 620) ** 2))
        tall = int(tallest * (0.28 + 0.36 * rng.random() + 0.62 * middle * rng.random() ** 0.6))
        _building(cover, light, wall, rng, (x, WATERLINE - tall, broad), lit)
        x += broad + int(rng.integers(-3, 8))
    return cover, wall, light


def _building(cover: Picture, light: Picture, wall: Picture, rng: np.random.Generator, box: tuple[int, int, int],
              lit: float) -> None:  # fmt: skip
    x, top, broad = box
    left = max(0, x)
    cover[top:, left : x + broad] = 1
    wall[top:, left : x + broad] *= np.float32(0.82 + 0.36 * rng.random())
    wall[top:, max(0, x + broad - 5) : x + broad] *= np.float32(0.7)
    if rng.random() < 0.45:
        step = int(broad * (0.15 + 0.2 * rng.random()))
        cap = int(14 + 26 * rng.random())
        cover[top - cap : top, max(0, x + step) : max(0, x + broad - step)] = 1
        if rng.random() < 0.6:
            mast = max(1, x + broad // 2)
            cover[top - cap - 44 : top - cap, mast : mast + 2] = 0.9
            light[top - cap - 46 : top - cap - 43, mast - 1 : mast + 3] = rgb("#ff4a3d") * 1.6
    pitch_x, pitch_y = int(rng.integers(7, 11)), int(rng.integers(9, 14))
    tint = ramp(WARM_LIGHTS, np.clip(rng.normal(0.35, 0.28), 0, 1))
    busy = lit * (0.5 + rng.random())
    for row in range(top + 8, WATERLINE - 10, pitch_y):
        floor_busy = busy * (1.9 if rng.random() < 0.14 else 1.0)
        for column in range(x + 6, x + broad - 8, pitch_x):
            if column > 0 and rng.random() < floor_busy:
                light[row : row + pitch_y - 6, column : column + pitch_x - 4] = tint * (0.35 + 0.75 * rng.random())


def skyline(t: float, pan: float, zoom: float = 1.0, late: bool = False, lift: float = 0.0) -> Picture:
    """City by the water at dusk (or late): parallax rows, lit windows, a bridge with traffic, rippling mirror."""
    stops = LATE if late else NIGHT
    picture = sky(stops, WATERLINE)
    x, y = grid()
    clouds = smoothstep(0.2, 2.1, sample(noise_tile(111, 512, 1.8), x * 0.2 + 3 * t, y * 0.8)) * smoothstep(30, 200, y)
    picture += (ramp(stops, 0.72) - picture) * (clouds * 0.34)[..., None]
    glow(picture, WIDTH / 2, WATERLINE, 330, ramp(stops, 1.0) * 0.2, 1.8)
    rows = (
        (121, 300, 46, "#4a4372", 0.10, 0.25, 0.62), (122, 360, 60, "#2b2b56", 0.22, 0.55, 0.4),
        (123, 250, 84, "#12142f", 0.30, 1.0, 0.16),
    )  # fmt: skip
    for seed, tallest, narrow, tone, lit, speed, haze in rows:
        _draw_row(picture, _row_of_buildings(seed, tallest, narrow, tone, lit), 450 + pan * t * speed, haze, stops)
    _mirror(picture, t)
    _traffic(picture, t)
    if zoom != 1.0 or lift:
        matrix = cv2.getRotationMatrix2D((WIDTH / 2, WATERLINE - 120), 0, zoom)
        matrix[1, 2] += lift
        picture = np.asarray(
            cv2.warpAffine(picture, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        )
    return picture


def _draw_row(
    picture: Picture, row: tuple[Picture, Picture, Picture], shift: float, haze: float, stops: list[tuple[float, str]]
) -> None:
    matrix = np.array([[1, 0, -shift], [0, 1, 0]], np.float32)
    cover, wall, light = (cv2.warpAffine(layer, matrix, (WIDTH, WATERLINE), flags=cv2.INTER_LINEAR) for layer in row)
    up = (np.arange(WATERLINE, dtype=np.float32) / WATERLINE)[:, None, None]
    tone = mix(wall, ramp(stops, 0.74) * 0.72, haze * (0.35 + 0.65 * up**2))
    area = picture[:WATERLINE]
    area += (tone - area) * cover[..., None]
    area += light * np.float32(1.2 - 0.6 * haze)


def _mirror(picture: Picture, t: float) -> None:
    x, y = grid()
    gx, gy = x[WATERLINE:], y[WATERLINE:]
    below = gy - WATERLINE
    tile = noise_tile(112, 512, 1.4)
    ripple = sample(tile, gx * (30 / (below + 14)) + t * 9, 9000 / (below + 30) + t * 26)
    shift_y = WATERLINE - below * 1.35 + ripple * (2 + below * 0.10)
    shift_x = gx + ripple * (1 + below * 0.03)
    image = cv2.remap(picture, shift_x, np.clip(shift_y, 0, WATERLINE - 2).astype(np.float32), cv2.INTER_LINEAR)
    image = cv2.blur(image, (1, 9))
    picture[WATERLINE:] = image * np.float32(0.74) + rgb("#070a1c") * 0.30 + (0.02 * ripple)[..., None]
    picture[WATERLINE - 3 : WATERLINE + 1] *= np.float32(0.35)


def _traffic(picture: Picture, t: float) -> None:
    rng = np.random.default_rng(113)
    for _ in range(58):
        lane = rng.random() < 0.5
        speed = (70 + 70 * rng.random()) * (1 if lane else -1)
        px = (rng.random() * 1500 + speed * t) % 1500 - 110
        py = WATERLINE - (7 if lane else 3)
        colour = rgb("#fff0cf") if lane else rgb("#ff5a46")
        glow(picture, px, py, 2.1, colour * 0.95, 2.4)
        glow(picture, px, 2 * WATERLINE - py + 9, 3.2, colour * 0.30, 2.0)
    for index in range(16):
        glow(picture, 40 + index * 80, WATERLINE - 2, 2.6, rgb("#ffc67a") * 0.8, 2.2)


def evening_skyline(t: float, share: float) -> Picture:
    """Calm dusk skyline, slow push in."""
    return bloom(skyline(t, 14, 1.0 + 0.07 * share), 0.55, 0.75)


def street(t: float, speed: float, sway: float = 0.0) -> Picture:
    """Fast drive through a neon canyon: both house fronts, wet road with reflections, passing lights."""
    x, y = grid()
    horizon, focal = 395.0, 640.0
    centre = WIDTH / 2 + sway * np.sin(t * 1.7)
    side, up = (x - centre) / focal, (horizon - y) / focal
    forward = speed * t
    depth_wall = 11.0 / np.maximum(np.abs(side), 1e-3)
    along = depth_wall + forward
    height = 1.5 + up * depth_wall
    block = np.floor(along / 17)
    seeds = block * 2 + (side > 0)
    tall = 16 + 30 * _hash(seeds, 1.7)
    depth_road = 1.5 / np.maximum(-up, 1e-3)
    is_road = (up < 0) & (depth_road < depth_wall)
    is_wall = ~is_road & (height < tall) & (depth_wall < 420)
    picture = sky([(0, "#080a24"), (0.6, "#241552"), (1, "#8a2f86")], horizon)
    picture[is_wall] = _facade(along[is_wall], height[is_wall], seeds[is_wall], depth_wall[is_wall], tall[is_wall])
    wet = sample(noise_tile(131, 512, 1.3), side * depth_road * 22, (depth_road + forward) * 9)
    picture[is_road] = _wet_road(is_road, (side, up, depth_road, along, seeds, depth_wall, tall, wet), forward)
    distance = np.where(is_road, depth_road, np.where(is_wall, depth_wall, 420))
    picture = mix(
        picture, rgb("#c04a9c"), (0.72 * (1 - np.exp(-((distance / 150) ** 1.5))) * (distance < 419))[..., None]
    )
    glow(picture, centre, horizon - 6, 120, rgb("#ffa0d0") * 0.55, 1.8)
    _street_lights(picture, t, speed, centre, horizon, focal)
    return bloom(np.asarray(picture, np.float32), 0.5, 0.9, 10)


def _wet_road(is_road: Picture, planes: tuple[Picture, ...], forward: float) -> Picture:
    side, up, depth_road, along, seeds, depth_wall, tall, wet = (plane[is_road] for plane in planes)
    mirrored = _facade(along, 1.5 + (np.abs(up) + 0.012 * wet) * depth_wall, seeds, depth_wall, tall)
    lines = smoothstep(0.16, 0.08, np.abs(np.abs(side * depth_road) - 2.0)) * (((depth_road + forward) % 6) < 2.6)
    road = rgb("#0b0d1e") * (1 + 0.12 * wet)[..., None] + mirrored * (0.30 + 0.14 * np.tanh(wet))[..., None]
    return np.asarray(road + (lines * np.exp(-depth_road / 60))[..., None] * rgb("#fff0d0") * 0.55, np.float32)


def _hash(value: Picture, salt: float) -> Picture:
    return np.asarray(np.abs(np.sin(value * 12.9898 + salt * 78.233) * 43758.5453) % 1.0, np.float32)


def _facade(along: Picture, height: Picture, seeds: Picture, depth: Picture, tall: Picture) -> Picture:
    column, row = np.floor(along / 1.55), np.floor(height / 1.75)
    inside = smoothstep(0.12, 0.2, along / 1.55 % 1) * smoothstep(0.9, 0.82, along / 1.55 % 1)
    inside = inside * smoothstep(0.2, 0.3, height / 1.75 % 1) * smoothstep(0.88, 0.78, height / 1.75 % 1)
    on = (_hash(column * 3.1 + row * 7.7 + seeds, 0.3) < 0.42) * (0.4 + 0.6 * _hash(column + row * 5, 0.9))
    fade = np.exp(-((depth / 75) ** 2))
    light = np.where(height > 4.6, inside * on * fade + 0.16 * (1 - fade), 0)
    light = light * (height < tall)
    hue = _hash(seeds, 4.2)
    tint = ramp([(0, "#ffb057"), (0.4, "#ffe2b0"), (0.65, "#7fd8ff"), (1, "#ff6fc8")], hue)
    sign = smoothstep(0.62, 0.5, np.abs(height - 3.6)) * smoothstep(0.41, 0.39, np.abs(along / 17 % 1 - 0.5))
    neon = ramp([(0, "#ff2d78"), (0.35, "#16d9ff"), (0.7, "#ffe14a"), (1, "#8b5bff")], _hash(seeds, 9.1))
    wall = rgb("#141634") * (0.7 + 0.6 * _hash(seeds, 2.2))[..., None]
    return np.asarray(
        wall + light[..., None] * tint * 0.95 + sign[..., None] * neon * (0.5 + 0.5 * fade)[..., None], np.float32
    )


def _street_lights(picture: Picture, t: float, speed: float, centre: float, horizon: float, focal: float) -> None:
    for index in range(16):
        z = (index * 13 - speed * t) % 208 + 3.0
        for side in (-1, 1):
            glow(
                picture,
                centre + side * 6.6 * focal / z,
                horizon - 4.6 * focal / z,
                26 / z + 1.2,
                rgb("#ffd690") * 1.1,
                2.2,
            )
    rng = np.random.default_rng(132)
    for _ in range(20):
        oncoming = rng.random() < 0.5
        pace = speed * (1.7 if oncoming else 0.45)
        z = (rng.random() * 200 - pace * t) % 200 + 4
        lane = -3.4 if oncoming else 3.6
        colour = rgb("#fff6e0") if oncoming else rgb("#ff3a30")
        for shift in (-0.65, 0.65):
            px, py = centre + (lane + shift) * focal / z, horizon + 0.85 * focal / z
            glow(picture, px, py, 11 / z + 1.0, colour * 1.3, 2.1)
            glow(picture, px, horizon + 2.2 * focal / z, 16 / z + 1.0, colour * 0.35, 1.8)


SHELLS = (
    (0.00, 400, 190, "#ffd27a", 190), (0.45, 860, 150, "#ff5f8f", 220), (0.95, 620, 230, "#79e0ff", 170),
    (1.35, 250, 140, "#b98bff", 200), (1.70, 1010, 220, "#8dffb0", 190), (2.10, 700, 130, "#fff0c0", 260),
    (2.45, 450, 210, "#ff8a4a", 210), (2.80, 880, 170, "#7aa8ff", 220), (3.30, 330, 170, "#ffd27a", 230),
    (3.60, 1000, 150, "#ff5f8f", 210), (4.05, 640, 160, "#ffffff", 300), (4.70, 480, 200, "#79e0ff", 220),
    (5.10, 820, 180, "#ffd27a", 250), (5.80, 640, 190, "#ffb9d6", 280),
    (6.20, 420, 200, "#8dffb0", 220), (6.75, 760, 150, "#ff8a4a", 260), (7.25, 540, 180, "#b98bff", 240),
    (7.85, 850, 190, "#79e0ff", 230),
)  # fmt: skip

ATTACK_S = 0.24  # A burst lights the scene over six frames: lit in one, it would look like a cut.
CITY_LIGHT = 1.8  # The city stays the picture, whatever bursts above it.


def fireworks(t: float, zoom: float = 1.0, offset: float = 0.0) -> Picture:
    """Shells bursting over the late skyline, mirrored in the water; `offset` skips into the display."""
    picture = skyline(t + offset, 6, 1.0, True) * np.float32(CITY_LIGHT)
    layer = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    clock = t + offset
    # Every shell has an echo on the other side of the sky, a little later, smaller and in the next colour.
    echoes = [(b + 0.27, WIDTH - x, y + 26, SHELLS[i - 3][3], int(0.8 * z)) for i, (b, x, y, _, z) in enumerate(SHELLS)]
    for index, (begin, x, y, colour, size) in enumerate([*SHELLS, *echoes]):
        _shell(layer, clock - begin, x, y, rgb(colour), size, index)
    layer = np.asarray(cv2.GaussianBlur(layer, (0, 0), 0.9)) * 1.1
    haze = cv2.resize(
        cv2.GaussianBlur(cv2.resize(layer, (160, 90), interpolation=cv2.INTER_AREA), (0, 0), 9), (WIDTH, HEIGHT)
    )
    layer += haze * 0.45
    picture += layer
    stretched = cv2.resize(cv2.flip(layer[60:WATERLINE], 0), (WIDTH, HEIGHT - WATERLINE), interpolation=cv2.INTER_AREA)
    gx, gy = grid()
    wobble = 7 * np.sin(gy[WATERLINE:] * 0.55 + t * 5) + 4 * np.sin(gy[WATERLINE:] * 0.23 - t * 3)
    stretched = cv2.remap(
        stretched, (gx[WATERLINE:] + wobble).astype(np.float32), gy[WATERLINE:] - WATERLINE, cv2.INTER_LINEAR
    )
    picture[WATERLINE:] += cv2.blur(stretched, (3, 15)) * np.float32(0.75)
    if zoom != 1.0:
        matrix = cv2.getRotationMatrix2D((WIDTH / 2, 330), 0, zoom)
        picture = np.asarray(
            cv2.warpAffine(picture, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        )
    return bloom(picture, 0.6, 0.7, 8)


def _shell(layer: Picture, age: float, x: float, y: float, colour: Picture, size: float, seed: int) -> None:
    if -0.55 < age <= 0:
        rise = (age + 0.55) / 0.55
        py = WATERLINE - (WATERLINE - y) * (1 - (1 - rise) ** 2)
        cv2.line(layer, (round(x * 16), round(py * 16)), (round((x + 2) * 16), round((py + 26) * 16)),
                 tuple(float(c) for c in rgb("#ffdf9e") * 0.8), 2, cv2.LINE_8, 4)  # fmt: skip
    if not 0 < age < 2.2:
        return
    rng = np.random.default_rng(900 + seed)
    count = 190
    up = rng.uniform(-1, 1, count)
    around = rng.uniform(0, 2 * np.pi, count)
    ring = np.sqrt(1 - up**2)
    speed = size * rng.normal(1.0, 0.06, count) * (1 if seed % 3 else 0.9)
    life = (0.16 + 0.84 * smoothstep(0.05, 0.5, age)) * np.exp(-age * 0.8) * smoothstep(2.2, 1.1, age)
    life *= smoothstep(-0.06, ATTACK_S, age)
    paths = []
    for trail in range(6):
        then = max(0.0, age - trail * 0.028)
        reach = (1 - np.exp(-3.1 * then)) * speed
        paths.append(np.stack((x + reach * ring * np.cos(around), y + reach * up + 52 * then**2), axis=1))
    tone = mix(colour, rgb("#fff6e6"), max(0.0, 0.36 - age * 1.5)) * life * 1.5
    for trail, (newer, older) in enumerate(pairwise(paths), start=1):
        twinkle = 0.6 + 0.4 * np.sin(rng.random(count) * 6.3 + age * 26) if age > 0.9 else np.ones(count)
        for one, other, shine in zip(
            np.round(newer * 16).astype(int), np.round(older * 16).astype(int), twinkle, strict=True
        ):
            shade = tuple((tone * (1 - trail / 6) * shine).tolist())
            cv2.line(layer, tuple(one), tuple(other), shade, 2 if trail < 3 else 1, cv2.LINE_8, 4)
    glow(layer, x, y, 60, colour * float(1.1 * smoothstep(0, ATTACK_S, age) * np.exp(-age * 5)), 1.6)
