# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The actions of the window itself: files, undo, places, appearance, help. Panels add their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu

from needledrop.gui import library_jobs, preferences, theme
from needledrop.gui.actions import CATEGORIES, Action, Actions

if TYPE_CHECKING:
    from needledrop.gui.main_window import MainWindow


def _tr(text: str) -> str:
    return QCoreApplication.translate("Actions", text)


def add_window_actions(window: MainWindow) -> None:
    """Register what the window can do."""
    for action in (*_file_actions(window), *_view_actions(window), *_help_actions(window)):
        window.actions_registry.add(action)
    _add_undo(window)


def _file_actions(window: MainWindow) -> list[Action]:
    opening, document = window.opening, window.document
    return [
        Action(
            "file.open",
            _tr("Open video or project…"),
            "File",
            opening.choose_video,
            {"needledrop": ("Ctrl+O",)},
            "film",
        ),
        Action("file.replace", _tr("Replace video…"), "File", opening.choose_replacement),
        Action("file.conform", _tr("Carry cues to the new cut"), "File", opening.conforming.conform),
        Action("file.close", _tr("Close video"), "File", document.close, {"needledrop": ("Ctrl+W",)}, "close"),
        Action("file.quit", _tr("Quit"), "File", window.close, {"needledrop": ("Ctrl+Q",)}),
        Action(
            "library.add_folder",
            _tr("Add music folder…"),
            "Library",
            opening.choose_folder,
            {"needledrop": ("Ctrl+Shift+O",)},
            "folder",
        ),
        Action(
            "library.scan",
            _tr("Scan music folders"),
            "Library",
            lambda: library_jobs.current().scan(),
            {"needledrop": ("F5",)},
            "refresh",
        ),
    ]


def _view_actions(window: MainWindow) -> list[Action]:
    return [
        Action("view.text", _tr("Describe the music"), "Suggestions", window.focus_text, {"needledrop": ("Ctrl+F",)}),
        Action("view.full", _tr("Window full screen"), "View", window.toggle_full_screen, {"needledrop": ("F11",)}),
        Action("view.pane_suggestions", _tr("Fold suggestions"), "View", lambda: window.toggle_pane("suggestions")),
        Action("view.pane_timeline", _tr("Fold timeline"), "View", lambda: window.toggle_pane("timeline")),
        Action("view.appearance", _tr("Dark or light"), "View", toggle_appearance, {"needledrop": ("Ctrl+Shift+L",)}),
    ]


def _help_actions(window: MainWindow) -> list[Action]:
    palette, keys = {"needledrop": ("Ctrl+K",)}, {"needledrop": ("?",)}
    return [
        Action("help.palette", _tr("Find an action"), "Help", window.open_palette, palette, "search"),
        Action("help.shortcuts", _tr("Keyboard shortcuts"), "Help", window.open_shortcuts, keys, "keyboard"),
        Action("help.first_run", _tr("First steps"), "Help", window.open_first_run),
    ]


def _add_undo(window: MainWindow) -> None:
    stack, registry = window.document.undo_stack, window.actions_registry
    undo = Action("edit.undo", _tr("Undo"), "Edit", stack.undo, {"needledrop": ("Ctrl+Z",)}, "undo", is_repeating=True)
    redo = Action(
        "edit.redo",
        _tr("Redo"),
        "Edit",
        stack.redo,
        {"needledrop": ("Ctrl+Shift+Z", "Ctrl+Y")},
        "redo",
        is_repeating=True,
    )
    for action, enabled, text in (
        (undo, stack.canUndoChanged, stack.undoTextChanged),
        (redo, stack.canRedoChanged, stack.redoTextChanged),
    ):
        qt_action = registry.add(action)
        qt_action.setEnabled(False)
        enabled.connect(qt_action.setEnabled)
        text.connect(lambda what, name=action.text, qt=qt_action: qt.setText(f"{name} {what}".strip()))


def toggle_appearance() -> None:
    """Dark becomes light, light dark."""
    preferences.current().set("appearance", "light" if theme.current().is_dark else "dark")


def fill_menu(menu: QMenu, registry: Actions) -> None:
    """The menu of the window: a submenu for each category, from the registry."""
    menu.clear()
    for category in CATEGORIES:
        actions = [action for action in registry.all() if action.category == category and action.in_menu]
        if not actions:
            continue
        submenu = menu.addMenu(_tr(category))
        for action in actions:
            submenu.addAction(registry.qt(action.id))
