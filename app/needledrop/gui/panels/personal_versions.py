# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every version of the taste with its date, data and figures, and a button to go back to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from needledrop.gui import taste_words
from needledrop.gui.widgets.buttons import Button
from needledrop.gui.widgets.labels import hairline, label

if TYPE_CHECKING:
    from needledrop.workflows.taste_view import TasteOverview

WIDTH = 960
SIDE_WIDTH = 136


class PersonalVersions(QWidget):
    """One row a version, newest first, above the two that are always there: the choices as they come, and the base."""

    use_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: dict[str, _VersionRow] = {}
        inner = QWidget()
        inner.setMaximumWidth(WIDTH)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 12, 24, 24)
        column.addLayout(self._list)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        outer.addWidget(scroll)

    def show_overview(self, overview: TasteOverview, *, is_learning: bool) -> None:
        """Show every version; none can be gone to while one is being learned."""
        wanted = {str(one["version"]): _facts(one) for one in reversed(overview.versions)}
        live = self.tr("Your choices as they come, without a learned version.")
        wanted |= {"live": live, "base": self.tr("The list without any taste, exactly.")}
        if list(self.rows) != list(wanted):
            self._fill(wanted)
        for name, row in self.rows.items():
            row.refresh(is_current=name == overview.state.current, is_learning=is_learning)

    def _fill(self, wanted: Mapping[str, str]) -> None:
        for row in self.rows.values():
            self._list.removeWidget(row)
            row.deleteLater()
        self.rows = {name: _VersionRow(name, facts) for name, facts in wanted.items()}
        for name, row in self.rows.items():
            row.use.clicked.connect(lambda _=False, name=name: self.use_asked.emit(name))
            self._list.addWidget(row)


class _VersionRow(QWidget):
    """One version."""

    def __init__(self, name: str, facts: str) -> None:
        super().__init__()
        names = {"live": self.tr("As they come"), "base": self.tr("Base")}
        title = names.get(name, self.tr("Version %s").replace("%s", name))
        self._counts = label(self.tr("counts"), "secondary")
        self.use = Button(self.tr("Go back to this"))
        self.use.setAccessibleName(f"{self.tr('Go back to this')}: {title}")
        about = label(facts, "small")
        about.setWordWrap(True)
        texts = QVBoxLayout()
        texts.setSpacing(4)
        texts.addWidget(label(title))
        texts.addWidget(about)
        row = QHBoxLayout()
        row.setContentsMargins(0, 12, 0, 12)
        row.setSpacing(16)
        row.addLayout(texts, 1)
        side = QWidget()
        side.setFixedWidth(SIDE_WIDTH)
        sides = QHBoxLayout(side)
        sides.setContentsMargins(0, 0, 0, 0)
        sides.addWidget(self._counts, 0, Qt.AlignmentFlag.AlignRight)
        sides.addWidget(self.use, 0, Qt.AlignmentFlag.AlignRight)
        row.addWidget(side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(hairline())
        self.setAccessibleName(f"{title}. {facts}")

    def refresh(self, *, is_current: bool, is_learning: bool) -> None:
        """Show whether it counts."""
        self._counts.setVisible(is_current)
        self.use.setVisible(not is_current)
        self.use.setEnabled(not is_learning)


def _facts(about: Mapping[str, Any]) -> str:
    return taste_words.held_out(about)
