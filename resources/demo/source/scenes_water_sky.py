# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sea, night sky and hyperspace scenes of the demo video, functions of the time in the shot."""

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
class SeaLook:
    """Palette and staging of a sea shot."""

    sky: tuple[tuple[float, str], ...]
    deep: str
    sun: str
    sun_x: float
    sun_y: float
    sun_radius: float
    horizon: float
    waves: float
    boat: bool = False


SUNRISE_SEA = SeaLook(
    ((0, "#283a6b"), (0.45, "#7a6c9c"), (0.8, "#f2a987"), (1, "#ffdca8")), "#11263f", "#fff0c8", 560, 318, 40, 350, 0.8
)
BOAT_SEA = SeaLook(
    ((0, "#5a3f63"), (0.4, "#c46a62"), (0.78, "#ffab62"), (1, "#ffdf9a")),
    "#2c1b35", "#fff3cf", 700, 300, 128, 420, 0.55, True
)  # fmt: skip
FAST_SEA = SeaLook(
    ((0, "#0f4f8f"), (0.5, "#3aa0d2"), (0.85, "#bdeff2"), (1, "#fffbe0")), "#03415c", "#fffef0", 700, 150, 42, 300, 1.5
)


@cache
def _slopes(seed: int, slope: float) -> tuple[Picture, Picture]:
    tile = noise_tile(seed, 512, slope)
    east = np.roll(tile, -1, 1) - np.roll(tile, 1, 1)
    north = np.roll(tile, -1, 0) - np.roll(tile, 1, 0)
    return np.asarray(east / east.std(), np.float32), np.asarray(north / north.std(), np.float32)


def sea(look: SeaLook, t: float, forward: float, zoom: float = 1.0, roll: float = 0.0) -> Picture:
    """Open water in perspective: rippled mirror of the sky with Fresnel weighting and a glittering sun path."""
    bob = 5.0 * np.sin(t * 0.9) * look.waves
    horizon, focal = look.horizon + bob, 820.0 * zoom
    picture = sky(list(look.sky), horizon)
    sun_x, sun_y = WIDTH / 2 + (look.sun_x - WIDTH / 2) * zoom, horizon + (look.sun_y - look.horizon) * zoom
    _cloud_bank(picture, horizon, look, t)
    glow(picture, sun_x, sun_y, 3.2 * look.sun_radius * zoom, rgb(look.sun) * 0.22, 1.6)
    disc(picture, sun_x, sun_y, look.sun_radius * zoom, rgb(look.sun) * 1.18, 2.5)
    top = int(horizon)
    picture[top:] = _water(look, t, forward, horizon, focal, (sun_x, sun_y))
    line = smoothstep(16, 0, np.abs(grid()[1] - horizon))[..., None]
    picture += (rgb(look.sky[-1][1]) - picture) * 0.35 * line
    if look.boat:
        _boat(picture, 470 + 9 * t, horizon + 46 + 2.5 * np.sin(t * 1.5), 1.25 * zoom, 2.2 * np.sin(t * 1.1))
    if roll:
        turn = cv2.getRotationMatrix2D((WIDTH / 2, horizon), roll * np.sin(t * 2.2), 1.03 + abs(roll) * 0.02)
        picture = np.asarray(cv2.warpAffine(picture, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT))
    return bloom(picture, 0.86, 0.5)


def _cloud_bank(picture: Picture, horizon: float, look: SeaLook, t: float) -> None:
    x, y = grid()
    height = np.maximum(horizon - y, 1)
    clouds = sample(noise_tile(91, 512, 1.75), x * 0.17 + t * 1.6 + 90, height * 0.85 + 240)
    cover = smoothstep(0.3, 2.1, clouds) * smoothstep(4, 50, height) * smoothstep(horizon, 0.4 * horizon, height)
    tint = mix(rgb(look.sky[-1][1]), rgb(look.sky[1][1]), smoothstep(0, 330, height)[..., None])
    picture += (tint * 1.05 - picture) * (0.55 * cover)[..., None]


