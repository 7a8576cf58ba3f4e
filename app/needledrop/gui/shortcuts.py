# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys do what: a preset's, with the user's changes over them, and no key for two things at once.

The user's changes are kept in the profile as one JSON file and belong to an action, whichever preset is chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence

from needledrop.core.errors import KnownError
from needledrop.core.json_file import read_json, write_json
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui.actions import Action, Actions
from needledrop.gui.background import Background
from needledrop.gui.preferences import Preferences

PRESET_NAMES = {
    "needledrop": "Needledrop",
    "premiere": "Premiere Pro",
    "resolve": "DaVinci Resolve",
    "finalcut": "Final Cut Pro",
}


class Shortcuts(QObject):
    """The keys in force, laid over the registry of actions."""

    failed = Signal(object)  # KnownError: a change could not be saved.

    def __init__(self, profile: Profile, actions: Actions, preferences: Preferences, background: Background) -> None:
        super().__init__(actions)
        self._path = profile.config_dir / "shortcuts.json"
        self._actions = actions
        self._preferences = preferences
        self._background = background
        self._changes = _read(self._path)
        preferences.changed.connect(self._on_preference_changed)
        self._actions.use_keys(self._keys_of)

    @property
    def preset(self) -> str:
        """The preset in force."""
        return self._preferences.text("shortcuts")

    def is_changed(self, action_id: str) -> bool:
        """Whether the user gave this action other keys than the preset's."""
        return action_id in self._changes

    def conflicts(self, action_id: str, keys: Sequence[str]) -> list[Action]:
        """Other actions that answer to one of these keys now."""
        wanted = {normal(key) for key in keys}
        return [
            action
            for action in self._actions.all()
            if action.id != action_id and wanted & {normal(key) for key in self._actions.keys(action.id)}
        ]

    def set_keys(self, action_id: str, keys: Sequence[str]) -> list[Action]:
        """Give an action these keys; actions that had one of them lose it, and are returned."""
        robbed = self.conflicts(action_id, keys)
        taken = {normal(key) for key in keys}
        for action in robbed:
            self._changes[action.id] = tuple(key for key in self._actions.keys(action.id) if normal(key) not in taken)
        self._changes[action_id] = tuple(normal(key) for key in keys)
        self._apply()
        return robbed

    def reset(self, action_id: str) -> None:
        """Go back to the preset's keys; actions the user gave them to lose them."""
        action = next(one for one in self._actions.all() if one.id == action_id)
        self.set_keys(action_id, action.default_keys(self.preset))
        self._changes.pop(action_id, None)
        self._apply()

    def reset_all(self) -> None:
        """Forget every change."""
        self._changes.clear()
        self._apply()

    def changes(self) -> Mapping[str, tuple[str, ...]]:
        """The user's changes, to be restored by undo."""
        return dict(self._changes)

    def restore(self, changes: Mapping[str, tuple[str, ...]]) -> None:
        """Put earlier changes in force again."""
        self._changes = dict(changes)
        self._apply()

    def _keys_of(self, action: Action) -> tuple[str, ...]:
        return self._changes.get(action.id, action.default_keys(self.preset))

    def _on_preference_changed(self, name: str) -> None:
        if name == "shortcuts":
            self._actions.use_keys(self._keys_of)

    def _apply(self) -> None:
        self._actions.use_keys(self._keys_of)
        changes, path = {name: list(keys) for name, keys in self._changes.items()}, self._path

        def work(progress: ProgressSink, cancel: CancelToken) -> None:
            write_json(path, changes)

        self._background.run("Saving shortcuts", work, None, self._on_not_saved, is_quiet=True, is_essential=True)

    def _on_not_saved(self, error: KnownError) -> None:
        self.failed.emit(error)


def normal(key: str) -> str:
    """A key in the one spelling that is compared and kept."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


def _read(path: Path) -> dict[str, tuple[str, ...]]:
    stored = read_json(path)
    if not isinstance(stored, dict):
        return {}
    return {
        name: tuple(key for key in keys if isinstance(key, str))
        for name, keys in stored.items()
        if isinstance(keys, list)
    }
