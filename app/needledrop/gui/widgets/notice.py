# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window has to say, above its foot: one sentence, what can be done, and a button. Never modal.

News goes away by itself; an error stays until it is closed or the next one comes.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from needledrop.core.errors import KnownError
from needledrop.gui import icons
from needledrop.gui.widgets.buttons import Button, IconButton
from needledrop.gui.widgets.labels import label

NEWS_MS = 8000
WIDTH = 560
ABOVE_FOOT = 44


class Notice(QFrame):
    """One notice over `window`; a new one takes the place of the old."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("notice")
        self._details = ""
        self._act: Callable[[], object] | None = None
        self._error: KnownError | None = None
        self._sentence = label(role="text")
        self._remedy = label(role="small")
        for one in (self._sentence, self._remedy):
            one.setWordWrap(True)
            one.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._sign = QLabel()
        self._button = Button("", "normal")
        self._copy = IconButton("copy", self.tr("Copy the details"))
        close = IconButton("close", self.tr("Close"))
        self._button.clicked.connect(self._on_button)
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._details))
        close.clicked.connect(self.hide)
        texts = QVBoxLayout()
        texts.setSpacing(4)
        texts.addWidget(self._sentence)
        texts.addWidget(self._remedy)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 8, 12)
        row.setSpacing(8)
        row.addWidget(self._sign)
        row.addLayout(texts, 1)
        for button in (self._button, self._copy, close):
            row.addWidget(button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        window.installEventFilter(self)
        self.hide()

    def show_news(self, text: str, button: str = "", act: Callable[[], object] | None = None) -> None:
        """Say something that needs no answer; `act` belongs to the button ("Undo")."""
        self._error = None
        self._show(text, "", "", button, act)
        self._timer.start(NEWS_MS)

    def ask(self, text: str, button: str, act: Callable[[], object]) -> None:
        """Say something that can be answered with a button; it stays until it is, or is closed."""
        self._timer.stop()
        self._error = None
        self._show(text, "", "", button, act)

    def show_error(self, error: KnownError) -> None:
        """Say what the world did and what to do about it."""
        self._timer.stop()
        self._error = error
        self._show(error.sentence, error.remedy, f"{error}\n{error.code}: {error.cause}".strip(), "", None)

    def withdraw(self, error: KnownError) -> None:
        """Another place says this error, with what can be done about it: it is not said twice."""
        if error is self._error:
            self.hide()

    @property
    def text(self) -> str:
        """What it says, for tests and screen readers."""
        return f"{self._sentence.text()} {self._remedy.text()}".strip() if self.isVisibleTo(self.window()) else ""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _show(self, sentence: str, remedy: str, details: str, button: str, act: Callable[[], object] | None) -> None:
        self._sentence.setText(sentence)
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))
        self._details, self._act = details, act
        self._button.setText(button)
        self._button.setAccessibleName(button)
        self._button.setVisible(bool(button))
        self._copy.setVisible(bool(details))
        self._sign.setVisible(bool(details))
        self._sign.setPixmap(icons.pixmap("warning", "error", 16, self.devicePixelRatioF()))
        self.setAccessibleName(f"{sentence} {remedy}".strip())
        self.show()
        self._place()
        self.raise_()

    def _place(self) -> None:
        room = self.window().size()
        width = min(WIDTH, room.width() - 32)
        self.setFixedWidth(width)
        height = max(self.sizeHint().height(), self.heightForWidth(width))
        self.setGeometry((room.width() - width) // 2, room.height() - height - ABOVE_FOOT, width, height)

    def _on_button(self) -> None:
        self.hide()
        if self._act is not None:
            self._act()
