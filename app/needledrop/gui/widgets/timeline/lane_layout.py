# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where each lane lies in the widget, in logical pixels. Knows no Qt and nothing of what the lanes show."""

from __future__ import annotations

from dataclasses import dataclass

HEADER_PX = 72.0
RULER_PX = 28.0
STRIP_PX = 16.0
NAME_PX = 24.0
SCROLL_PX = 12.0
LEAST_HEIGHT_PX = 252
USUAL_HEIGHT_PX = 328
_GAP_PX = 8.0
# Least and greatest heights of the lanes, and the share of the height left over that each takes.
_SIZES = {"picture": (40.0, 72.0, 0.2), "motion": (24.0, 44.0, 0.1), "sound": (28.0, 56.0, 0.15)}
_LEAST_MUSIC_PX = 68.0
_MOST_MUSIC_PX = 160.0


@dataclass(frozen=True)
class Band:
    """A horizontal band of the widget: its upper edge and its height."""

    top: float
    height: float

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + self.height

    def holds(self, y: float) -> bool:
        """Whether a height lies in the band."""
        return self.top <= y < self.bottom


@dataclass(frozen=True)
class LaneLayout:
    """The bands from top to bottom; `strip` holds the sections, `left` is where time begins."""

    width: float
    height: float
    ruler: Band
    picture: Band
    motion: Band
    sound: Band
    music: Band
    strip: Band
    scroll: Band

    @property
    def left(self) -> float:
        """The pixel where the lanes begin; left of it stand their names."""
        return HEADER_PX

    @property
    def bottom(self) -> float:
        """Where lines through every lane end: a little below the last of them."""
        return min(self.scroll.top, self.strip.bottom + _GAP_PX / 2)

    @property
    def lanes_width(self) -> float:
        """Width of the lanes."""
        return max(1.0, self.width - HEADER_PX)


def lay_out(width: float, height: float) -> LaneLayout:
    """Lanes for a widget of this size: all grow a little with the height, the music most."""
    fixed = RULER_PX + STRIP_PX + SCROLL_PX + 4.5 * _GAP_PX
    spare = max(0.0, height - fixed - sum(least for least, _, _ in _SIZES.values()) - _LEAST_MUSIC_PX)
    heights = {name: round(min(most, least + spare * share)) for name, (least, most, share) in _SIZES.items()}
    music = min(_MOST_MUSIC_PX, max(_LEAST_MUSIC_PX, height - fixed - sum(heights.values())))
    top = RULER_PX + _GAP_PX / 2
    picture = Band(top, heights["picture"])
    motion = Band(picture.bottom + _GAP_PX, heights["motion"])
    sound = Band(motion.bottom + _GAP_PX, heights["sound"])
    cue = Band(sound.bottom + _GAP_PX * 1.5, float(round(music)))
    strip = Band(cue.bottom + _GAP_PX / 4, STRIP_PX)
    scroll = Band(height - SCROLL_PX, SCROLL_PX)
    return LaneLayout(width, height, Band(0.0, RULER_PX), picture, motion, sound, cue, strip, scroll)
