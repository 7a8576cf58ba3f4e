# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings while the window is open: read once, changed at once, saved in the background.

They are declared in `core.settings`, the same for the command line and the window. Use `preferences.current()`.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.core.settings import SETTINGS, Setting, Settings, Value
from needledrop.gui.background import Background

SAVE_MS = 300
_one_at_a_time = threading.Lock()


class Preferences(QObject):
    """The values in force. `changed` carries the name of the setting."""

    changed = Signal(str)
    failed = Signal(object)  # KnownError: a change could not be saved.

    def __init__(self, profile: Profile, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._profile = profile
        self._background = background
        settings = Settings.load(profile.config_dir)
        self._values: dict[str, Value] = {one.name: settings.value(one.name) for one in SETTINGS}
        self._unsaved: dict[str, Value] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_MS)
        self._timer.timeout.connect(self.save)

    def value(self, name: str) -> Value:
        """The value of a setting."""
        return self._values[name]

    def number(self, name: str) -> float:
        """The value of a numeric setting."""
        return float(self._values[name])

    def is_on(self, name: str) -> bool:
        """The value of a yes-or-no setting."""
        return bool(self._values[name])

    def text(self, name: str) -> str:
        """The value of a text setting."""
        return str(self._values[name])

    def set(self, name: str, value: Value) -> None:
        """Change a setting; it is in force at once."""
        setting = setting_named(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = type(setting.default)(min(max(value, setting.lowest), setting.highest))
        if value != self._values[name]:
            self._values[name] = self._unsaved[name] = value
            self._timer.start()
            self.changed.emit(name)

    def reset(self, names: Sequence[str]) -> None:
        """Go back to the defaults of these settings."""
        for name in names:
            self.set(name, setting_named(name).default)

    def save(self) -> None:
        """Write what has changed, in the background."""
        changes, self._unsaved = self._unsaved, {}
        self._timer.stop()
        if not changes:
            return
        profile = self._profile

        def work(progress: ProgressSink, cancel: CancelToken) -> None:
            _write(profile, changes)

        self._background.run("Saving settings", work, None, self._on_not_saved, is_quiet=True, is_essential=True)

    def _on_not_saved(self, error: KnownError) -> None:
        self.failed.emit(error)


_current: Preferences | None = None


def install(preferences: Preferences) -> None:
    """Make these the application's preferences."""
    global _current
    _current = preferences


def current() -> Preferences:
    """The application's preferences."""
    if _current is None:
        raise RuntimeError("There are no preferences yet.")
    return _current


def setting_named(name: str) -> Setting:
    """The declaration of a setting."""
    return next(one for one in SETTINGS if one.name == name)


def categories() -> Mapping[str, Sequence[Setting]]:
    """The settings by category, both in the order they are declared in."""
    found: dict[str, list[Setting]] = {}
    for one in SETTINGS:
        found.setdefault(one.category, []).append(one)
    return found


def matches(setting: Setting, text: str) -> bool:
    """Whether every word of `text` is in what the user reads of a setting."""
    declared = (setting.title, setting.meaning, setting.category)
    read = [QCoreApplication.translate("Settings", one) for one in declared if one]
    shown = " ".join((*read, setting.name, *setting.choices)).casefold()
    return all(word in shown for word in text.casefold().split())


def _write(profile: Profile, changes: Mapping[str, Value]) -> None:
    with _one_at_a_time:
        settings = Settings.load(profile.config_dir)
        for name, value in changes.items():
            settings.change(name, ("on" if value else "off") if isinstance(value, bool) else str(value))
