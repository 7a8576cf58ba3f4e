# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every setting of the program, declared once: name, type, default, what it means. Kept as JSON in the profile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from needledrop.core.errors import KnownError
from needledrop.core.json_file import write_json

Value = bool | int | float | str


@dataclass(frozen=True)
class Setting:
    """One setting; the type of `default` is its type. The window shows it as `title` under `category`; a text setting
    with `choices` takes one of them."""

    name: str
    default: Value
    meaning: str
    lowest: float = float("-inf")
    highest: float = float("inf")
    title: str = ""
    category: str = "Music"
    choices: tuple[str, ...] = ()
    unit: str = ""


SETTINGS = (
    Setting(
        "commercial-project",
        False,
        "Leave out music that may not be used commercially (NC licences).",
        title="Commercial project",
    ),
    Setting(
        "music-lufs",
        -18.0,
        "Loudness of the music under the picture, in LUFS.",
        -40.0,
        -8.0,
        title="Loudness of the music",
        unit="LUFS",
    ),
    Setting(
        "ducking-db",
        -9.0,
        "How far the music steps back under speech, in dB.",
        -30.0,
        0.0,
        title="Under speech",
        unit="dB",
    ),
    Setting(
        "learn-after",
        0,
        "Learn your taste by itself after so many new choices; 0 learns only when you say so.",
        0,
        1000,
        title="Learn by itself after",
        category="Taste",
        unit="choices",
    ),
    Setting(
        "workers",
        0,
        "Worker processes for analysis; 0 takes one per processor core.",
        0,
        64,
        title="Worker processes",
        category="Analysis",
    ),
    Setting(
        "language",
        "system",
        "Language of the window; another one is in force when the window is opened again.",
        title="Language",
        category="Window",
        choices=("system", "en", "de"),
    ),
    Setting(
        "appearance",
        "dark",
        "Colours of the window: dark, light, or as the system has them.",
        title="Colours",
        category="Window",
        choices=("dark", "light", "system"),
    ),
    Setting(
        "reduced-motion",
        False,
        "Draw changes of state at once instead of over a tenth of a second.",
        title="Reduced motion",
        category="Window",
    ),
    Setting(
        "shortcuts",
        "needledrop",
        "Whose keys the window answers to; single keys are changed in the list of shortcuts.",
        title="Keyboard shortcuts like",
        category="Window",
        choices=("needledrop", "premiere", "resolve", "finalcut"),
    ),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}
_BOOLEAN_WORDS = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}


class Settings:
    """The values of one profile. Unknown names in the file are kept (a newer version may have written them)."""

    def __init__(self, path: Path, stored: Mapping[str, object]) -> None:
        self._path = path
        self._stored = dict(stored)

    @classmethod
    def load(cls, config_dir: Path) -> Settings:
        """Read settings.json; a missing file means defaults.

        Raises:
            KnownError: the file is there but is not JSON of ours.
        """
        path = config_dir / "settings.json"
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            stored = {}
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from error
        if not isinstance(stored, dict):
            raise _unreadable(path, TypeError("not an object"))
        return cls(path, stored)

    def value(self, name: str) -> Value:
        """The value of a setting, or its default where none (or one of the wrong type) is stored."""
        setting = _setting(name)
        stored = self._stored.get(name, setting.default)
        if isinstance(setting.default, float) and type(stored) is int:
            return float(stored)
        value = stored if type(stored) is type(setting.default) else setting.default
        return value if not setting.choices or value in setting.choices else setting.default

    def number(self, name: str) -> float:
        """The value of a numeric setting."""
        return float(self.value(name))

    def is_on(self, name: str) -> bool:
        """The value of a yes-or-no setting."""
        return bool(self.value(name))

    def change(self, name: str, text: str) -> None:
        """Set a value from what the user typed, and save.

        Raises:
            KnownError: no such setting, or the text does not fit it, or the file cannot be written.
        """
        self._stored[name] = _parsed(_setting(name), text)
        write_json(self._path, self._stored)


def _setting(name: str) -> Setting:
    if name not in _BY_NAME:
        raise KnownError(f"There is no setting '{name}'.", remedy=f"Known: {', '.join(_BY_NAME)}.", code="usage")
    return _BY_NAME[name]


def _parsed(setting: Setting, text: str) -> Value:
    wanted = {bool: "on or off", int: "a whole number", float: "a number", str: "text"}[type(setting.default)]
    try:
        if isinstance(setting.default, bool):
            return _BOOLEAN_WORDS[text.strip().lower()]
        if setting.choices:
            wanted = f"one of {', '.join(setting.choices)}"
            return setting.choices[setting.choices.index(text.strip().lower())]
        value = type(setting.default)(text)
        if not isinstance(value, str) and not setting.lowest <= value <= setting.highest:
            wanted += f" from {setting.lowest:g} to {setting.highest:g}"
            raise ValueError
    except (KeyError, ValueError) as error:
        raise KnownError(f"'{text}' does not fit {setting.name}.", remedy=f"Give {wanted}.", code="usage") from error
    return value


def _unreadable(path: Path, error: Exception) -> KnownError:
    return KnownError(
        f"The settings file {path} cannot be read.",
        remedy="Mend it, or delete it to go back to the defaults.",
        cause=str(error),
        code="settings",
    )
