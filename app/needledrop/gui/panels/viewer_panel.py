# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture, and below it how it runs: transport, timecode, how loud. It plays nothing itself."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from needledrop.gui import theme, transport_text
from needledrop.gui.actions import Actions
from needledrop.gui.background import Background
from needledrop.gui.document import Document
from needledrop.gui.panels.playback_actions import add_playback_actions
from needledrop.gui.widgets.buttons import IconButton
from needledrop.gui.widgets.labels import ElidedLabel, label
from needledrop.gui.widgets.level_meter import LevelMeter
from needledrop.gui.widgets.sound_popup import SoundPopup
from needledrop.gui.widgets.video_view import VideoView

if TYPE_CHECKING:
    from needledrop.gui.player import Player

BAR_HEIGHT = 64
METER_WIDTH = 300
LEAST_METERED_WIDTH = 680  # Below, the meter would be a stump.


class ViewerPanel(QWidget):
    """The pane on the left."""

    def __init__(self, document: Document, player: Player, background: Background, actions: Actions) -> None:
        super().__init__()
        self._document = document
        self._player = player
        self._start_s = Fraction(0)
        self._sound: SoundPopup | None = None
        self.setMinimumWidth(320)
        self.setAutoFillBackground(True)
        self.view = VideoView()
        self.timecode = label(role="heading")
        self.timecode.setFont(theme.current().font(14, is_bold=True, is_tabular=True))
        self.timecode.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.timecode.setAccessibleName(self.tr("Timecode"))
        self.music = ElidedLabel("secondary", size=12)
        self.music.setFixedHeight(16)
        self.meter = LevelMeter()
        add_playback_actions(document, player, self, actions)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        frame = QWidget()
        frame.setObjectName("viewer")
        frame.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(16, 16, 16, 0)
        inside.addWidget(self.view)
        column.addWidget(frame, 1)
        column.addWidget(self._bar(actions))
        self.setFocusProxy(self.view)
        self._connect()
        self._on_opened()

    def _connect(self) -> None:
        document, player = self._document, self._player
        player.frame_ready.connect(self.view.show_frame)
        player.position_changed.connect(self._on_position)
        player.levels_changed.connect(self.meter.show_levels)
        player.state_changed.connect(self._on_state)
        self.view.view_size_changed.connect(player.set_view_size)
        self.view.clicked.connect(player.toggle)
        document.opened.connect(self._on_opened)
        document.closed.connect(self.view.clear)
        document.range_changed.connect(self._on_range)
        document.media_changed.connect(self._on_state)
        for signal in (document.candidate_changed, document.cues_changed, document.suggestions_changed):
            signal.connect(self._show_music)

    # Building -----------------------------------------------------------------------------------------------------

    def _bar(self, actions: Actions) -> QWidget:
        """Transport on the left, timecode in the middle, loudness on the right."""
        bar = QWidget()
        bar.setObjectName("pane")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        bar.setFixedHeight(BAR_HEIGHT)
        grid = QGridLayout(bar)
        grid.setContentsMargins(16, 0, 16, 0)
        grid.setHorizontalSpacing(16)
        grid.addLayout(self._transport(actions), 0, 0)
        grid.addWidget(self.timecode, 0, 1)
        grid.addLayout(self._loudness(actions), 0, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        return bar

    def _transport(self, actions: Actions) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self.play = IconButton("play", self.tr("Play"), "text")
        self.play.follow(actions.qt("playback.toggle"))
        row.addWidget(self.play)
        for icon, name in (("step_back", "frame_back"), ("step_forward", "frame_on"), ("loop", "loop")):
            button = IconButton(icon, name)
            button.follow(actions.qt(f"playback.{name}"))
            row.addWidget(button)
            if name == "loop":
                self.loop = button
                button.setCheckable(True)
        self.speed = ElidedLabel("secondary", size=12)
        row.addSpacing(8)
        row.addWidget(self.speed, 1)
        return row

    def _loudness(self, actions: Actions) -> QHBoxLayout:
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addStretch(1)
        texts.addWidget(self.music)
        texts.addWidget(self.meter)
        texts.addStretch(1)
        holder = QWidget()
        holder.setLayout(texts)
        texts.setContentsMargins(0, 0, 0, 0)
        holder.setMaximumWidth(METER_WIDTH)
        self._loudness_texts = holder
        holder.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.sound_button = IconButton("volume", self.tr("Sound"))
        self.sound_button.follow(actions.qt("playback.sound"))
        self.full = IconButton("full_screen", self.tr("Picture full screen"))
        self.full.follow(actions.qt("playback.full_screen"))
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addStretch(1)
        row.addWidget(holder, 100)
        row.addSpacing(8)
        row.addWidget(self.sound_button)
        row.addWidget(self.full)
        return row

    # What can be asked of it --------------------------------------------------------------------------------------

    def toggle_full_screen(self) -> None:
        """Cover the screen with the picture, or stop doing so."""
        self.view.set_full_screen(not self.view.is_full_screen)

    def show_sound(self) -> None:
        """Show streams, volume and output device."""
        if self._sound is None:
            video = self._document.video
            self._sound = SoundPopup(self._player, self)
            self._sound.set_streams(video.audio_streams if video is not None else ())
        self._sound.open_above(self.sound_button)

    # Answers to what happened -------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._on_state()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._loudness_texts.setVisible(self.width() >= LEAST_METERED_WIDTH)
        self.speed.setVisible(self.width() >= LEAST_METERED_WIDTH)

    def _on_opened(self) -> None:
        video = self._document.video
        if self._sound is not None:
            self._sound.set_streams(video.audio_streams if video is not None else ())
        self._start_s = transport_text.start_of(video) if video is not None else Fraction(0)
        self._on_position(0.0)
        self._on_state()

    def _on_position(self, position_s: float) -> None:
        video = self._document.video
        if video is not None:
            self.timecode.setText(transport_text.timecode_text(video, self._start_s, position_s))
            self.music.set_text(transport_text.music_text(self._document, position_s))

    def _on_range(self) -> None:
        """What is repeated follows the in- and out-point."""
        video = self._document.video
        if video is not None and self._player.state.loop_s is not None:
            self._player.set_loop(self._document.range_s or (0.0, video.duration_s))

    def _show_music(self) -> None:
        self.music.set_text(transport_text.music_text(self._document, self._player.position_s))
        self.meter.set_target(self._document.wish().mix.music_lufs)

    def _on_state(self) -> None:
        state, video = self._player.state, self._document.video
        self.play.set_icon("pause" if state.is_playing else "play", "text")
        self.loop.setChecked(state.loop_s is not None)
        self.loop.set_icon("loop", "accent" if state.loop_s is not None else "secondary")
        if video is not None and video.play_path is None:
            text = self.tr("The timeline is being laid together.")
        elif state.is_original:
            text = self.tr("original sound")
        elif state.is_playing and state.speed != 1.0:
            text = f"{state.speed:g}×".replace("-", "−")
        elif state.device == "":
            text = self.tr("no sound device: playing silently")
        else:
            text = "" if state.is_playing else self.tr("J  K  L")
        self.speed.set_text(text)
