# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences with times in them, broken into lines: where each stretch lies, so that it can be painted and clicked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from needledrop.gui import theme
from needledrop.gui.suggestion_words import Run

LEADING = 4.0


@dataclass(frozen=True)
class PlacedRun:
    """Words at their place. at_s as in Run."""

    text: str
    rect: QRectF
    at_s: float | None


def flow(runs: Sequence[Run], font: QFont, left: float, top: float, width: float) -> tuple[list[PlacedRun], float]:
    """Break runs into lines no wider than `width`; returns the words at their places and where the last line ends."""
    metrics = QFontMetricsF(font)
    height = metrics.height()
    x, y = left, top
    placed: list[PlacedRun] = []
    for run in runs:
        words = [run.text] if run.at_s is not None else re.findall(r"\S+|\s+", run.text)
        for word in words:
            advance = metrics.horizontalAdvance(word)
            if x > left and x + metrics.horizontalAdvance(word.rstrip()) > left + width:
                x, y = left, y + height + LEADING
                if word.isspace():
                    continue
            if word.isspace() and x == left:
                continue
            placed.append(PlacedRun(word, QRectF(x, y, advance, height), run.at_s))
            x += advance
    return placed, y + height


def paint_runs(painter: QPainter, placed: Sequence[PlacedRun], font: QFont, hovered: PlacedRun | None) -> None:
    """Draw words; times in the accent, underlined while the pointer is on them."""
    colours = theme.current()
    painter.setFont(font)
    ascent = QFontMetricsF(font).ascent()
    for run in placed:
        painter.setPen(colours.color("secondary" if run.at_s is None else "accent"))
        painter.drawText(QPointF(run.rect.left(), run.rect.top() + ascent), run.text)
        if run.at_s is not None and run is hovered:
            painter.setPen(QPen(colours.color("accent"), 1))
            painter.drawLine(run.rect.bottomLeft(), run.rect.bottomRight())
