# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paints suggestions as cards. What lies where is decided in `suggestion_card`; here is only ink."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from needledrop.core.music import Peaks
from needledrop.gui import icons, suggestion_words, theme
from needledrop.gui.models.suggestion_list import Card, CardRole
from needledrop.gui.widgets import suggestion_card
from needledrop.gui.widgets.flow_text import PlacedRun, paint_runs
from needledrop.gui.widgets.mini_waveform import MiniWaveforms
from needledrop.gui.widgets.suggestion_card import CardLayout, Spot

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_CENTRE = int(Qt.AlignmentFlag.AlignCenter)
_KEPT = 64
_PART_NAME, _PART_BAR = 80.0, 64.0


class CardDelegate(QStyledItemDelegate):
    """`peaks_of` gives a track's waveform, None until it is there."""

    def __init__(self, peaks_of: Callable[[int], Peaks | None], parent: QObject) -> None:
        super().__init__(parent)
        self._peaks_of = peaks_of
        self._waveforms = MiniWaveforms()
        self._layouts: OrderedDict[tuple[object, ...], CardLayout] = OrderedDict()
        self.current_row = -1
        self.is_open = False
        self.hovered: tuple[int, Spot] | None = None
        self.is_focused = False
        self.heard_s: float | None = None  # Where in the track that is auditioned, in its own seconds.
        self.width = 400  # The view's, in logical pixels.

    def layout_of(self, card: Card, row: int, width: int) -> CardLayout:
        """Where everything on a card lies."""
        is_current = row == self.current_row
        shown = (card.index, card.is_heard, card.track.rating, card.track.is_favourite, card.used_in, card.versions)
        key = (shown, width, is_current, self.is_open and is_current)
        found = self._layouts.get(key)
        if found is None:
            if is_current:
                found = suggestion_card.current(card, width, is_open=self.is_open)
            else:
                found = suggestion_card.closed(card, width)
            self._layouts[key] = found
            if len(self._layouts) > _KEPT:
                self._layouts.popitem(last=False)
        return found

    def forget(self) -> None:
        """Fonts, colours or the library changed."""
        self._layouts.clear()
        self._waveforms.forget()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        card: Card = index.data(CardRole)
        width = self.width
        return QSize(width, round(self.layout_of(card, index.row(), width).height))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        card: Card = index.data(CardRole)
        layout = self.layout_of(card, index.row(), option.rect.width())
        is_current = index.row() == self.current_row
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(option.rect.topLeft())
        is_hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        self._paint_frame(painter, layout, is_current, is_hovered, is_last=self._is_last_before(index))
        self._paint_head(painter, layout, card, is_current)
        self._paint_wave(painter, layout, card, is_current)
        if is_current:
            self._paint_more(painter, layout, card)
        painter.restore()

    def _is_last_before(self, index: QModelIndex | QPersistentModelIndex) -> bool:
        """Whether no line belongs under a row: the current card has a frame of its own."""
        return index.row() + 1 in (self.current_row, index.model().rowCount())

    def _paint_frame(
        self, painter: QPainter, layout: CardLayout, is_current: bool, is_hovered: bool, *, is_last: bool
    ) -> None:
        colours = theme.current()
        if is_current:
            painter.setPen(QPen(colours.color("accent"), 2.0 if self.is_focused else 1.0))
            painter.setBrush(colours.color("raised"))
            painter.drawRoundedRect(layout.frame.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
            return
        if is_hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.color("raised"))
            painter.drawRoundedRect(layout.frame, 8, 8)
        elif not is_last:
            pen = QPen(colours.color("hairline"), 1.0)
            pen.setCosmetic(True)
            painter.setPen(pen)
            y = layout.height - 0.5
            painter.drawLine(QPointF(layout.title.left(), y), QPointF(layout.wave.right(), y))

    def _paint_head(self, painter: QPainter, layout: CardLayout, card: Card, is_current: bool) -> None:
        colours = theme.current()
        if card.is_heard:
            _icon(painter, "volume", "accent", layout.number, 16)
        else:
            painter.setFont(colours.font(13, is_bold=True, is_tabular=True))
            painter.setPen(colours.color("accent" if is_current else "secondary"))
            painter.drawText(layout.number, _CENTRE, str(card.number))
        title = QRectF(layout.title)
        if card.is_in_cut:
            _icon(painter, "check", "accent", QRectF(title.left(), title.top(), 16, title.height()), 14)
            title.setLeft(title.left() + 20)
        _text(painter, title, suggestion_words.title_of(card.track), colours.font(14, is_bold=True), "text")
        facts = suggestion_words.facts_line(card.track)
        _text(painter, layout.facts, facts, colours.font(12, is_tabular=True), "secondary")
        self._paint_badge(painter, layout.badge, card)
        _bar(painter, layout.bar, card.suggestion.score)

    def _paint_badge(self, painter: QPainter, rect: QRectF, card: Card) -> None:
        colours = theme.current()
        licence = card.track.licence
        is_narrow = licence.forbids_commercial_use or licence.forbids_derivatives
        pen = QPen(colours.color("border"), 1.0)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), rect.height() / 2, rect.height() / 2)
        role: theme.Role = "cuts" if is_narrow else "secondary"
        font = colours.font(11)
        text = suggestion_words.licence_badge(card.track)
        _text(painter, rect.adjusted(6, 0, -6, 0), text, font, role, _CENTRE)

    def _paint_wave(self, painter: QPainter, layout: CardLayout, card: Card, is_current: bool) -> None:
        track = card.track
        ratio = painter.device().devicePixelRatioF()
        size = QSizeF(layout.wave.width(), layout.wave.height())
        peaks = self._peaks_of(track.id)
        picture = self._waveforms.picture(
            track.id, peaks, track.duration_s, card.suggestion.cue, size, ratio, is_current or card.is_heard
        )
        painter.drawPixmap(layout.wave.topLeft(), picture)
        if card.is_heard and self.heard_s is not None and 0.0 <= self.heard_s <= track.duration_s:
            x = round(layout.wave.left() + layout.wave.width() * self.heard_s / track.duration_s) + 0.5
            painter.setPen(QPen(theme.current().color("text"), 1.0))
            painter.drawLine(QPointF(x, layout.wave.top() - 2), QPointF(x, layout.wave.bottom() + 2))

    def _paint_more(self, painter: QPainter, layout: CardLayout, card: Card) -> None:
        font = theme.current().font(12)
        paint_runs(painter, layout.reason, font, self._hovered_run(layout.reason))
        paint_runs(painter, layout.reasons, font, self._hovered_run(layout.reasons))
        for part, rect in layout.parts:
            _part(painter, part, rect)
        if layout.used_in is not None:
            text = self.tr("Used in %s").replace("%s", ", ".join(card.used_in))
            _text(painter, layout.used_in, text, font, "secondary")
        for spot in layout.spots:
            if spot.icon:
                self._paint_button(painter, spot)
            elif spot.what == "use":
                self._paint_use(painter, spot)
            elif spot.what == "versions":
                self._paint_versions(painter, spot)

    def _is_hovered(self, spot: Spot) -> bool:
        return self.hovered is not None and self.hovered[1] == spot

    def _hovered_run(self, runs: list[PlacedRun]) -> PlacedRun | None:
        if self.hovered is None or self.hovered[1].what != "seek":
            return None
        return next((run for run in runs if self.hovered[1].rect.contains(run.rect)), None)

    def _paint_button(self, painter: QPainter, spot: Spot) -> None:
        if self._is_hovered(spot) and spot.what != "rate":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.current().color("hairline"))
            painter.drawRoundedRect(spot.rect, 6, 6)
        is_lit = spot.icon.endswith("_filled") or self._is_hovered(spot)
        role: theme.Role = "accent" if spot.icon.endswith("_filled") else "text" if is_lit else "secondary"
        _icon(painter, spot.icon, role, spot.rect, 14 if spot.what == "rate" else 16)

    def _paint_use(self, painter: QPainter, spot: Spot) -> None:
        colours = theme.current()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.color("accent_hover" if self._is_hovered(spot) else "accent"))
        painter.drawRoundedRect(spot.rect, 6, 6)
        text = spot.rect.adjusted(12, 0, -24, 0)
        _text(painter, text, self.tr("Use"), colours.font(12, is_bold=True), "on_accent")
        _icon(
            painter, "enter", "on_accent", QRectF(spot.rect.right() - 24, spot.rect.top(), 16, spot.rect.height()), 12
        )

    def _paint_versions(self, painter: QPainter, spot: Spot) -> None:
        role: theme.Role = "text" if self._is_hovered(spot) else "secondary"
        _text(painter, spot.rect.adjusted(8, 0, -20, 0), spot.text, theme.current().font(12), role)
        _icon(painter, "chevron_down", role, QRectF(spot.rect.right() - 20, spot.rect.top(), 16, 24), 12)


