# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Colours, type and motion of the window, read from one token file a theme. No colour is written anywhere else.

Use `theme.current()` after `theme.install(application)`; connect to its `changed` and repaint. Sizes are logical
pixels: Qt scales them to the screen.
"""

from __future__ import annotations

import tomllib
from typing import Literal, get_args

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from needledrop.core.paths import shipped_dir
from needledrop.gui import style

Role = Literal[
    "background", "panel", "raised", "hairline", "border", "text", "secondary", "faint", "viewer",
    "accent", "accent_hover", "on_accent", "cue_fill", "cuts", "voice", "motion", "downbeat", "beat",
    "error", "good", "selection", "field", "shadow",
]  # fmt: skip
Appearance = Literal["system", "dark", "light"]
FAMILY = "Inter"
FONT_FILES = ("Inter-Regular.otf", "Inter-SemiBold.otf")  # The two weights that the window has.
TEXT_SIZES = (11, 12, 13, 14)
MOTION_MS = 120


class Theme(QObject):
    """The theme in force. `changed` is emitted after colours or reduced motion have become others."""

    changed = Signal()

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self._appearance: Appearance = "dark"
        self._is_motion_reduced = False
        self._family = _load_family()
        self._colours = _read("dark")
        self._applied = ""
        application.styleHints().colorSchemeChanged.connect(self._on_system_changed)

    @property
    def is_dark(self) -> bool:
        """Whether the dark colours are in force."""
        return self._applied != "light"

    def color(self, role: Role) -> QColor:
        """The colour of a role. A new object: changing it changes nothing else."""
        return QColor(self._colours[role])

    def motion_ms(self) -> int:
        """How long a change of state takes to be drawn; 0 under reduced motion."""
        return 0 if self._is_motion_reduced else MOTION_MS

    def font(self, size: int = 13, *, is_bold: bool = False, is_tabular: bool = False) -> QFont:
        """The type of the window: `size` is one of TEXT_SIZES; tabular figures for times that change in place."""
        font = QFont(self._family) if self._family else QFont(self._application.font())
        font.setPixelSize(size)
        font.setWeight(QFont.Weight.DemiBold if is_bold else QFont.Weight.Normal)
        if is_tabular:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def use(self, appearance: Appearance, *, is_motion_reduced: bool = False) -> None:
        """Put an appearance in force."""
        self._appearance = appearance
        self._is_motion_reduced = is_motion_reduced
        scheme = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light, "system": Qt.ColorScheme.Unknown}
        self._application.styleHints().setColorScheme(scheme[appearance])
        self._apply()

    def _on_system_changed(self) -> None:
        if self._appearance == "system":
            self._apply()

    def _apply(self) -> None:
        name = self._appearance if self._appearance != "system" else _system_name()
        if name != self._applied:
            self._applied = name
            self._colours = _read(name)
            self._application.setPalette(self._palette())
            self._application.setFont(self.font())
            self._application.setStyleSheet(style.sheet(self._colours))
        self.changed.emit()

    def _palette(self) -> QPalette:
        palette = QPalette()
        for part, role in _PALETTE.items():
            palette.setColor(part, self.color(role))
        for part in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, part, self.color("faint"))
        return palette


_PALETTE: dict[QPalette.ColorRole, Role] = {
    QPalette.ColorRole.Window: "background",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "panel",
    QPalette.ColorRole.AlternateBase: "raised",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.Button: "raised",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "error",
    QPalette.ColorRole.Highlight: "selection",
    QPalette.ColorRole.HighlightedText: "text",
    QPalette.ColorRole.ToolTipBase: "raised",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.PlaceholderText: "secondary",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.Mid: "hairline",
}
_current: Theme | None = None


def install(application: QApplication) -> Theme:
    """Make the application's theme; a second call returns the first one's."""
    global _current
    if _current is None:
        _current = Theme(application)
    return _current


def current() -> Theme:
    """The theme in force; made on first use, where a widget is shown without the application around it."""
    if _current is not None:
        return _current
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        raise RuntimeError("There is no QApplication yet.")
    made = install(application)
    made.use("dark")
    return made


def _load_family() -> str:
    """The family that ships; "" (the system's) where this system cannot read its files."""
    folder = shipped_dir("resources") / "fonts"
    loaded = [QFontDatabase.addApplicationFont(str(folder / name)) for name in FONT_FILES]
    return FAMILY if -1 not in loaded else ""


def _system_name() -> Literal["dark", "light"]:
    scheme = QGuiApplication.styleHints().colorScheme()
    return "light" if scheme == Qt.ColorScheme.Light else "dark"


def _read(name: str) -> dict[str, str]:
    path = shipped_dir("resources") / "themes" / f"{name}.toml"
    colours = tomllib.loads(path.read_text(encoding="utf-8"))["colours"]
    missing = set(get_args(Role)) - colours.keys()
    if missing:
        raise ValueError(f"{path.name} lacks {', '.join(sorted(missing))}")
    return {str(role): str(value) for role, value in colours.items()}
