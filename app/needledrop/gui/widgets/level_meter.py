# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How loud it is just now: a bar for momentary loudness, a mark for short-term, two figures. Calm, one line high."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from needledrop.gui import theme
from needledrop.preview.meters import Levels

_LOWEST_LUFS, _HIGHEST_LUFS = -48.0, 0.0
_CEILING_DBTP = -1.0  # What the mix is limited to; above it something is wrong.
_BAR_HEIGHT, _GAP = 4, 12
_SPOKEN_MS = 1000  # A screen reader is told the figures no more often than that.


class LevelMeter(QWidget):
    """`show_levels` is what `Player.levels_changed` carries; `set_target` marks the loudness that is aimed at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._levels = Levels()
        self._target_lufs: float | None = None
        self.setFixedHeight(24)
        self.setMinimumWidth(200)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Loudness of what is heard"))
        self.setToolTip(
            self.tr("Bar: momentary loudness. Mark and figure: short-term loudness. Right: true peak. (EBU R 128)")
        )
        self._spoken = QTimer(self)
        self._spoken.setSingleShot(True)
        self._spoken.setInterval(_SPOKEN_MS)
        self._spoken.timeout.connect(self._describe)
        theme.current().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(280, 24)

    @property
    def levels(self) -> Levels:
        """What is shown."""
        return self._levels

    def show_levels(self, levels: Levels) -> None:
        """Show these from now on."""
        if levels == self._levels:
            return
        self._levels = levels
        if not self._spoken.isActive():
            self._spoken.start()
        self.update()

    def set_target(self, lufs: float | None) -> None:
        """Mark the loudness that is aimed at; None: no mark."""
        self._target_lufs = lufs
        self.update()

    def texts(self) -> tuple[str, str]:
        """Short-term loudness and true peak as they are written."""
        loudness = _figure(self._levels.short_term_lufs, -70.0)
        peak = _figure(self._levels.true_peak_dbtp, -100.0)
        return self.tr("%1 LUFS").replace("%1", loudness), self.tr("%1 dBTP").replace("%1", peak)

    def _describe(self) -> None:
        self.setAccessibleDescription(", ".join(self.texts()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = self._paint_figures(painter)
        self._paint_bar(painter, bar)
        painter.end()

    def _paint_figures(self, painter: QPainter) -> QRectF:
        """Write the figures on the right; the bar gets what is left."""
        colours = theme.current()
        font = colours.font(11, is_tabular=True)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        right = float(self.width())
        loudness, peak = self.texts()
        peak_role: theme.Role = "error" if self._levels.true_peak_dbtp > _CEILING_DBTP else "secondary"
        figures: tuple[tuple[str, theme.Role], ...] = ((peak, peak_role), (loudness, "text"))
        for text, role in figures:
            width = metrics.horizontalAdvance("−00.0 dBTP")
            painter.setPen(colours.color(role))
            painter.drawText(
                QRectF(right - width, 0, width, self.height()),
                int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
                text,
            )
            right -= width + _GAP
        return QRectF(0, (self.height() - _BAR_HEIGHT) / 2, max(0.0, right), _BAR_HEIGHT)

    def _paint_bar(self, painter: QPainter, bar: QRectF) -> None:
        colours = theme.current()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.color("hairline"))
        painter.drawRoundedRect(bar, _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)
        reach = self._x(self._levels.momentary_lufs, bar)
        if reach > bar.left():
            painter.save()
            painter.setClipRect(QRectF(bar.left(), bar.top(), reach - bar.left(), bar.height()))
            painter.setBrush(colours.color("accent"))
            painter.drawRoundedRect(bar, _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)
            painter.restore()
        if self._target_lufs is not None:
            painter.setBrush(colours.color("faint"))
            painter.drawRect(QRectF(self._x(self._target_lufs, bar) - 0.5, bar.top() - 4, 1, bar.height() + 8))
        if self._levels.short_term_lufs > _LOWEST_LUFS:
            painter.setBrush(colours.color("text"))
            at = QPointF(self._x(self._levels.short_term_lufs, bar), bar.center().y())
            painter.drawRoundedRect(QRectF(at.x() - 1, at.y() - 5, 2, 10), 1, 1)

    def _x(self, lufs: float, bar: QRectF) -> float:
        share = (lufs - _LOWEST_LUFS) / (_HIGHEST_LUFS - _LOWEST_LUFS)
        return bar.left() + bar.width() * min(1.0, max(0.0, share))


def _figure(value: float, floor: float) -> str:
    """A level with one decimal and a real minus sign; a dash where there is none."""
    if value <= floor:
        return "–"
    return QLocale().toString(value, "f", 1).replace("-", "−")
