# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one registry of what the user can do. Menus, tooltips, the palette and the shortcut sheet all read it.

An action is declared once, where its handler lives. Which keys it answers to is decided in `shortcuts`: the preset's,
with the user's changes over them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QKeySequence
from PySide6.QtWidgets import QWidget

from needledrop.gui import icons
from needledrop.gui.shortcut_presets import PRESETS

CATEGORIES = ("File", "Edit", "Playback", "Marks", "Timeline", "Suggestions", "Library", "View", "Help")


@dataclass(frozen=True)
class Action:
    """Something the user can do.

    Attributes:
        id: Stable, such as "playback.toggle"; the user's shortcuts are kept under it.
        text: What menus and the palette say, in the imperative.
        category: One of CATEGORIES.
        handler: Called without arguments on the GUI thread.
        shortcuts: "needledrop" to our own keys, as QKeySequence spells them ("Space", "Ctrl+Z", "Shift+Right"). What is
            otherwise under another program's preset stands in `shortcut_presets`.
        icon: A name of resources/icons, or "".
        is_repeating: Whether a held key repeats it.
        in_menu: False for what only makes sense by key (J, K, L) or would flood the menu (1 to 9).
    """

    id: str
    text: str
    category: str
    handler: Callable[[], object]
    shortcuts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    icon: str = ""
    is_repeating: bool = False
    in_menu: bool = True

    def default_keys(self, preset: str) -> tuple[str, ...]:
        """The keys in a preset, before the user's changes."""
        return PRESETS[preset].get(self.id, self.shortcuts.get("needledrop", ()))


def category_text(category: str) -> str:
    """A category in the window's language."""
    return QCoreApplication.translate("Actions", category)


class Actions(QObject):
    """The registry. Its QActions belong to `window`, so their keys work wherever the focus is inside it."""

    changed = Signal()  # An action was added, or keys were changed.

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._actions: dict[str, Action] = {}
        self._buttons: dict[str, QAction] = {}
        self._keys_of: Callable[[Action], tuple[str, ...]] = lambda action: action.default_keys("needledrop")

    def add(self, action: Action) -> QAction:
        """Register an action; adding the same id again replaces what it does (a panel was made anew)."""
        if action.category not in CATEGORIES:
            raise ValueError(action.category)
        known = self._buttons.get(action.id)
        self._actions[action.id] = action
        if known is not None:
            return known
        qt_action = QAction(action.text, self._window)
        qt_action.setObjectName(action.id)
        qt_action.setAutoRepeat(action.is_repeating)
        qt_action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        qt_action.triggered.connect(lambda _=False, id=action.id: self._actions[id].handler())
        self._buttons[action.id] = qt_action
        self._window.addAction(qt_action)
        self._apply_keys(action)
        self.changed.emit()
        return qt_action

    def all(self) -> list[Action]:
        """Every action, by category in the order of CATEGORIES, then in the order they were added."""
        return sorted(self._actions.values(), key=lambda action: CATEGORIES.index(action.category))

    def qt(self, action_id: str) -> QAction:
        """The QAction of an id: to enable it, to make it checkable, to put it on a button."""
        return self._buttons[action_id]

    def icon(self, action_id: str) -> QIcon:
        """The icon of an action in the colour of text; an empty one where it has none."""
        name = self._actions[action_id].icon
        return icons.icon(name) if name else QIcon()

    def trigger(self, action_id: str) -> None:
        """Do it, if it is enabled."""
        self._buttons[action_id].trigger()

    def keys(self, action_id: str) -> tuple[str, ...]:
        """The keys an action answers to now, in the portable spelling."""
        return tuple(
            sequence.toString(QKeySequence.SequenceFormat.PortableText)
            for sequence in self._buttons[action_id].shortcuts()
        )

    def key_text(self, action_id: str) -> str:
        """The first key as this system writes it ("Ctrl+Z", or with the signs of a Mac), or ""."""
        action = self._buttons.get(action_id)
        return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText) if action is not None else ""

    def tooltip(self, action_id: str) -> str:
        """The text with its key in brackets."""
        key = self.key_text(action_id)
        text = self._actions[action_id].text
        return f"{text} ({key})" if key else text

    def use_keys(self, keys_of: Callable[[Action], tuple[str, ...]]) -> None:
        """Ask `keys_of` from now on which keys an action has, and lay them over every action."""
        self._keys_of = keys_of
        for action in self._actions.values():
            self._apply_keys(action)
        self.changed.emit()

    def _apply_keys(self, action: Action) -> None:
        qt_action = self._buttons[action.id]
        qt_action.setShortcuts([QKeySequence(key) for key in self._keys_of(action)])
        qt_action.setToolTip(self.tooltip(action.id))
