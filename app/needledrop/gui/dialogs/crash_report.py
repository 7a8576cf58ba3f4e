# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bug of ours, said plainly: what went wrong as text that can be copied into a report. The window goes on."""

from __future__ import annotations

import platform
import sys
import traceback
from types import TracebackType

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QWidget

from needledrop import __version__
from needledrop.core.paths import Profile
from needledrop.gui.widgets.buttons import Button
from needledrop.gui.widgets.labels import label
from needledrop.gui.widgets.overlay import Overlay


class CrashReport(Overlay):
    """The report of the last bug; a second one while it is open is added below."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, width=720, height=480)
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setAccessibleName(self.tr("Report"))
        self._copy = Button(self.tr("Copy the report"), "primary")
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._text.toPlainText()))
        close = Button(self.tr("Go on working"))
        close.clicked.connect(self.close_sheet)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self._copy)
        sentence = label(self.tr("Something in Needledrop went wrong. Your work is kept; you can go on."), "heading")
        remedy = label(
            self.tr("Please send us this report. It holds no music or pictures, but paths of yours."), "small"
        )
        self.content.setContentsMargins(24, 24, 24, 24)
        self.content.setSpacing(12)
        for widget in (sentence, remedy):
            widget.setWordWrap(True)
            self.content.addWidget(widget)
        self.content.addWidget(self._text, 1)
        self.content.addLayout(buttons)

    def show_report(self, report: str) -> None:
        """Show a report."""
        if self.isVisible():
            self._text.appendPlainText("\n" + report)
        else:
            self._text.setPlainText(report)
        self.open_sheet(self._copy)


def report_of(kind: type[BaseException], error: BaseException, trace: TracebackType | None, profile: Profile) -> str:
    """What a developer needs: versions, the place, and where the log lies."""
    head = (
        f"Needledrop {__version__} · Python {platform.python_version()} · Qt {qVersion()} · "
        f"{platform.system()} {platform.release()} {platform.machine()} · {sys.platform}"
    )
    lines = "".join(traceback.format_exception(kind, error, trace))
    return f"{head}\nLog: {profile.log_path}\n\n{lines}"
