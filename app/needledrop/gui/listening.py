# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hearing a track of the library on its own, beside the open video, which stands still meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from needledrop.core.errors import KnownError

if TYPE_CHECKING:
    from needledrop.gui.player import Player


class Listening(QObject):
    """One track at a time. Its player, with a sound device of its own, is made when it is first asked for."""

    changed = Signal()  # Another track, or none.
    position_changed = Signal(float)  # Seconds into the track.
    failed = Signal(object)  # KnownError

    def __init__(self, main_player: Player, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._main = main_player
        self._player: Player | None = None
        self.track_id: int | None = None
        main_player.state_changed.connect(self._on_main_state)

    @property
    def position_s(self) -> float:
        """What is heard at this moment, in seconds of the track."""
        return self._player.position_s if self._player is not None else 0.0

    def play(self, track_id: int, path: Path, from_s: float = 0.0) -> None:
        """Hear a track from a place; what plays elsewhere stands still."""
        self._main.pause()
        player = self._ready_player()
        if track_id != self.track_id:
            player.load(path, (), {})
            self.track_id = track_id
            self.changed.emit()
        player.seek(from_s)
        player.play()

    def toggle(self, track_id: int, path: Path) -> None:
        """Hear a track, or stop hearing it."""
        if self.track_id == track_id:
            self.stop()
        else:
            self.play(track_id, path)

    def stop(self) -> None:
        """Silence; the decoder is let go."""
        if self.track_id is not None and self._player is not None:
            self._player.unload()
            self.track_id = None
            self.changed.emit()

    def close(self) -> None:
        """Stop for good: the program ends."""
        if self._player is not None:
            self._player.close()
            self._player = None
            self.track_id = None

    def _ready_player(self) -> Player:
        if self._player is None:
            from needledrop.gui.player import Player

            self._player = Player(self)
            self._player.position_changed.connect(self.position_changed)
            self._player.failed.connect(self._on_failed)
            self._player.start()
        return self._player

    def _on_failed(self, error: KnownError) -> None:
        if error.code == "no-video":  # What else would a track be.
            return
        self.stop()
        self.failed.emit(error)

    def _on_main_state(self) -> None:
        if self._main.state.is_playing:
            self.stop()
