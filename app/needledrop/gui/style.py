# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The style sheet of the window, made from the tokens. Shapes and spacing are here; colours come in by their role."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

_SHEET = Template(
    """
* { outline: none; }
QWidget { color: $text; font-size: 13px; }
QMainWindow, QDialog { background: $background; }
QToolTip { background: $raised; color: $text; border: 1px solid $border; padding: 4px 8px; font-size: 12px; }

QPushButton {
    background: $raised; color: $text; border: 1px solid $border; border-radius: 6px; padding: 4px 12px;
    min-height: 20px;
}
QPushButton:hover { background: $hairline; }
QPushButton:pressed { background: $selection; }
QPushButton:disabled { color: $faint; border-color: $hairline; }
QPushButton:focus { border: 1px solid $accent; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border: 1px solid $accent; font-weight: 600; }
QPushButton[kind="primary"]:hover { background: $accent_hover; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; padding: 3px 11px; }
QPushButton[kind="primary"]:disabled { background: $raised; color: $faint; border-color: $hairline; }
QPushButton[kind="quiet"] { background: transparent; border: 1px solid transparent; }
QPushButton[kind="quiet"]:hover { background: $raised; }
QPushButton[kind="quiet"]:focus { border: 1px solid $accent; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px; }
QToolButton:hover { background: $raised; }
QToolButton:pressed, QToolButton:checked { background: $selection; }
QToolButton:focus { border: 1px solid $accent; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QSpinBox, QDoubleSpinBox, QPlainTextEdit, QTextEdit, QKeySequenceEdit {
    background: $field; color: $text; border: 1px solid $hairline; border-radius: 6px; padding: 4px 8px;
    selection-background-color: $selection; selection-color: $text; placeholder-text-color: $secondary;
}
QLineEdit, QSpinBox, QDoubleSpinBox { min-height: 20px; }
QLineEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover { border-color: $border; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QPlainTextEdit:focus, QTextEdit:focus { border-color: $accent; }
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:hover, QAbstractSpinBox QLineEdit:focus {
    background: transparent; border: none; padding: 0;
}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0; border: none; }
QLineEdit[kind="pill"] { border-radius: 14px; padding: 3px 12px; }
QComboBox {
    background: $raised; border: 1px solid $border; border-radius: 6px; padding: 4px 8px; min-height: 20px;
}
QComboBox:hover { background: $hairline; }
QComboBox:focus { border-color: $accent; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox QAbstractItemView {
    background: $raised; border: 1px solid $border; selection-background-color: $selection; selection-color: $text;
    padding: 4px;
}

QMenu { background: $raised; border: 1px solid $border; border-radius: 6px; padding: 4px; }
QMenu::item { padding: 4px 24px 4px 12px; border-radius: 3px; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $hairline; margin: 4px 8px; }

QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $border; border-radius: 3px; margin: 3px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
    background: none; border: none; width: 0; height: 0;
}
QAbstractItemView {
    background: $panel; border: none; selection-background-color: $selection; selection-color: $text;
    alternate-background-color: $panel;
}
QAbstractItemView::item:hover { background: $raised; }
QHeaderView { background: $panel; }
QHeaderView::section {
    background: $panel; color: $secondary; border: none; border-bottom: 1px solid $hairline; padding: 4px 8px;
    font-size: 12px;
}
QSplitter::handle { background: $hairline; }
QSplitter::handle:hover { background: $accent; }
QProgressBar { background: $hairline; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QWidget#titleBar { background: $panel; border-bottom: 1px solid $hairline; }
QWidget#status { background: $panel; border-top: 1px solid $hairline; }
QWidget#viewer { background: $viewer; }
QWidget#pane { background: $panel; }
QFrame#hairline { background: $hairline; border: none; }
QSlider::groove:horizontal { background: $hairline; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { background: $text; width: 12px; margin: -4px 0; border-radius: 6px; }
QSlider::handle:horizontal:focus { background: $accent; }
QFrame#sheet { background: $panel; border: 1px solid $border; border-radius: 8px; }
QFrame#notice { background: $raised; border: 1px solid $border; border-radius: 8px; }
QLineEdit#paletteLine { background: transparent; border: none; font-size: 14px; padding: 12px 16px; }
QListView#palette { background: transparent; padding: 4px 0; }
QPushButton[kind="tab"] {
    background: transparent; color: $secondary; border: none; border-bottom: 2px solid transparent; border-radius: 0;
    padding: 2px 8px 0 8px;
}
QPushButton[kind="tab"]:hover { color: $text; }
QPushButton[kind="tab"]:checked { color: $text; font-weight: 600; border-bottom-color: $accent; }
QPushButton[kind="tab"]:focus { background: $selection; }
QPushButton[kind="menu"] {
    background: transparent; border: 1px solid transparent; border-radius: 6px; font-size: 14px; font-weight: 600;
    padding: 4px 8px;
}
QPushButton[kind="menu"]:hover { background: $raised; }
QPushButton[kind="menu"]:focus { border-color: $accent; }
QPushButton[kind="menu"]::menu-indicator { image: none; width: 0; }
QLabel { background: transparent; }
QLabel[role="secondary"] { color: $secondary; }
QLabel[role="error"] { color: $error; }
QLabel[role="heading"] { font-size: 14px; font-weight: 600; }
QLabel[role="small"] { color: $secondary; font-size: 12px; }
QLabel:disabled { color: $faint; }
"""
)


def sheet(colours: Mapping[str, str]) -> str:
    """The style sheet in these colours (role to "#rrggbb")."""
    return _SHEET.substitute(colours)
