# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The timeline as a pane of the window: joins the widget with document, player and the registry of actions."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from needledrop.core.cue import Cue
from needledrop.core.work import TimelineMarker
from needledrop.gui.actions import Action, Actions
from needledrop.gui.background import Background
from needledrop.gui.document import Document
from needledrop.gui.player import Player
from needledrop.gui.widgets.timeline.commands import Command, timeline_commands
from needledrop.gui.widgets.timeline.data import TimelineData
from needledrop.gui.widgets.timeline.presenter import TimelinePresenter
from needledrop.gui.widgets.timeline.timeline import Timeline


class TimelinePanel(QWidget):
    """The pane. Its focus is the timeline's."""

    def __init__(self, document: Document, player: Player, background: Background, actions: Actions) -> None:
        super().__init__()
        self._document = document
        self._player = player
        self._actions = actions
        self.timeline = Timeline()
        self.presenter = TimelinePresenter(document, background, self)
        self._commands = {command.id: command for command in timeline_commands(self.timeline)}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.timeline)
        self.setFocusProxy(self.timeline)
        self._add_actions()
        self._connect()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys about cues go to the timeline only while it has the focus, and before any of the window's."""
        kind = event.type()
        if kind not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) or not isinstance(event, QKeyEvent):
            return False
        command = self._command_of(QKeySequence(event.keyCombination()))
        if command is None or (event.isAutoRepeat() and not command.is_repeating):
            return False
        if kind == QEvent.Type.ShortcutOverride:
            event.accept()
        else:
            command.run()
        return True

    def _command_of(self, keys: QKeySequence) -> Command | None:
        view = self.timeline.view
        has_held = view.selected is not None or view.marker is not None
        for command in self._commands.values():
            is_mine = command.is_cue and (has_held or not command.needs_cue)
            if is_mine and keys in self._actions.qt(command.id).shortcuts():
                return command
        return None

    def _add_actions(self) -> None:
        for command in self._commands.values():
            keys = {"needledrop": command.keys} if command.keys else {}
            qt_action = self._actions.add(
                Action(command.id, command.text, command.category, command.run, keys, is_repeating=command.is_repeating)
            )
            if command.is_cue:
                # Its keys are taken by eventFilter; on the window they would act on a cue while a list has the focus.
                self.window().removeAction(qt_action)
                for owner in qt_action.associatedObjects():
                    if isinstance(owner, QWidget) and not isinstance(owner, QMenu):
                        owner.removeAction(qt_action)
        self.timeline.installEventFilter(self)

    def _connect(self) -> None:
        document, timeline, player = self._document, self.timeline, self._player
        self.presenter.data_changed.connect(self._on_data)
        document.selection_changed.connect(lambda: timeline.set_selected(document.selected))
        document.range_changed.connect(lambda: timeline.set_range(document.range_s))
        timeline.cue_selected.connect(document.select)
        timeline.cue_edited.connect(document.edit_cue)
        timeline.cue_removed.connect(document.remove_cue)
        timeline.range_edited.connect(document.set_range)
        timeline.suggestions_requested.connect(lambda: document.ask(document.wish()))
        timeline.marker_added.connect(lambda time_s: document.add_marker(TimelineMarker(time_s)))
        timeline.marker_moved.connect(self._on_marker_moved)
        timeline.marker_named.connect(self._on_marker_named)
        timeline.marker_removed.connect(document.remove_marker)
        timeline.pressed.connect(document.end_gesture)
        timeline.released.connect(document.end_gesture)
        timeline.cue_previewed.connect(self._on_previewed)
        timeline.seek_requested.connect(player.seek)
        timeline.menu_requested.connect(self._show_menu)
        player.position_changed.connect(self._on_position)

    def _on_data(self, data: TimelineData) -> None:
        timeline = self.timeline
        timeline.set_data(data)
        timeline.set_selected(self._document.selected)
        timeline.set_range(self._document.range_s)

    def _on_previewed(self, index: int, cue: Cue) -> None:
        cues = self._document.cues
        self._player.set_cues([*cues[:index], cue, *cues[index + 1 :]])

    def _on_marker_moved(self, index: int, time_s: float) -> None:
        marker = self._document.markers[index]
        self._document.edit_marker(index, replace(marker, time_s=time_s), self.tr("Move marker"))

    def _on_marker_named(self, index: int, name: str) -> None:
        if index < len(self._document.markers):
            marker = self._document.markers[index]
            self._document.edit_marker(index, replace(marker, name=name), self.tr("Name marker"))
            self._document.end_gesture()

    def _on_position(self, time_s: float) -> None:
        if self._player.state.is_playing:
            self.timeline.follow(time_s)
        else:
            self.timeline.set_playhead(time_s)

    def _show_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        has_cue = self.timeline.view.selected is not None
        for command in self._commands.values():
            if has_cue or not command.needs_cue:
                menu.addAction(self._actions.qt(command.id))
        menu.exec(at)
        menu.deleteLater()
