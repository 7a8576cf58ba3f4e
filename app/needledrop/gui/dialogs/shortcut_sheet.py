# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every key on one sheet: searched, changed in place, never one key for two things."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from needledrop.gui import preferences
from needledrop.gui.actions import CATEGORIES, Action, Actions, category_text
from needledrop.gui.shortcuts import PRESET_NAMES, Shortcuts
from needledrop.gui.widgets.buttons import Button, IconButton
from needledrop.gui.widgets.inputs import Choice
from needledrop.gui.widgets.labels import ElidedLabel, KeyHint, hairline, label
from needledrop.gui.widgets.overlay import Overlay

COLUMNS = 2
KEY_WIDTH = 152


class ShortcutSheet(Overlay):
    """The actions by category with their keys. A click on keys listens for new ones; what they did before is said."""

    def __init__(self, window: QWidget, actions: Actions, shortcuts: Shortcuts) -> None:
        super().__init__(window, width=880, height=640)
        self._actions = actions
        self._shortcuts = shortcuts
        self._rows: dict[str, _KeyRow] = {}
        self._heads: dict[str, QLabel] = {}
        self._search = QLineEdit()
        self._search.setPlaceholderText(self.tr("Search by name or key"))
        self._search.setAccessibleName(self.tr("Search shortcuts"))
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._filter)
        self._said = label(self.tr("Click keys to change them. Esc puts the sheet away."), "small")
        self._grid = QGridLayout()
        self._grid.setContentsMargins(24, 8, 24, 16)
        self._grid.setHorizontalSpacing(40)
        self._grid.setVerticalSpacing(0)
        body = QWidget()
        body.setLayout(self._grid)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        self.content.addLayout(self._head())
        self.content.addWidget(hairline())
        self.content.addWidget(scroll, 1)
        self.content.addWidget(hairline())
        self.content.addLayout(self._foot())
        actions.changed.connect(self._refresh)

    def open_shortcuts(self) -> None:
        """Show it with everything that is registered now."""
        self._build()
        self._search.clear()
        self.open_sheet(self._search)

    def _head(self) -> QHBoxLayout:
        self._preset = Choice()
        self._preset.setAccessibleName(self.tr("Keys like"))
        self._preset.setFixedWidth(160)
        for preset, name in PRESET_NAMES.items():
            self._preset.addItem(name, preset)
        self._preset.setCurrentIndex(self._preset.findData(self._shortcuts.preset))
        self._preset.currentIndexChanged.connect(
            lambda _: preferences.current().set("shortcuts", self._preset.currentData())
        )
        close = IconButton("close", self.tr("Close"))
        close.clicked.connect(self.close_sheet)
        row = QHBoxLayout()
        row.setContentsMargins(24, 16, 16, 16)
        row.setSpacing(12)
        row.addWidget(label(self.tr("Keyboard shortcuts"), "heading"))
        row.addWidget(self._search, 1)
        row.addWidget(label(self.tr("Like"), "secondary"))
        row.addWidget(self._preset)
        row.addWidget(close)
        return row

    def _foot(self) -> QHBoxLayout:
        reset = Button(self.tr("Restore all"), "quiet")
        reset.clicked.connect(self._on_reset_all)
        row = QHBoxLayout()
        row.setContentsMargins(24, 8, 16, 8)
        row.addWidget(self._said, 1)
        row.addWidget(reset)
        return row

    def _build(self) -> None:
        known = [action.id for action in self._actions.all()]
        if list(self._rows) == known:
            return
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self._rows, self._heads = {}, {}
        columns = [QVBoxLayout() for _ in range(COLUMNS)]
        for place, column in enumerate(columns):
            column.setSpacing(0)
            holder = QWidget()
            holder.setLayout(column)
            self._grid.addWidget(holder, 0, place)
            self._grid.setColumnStretch(place, 1)
        heights = [0] * COLUMNS
        for category in CATEGORIES:
            actions = [action for action in self._actions.all() if action.category == category]
            if actions:
                place = heights.index(min(heights))
                heights[place] += len(actions) + 2
                self._add_category(columns[place], category, actions)
        for column in columns:
            column.addStretch(1)

    def _add_category(self, column: QVBoxLayout, category: str, actions: list[Action]) -> None:
        head = label(category_text(category), "small")
        head.setContentsMargins(0, 12, 0, 4)
        self._heads[category] = head
        column.addWidget(head)
        for action in actions:
            row = _KeyRow(action, self._actions, self)
            self._rows[action.id] = row
            column.addWidget(row)

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        shown: set[str] = set()
        for action in self._actions.all():
            row = self._rows.get(action.id)
            if row is None:
                continue
            keys = " ".join(self._actions.keys(action.id))
            is_shown = all(
                word in f"{action.text} {category_text(action.category)} {keys}".casefold() for word in words
            )
            row.setVisible(is_shown)
            if is_shown:
                shown.add(action.category)
        for category, head in self._heads.items():
            head.setVisible(category in shown)

    def change(self, action: Action, key: str) -> None:
        """Give an action a key, and say what lost it."""
        robbed = self._shortcuts.set_keys(action.id, (key,) if key else ())
        if robbed:
            names = ", ".join(one.text for one in robbed)
            self._said.setText(
                self.tr("%1 now does “%2”, and no longer “%3”.")
                .replace("%1", key)
                .replace("%2", action.text)
                .replace("%3", names)
            )
        else:
            self._said.setText(self.tr("%1 now does “%2”.").replace("%1", key).replace("%2", action.text))

    def reset(self, action: Action) -> None:
        """Give an action back the keys of the preset."""
        self._shortcuts.reset(action.id)
        self._said.setText(self.tr("“%s” has its own keys again.").replace("%s", action.text))

    def is_changed(self, action: Action) -> bool:
        """Whether the user gave an action other keys."""
        return self._shortcuts.is_changed(action.id)

    def _on_reset_all(self) -> None:
        self._shortcuts.reset_all()
        self._said.setText(self.tr("All keys are as %s has them.").replace("%s", PRESET_NAMES[self._shortcuts.preset]))

    def _refresh(self) -> None:
        if self.isVisible():
            self._build()
        self._preset.setCurrentIndex(self._preset.findData(self._shortcuts.preset))
        for row in self._rows.values():
            row.refresh()


