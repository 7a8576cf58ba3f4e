# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shot boundaries: hard cuts to the exact frame, dissolves and fades to their middle.

A hard cut is a change of picture that stands out from its neighbourhood (the adaptive idea of PySceneDetect), that
motion cannot explain (the old picture, warped along its optical flow, does not become the new one) and that does
not go back (a flash does). Gradual ones are left to `dissolves`. Frames come one at a time; only a short window of
them is kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.core.picture import Shots
from needledrop.features.dissolves import DissolveDetector
from needledrop.features.warping import Warper, decorrelation

THUMBNAIL_SIZE = (32, 18)
_NEIGHBOURS = 8  # Frames on either side that a cut has to stand out from.
_FLASH_S = 0.25  # A picture that comes back within this time was lit or covered, not cut.
_MIN_CHANGE = 0.004  # Mean change of a thumbnail (0..1); below it nothing happened.
_CLEAR_CHANGE = 0.018
_MIN_RATIO = 1.6  # Change against the neighbourhood's.
_MIN_RATIO_OF_SMALL_CHANGE = 4.0
# Share of the new picture's structure that motion does not explain, beyond what it leaves in the pairs next to it.
_MIN_EXCESS = 0.08
_MIN_EXCESS_OF_SMALL_CHANGE = 0.4
_MIN_EXCESS_RATIO = 1.5
_CELL_CHANGE = 0.04  # Of a thumbnail's pixel, 0..1
_WIDE_SHARE = 0.6  # Of the picture
_LOST_SHARE = 0.6  # Of the structure
_LIGHT_SHARE = 0.9  # Of a change of luma in one direction. Light only adds; another picture is darker here and there.
_LOST_SHARE_IN_LIGHT = 0.9
_LIVE_CHANGE = 0.02  # Of a thumbnail's pixel over the window, 0..1
_MIN_LIVE_SHARE = 0.4  # Of the picture; a little less than half, for split screens.
_MIN_GAP_S = 0.1  # Two cuts closer than this are one.

_Box = tuple[float, float, float, float]  # Top, bottom, left and right as shares of the picture.
_Value = TypeVar("_Value", bound=np.generic)


@dataclass
class _Picture:
    t_s: float
    grey: NDArray[np.uint8]
    thumbnail: FloatArray  # [rows, columns, 3] Y, Cr, Cb in 0..1
    change: float  # From the picture before, 0..1


