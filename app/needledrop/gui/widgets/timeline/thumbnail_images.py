# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thumbnails decoded and scaled for the screen, a few at each repaint, so that many of them never stop the window."""

from __future__ import annotations

import bisect
import time
from collections import OrderedDict

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QImageReader, QPixmap

from needledrop.workflows.timeline_media import Thumbnail

BUDGET_S = 0.003
_KEPT = 400


class ThumbnailImages:
    """Pixmaps of thumbnails at one height. `is_waiting` after a repaint: there are more to decode."""

    def __init__(self) -> None:
        self._thumbnails: tuple[Thumbnail, ...] = ()
        self._times_s: list[float] = []
        self._pixmaps: OrderedDict[float, QPixmap] = OrderedDict()
        self._height_px = 0
        self._ratio = 0.0
        self._spent_s = 0.0
        self.is_waiting = False
        self.aspect = 16 / 9

    def set_thumbnails(self, thumbnails: tuple[Thumbnail, ...]) -> None:
        """Show these, in any order; those already decoded stay."""
        if thumbnails is self._thumbnails:
            return
        self._thumbnails = tuple(sorted(thumbnails, key=lambda one: one.at_s))
        self._times_s = [one.at_s for one in self._thumbnails]
        for at_s in self._pixmaps.keys() - set(self._times_s):
            del self._pixmaps[at_s]

    def begin(self, height_px: int, ratio: float) -> None:
        """A repaint begins: pictures are wanted at this logical height, for a screen of this ratio."""
        if (height_px, ratio) != (self._height_px, self._ratio):
            self._pixmaps.clear()
            self._height_px, self._ratio = height_px, ratio
        self._spent_s = 0.0
        self.is_waiting = False

    def nearest(self, time_s: float, first_s: float, last_s: float) -> QPixmap | None:
        """The picture nearest to a time among those of [first_s, last_s); None where there is none yet."""
        low, high = bisect.bisect_left(self._times_s, first_s), bisect.bisect_left(self._times_s, last_s)
        if low >= high:
            return None
        at = bisect.bisect_left(self._times_s, time_s, low, high)
        if at > low and (at == high or time_s - self._times_s[at - 1] <= self._times_s[at] - time_s):
            at -= 1
        return self._pixmap(at)

    def _pixmap(self, number: int) -> QPixmap | None:
        thumbnail = self._thumbnails[number]
        found = self._pixmaps.get(thumbnail.at_s)
        if found is not None:
            self._pixmaps.move_to_end(thumbnail.at_s)
            return found
        if self._spent_s > BUDGET_S:
            self.is_waiting = True
            return None
        start = time.perf_counter()
        image = _decoded(thumbnail.jpeg, round(self._height_px * self._ratio))
        if image.isNull():
            return None
        self.aspect = image.width() / image.height()
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(self._ratio)
        self._pixmaps[thumbnail.at_s] = pixmap
        if len(self._pixmaps) > _KEPT:
            self._pixmaps.popitem(last=False)
        self._spent_s += time.perf_counter() - start
        return pixmap


def _decoded(jpeg: bytes, height: int) -> QImage:
    """A JPEG at a height; its decoder leaves out what that height does not need."""
    content = QByteArray(jpeg)
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(b"jpeg"))
    size = reader.size()
    if not size.isValid() or size.height() == 0:
        return QImage()
    size.setWidth(max(1, round(size.width() * height / size.height())))
    size.setHeight(height)
    reader.setScaledSize(size)
    return reader.read()
