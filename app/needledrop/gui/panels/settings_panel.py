# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All settings on one searchable page, drawn from their declarations. A change is in force at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from needledrop.core.settings import Setting, Value
from needledrop.gui import preferences
from needledrop.gui.actions import Actions
from needledrop.gui.background import Background
from needledrop.gui.document import Document
from needledrop.gui.shortcuts import PRESET_NAMES
from needledrop.gui.translation import LANGUAGE_NAMES
from needledrop.gui.widgets.buttons import Button, IconButton
from needledrop.gui.widgets.centred import centred
from needledrop.gui.widgets.inputs import Choice, Number, Switch, WholeNumber
from needledrop.gui.widgets.labels import hairline, label

if TYPE_CHECKING:
    from needledrop.gui.player import Player

WIDTH = 720
CONTROL_WIDTH = 180
NUMBER_WIDTH = 104
_NAMES = {**PRESET_NAMES, **LANGUAGE_NAMES}  # Names that are the same in every language.


def _in_words(text: str) -> str:
    """A text of a declaration in the window's language."""
    return QCoreApplication.translate("Settings", text) if text else ""


class SettingsPanel(QWidget):
    """A row for each setting, under its category; the search hides what does not match."""

    def __init__(
        self,
        document: Document,
        player: Player,
        background: Background,
        actions: Actions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._values = preferences.current()
        self._rows: list[_SettingRow] = []
        self._heads: list[tuple[QWidget, list[_SettingRow]]] = []
        self._resets: list[tuple[QWidget, list[_SettingRow]]] = []
        inner = QWidget()
        inner.setMaximumWidth(WIDTH)
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(0)
        column.addLayout(self._head(actions))
        column.addSpacing(8)
        for category, settings in preferences.categories().items():
            column.addWidget(self._category(category, [_SettingRow(one, self._values) for one in settings]))
        self._nothing = label(self.tr("No setting has these words."), "secondary")
        self._nothing.hide()
        column.addWidget(self._nothing)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(centred(inner))
        self._values.changed.connect(self._on_changed)
        self.setFocusProxy(self._search)

    def _head(self, actions: Actions) -> QHBoxLayout:
        self._search = QLineEdit()
        self._search.setPlaceholderText(self.tr("Search settings"))
        self._search.setAccessibleName(self.tr("Search settings"))
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._filter)
        keys = Button(self.tr("Edit shortcuts…"))
        keys.clicked.connect(lambda: actions.trigger("help.shortcuts"))
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(label(self.tr("Settings"), "heading"))
        row.addWidget(self._search, 1)
        row.addWidget(keys)
        return row

    def _category(self, category: str, rows: list[_SettingRow]) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 16, 0, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.addWidget(label(_in_words(category), "small"))
        head.addStretch(1)
        reset = Button(self.tr("Restore defaults"), "quiet")
        reset.setAccessibleName(f"{self.tr('Restore defaults')}: {_in_words(category)}")
        reset.clicked.connect(lambda: self._values.reset([row.setting.name for row in rows]))
        head.addWidget(reset)
        head.setContentsMargins(0, 0, 0, 4)
        keep = reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)  # The lines below stay where they are when it appears.
        reset.setSizePolicy(keep)
        column.addLayout(head)
        column.addWidget(hairline())
        for row in rows:
            column.addWidget(row)
        self._rows += rows
        self._heads.append((holder, rows))
        self._resets.append((reset, rows))
        self._show_resets()
        return holder

    def _filter(self, text: str) -> None:
        for row in self._rows:
            row.setVisible(preferences.matches(row.setting, text))
        found = False
        for holder, rows in self._heads:
            is_shown = any(preferences.matches(row.setting, text) for row in rows)
            holder.setVisible(is_shown)
            found = found or is_shown
        self._nothing.setVisible(not found)

    def _on_changed(self, name: str) -> None:
        for row in self._rows:
            if row.setting.name == name:
                row.refresh()
        self._show_resets()

    def _show_resets(self) -> None:
        for reset, rows in self._resets:
            reset.setVisible(any(row.is_changed for row in rows))


class _SettingRow(QWidget):
    """Title and meaning on the left, the control on the right, a way back to the default where it is not."""

    def __init__(self, setting: Setting, values: preferences.Preferences) -> None:
        super().__init__()
        self.setting = setting
        self._values = values
        title = label(_in_words(setting.title))
        meaning = label(_in_words(setting.meaning), "small")
        meaning.setWordWrap(True)
        texts = QVBoxLayout()
        texts.setSpacing(4)
        texts.addWidget(title)
        texts.addWidget(meaning)
        self._control, self._show = _control(setting, values)
        self._control.setAccessibleName(_in_words(setting.title))
        self._control.setAccessibleDescription(_in_words(setting.meaning))
        title.setBuddy(self._control)
        self._reset = IconButton("reset", self.tr("Back to the default"))
        self._reset.clicked.connect(lambda: values.reset([setting.name]))
        keep = self._reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(keep)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 12, 0, 12)
        row.setSpacing(16)
        row.addLayout(texts, 1)
        row.addWidget(self._reset)
        row.addWidget(self._control, 0, Qt.AlignmentFlag.AlignRight)
        self.refresh()

    @property
    def is_changed(self) -> bool:
        """Whether the value in force is another than the default."""
        return self._values.value(self.setting.name) != self.setting.default

    def refresh(self) -> None:
        """Show the value in force."""
        value = self._values.value(self.setting.name)
        self._control.blockSignals(True)
        self._show(value)
        self._control.blockSignals(False)
        self._reset.setVisible(self.is_changed)


def _control(setting: Setting, values: preferences.Preferences) -> tuple[QWidget, Callable[[Value], None]]:
    """The control for a kind of value, and how a value is put into it."""
    name = setting.name
    if isinstance(setting.default, bool):
        switch = Switch()
        switch.toggled.connect(lambda is_on: values.set(name, is_on))
        return switch, lambda value: switch.setChecked(bool(value))
    if setting.choices:
        choice = Choice()
        choice.setFixedWidth(CONTROL_WIDTH)
        for one in setting.choices:
            choice.addItem(_NAMES[one] if one in _NAMES else _in_words(one.capitalize()), one)
        choice.currentIndexChanged.connect(lambda _: values.set(name, choice.currentData()))
        return choice, lambda value: choice.setCurrentIndex(choice.findData(value))
    if isinstance(setting.default, str):
        line = QLineEdit()
        line.setFixedWidth(CONTROL_WIDTH)
        line.editingFinished.connect(lambda: values.set(name, line.text()))
        return line, lambda value: line.setText(str(value))
    return _number(setting, values)


def _number(setting: Setting, values: preferences.Preferences) -> tuple[QWidget, Callable[[Value], None]]:
    name, suffix = setting.name, f" {_in_words(setting.unit)}" if setting.unit else ""
    if isinstance(setting.default, int):
        whole = WholeNumber()
        whole.setRange(int(setting.lowest), int(setting.highest))
        whole.setSuffix(suffix)
        whole.setFixedWidth(max(NUMBER_WIDTH, whole.sizeHint().width()))
        whole.valueChanged.connect(lambda value: values.set(name, value))
        return whole, lambda value: whole.setValue(int(value))
    number = Number()
    number.setRange(setting.lowest, setting.highest)
    number.setDecimals(1)
    number.setSingleStep(0.5)
    number.setSuffix(suffix)
    number.setFixedWidth(max(NUMBER_WIDTH, number.sizeHint().width()))
    number.valueChanged.connect(lambda value: values.set(name, value))
    return number, lambda value: number.setValue(float(value))
