# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The empty window: three lines that say how to begin, with the real keys, and the videos of last time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from needledrop.core.paths import display_path
from needledrop.gui import icons, theme
from needledrop.gui.actions import Actions
from needledrop.gui.widgets.buttons import Button
from needledrop.gui.widgets.labels import ElidedLabel, KeyHint, label

WIDTH = 560
SHOWN_RECENT = 5


class StartPanel(QWidget):
    """Shown while no video is open. Dropping is the window's business: it takes files anywhere."""

    video_asked = Signal(object)  # Path, from the list of recent videos.

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._hints: list[tuple[KeyHint, str]] = []
        self._zone = _DropZone()
        self._recent_rows: list[QWidget] = []
        inner = QVBoxLayout(self._zone)
        inner.setContentsMargins(32, 32, 32, 32)
        inner.setSpacing(12)
        title = label(self.tr("Drop a video, or a project of your editor, anywhere in this window"), "text")
        title.setFont(theme.current().font(14, is_bold=True))
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        inner.addSpacing(40)
        inner.addWidget(title)
        inner.addLayout(self._steps())
        inner.addSpacing(4)
        inner.addLayout(self._buttons())
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        column = QVBoxLayout()
        column.setSpacing(24)
        column.addStretch(2)
        column.addWidget(self._zone)
        column.addLayout(self._recent)
        column.addStretch(3)
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        outer.addLayout(column)
        outer.addStretch(1)
        self._zone.setFixedWidth(WIDTH)
        actions.changed.connect(self._show_keys)
        self._show_keys()

    def show_recent(self, videos: Sequence[Path]) -> None:
        """List the videos that were opened last."""
        for row in self._recent_rows:
            row.deleteLater()
        self._recent_rows = []
        if videos:
            head = label(self.tr("Opened before"), "small")
            head.setContentsMargins(12, 0, 0, 4)
            self._add_recent(head)
        for path in videos[:SHOWN_RECENT]:
            button = _RecentVideo(path)
            button.clicked.connect(lambda _=False, path=path: self.video_asked.emit(path))
            self._add_recent(button)

    def set_drop_shown(self, is_shown: bool) -> None:
        """Light the zone up while something that can be dropped is over the window."""
        self._zone.set_lit(is_shown)

    def _add_recent(self, row: QWidget) -> None:
        row.setFixedWidth(WIDTH)
        self._recent.addWidget(row)
        self._recent_rows.append(row)

    def _steps(self) -> QGridLayout:
        steps = (
            (self.tr("Open a video; add your folders of music once"), "file.open"),
            (self.tr("Hear a suggestion under the picture"), "suggestions.audition_1"),
            (self.tr("Use it, and export the film with music on the beat"), "suggestions.use"),
        )
        grid = QGridLayout()
        grid.setContentsMargins(24, 8, 24, 8)
        grid.setVerticalSpacing(8)
        grid.setHorizontalSpacing(16)
        for row, (text, action_id) in enumerate(steps):
            hint = KeyHint()
            self._hints.append((hint, action_id))
            grid.addWidget(label(f"{row + 1}", "secondary"), row, 0)
            grid.addWidget(label(text, "secondary"), row, 1)
            grid.addWidget(hint, row, 2, Qt.AlignmentFlag.AlignRight)
            grid.setRowMinimumHeight(row, 24)
        grid.setColumnStretch(1, 1)
        return grid

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for text, kind, action_id in (
            (self.tr("Open video…"), "primary", "file.open"),
            (self.tr("Add music folder…"), "normal", "library.add_folder"),
        ):
            button = Button(text, "primary" if kind == "primary" else "normal")
            button.clicked.connect(lambda _=False, id=action_id: self._actions.trigger(id))
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _show_keys(self) -> None:
        for hint, action_id in self._hints:
            key = self._actions.key_text(action_id)
            hint.set_keys(self.tr("1 … 9") if key == "1" else key)


class _DropZone(QWidget):
    """A dashed frame with the sign of dropping; it lights up while something hangs over the window."""

    def __init__(self) -> None:
        super().__init__()
        self._is_lit = False
        theme.current().changed.connect(self.update)

    def set_lit(self, is_lit: bool) -> None:
        """Light up or go out."""
        if is_lit != self._is_lit:
            self._is_lit = is_lit
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(colours.color("accent" if self._is_lit else "border"), 1.0 if not self._is_lit else 2.0)
        pen.setDashPattern([4, 4])
        painter.setPen(pen)
        painter.setBrush(colours.color("cue_fill") if self._is_lit else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        sign = icons.pixmap("drop", "accent" if self._is_lit else "secondary", 32, self.devicePixelRatioF())
        painter.drawPixmap((self.width() - 32) // 2, 28, sign)


class _RecentVideo(Button):
    """One row: the name, and the folder it lies in."""

    def __init__(self, path: Path) -> None:
        super().__init__("", "quiet")
        self.setAccessibleName(self.tr("Open %s").replace("%s", display_path(path.name)))
        self.setMinimumHeight(32)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(16)
        name, folder = ElidedLabel("text"), ElidedLabel("secondary", size=12)
        name.set_text(display_path(path.name))
        folder.set_text(display_path(path.parent), Qt.TextElideMode.ElideMiddle)
        for one, stretch in ((name, 3), (folder, 4)):
            one.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            row.addWidget(one, stretch)
