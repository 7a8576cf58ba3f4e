# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seconds to logical pixels and back: zoom to the pointer, pan, fit. Knows no Qt and no lanes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from needledrop.core.music import TimeArray

END_MARGIN_PX = 24.0
_MOST_PX_PER_FRAME = 48.0


@dataclass(frozen=True)
class TimeScale:
    """Which stretch of a video of `duration_s` lies on `width_px` logical pixels.

    `start_s` is the time at pixel 0. Every method that makes a new scale keeps it inside the video: nothing before
    0 is shown, and behind the end no more than END_MARGIN_PX.
    """

    duration_s: float
    frame_s: float
    width_px: float
    start_s: float
    px_per_s: float

    @classmethod
    def fitted(cls, duration_s: float, frame_s: float, width_px: float) -> TimeScale:
        """The whole video, with a little room behind its end."""
        return cls(duration_s, frame_s, max(1.0, width_px), 0.0, _least(duration_s, width_px))

    @property
    def end_s(self) -> float:
        """The time at the right edge."""
        return self.start_s + self.width_px / self.px_per_s

    @property
    def is_fitted(self) -> bool:
        """True where the whole video is in view."""
        return self.px_per_s <= _least(self.duration_s, self.width_px) * 1.0001

    def x(self, time_s: float) -> float:
        """The pixel of a time; not rounded, not clipped."""
        return (time_s - self.start_s) * self.px_per_s

    def xs(self, times_s: TimeArray) -> TimeArray:
        """The pixels of many times."""
        return np.asarray((times_s - self.start_s) * self.px_per_s, np.float64)

    def time_s(self, x: float) -> float:
        """The time at a pixel, inside the video or not."""
        return self.start_s + x / self.px_per_s

    def zoomed(self, factor: float, at_px: float) -> TimeScale:
        """`factor` times as large; the time under `at_px` stays there as far as the ends of the video allow."""
        at_s = self.time_s(at_px)
        most = max(_MOST_PX_PER_FRAME / self.frame_s, _least(self.duration_s, self.width_px))
        px_per_s = min(max(self.px_per_s * factor, _least(self.duration_s, self.width_px)), most)
        return self._held(replace(self, px_per_s=px_per_s, start_s=at_s - at_px / px_per_s))

    def panned(self, by_px: float) -> TimeScale:
        """Moved so that what was `by_px` to the right comes to the left edge."""
        return self._held(replace(self, start_s=self.start_s + by_px / self.px_per_s))

    def resized(self, width_px: float) -> TimeScale:
        """As wide as the widget is now; a fitted scale stays fitted, others keep their zoom."""
        width_px = max(1.0, width_px)
        if self.is_fitted:
            return TimeScale.fitted(self.duration_s, self.frame_s, width_px)
        least = _least(self.duration_s, width_px)
        return self._held(replace(self, width_px=width_px, px_per_s=max(self.px_per_s, least)))

    def showing(self, time_s: float) -> TimeScale:
        """Paged so that `time_s` is in view; unchanged where it is already."""
        if self.start_s <= time_s <= self.end_s - 1.0 / self.px_per_s:
            return self
        return self._held(replace(self, start_s=time_s - 0.1 * self.width_px / self.px_per_s))

    @staticmethod
    def _held(scale: TimeScale) -> TimeScale:
        latest = scale.duration_s + (END_MARGIN_PX - scale.width_px) / scale.px_per_s
        return replace(scale, start_s=min(max(0.0, scale.start_s), max(0.0, latest)))


def _least(duration_s: float, width_px: float) -> float:
    return max(1.0, width_px - END_MARGIN_PX) / max(duration_s, 1e-3)
