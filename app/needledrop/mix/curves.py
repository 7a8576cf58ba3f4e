# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gain curves as functions of absolute sample positions: fades, splices and ducking.

Every value depends on its position alone, so a curve is the same however rendering is cut into blocks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.cue import Ducking

Gain = NDArray[np.float64]
Span = tuple[int, int]


def fade_up(start: int, frames: int, span: Span) -> Gain:
    """Equal-power rise from 0 at `start` to 1 after `frames`, over the positions of `span`: sin of a quarter turn.

    Sampled half-way between positions, so that it and `fade_down` over the same frames sum to a power of one.
    """
    phase = (np.arange(*span) - start + 0.5) / frames
    return np.sin(np.clip(phase, 0.0, 1.0) * (np.pi / 2))


def fade_down(end: int, frames: int, span: Span) -> Gain:
    """Equal-power fall from 1 to 0 at `end`, over the positions of `span`."""
    phase = (end - np.arange(*span) - 0.5) / frames
    return np.sin(np.clip(phase, 0.0, 1.0) * (np.pi / 2))


def speech_spans(ducking: Ducking) -> list[tuple[float, float]]:
    """Stretches to duck, sorted; those nearer than attack + release are one, or the music would pump between words."""
    bridge_s = ducking.attack_s + ducking.release_s
    spans: list[tuple[float, float]] = []
    for start_s, end_s in sorted(span for span in ducking.speech_s if span[1] > span[0]):
        if spans and start_s - spans[-1][1] <= bridge_s:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end_s))
        else:
            spans.append((start_s, end_s))
    return spans


def ducking_db(ducking: Ducking, spans: list[tuple[float, float]], span: Span, sample_rate: int) -> Gain | None:
    """Gain in dB over the positions of `span`, or None where nothing is ducked.

    The level is down when speech begins (the attack lies before it) and comes back after it ends; both ramps are
    raised cosines in dB. `spans` come from `speech_spans`, so that ramps never overlap.
    """
    first_s, last_s = span[0] / sample_rate, span[1] / sample_rate
    near = [s for s in spans if s[0] - ducking.attack_s < last_s and s[1] + ducking.release_s > first_s]
    if not near or ducking.depth_db == 0.0:
        return None
    times_s = np.arange(*span) / sample_rate
    depth = np.zeros(len(times_s))
    for start_s, end_s in near:
        down = _ramp(times_s - (start_s - ducking.attack_s), ducking.attack_s)
        up = _ramp((end_s + ducking.release_s) - times_s, ducking.release_s)
        depth = np.maximum(depth, np.minimum(down, up))
    return depth * ducking.depth_db


def _ramp(since_s: Gain, length_s: float) -> Gain:
    """Raised cosine from 0 to 1 over `length_s`; a step where there is no length."""
    if length_s <= 0:
        return (since_s >= 0).astype(np.float64)
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(since_s / length_s, 0.0, 1.0))
