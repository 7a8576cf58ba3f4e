# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the ruler has marks, and what is written at them. Knows no Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass

from needledrop.core.times import format_time
from needledrop.gui.widgets.timeline.time_scale import TimeScale

LEAST_LABEL_PX = 96.0
_SECONDS = (1, 2, 4, 10, 20, 30, 60, 120, 240, 600, 1200, 1800, 3600, 7200)
_FRAMES = (1, 2, 4, 6, 12)


@dataclass(frozen=True)
class RulerTick:
    """One labelled mark."""

    time_s: float
    label: str


def ruler_ticks(scale: TimeScale) -> list[RulerTick]:
    """Labelled marks in view, at least LEAST_LABEL_PX apart: whole seconds, or frames ("0:04+12") where zoomed in."""
    frames = max(1, round(1.0 / scale.frame_s))
    for step in _FRAMES:
        if step < frames and frames % step == 0 and step * scale.frame_s * scale.px_per_s >= LEAST_LABEL_PX:
            return [_frame_tick(n, frames, scale.frame_s) for n in _numbers(scale, step * scale.frame_s, step)]
    step_s = next((s for s in _SECONDS if s * scale.px_per_s >= LEAST_LABEL_PX), _SECONDS[-1])
    return [RulerTick(float(n), format_time(n)) for n in _numbers(scale, float(step_s), step_s)]


def _numbers(scale: TimeScale, step_s: float, step: int) -> list[int]:
    last_s = min(scale.end_s, scale.duration_s + 1e-9)
    first, last = math.ceil(scale.start_s / step_s - 1e-9), math.floor(last_s / step_s + 1e-9)
    return [n * step for n in range(first, last + 1)]


def _frame_tick(number: int, frames: int, frame_s: float) -> RulerTick:
    seconds, frame = divmod(number, frames)
    label = format_time(seconds) if frame == 0 else f"{format_time(seconds)}+{frame:02d}"
    return RulerTick(number * frame_s, label)