class ShotDetector:
    """Finds shot boundaries in frames fed in order."""

    def __init__(self) -> None:
        self._window: deque[_Picture] = deque(maxlen=2 * _NEIGHBOURS + 1)
        self._warper = Warper()
        self._cuts: list[tuple[float, float]] = []
        self._dissolves = DissolveDetector()

    def feed(self, t_s: float, grey: NDArray[np.uint8], ycrcb: NDArray[np.uint8]) -> None:
        """Take the next frame: grey [h, w] and its Y, Cr, Cb [h, w, 3]."""
        import cv2

        small = cv2.resize(ycrcb, THUMBNAIL_SIZE, interpolation=cv2.INTER_AREA)
        thumbnail = np.asarray(small, np.float32) / np.float32(255)
        change = thumbnail_change(self._window[-1].thumbnail, thumbnail) if self._window else 0.0
        self._window.append(_Picture(t_s, grey, thumbnail, change))
        if len(self._window) > _NEIGHBOURS:
            self._judge(len(self._window) - 1 - _NEIGHBOURS)
        self._dissolves.feed(t_s, thumbnail, grey)

    def finish(self) -> Shots:
        """The boundaries found, in order of time."""
        for index in range(max(0, len(self._window) - _NEIGHBOURS), len(self._window)):
            self._judge(index)
        cuts = np.array(_without_near(self._cuts), np.float64).reshape(-1, 2)
        dissolves = np.array(self._dissolves.finish(cuts[:, 0]), np.float64).reshape(-1, 2)
        both = np.concatenate([cuts, dissolves])
        order = np.argsort(both[:, 0], kind="stable")
        is_dissolve = np.arange(len(both)) >= len(cuts)
        return Shots(both[order, 0], is_dissolve[order], both[order, 1].astype(np.float32))

    def _judge(self, index: int) -> None:
        window = self._window
        picture = window[index]
        if index == 0 or picture.change < _MIN_CHANGE:
            return
        is_clear = picture.change >= _CLEAR_CHANGE
        if picture.change < (_MIN_RATIO if is_clear else _MIN_RATIO_OF_SMALL_CHANGE) * self._usual_change(index):
            return
        live = _live_box(window)
        unexplained = self._unexplained(index - 1, index, live)
        excess = unexplained - _MIN_EXCESS_RATIO * self._usual_unexplained(index, live)
        if excess < (_MIN_EXCESS if is_clear else _MIN_EXCESS_OF_SMALL_CHANGE):
            return
        if self._is_local(index, live) or self._is_flash(index):
            return
        self._cuts.append((picture.t_s, float(np.clip(0.5 * unexplained + 2.0 * picture.change, 0.0, 1.0))))

    def _is_local(self, index: int, live: _Box) -> bool:
        """True where only part of what lives changed: a firework, an explosion, a lamp."""
        before, after = self._window[index - 1], self._window[index]
        difference = _inside(after.thumbnail, live) - _inside(before.thumbnail, live)
        has_changed = np.abs(difference).max(axis=2) > _CELL_CHANGE
        if has_changed.mean() >= _WIDE_SHARE:
            return False
        luma = difference[:, :, 0][has_changed]
        is_light = abs(luma.sum()) > _LIGHT_SHARE * np.abs(luma).sum()
        lost_share = self._warper.lost_share(_inside(before.grey, live), _inside(after.grey, live))
        return lost_share < (_LOST_SHARE_IN_LIGHT if is_light else _LOST_SHARE)

    def _is_flash(self, index: int) -> bool:
        """True where a picture shortly before looks like one shortly after."""
        window = self._window
        change, t_s = window[index].change, window[index].t_s
        before = [p for p in list(window)[:index] if t_s - p.t_s <= _FLASH_S]
        after = [p for p in list(window)[index:] if p.t_s - t_s <= _FLASH_S]
        for old in before:
            for new in after:
                if old is before[-1] and new is after[0]:
                    continue
                if new.t_s - old.t_s > 2 * _FLASH_S:
                    continue
                if (
                    thumbnail_change(old.thumbnail, new.thumbnail) < 0.35 * change
                    and unlikeness(old.thumbnail, new.thumbnail) < 0.3
                ):
                    return True
        return False

    def _usual_change(self, index: int) -> float:
        """The neighbourhood's change: the median of all of it, and nearly the greatest of the frames next to it."""
        changes = np.array([picture.change for picture in self._window])[1:]
        around = np.delete(changes, index - 1)
        beside = np.delete(changes[max(0, index - 3) : index + 2], min(index - 1, 2))
        return max(float(np.median(around)), 0.75 * float(beside.max())) if len(around) else 0.0

    def _unexplained(self, old: int, new: int, live: _Box) -> float:
        window = self._window
        return self._warper.unexplained(_inside(window[old].grey, live), _inside(window[new].grey, live))

    def _usual_unexplained(self, index: int, live: _Box) -> float:
        """What motion leaves unexplained between the frames next to this pair."""
        pairs = [(index - 2, index - 1), (index, index + 1)]
        rests = [self._unexplained(a, b, live) for a, b in pairs if a >= 0 and b < len(self._window)]
        return max(rests, default=0.0)


def _live_box(window: Sequence[_Picture]) -> _Box:
    """Around the greatest connected part of the picture in which anything changes: bars, charts and the still half of
    a split screen say nothing. All of it where that part is small, for a light in the dark is not all there is."""
    import cv2

    luma = np.stack([picture.thumbnail[:, :, 0] for picture in window])
    is_live = luma.max(axis=0) - luma.min(axis=0) > _LIVE_CHANGE
    figures = cv2.connectedComponentsWithStats(is_live.astype(np.uint8))[2][1:]
    if len(figures):
        left, top, width, height, _ = (int(figure) for figure in figures[np.argmax(figures[:, cv2.CC_STAT_AREA])])
        rows, columns = is_live.shape
        if width * height >= _MIN_LIVE_SHARE * rows * columns:
            return top / rows, (top + height) / rows, left / columns, (left + width) / columns
    return 0.0, 1.0, 0.0, 1.0


def _inside(picture: NDArray[_Value], box: _Box) -> NDArray[_Value]:
    top, bottom, left, right = box
    height, width = picture.shape[:2]
    rows = slice(round(top * height), round(bottom * height))
    return np.ascontiguousarray(picture[rows, round(left * width) : round(right * width)])


def thumbnail_change(old: FloatArray, new: FloatArray) -> float:
    """Mean absolute change over all pixels and channels, 0..1."""
    return float(np.abs(new - old).mean())


def unlikeness(old: FloatArray, new: FloatArray) -> float:
    """1 minus the correlation of the luma, 0 (same structure) to 2."""
    return decorrelation(old[:, :, 0] * 255, new[:, :, 0] * 255)


def _without_near(cuts: list[tuple[float, float]]) -> list[tuple[float, float]]:
    kept: list[tuple[float, float]] = []
    for cut in cuts:
        if kept and cut[0] - kept[-1][0] < _MIN_GAP_S:
            if cut[1] > kept[-1][1]:
                kept[-1] = cut
        else:
            kept.append(cut)
    return kept