def _water(look: SeaLook, t: float, forward: float, horizon: float, focal: float, sun: tuple[float, float]) -> Picture:
    x, y = (plane[int(horizon) :] for plane in grid())
    below = np.maximum(y - np.float32(horizon), 0.5)
    depth = 3.4 * focal / below
    wx, wz = (x - WIDTH / 2) / focal * depth, depth + forward * t
    slope_x, slope_z = np.zeros_like(x), np.zeros_like(x)
    for seed, rough, size, drift, weight, reach in (
        (92, 2.1, 1.6, 1.2, 0.060, 900.0), (93, 1.8, 5.0, 2.2, 0.050, 150.0), (94, 1.5, 17.0, 3.6, 0.034, 38.0),
    ):  # fmt: skip
        east, north = _slopes(seed, rough)
        fade = weight * look.waves / (1 + (depth / reach) ** 2)
        u, v = wx * size + drift * t * 4.1, wz * size + drift * t * 5.3
        slope_x += fade * sample(east, u, v)
        slope_z += fade * sample(north, u * 0.93 + 120, v)
    up = below / focal
    mirror = np.clip(up + 2 * slope_z + 0.35 * np.abs(slope_x), 0.0, 1.2)
    table = ramp(list(look.sky), np.linspace(1.0, 0.0, 512))
    reflected = table[np.clip(mirror / 0.62 * 511, 0, 511).astype(np.int32)]
    facing = np.clip(up * 0.9 + slope_z * 1.0 + 0.02, 0.0, 1)
    fresnel = (0.03 + 0.97 * (1 - facing) ** 6)[..., None]
    water = mix(rgb(look.deep), reflected, fresnel)
    sun_up = (horizon - sun[1]) / focal
    off_x = (x - sun[0]) / focal + 2.0 * slope_x * (1 + 0.4 * up)
    off_y = mirror - sun_up
    tight = np.exp(-((off_x / 0.050) ** 2) - ((off_y / 0.085) ** 2))
    wide = np.exp(-((off_x / 0.16) ** 2) - ((off_y / 0.26) ** 2))
    return np.asarray(water + rgb(look.sun) * (1.15 * tight + 0.20 * wide)[..., None], np.float32)


def _boat(picture: Picture, x: float, y: float, size: float, lean: float) -> None:
    shape = [
        [(-46, 0), (48, -3), (36, 14), (-34, 14)],
        [(1, -6), (1, -128), (40, -12)],
        [(-4, -8), (-4, -112), (-38, -14)],
        [(-2.2, 0), (-2.2, -134), (0.2, -134), (0.2, 0)],
    ]
    turn = np.deg2rad(lean)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    for flip, strength in ((1.0, 1.0), (-0.62, 0.42)):
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        for polygon in shape:
            points = np.array(polygon) @ rotation.T * size * (1, flip) + (x, y + (10 if flip > 0 else 16))
            cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        cover = mask.astype(np.float32) / 255
        if flip < 0:
            gx, gy = grid()
            wobble = 5 * np.sin(gy * 0.42 + x) * np.clip((gy - y) / 60, 0, 1)
            cover = np.asarray(
                cv2.GaussianBlur(cv2.remap(cover, (gx + wobble).astype(np.float32), gy, cv2.INTER_LINEAR), (0, 0), 1.6)
            )
        picture += (rgb("#20121f") - picture) * (cover * strength * 0.94)[..., None]


@cache
def _star_field(seed: int, count: int) -> Picture:
    rng = np.random.default_rng(seed)
    big = np.zeros((1500, 1500), np.float32)
    np.add.at(
        big,
        (rng.integers(2, 1498, count), rng.integers(2, 1498, count)),
        rng.random(count) ** 26 * 8 + 0.5 * rng.random(count) ** 2 + 0.12,
    )
    soft = cv2.GaussianBlur(big, (0, 0), 0.85) * 2.1 + cv2.GaussianBlur(np.maximum(big - 3, 0), (0, 0), 3.4) * 7
    tint = ramp([(0, "#bcd2ff"), (0.6, "#ffffff"), (1, "#ffdcb4")], rng.random((47, 47)))
    return np.asarray(soft[..., None] * cv2.resize(tint, (1500, 1500)), np.float32)


@cache
def _milky_way() -> Picture:
    y, x = np.mgrid[0:1500, 0:1500].astype(np.float32)
    across = (x - 750) * 0.72 + (y - 750) * 0.69 + 60 * sample(noise_tile(95, 512, 1.9), x * 0.34, y * 0.34)
    dust = sample(noise_tile(96, 512, 1.65), x * 0.5, y * 0.5)
    band = np.exp(-((across / 215) ** 2)) * (0.75 + 0.33 * dust)
    lane = np.exp(-(((across - 20) / 62) ** 2)) * smoothstep(-0.5, 1.2, dust)
    core = (band * (1 - 0.72 * lane)).clip(0)
    colour = mix(rgb("#2d3f86"), rgb("#d9a3a0"), smoothstep(0.2, 1.1, core)[..., None])
    return np.asarray(core[..., None] * colour * 0.62, np.float32)


