# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture fits whatever its shape, is copied where it was made for the size, and covers the window if asked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from needledrop.gui import theme
from needledrop.gui.player import ShownFrame
from needledrop.gui.widgets.level_meter import LevelMeter
from needledrop.gui.widgets.video_view import VideoView
from needledrop.preview.meters import Levels


def frame(width: int, height: int, level: int = 200) -> ShownFrame:
    pixels = np.full((height, width, 4), level, np.uint8)
    pixels[::2, ::2] = 255
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
    return ShownFrame(image, 1.0, 1.04, pixels)


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[VideoView]:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    layout.setContentsMargins(0, 0, 0, 0)
    view = VideoView()
    layout.addWidget(view)
    window.resize(400, 300)
    window.show()
    yield view
    window.close()


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((400, 225), (0, 37, 400, 225)),
        ((90, 160), (115, 0, 169, 300)),
        ((800, 200), (0, 100, 400, 100)),
        ((1, 1), (50, 0, 300, 300)),
        ((399, 224), (0, 38, 399, 224)),  # Rounded when it was made: not scaled by a pixel.
    ],
)
def test_any_shape_fits_and_lies_in_the_middle(
    view: VideoView, size: tuple[int, int], expected: tuple[int, int, int, int]
) -> None:
    view.show_frame(frame(*size))
    rect = view.picture_rect().toRect()
    assert (rect.x(), rect.y(), rect.width(), rect.height()) == expected


def test_a_picture_of_the_right_size_is_copied_to_the_pixel(view: VideoView) -> None:
    shown = frame(400, 224)
    view.show_frame(shown)
    grabbed = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    top = view.picture_rect().toRect().top()
    bar = theme.current().color("viewer").rgb()
    assert grabbed.pixel(5, 2) == bar
    for x, y in ((0, 0), (1, 0), (0, 1), (399, 223)):
        assert grabbed.pixel(x, top + y) & 0xFFFFFF == shown.image.pixel(x, y) & 0xFFFFFF


def test_the_time_of_the_painted_picture_is_told(qtbot: QtBot, view: VideoView) -> None:
    with qtbot.waitSignal(view.painted) as told:
        view.show_frame(frame(64, 36))
    assert told.args == [1.0]
    view.clear()
    assert view.frame is None
    assert view.picture_rect().isEmpty()


def test_its_size_is_told_once_resizing_rests(qtbot: QtBot, view: VideoView) -> None:
    with qtbot.waitSignal(view.view_size_changed) as told:
        view.window().resize(500, 320)
    ratio = view.devicePixelRatioF()
    assert told.args == [500 * ratio, 320 * ratio]


def test_full_screen_covers_the_window_and_escape_goes_back(qtbot: QtBot, view: VideoView) -> None:
    window, parent = view.window(), view.parentWidget()
    with qtbot.waitSignal(view.full_screen_changed):
        qtbot.mouseDClick(view, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.isFullScreen() and view.size() == window.size())
    assert view.window() is window
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert not view.is_full_screen
    assert not window.isFullScreen()
    assert view.parentWidget() is parent
    layout = parent.layout()
    assert layout is not None
    assert layout.indexOf(view) == 0


def test_the_meter_writes_what_it_shows(qtbot: QtBot) -> None:
    meter = LevelMeter()
    qtbot.addWidget(meter)
    assert meter.texts() == ("– LUFS", "– dBTP")
    meter.show_levels(Levels(-16.0, -18.44, -0.31))
    assert meter.texts() == ("−18.4 LUFS", "−0.3 dBTP")
    qtbot.waitUntil(lambda: meter.accessibleDescription() == "−18.4 LUFS, −0.3 dBTP")


def test_the_meters_bar_is_as_long_as_it_is_loud(qtbot: QtBot) -> None:
    meter = LevelMeter()
    qtbot.addWidget(meter)
    meter.resize(400, 24)
    accent = theme.current().color("accent").rgb()
    lengths = []
    for lufs in (-70.0, -36.0, -24.0, -12.0):
        meter.show_levels(Levels(lufs, -70.0, -3.0))
        image = meter.grab().toImage()
        middle = image.height() // 2
        lengths.append(sum(image.pixel(x, middle) == accent for x in range(image.width())))
    assert lengths[0] == 0
    assert lengths[2] == pytest.approx(2 * lengths[1], abs=6)
    assert lengths[3] == pytest.approx(3 * lengths[1], abs=6)
