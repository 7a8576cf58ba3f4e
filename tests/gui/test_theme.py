# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both themes have every role, and text can be read on everything it stands on."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import get_args

import pytest
from PySide6.QtGui import QFontInfo, QFontMetricsF
from PySide6.QtWidgets import QApplication

from needledrop.core.paths import shipped_dir
from needledrop.gui import icons, theme

# The sign of the program has colours of its own.
ICONS = sorted(path for path in (shipped_dir("resources") / "icons").glob("*.svg") if path.stem != "needledrop")
READ = ("text", "secondary", "accent", "error", "good", "cuts", "voice", "motion")
GROUNDS = ("background", "panel", "raised", "field")
PAIRS = [
    *((text, ground) for text in READ for ground in GROUNDS),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("text", "selection"),
    ("text", "cue_fill"),
    ("secondary", "selection"),
]


def colours(name: str) -> dict[str, str]:
    text = (shipped_dir("resources") / "themes" / f"{name}.toml").read_text()
    return {str(role): str(value) for role, value in tomllib.loads(text)["colours"].items()}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", ["dark", "light"])
def test_a_theme_has_exactly_the_roles(name: str) -> None:
    assert colours(name).keys() == set(get_args(theme.Role))


@pytest.mark.parametrize("name", ["dark", "light"])
def test_text_can_be_read(name: str) -> None:
    values = colours(name)
    too_weak = {
        (text, ground): round(contrast(values[text], values[ground]), 2)
        for text, ground in PAIRS
        if contrast(values[text], values[ground]) < 4.5
    }
    assert too_weak == {}


def test_the_theme_changes_at_once_and_motion_can_be_reduced(qapp: QApplication) -> None:
    made = theme.install(qapp)
    made.use("light")
    assert made.color("text").name() == colours("light")["text"]
    made.use("dark", is_motion_reduced=True)
    assert (made.color("text").name(), made.motion_ms()) == (colours("dark")["text"], 0)
    made.use("dark")
    assert made.motion_ms() > 0


def test_the_type_is_the_one_that_ships_in_both_weights_with_figures_of_one_width(qapp: QApplication) -> None:
    made = theme.install(qapp)
    for is_bold, weight in ((False, 400), (True, 600)):
        found = QFontInfo(made.font(is_bold=is_bold))
        assert (found.family(), found.weight()) == ("Inter", weight)
    times = QFontMetricsF(made.font(is_tabular=True))
    assert len({round(times.horizontalAdvance(figure), 3) for figure in "0123456789"}) == 1
    assert (shipped_dir("resources") / "fonts" / "OFL.txt").is_file()


def test_no_colour_is_written_outside_the_token_files() -> None:
    import re

    import needledrop.gui

    folder = Path(needledrop.gui.__file__).parent
    pattern = re.compile(r"#[0-9a-fA-F]{6}\b|QColor\(\s*\d")
    assert [path.name for path in folder.rglob("*.py") if pattern.search(path.read_text())] == []


@pytest.mark.parametrize("path", ICONS, ids=lambda path: path.stem)
def test_every_icon_is_drawn_in_the_colour_of_its_role(qapp: QApplication, path: Path) -> None:
    theme.install(qapp).use("dark")
    image = icons.pixmap(path.stem, "accent", 16, 2.0).toImage()
    assert (image.width(), image.height()) == (32, 32)
    pixels = [image.pixelColor(x, y) for x in range(32) for y in range(32)]
    assert {pixel.name() for pixel in pixels if pixel.alpha() == 255} == {theme.current().color("accent").name()}