def night_sky(t: float, share: float) -> Picture:
    """Milky Way turning slowly over a dark ridge, with two shooting stars."""
    back = sky([(0, "#060a20"), (0.6, "#101c44"), (0.88, "#24406b"), (1, "#41658a")], 660)
    turn = cv2.getRotationMatrix2D((750, 750), 14 - 1.5 * t, 1.12 + 0.10 * share)
    turn[:, 2] += (WIDTH / 2 - 750, HEIGHT / 2 - 690)
    stars = cv2.warpAffine(_star_field(97, 5200) + _milky_way(), turn, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)
    picture = back + np.maximum(stars, 0) * smoothstep(690, 420, grid()[1])[..., None]
    for begin, x, y in ((0.5, 330, 110), (1.7, 820, 70)):
        _shooting_star(picture, t - begin, x, y)
    x = np.arange(WIDTH, dtype=np.float32)
    tile = noise_tile(98, 512, 1.9)
    for base, size, colour, speed in ((600, 40, "#0f1c3a", 4), (655, 34, "#050a18", 9)):
        ridge = base - size * sample(tile, x * 0.33 + speed * t, np.full_like(x, base))
        fill_below(picture, ridge, rgb(colour))
    return bloom(picture, 0.6, 0.5, 5)


def _shooting_star(picture: Picture, age: float, x: float, y: float) -> None:
    if not 0 < age < 0.7:
        return
    head = np.array([x + 560 * age, y + 250 * age])
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    for step in range(24):
        tail = head - np.array([560, 250]) * 0.011 * step
        ends = np.round(np.array([tail, tail - np.array([560, 250]) * 0.012]) * 16).astype(np.int32)
        cv2.line(mask, tuple(ends[0]), tuple(ends[1]), int(255 * (1 - step / 24) ** 2), 2, cv2.LINE_AA, 4)
    strength = np.sin(np.pi * age / 0.7) * 1.5
    picture += (mask.astype(np.float32) / 255 * strength)[..., None] * rgb("#fff1dd")


def hyperspace(t: float, speed: float) -> Picture:
    """Flight through stars: streaks from a vanishing point in front of a glowing nebula."""
    x, y = grid()
    centre_x, centre_y = WIDTH / 2 + 46 * np.sin(t * 1.1), HEIGHT / 2 + 22 * np.cos(t * 1.4)
    radius = np.hypot(x - centre_x, y - centre_y) + 1
    angle = np.arctan2(y - centre_y, x - centre_x)
    depth = 5200 / (radius + 60) + t * 26
    cloud = sample(noise_tile(101, 512, 1.8), angle * 512 / (2 * np.pi) * 2, depth * 3)
    picture = mix(rgb("#0a0830"), rgb("#7a1fa0"), smoothstep(-0.8, 2.0, cloud)[..., None])
    picture = mix(picture, rgb("#12b5d6"), (0.75 * smoothstep(0.5, 2.4, -cloud))[..., None])
    picture *= (0.35 + 0.65 * smoothstep(0, 520, radius))[..., None]
    glow(picture, centre_x, centre_y, 84, rgb("#d8f3ff") * 0.95, 1.9)
    layer = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    rng = np.random.default_rng(102)
    tints = ramp([(0, "#8fd8ff"), (0.5, "#ffffff"), (1, "#ffb4f0")], rng.random(620))
    for tint, place_x, place_y, begin in zip(
        tints, rng.normal(0, 1.5, 620), rng.normal(0, 1.0, 620), rng.random(620), strict=True
    ):
        z = 0.06 + (begin - t * speed) % 1.0
        if place_x**2 + place_y**2 < 0.012:
            continue
        near, far = z, z + 0.085 * speed
        ends = [(centre_x + 150 * place_x / d, centre_y + 150 * place_y / d) for d in (near, far)]
        if abs(ends[1][0] - centre_x) > 900 or abs(ends[1][1] - centre_y) > 600:
            continue
        shade = tuple(float(c) for c in tint * min(1.0, (1.06 - z) * 1.4) ** 2 * 1.1)
        points = [(round(np.clip(px, -3000, 4000) * 16), round(np.clip(py, -3000, 4000) * 16)) for px, py in ends]
        cv2.line(layer, points[0], points[1], shade, 1 + int(1.6 * (1 - z) ** 2 + 0.5), cv2.LINE_8, 4)
    return bloom(picture + cv2.GaussianBlur(layer, (0, 0), 0.8) * 1.25, 0.6, 0.6, 7)
