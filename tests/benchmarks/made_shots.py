# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Made-up shots with known boundaries, harder than a test needs: pans, passing objects, flashes, changing light, split
screens, bursts of light."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, RATE = 160, 90, 25
KINDS = (
    "plain",
    "similar",
    "noise",
    "pan",
    "flash",
    "handheld",
    "light",
    "quick",
    "dissolve",
    "fade",
    "split",
    "bursts",
)
SHOTS = 8
FloatPicture = NDArray[np.floating]


@dataclass
class Sequence:
    """Frames with the instants of the hard and of the gradual boundaries between them."""

    frames: list[NDArray[np.uint8]] = field(default_factory=list)
    cuts_s: list[float] = field(default_factory=list)
    dissolves_s: list[float] = field(default_factory=list)


def made_sequence(kind: str, seed: int) -> Sequence:
    """A sequence of SHOTS shots of one of KINDS at RATE frames a second."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    mean = rng.uniform(60, 180, 3) if kind == "similar" else np.full(3, 35.0) if kind == "bursts" else None
    made = Sequence()
    still = _texture(rng, None)[:HEIGHT, :WIDTH] if kind == "split" else None
    pictures: list[FloatPicture] = []
    shot: _Shot | None = None
    for number in range(SHOTS):
        speed = rng.uniform(6, 16) if kind == "pan" and number % 2 else rng.uniform(0, 2.5)
        new = _Shot(rng, mean, speed, 2.0 if kind == "handheld" else 0.0)
        if shot is not None:
            _join(rng, kind, shot, new, pictures, made)
        pictures += _body(rng, kind, new)
        shot = new
    if still is not None:
        pictures = [np.concatenate([p[:, : WIDTH // 2], still[:, WIDTH // 2 :]], axis=1) for p in pictures]
    sigma = 14 if kind == "noise" else 2
    made.frames = [np.clip(p + rng.normal(0, sigma, p.shape), 0, 255).astype(np.uint8) for p in pictures]
    return made


def _join(
    rng: np.random.Generator, kind: str, old: _Shot, new: _Shot, pictures: list[FloatPicture], made: Sequence
) -> None:
    if kind == "dissolve":
        length = int(rng.integers(8, 36))
        made.dissolves_s.append((len(pictures) + length / 2) / RATE)
        for share in (np.arange(length) + 1) / (length + 1):
            pictures.append(old.frame() * (1 - share) + new.frame() * share)
    elif kind == "fade":
        length, black = int(rng.integers(6, 25)), int(rng.integers(1, 12))
        ramp = (np.arange(length) + 1) / length
        pictures += [old.frame() * (1 - share) for share in ramp]
        pictures += [np.zeros((HEIGHT, WIDTH, 3))] * black
        made.dissolves_s.append((len(pictures) - black / 2) / RATE)
        pictures += [new.frame() * share for share in ramp]
    else:
        made.cuts_s.append(len(pictures) / RATE)


def _body(rng: np.random.Generator, kind: str, shot: _Shot) -> list[FloatPicture]:
    count = int(rng.integers(6, 16) if kind == "quick" else rng.integers(30, 80))
    flashes: set[int] = set()
    if kind == "flash":
        for first in rng.integers(5, count - 6, 2):
            flashes |= set(range(first, first + int(rng.integers(1, 4))))
    light = 1.0
    glow = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    pictures = []
    for index in range(count):
        picture = shot.frame()
        if index in flashes:
            picture = picture * 2 + 60
        if kind == "light":
            light = float(np.clip(light + rng.normal(0, 0.06), 0.5, 1.5))
            picture = picture * light
        if kind == "bursts":
            glow *= 0.85
            if rng.random() < 0.07:
                glow += _burst(rng)
            picture = picture + glow
        pictures.append(picture)
    return pictures


def _burst(rng: np.random.Generator) -> NDArray[np.float32]:
    """A firework as it lights up: sparks about a centre in a halo of one colour."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    centre = rng.uniform(0.15, 0.85, 2) * (WIDTH, 0.7 * HEIGHT)
    distance = np.hypot(columns - centre[0], rows - centre[1])
    radius = rng.uniform(10, 34)
    sparks = (rng.random((HEIGHT, WIDTH)) < 0.25) * (distance < radius) * 140
    glow = cv2.GaussianBlur(sparks.astype(np.float32), (0, 0), 0.8) + 70 * np.exp(-((distance / radius) ** 2))
    return np.asarray(glow[:, :, None] * rng.uniform(0.3, 1.0, 3), np.float32)


class _Shot:
    """A camera that moves and zooms over a texture, with up to three objects that pass."""

    def __init__(self, rng: np.random.Generator, mean: NDArray[np.float64] | None, speed: float, shake: float) -> None:
        self._rng, self._shake = rng, shake
        self._texture = _texture(rng, mean)
        angle = rng.uniform(0, 2 * np.pi)
        self._velocity = np.array([np.cos(angle), np.sin(angle)]) * speed
        self._zoom = rng.uniform(0.995, 1.005)
        self._objects = [
            (_texture(rng, None)[:HEIGHT, :WIDTH], rng.uniform(0, 1, 2) * (WIDTH, HEIGHT), rng.uniform(-2.5, 2.5, 2),
             rng.uniform(6, 22, 2))
            for _ in range(rng.integers(0, 4))
        ]  # fmt: skip
        self._index = 0

    def frame(self) -> FloatPicture:
        """The next picture."""
        place = np.array([1.5 * WIDTH, 1.5 * HEIGHT]) + self._velocity * self._index
        place = place + self._rng.normal(0, self._shake, 2) if self._shake else place
        size = np.array([WIDTH, HEIGHT])
        place = np.abs((place - size) % (4 * size) - 2 * size) + size  # Back and forth inside the texture.
        zoom = self._zoom**self._index
        move = np.array([[zoom, 0, WIDTH / 2 - place[0] * zoom], [0, zoom, HEIGHT / 2 - place[1] * zoom]], np.float32)
        picture = cv2.warpAffine(self._texture, move, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        for texture, start, velocity, radius in self._objects:
            centre = (start + velocity * self._index) % (WIDTH + 60, HEIGHT + 60) - 30
            mask = np.zeros((HEIGHT, WIDTH), np.uint8)
            cv2.ellipse(
                mask, tuple((centre * 16).astype(int)), tuple((radius * 16).astype(int)), 0, 0, 360, 1, -1, 8, 4
            )
            shift = np.array([[1, 0, centre[0] - WIDTH / 2], [0, 1, centre[1] - HEIGHT / 2]], np.float32)
            passing = cv2.warpAffine(texture, shift, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
            picture = np.where(mask[:, :, None] > 0, passing, picture)
        self._index += 1
        return np.asarray(picture)


def _texture(rng: np.random.Generator, mean: NDArray[np.float64] | None) -> NDArray[np.float32]:
    size = (4 * WIDTH, 4 * HEIGHT)
    texture = np.zeros((size[1], size[0], 3), np.float32)
    roughness = rng.uniform(0.5, 1.2)
    for octave in range(1, 8):
        grain = rng.standard_normal((2**octave + 1, 2 * 2**octave + 1, 3)).astype(np.float32)
        texture += cv2.resize(grain, size, interpolation=cv2.INTER_CUBIC) * np.float32(2.0 ** (-roughness * octave))
    texture = (texture - texture.mean(axis=(0, 1))) / texture.std() * rng.uniform(25, 50)
    level = rng.uniform(40, 200, 3) if mean is None else mean
    return np.clip(texture + level, 0, 255).astype(np.float32)
