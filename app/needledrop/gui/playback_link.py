# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the player at what the document says: the open video, its cues, the suggestions ready to be switched to.

A suggestion is auditioned in the place of the cues it overlaps, as `use` would lay it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from needledrop.core.cue import Cue, with_cue_laid
from needledrop.gui.document import Document

if TYPE_CHECKING:
    from needledrop.gui.player import Player

READY = 9  # The keys 1 to 9; each is decoded ahead.


class PlaybackLink(QObject):
    """Lives as long as the player."""

    def __init__(self, document: Document, player: Player, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._player = player
        self._ready: tuple[int, ...] = ()  # Which suggestions the player's candidates are.
        self._paths: Mapping[int, Path] = {}
        self._heard: tuple[Cue, ...] = ()
        self._loaded: Path | None = None  # The file that the player has.
        document.opened.connect(self._on_opened)
        document.closed.connect(player.unload)
        document.cues_changed.connect(self._on_cues_changed)
        document.media_changed.connect(self._on_media_changed)
        document.suggestions_changed.connect(self._on_suggestions_changed)
        document.candidate_changed.connect(self._on_candidate_changed)
        self._answer: object = None

    def _on_opened(self) -> None:
        self._ready, self._answer, self._loaded = (), None, None
        self._paths = self._track_paths(self._document.cues)
        self._heard = self._playable()
        video = self._document.video
        if video is None or video.play_path is None:  # What plays a project is laid together first.
            self._player.unload()
        self._load()

    def _load(self) -> None:
        """Play the video, or what was laid together of a project, as soon as it is there."""
        video = self._document.video
        if video is not None and video.play_path is not None and video.play_path != self._loaded:
            self._loaded = video.play_path
            self._player.load(video.play_path, self._heard, self._paths)
            self._prepare(self._ready)

    def _on_cues_changed(self) -> None:
        """The cues, and with them what each candidate would be laid among."""
        self._paths = self._track_paths(self._document.cues)
        self._heard = self._playable()
        self._player.set_cues(self._heard, self._paths)
        if self._ready:
            self._prepare(self._ready)
            self._player.switch(self._place_of(self._document.candidate))

    def _on_media_changed(self) -> None:
        """A track's file became known: a cue that could not be played now can."""
        if self._document.video is not None and self._track_paths(self._document.cues) != self._paths:
            self._on_cues_changed()
        self._load()

    def _on_suggestions_changed(self) -> None:
        answer = self._document.answer
        if answer is self._answer:
            return
        self._answer = answer
        self._prepare(tuple(range(min(READY, len(answer.suggestions)))) if answer is not None else ())

    def _on_candidate_changed(self) -> None:
        candidate = self._document.candidate
        if candidate is not None and candidate not in self._ready:
            self._prepare((candidate, *self._ready)[:READY])
        self._player.switch(self._place_of(candidate))

    def _prepare(self, suggestions: tuple[int, ...]) -> None:
        self._ready = suggestions
        answer = self._document.answer
        if answer is None:
            return
        chosen = [answer.suggestions[index].cue for index in suggestions]
        programmes = [with_cue_laid(self._heard, one) for one in chosen]
        self._player.set_candidates(programmes, self._track_paths((*self._document.cues, *chosen)))

    def _place_of(self, candidate: int | None) -> int | None:
        return self._ready.index(candidate) if candidate is not None and candidate in self._ready else None

    def _playable(self) -> tuple[Cue, ...]:
        return tuple(cue for cue in self._document.cues if cue.track_id in self._paths)

    def _track_paths(self, cues: tuple[Cue, ...]) -> dict[int, Path]:
        """The files of the tracks that are there; a missing one is silent, and its panel says so."""
        rows = {cue.track_id: self._document.track(cue.track_id) for cue in cues}
        return {number: row.file_path for number, row in rows.items() if row is not None and row.state == "present"}