class _KeyRow(QWidget):
    """One action: its name, its keys as a button, and a way back where they were changed."""

    def __init__(self, action: Action, actions: Actions, sheet: ShortcutSheet) -> None:
        super().__init__()
        self._action = action
        self._actions = actions
        self._sheet = sheet
        self._hint = KeyHint()
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._button = Button("", "quiet")
        inner = QHBoxLayout(self._button)
        inner.setContentsMargins(8, 0, 8, 0)
        inner.addWidget(self._hint, 0, Qt.AlignmentFlag.AlignRight)
        self._none = label("—", "secondary")
        inner.addWidget(self._none, 0, Qt.AlignmentFlag.AlignRight)
        self._button.setFixedSize(KEY_WIDTH, 28)
        self._button.clicked.connect(self._listen)
        self._edit = QKeySequenceEdit()
        self._edit.setMaximumSequenceLength(1)
        self._edit.setFixedWidth(KEY_WIDTH)
        self._edit.setAccessibleName(self.tr("New key for %s").replace("%s", action.text))
        self._edit.editingFinished.connect(self._on_edited)
        self._edit.hide()
        self._reset = IconButton("reset", self.tr("Back to the preset's key"))
        self._reset.setFixedSize(24, 24)
        self._reset.clicked.connect(lambda: sheet.reset(action))
        keep = self._reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(keep)
        name = ElidedLabel("text")
        name.set_text(action.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 1, 0, 1)
        row.setSpacing(4)
        row.addWidget(name, 1)
        row.addWidget(self._reset)
        row.addWidget(self._button)
        row.addWidget(self._edit)
        self.refresh()

    def refresh(self) -> None:
        """Show the keys in force."""
        key = self._actions.key_text(self._action.id)
        self._hint.set_keys(key)
        self._none.setVisible(not key)
        said = key or self.tr("no key")
        self._button.setAccessibleName(self.tr("Key of %1: %2").replace("%1", self._action.text).replace("%2", said))
        self._reset.setVisible(self._sheet.is_changed(self._action))

    def _listen(self) -> None:
        self._button.hide()
        self._edit.clear()
        self._edit.show()
        self._edit.setFocus()

    def _on_edited(self) -> None:
        if not self._edit.isVisible():
            return
        key = self._edit.keySequence().toString()
        self._edit.hide()
        self._button.show()
        self._button.setFocus(Qt.FocusReason.TabFocusReason)
        if key:
            self._sheet.change(self._action, key)
