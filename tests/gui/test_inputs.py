# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A control that cannot be used does not look as if it could be."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from needledrop.gui import theme
from needledrop.gui.widgets.inputs import Switch
from needledrop.gui.widgets.labels import ElidedLabel


def colours_of(widget: Switch | ElidedLabel) -> set[str]:
    picture = widget.grab().toImage()
    return {QColor(picture.pixel(x, y)).name() for x in range(picture.width()) for y in range(picture.height())}


@pytest.mark.parametrize("name", ["dark", "light"])
def test_a_switch_that_is_disabled_is_drawn_without_the_accent(
    qtbot: QtBot, qapp: QApplication, name: theme.Appearance
) -> None:
    colours = theme.install(qapp)
    colours.use(name)
    switch = Switch()
    qtbot.addWidget(switch)
    switch.setChecked(True)
    accent, faint = colours.color("accent").name(), colours.color("faint").name()
    assert accent in colours_of(switch) and faint not in colours_of(switch)
    switch.setEnabled(False)
    assert accent not in colours_of(switch) and faint in colours_of(switch)
    switch.setChecked(False)
    assert faint in colours_of(switch)


def test_a_line_of_text_that_is_disabled_is_faint(qtbot: QtBot, qapp: QApplication) -> None:
    colours = theme.install(qapp)
    colours.use("dark")
    line = ElidedLabel("text")
    qtbot.addWidget(line)
    line.set_text("Film with music")
    faint, text = colours.color("faint").name(), colours.color("text").name()
    assert text in colours_of(line)
    line.setEnabled(False)
    assert text not in colours_of(line) and faint in colours_of(line)