def _text(painter: QPainter, rect: QRectF, text: str, font: QFont, role: theme.Role, alignment: int = _LEFT) -> None:
    painter.setFont(font)
    painter.setPen(theme.current().color(role))
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, alignment, shown)


def _icon(painter: QPainter, name: str, role: theme.Role, rect: QRectF, size: int) -> None:
    pixmap = icons.pixmap(name, role, size, painter.device().devicePixelRatioF())
    painter.drawPixmap(QPointF(rect.center().x() - size / 2, rect.center().y() - size / 2), pixmap)


def _bar(painter: QPainter, rect: QRectF, share: float | None) -> None:
    colours = theme.current()
    radius = rect.height() / 2
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours.color("hairline"))
    painter.drawRoundedRect(rect, radius, radius)
    if share is not None and share > 0.0:
        reach = QRectF(rect.left(), rect.top(), max(rect.height(), rect.width() * min(1.0, share)), rect.height())
        painter.setBrush(colours.color("accent"))
        painter.drawRoundedRect(reach, radius, radius)


def _part(painter: QPainter, part: suggestion_words.Part, rect: QRectF) -> None:
    font = theme.current().font(12)
    name = QRectF(rect.left(), rect.top(), _PART_NAME, rect.height())
    _text(painter, name, part.name, font, "text" if part.share is not None else "secondary")
    _bar(painter, QRectF(name.right(), rect.center().y() - 1.5, _PART_BAR, 3), part.share)
    left = name.right() + _PART_BAR + 12
    _text(painter, QRectF(left, rect.top(), rect.right() - left, rect.height()), part.words, font, "secondary")
