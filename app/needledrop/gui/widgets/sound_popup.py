# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is heard and where: the listener's volume, the output device, the video's streams with mute and solo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from needledrop.core.picture import AudioStream
from needledrop.gui import transport_text
from needledrop.gui.widgets.buttons import IconButton
from needledrop.gui.widgets.inputs import Choice
from needledrop.gui.widgets.labels import ElidedLabel, hairline, label

if TYPE_CHECKING:
    from needledrop.gui.player import Player

LOWEST_DB, WIDTH = -40, 320


class SoundPopup(QFrame):
    """The volume stays from video to video; streams are those of the open one, none of them muted."""

    def __init__(self, player: Player, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._player = player
        self.setObjectName("sheet")
        self.setFixedWidth(WIDTH)
        self.mutes: list[IconButton] = []
        self.solos: list[IconButton] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(label(self.tr("Listening volume"), "small"))
        column.addLayout(self._volume())
        column.addWidget(label(self.tr("Output"), "small"))
        self.device = Choice()
        self.device.setAccessibleName(self.tr("Output device"))
        self.device.activated.connect(lambda _: player.set_device(str(self.device.currentData())))
        column.addWidget(self.device)
        column.addWidget(hairline())
        column.addWidget(label(self.tr("Sound of the video"), "small"))
        self._streams = QWidget()
        column.addWidget(self._streams)
        self._column = column

    def set_streams(self, streams: Sequence[AudioStream]) -> None:
        """Another video is open."""
        shown = QWidget()
        self.mutes, self.solos = [], []
        grid = self._grid(streams)
        if not streams:
            grid.addWidget(label(self.tr("It has none."), "secondary"), 0, 0)
        shown.setLayout(grid)
        self._column.replaceWidget(self._streams, shown)
        self._streams.hide()
        self._streams.deleteLater()
        self._streams = shown

    def open_above(self, anchor: QWidget) -> None:
        """Show it over a button, its right edge at the button's."""
        self._fill_devices()
        self.adjustSize()
        corner = anchor.mapToGlobal(QPoint(anchor.width(), -8))
        self.move(max(0, corner.x() - self.width()), max(0, corner.y() - self.height()))
        self.show()
        self.volume.setFocus()

    def _volume(self) -> QHBoxLayout:
        self.volume = QSlider(Qt.Orientation.Horizontal)
        self.volume.setRange(LOWEST_DB, 0)
        self.volume.setAccessibleName(self.tr("Listening volume"))
        self._figure = ElidedLabel("secondary", size=12)
        self._figure.setFixedWidth(56)
        self.volume.valueChanged.connect(self._on_volume)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.volume, 1)
        row.addWidget(self._figure)
        self.volume.setValue(0)
        self._on_volume(0)
        return row

    def _on_volume(self, gain_db: int) -> None:
        is_off = gain_db == LOWEST_DB
        self._figure.set_text(self.tr("off") if is_off else f"{gain_db} dB".replace("-", "−"))
        self._player.set_gain(-200.0 if is_off else float(gain_db))

    def _grid(self, streams: Sequence[AudioStream]) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        for number, stream in enumerate(streams):
            name = ElidedLabel("text")
            name.set_text(transport_text.stream_name(number, stream))
            mute = self._switch("mute", self.tr("Mute %s"), name.text())
            solo = self._switch("solo", self.tr("Only %s"), name.text())
            mute.toggled.connect(lambda is_on, number=number: self._player.set_mute(number, is_on))
            solo.toggled.connect(lambda is_on, number=number: self._player.set_solo(number, is_on))
            self.mutes.append(mute)
            self.solos.append(solo)
            grid.addWidget(name, number, 0)
            grid.addWidget(mute, number, 1)
            grid.addWidget(solo, number, 2)
        grid.setColumnStretch(0, 1)
        return grid

    def _switch(self, icon: str, text: str, name: str) -> IconButton:
        button = IconButton(icon, text.replace("%s", name))
        button.setCheckable(True)
        button.toggled.connect(lambda is_on: button.set_icon(icon, "accent" if is_on else "secondary"))
        return button

    def _fill_devices(self) -> None:
        from needledrop.gui.sound_output import device_names

        chosen = self.device.currentData()
        self.device.clear()
        self.device.addItem(self.tr("As the system has it"), "")
        for name in device_names():
            self.device.addItem(name, name)
        self.device.setCurrentIndex(max(0, self.device.findData(chosen)))
