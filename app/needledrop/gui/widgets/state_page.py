# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pane shows instead of its content: a sign, a line, a sentence, and the one thing to do next."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QVBoxLayout, QWidget

from needledrop.gui import icons, theme
from needledrop.gui.widgets.buttons import Button
from needledrop.gui.widgets.labels import label

WIDTH = 320


class StatePage(QWidget):
    """Empty, busy or failed; `show_state` says which."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = ""
        self._role: theme.Role = "secondary"
        self._act: Callable[[], object] | None = None
        self._sign = QLabel()
        self._sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = label(role="heading")
        self._text = label(role="secondary")
        for one in (self._title, self._text):
            one.setAlignment(Qt.AlignmentFlag.AlignCenter)
            one.setWordWrap(True)
            one.setFixedWidth(WIDTH)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(WIDTH // 2)
        self.button = Button("")
        self.button.clicked.connect(lambda: self._act() if self._act is not None else None)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(2)
        for widget in (self._sign, self._title, self._text, self._bar):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(8)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        theme.current().changed.connect(self._paint_sign)

    def show_state(
        self,
        icon: str,
        title: str,
        text: str,
        button: str = "",
        act: Callable[[], object] | None = None,
        *,
        is_error: bool = False,
        is_primary: bool = True,
    ) -> None:
        """Say something; `act` belongs to the button."""
        self._icon, self._role, self._act = icon, "error" if is_error else "secondary", act
        self._paint_sign()
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        for one in (self._title, self._text):
            one.setMinimumHeight(one.heightForWidth(WIDTH))  # A layout that centres does not ask for it.
        self._bar.hide()
        self.button.setText(button)
        self.button.setAccessibleName(button)
        self.button.setProperty("kind", "primary" if is_primary else "normal")
        self.button.style().polish(self.button)
        self.button.setVisible(bool(button))
        self.setAccessibleName(f"{title}. {text}")

    def show_share(self, share: float | None) -> None:
        """Show how far it has come, 0 to 1; None where that is not known."""
        self._bar.setRange(0, 1000 if share is not None else 0)
        self._bar.setValue(round(1000 * (share or 0.0)))
        self._bar.show()

    @property
    def text(self) -> str:
        """What it says."""
        return f"{self._title.text()} {self._text.text()}".strip()

    def _paint_sign(self) -> None:
        if self._icon:
            self._sign.setPixmap(icons.pixmap(self._icon, self._role, 32, self.devicePixelRatioF()))
