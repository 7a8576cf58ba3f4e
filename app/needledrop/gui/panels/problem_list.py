# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that could not be used, each with its reason and what to do; folders whose drive is not there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from needledrop.gui import icons, theme
from needledrop.gui.widgets.buttons import Button, IconButton
from needledrop.gui.widgets.labels import ElidedLabel, hairline, label

if TYPE_CHECKING:
    from needledrop.library.rows import Problem

WIDTH = 880
SHOWN = 200


class ProblemList(QWidget):
    """One row a file. What is not shown is counted: a list of a thousand widgets would take a second to build."""

    retry_asked = Signal()
    back_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[QWidget] = []
        self._title = label(self.tr("Problems"), "heading")
        self._note = label("", "secondary")
        self._note.setWordWrap(True)
        self._retry = Button(self.tr("Try all again"))
        self._retry.clicked.connect(self.retry_asked)
        back = Button(self.tr("Back to the tracks"), "quiet")
        back.clicked.connect(self.back_asked)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(back)
        head.addWidget(self._retry)
        inner = QWidget()
        inner.setMaximumWidth(WIDTH)
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._note)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        column.addLayout(self._list)
        column.addStretch(1)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(inner, 100)
        row.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(holder)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """List these."""
        for row in self._rows:
            self._list.removeWidget(row)
            row.deleteLater()
        self._rows = [_ProblemRow(problem) for problem in problems[:SHOWN]]
        for row in self._rows:
            self._list.addWidget(row)
        self._retry.setEnabled(bool(problems))
        if not problems:
            self._note.setText(self.tr("Every file of the music folders could be used."))
        elif len(problems) > SHOWN:
            text = self.tr("The first %1 of %2 files; the others are in `needledrop library problems`.")
            self._note.setText(text.replace("%1", str(SHOWN)).replace("%2", f"{len(problems):,}"))
        else:
            self._note.setText(
                self.tr("These files are left alone until they change. Everything else in their folders is in use.")
            )


class _ProblemRow(QWidget):
    """Name, reason, remedy; where it lies, and the details to copy."""

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        path = problem.display
        name = path.replace("\\", "/").rsplit("/", 1)[-1]
        title, folder = ElidedLabel("text", is_bold=True), ElidedLabel("secondary", size=12)
        title.set_text(name)
        folder.set_text(path[: -len(name)], Qt.TextElideMode.ElideMiddle)
        sentence = problem.sentence.replace(path, name)  # Where it lies stands below.
        reason = label(f"{sentence} {problem.remedy}".strip(), "secondary")
        reason.setWordWrap(True)
        self._sign = label()
        self._sign.setFixedWidth(24)
        show = IconButton("folder", self.tr("Show %s in its folder").replace("%s", name))
        show.clicked.connect(lambda: open_folder(Path(os.fsdecode(problem.path))))
        copy = IconButton("copy", self.tr("Copy the details of %s").replace("%s", name))
        details = f"{path}\n{problem.sentence} {problem.remedy}\n{problem.code}: {problem.cause}"
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details))
        texts = QVBoxLayout()
        texts.setSpacing(4)
        for one in (title, reason, folder):
            texts.addWidget(one)
        line = QHBoxLayout()
        line.setContentsMargins(0, 12, 0, 12)
        line.setSpacing(8)
        line.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(texts, 1)
        line.addWidget(show, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(hairline())
        self.setAccessibleName(f"{name}: {problem.sentence} {problem.remedy}")
        self._paint_sign()
        theme.current().changed.connect(self._paint_sign)

    def _paint_sign(self) -> None:
        self._sign.setPixmap(icons.pixmap("warning", "cuts", 16, self.devicePixelRatioF()))


def open_folder(file: Path) -> None:
    """Show the folder that a file lies in, in the system's own program for files."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(os.fspath(file.parent)))
