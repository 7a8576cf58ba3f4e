# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Image building blocks of the demo video: colours, gradients, noise, bloom, grading.

Pictures are linear-ish float32 RGB arrays (height, width, 3), 0..1 with highlights above 1.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import numpy as np

WIDTH, HEIGHT, FRAME_RATE = 1280, 720, 25
Picture = np.ndarray[Any, np.dtype[np.float32]]


def rgb(code: str) -> Picture:
    """Colour "#rrggbb" as float32 (3,)."""
    return np.array([int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)], np.float32)


def mix(one: Picture, other: Picture, share: Any) -> Picture:
    """Linear blend; share 0 gives `one`."""
    return np.asarray(one + (other - one) * np.float32(share) if np.isscalar(share) else one + (other - one) * share)


def smoothstep(low: float, high: float, value: Any) -> Any:
    """Hermite step from 0 at `low` to 1 at `high`."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def ramp(stops: list[tuple[float, str]], positions: Any) -> Picture:
    """Colours at `positions` of a gradient given as (position, "#rrggbb")."""
    at = [s[0] for s in stops]
    colours = np.stack([rgb(s[1]) for s in stops])
    return np.stack([np.interp(positions, at, colours[:, c]) for c in range(3)], axis=-1).astype(np.float32)


def sky(stops: list[tuple[float, str]], horizon: float) -> Picture:
    """Vertical gradient: position 0 is the zenith (top edge), 1 the horizon row."""
    column = ramp(stops, np.arange(HEIGHT) / max(1.0, horizon))
    return np.repeat(column[:, None, :], WIDTH, axis=1)


@cache
def grid() -> tuple[Picture, Picture]:
    """Pixel centre coordinates (x, y), each (height, width) float32."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    return x, y


@cache
def noise_tile(seed: int, size: int = 512, slope: float = 1.6) -> Picture:
    """Tileable fractal noise (size, size), mean 0, standard deviation 1, power falling as f^-2*slope."""
    rng = np.random.default_rng(seed)
    fy, fx = np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :]
    radius = np.hypot(fx, fy)
    radius[0, 0] = 1
    spectrum = np.fft.rfft2(rng.standard_normal((size, size))) / radius**slope
    spectrum[0, 0] = 0
    tile = np.fft.irfft2(spectrum, s=(size, size))
    return (tile / tile.std()).astype(np.float32)


def sample(tile: Picture, x: Any, y: Any) -> Picture:
    """Bilinear look-up with wrap-around at tile coordinates in pixels."""
    height, width = tile.shape[:2]
    map_x, map_y = np.broadcast_arrays(np.asarray(x, np.float32) % width, np.asarray(y, np.float32) % height)
    padded = _padded(tile)
    flat_shape = map_x.shape
    grid_x = np.ascontiguousarray(map_x, np.float32)
    grid_y = np.ascontiguousarray(map_y, np.float32)
    return np.asarray(cv2.remap(padded, grid_x, grid_y, cv2.INTER_LINEAR)).reshape(*flat_shape, *tile.shape[2:])


_PADDED: dict[int, tuple[Picture, Picture]] = {}


def _padded(tile: Picture) -> Picture:
    kept = _PADDED.get(id(tile))
    if kept is None or kept[0] is not tile:
        kept = (tile, np.pad(tile, ((0, 1), (0, 1)) + ((0, 0),) * (tile.ndim - 2), mode="wrap"))
        _PADDED[id(tile)] = kept
    return kept[1]


def glow(picture: Picture, x: float, y: float, radius: float, colour: Picture, power: float = 2.0) -> None:
    """Add a soft radial light in place."""
    gx, gy = grid()
    reach = int(radius * 4)
    x0, x1 = max(0, int(x) - reach), min(WIDTH, int(x) + reach)
    y0, y1 = max(0, int(y) - reach), min(HEIGHT, int(y) + reach)
    if x0 >= x1 or y0 >= y1:
        return
    area = (slice(y0, y1), slice(x0, x1))
    distance = np.hypot(gx[area] - x, gy[area] - y) / radius
    edge = smoothstep(4, 2.4, distance)
    picture[area] += ((edge / (1 + distance**power))[..., None] * colour).astype(np.float32)


def disc(picture: Picture, x: float, y: float, radius: float, colour: Picture, soft: float = 1.5) -> None:
    """Blend an anti-aliased disc in place."""
    gx, gy = grid()
    cover = np.clip((radius - np.hypot(gx - x, gy - y)) / soft + 0.5, 0, 1)[..., None]
    picture += (colour - picture) * cover


def bloom(picture: Picture, threshold: float, strength: float, sigma: float = 9.0) -> Picture:
    """Let the highlights bleed: bright parts blurred at quarter size and added."""
    small = cv2.resize(picture, (WIDTH // 4, HEIGHT // 4), interpolation=cv2.INTER_AREA)
    bright = np.maximum(small - threshold, 0)
    soft = cv2.GaussianBlur(bright, (0, 0), sigma) + 0.6 * cv2.GaussianBlur(bright, (0, 0), sigma / 3)
    return np.asarray(picture + strength * cv2.resize(soft, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR))


@cache
def _vignette() -> Picture:
    x, y = grid()
    radius = np.hypot((x - WIDTH / 2) / (WIDTH / 2), (y - HEIGHT / 2) / (HEIGHT / 2) * 0.9)
    return (1 - 0.38 * smoothstep(0.55, 1.55, radius))[..., None].astype(np.float32)


@cache
def _grain_pool() -> Picture:
    rng = np.random.default_rng(1895)
    grain = cv2.GaussianBlur(rng.standard_normal((HEIGHT + 256, WIDTH + 256)).astype(np.float32), (0, 0), 0.75)
    return np.asarray(grain / grain.std(), np.float32)


def develop(picture: Picture, frame: int, brightness: float = 1.0, grain: float = 0.011) -> np.ndarray[Any, Any]:
    """Finished 8-bit frame: soft shoulder, vignette, film grain (which also dithers the gradients)."""
    shown = np.maximum(picture, 0) * _vignette()
    knee = np.float32(0.78)
    over = np.maximum(shown - knee, 0)
    shown = np.minimum(shown, knee) + (1 - knee) * (1 - np.exp(-over / (1 - knee)))
    dy, dx = (frame * 97) % 255, (frame * 61) % 251
    noise = _grain_pool()[dy : dy + HEIGHT, dx : dx + WIDTH, None]
    shown = shown + noise * np.float32(grain) * (1.15 - shown)
    return (np.clip(shown * np.float32(brightness), 0, 1) * 255 + 0.5).astype(np.uint8)


def fill_below(picture: Picture, ridge: Any, colour: Picture, fade: Any = None) -> None:
    """Blend `colour` (3,) or (height, 1|width, 3) in place below the curve ridge[x] with a one-pixel soft edge."""
    y = grid()[1][: len(picture)]
    top = max(0, int(np.min(ridge)) - 2)
    cover = np.clip(y[top:] - np.asarray(ridge, np.float32)[None, :] + 0.5, 0, 1)[..., None]
    if fade is not None:
        cover = cover * fade[top:, None, None]
    shade = colour[top:] if colour.ndim == 3 else colour
    picture[top:] += (shade - picture[top:]) * cover
