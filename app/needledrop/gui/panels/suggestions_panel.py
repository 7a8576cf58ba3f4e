# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The suggestions: what they are narrowed to, the cards, and what stands in their place while there are none.

It changes nothing but through the document; ratings, favourites and blocked artists go to the library.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeDatabase, QPoint, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from needledrop.gui import theme
from needledrop.gui.actions import Actions
from needledrop.gui.background import Background
from needledrop.gui.document import Document
from needledrop.gui.file_opening import local_paths
from needledrop.gui.held_key import HeldKey
from needledrop.gui.models.suggestion_list import Card, SuggestionList
from needledrop.gui.panels.suggestion_actions import add_suggestion_actions
from needledrop.gui.panels.suggestion_opinions import SuggestionOpinions
from needledrop.gui.panels.suggestion_states import SuggestionStates
from needledrop.gui.widgets.card_delegate import CardDelegate
from needledrop.gui.widgets.drop_veil import DropVeil
from needledrop.gui.widgets.filter_bar import FilterBar
from needledrop.gui.widgets.suggestion_view import SuggestionView
from needledrop.gui.widgets.timeline.cue_times import source_at

if TYPE_CHECKING:
    from needledrop.gui.player import Player
    from needledrop.workflows.suggest import Wish

STARS = 5


class SuggestionsPanel(QWidget):
    """The pane on the right of the viewer."""

    words_edited = Signal(str)  # Found words, to be edited in the window's text line.
    failure_shown = Signal(object)  # KnownError: said here in full, with its next step.

    def __init__(self, document: Document, player: Player, background: Background, actions: Actions) -> None:
        super().__init__()
        self._document = document
        self._player = player
        self._actions = actions
        self._opinions = SuggestionOpinions(document, background, self)
        self.setAcceptDrops(True)
        self.setObjectName("pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(320)
        self.filters = FilterBar()
        self.model = SuggestionList(document, self)
        self._delegate = CardDelegate(document.peaks, self)
        self.view = SuggestionView(self._delegate)
        self.view.setModel(self.model)
        self.states = SuggestionStates(document, background, actions, self)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.view)
        self._pages.addWidget(self.states.page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.filters)
        column.addWidget(self._pages, 1)
        self.setFocusProxy(self.view)
        self._veil = DropVeil(self, self.tr("Drop to find music like this"), "similar")
        self._original = HeldKey(player.set_original, self)
        add_suggestion_actions(self, actions, self._original)
        self._connect()
        self._on_suggestions()
        self._opinions.read_choices()

    def _connect(self) -> None:
        document = self._document
        document.suggestions_changed.connect(self._on_suggestions)
        document.opened.connect(self._on_suggestions)
        document.candidate_changed.connect(self._on_candidate)
        document.cues_changed.connect(self.model.refresh)
        document.media_changed.connect(self._on_media)
        self._player.position_changed.connect(self._on_position)
        self.states.changed.connect(self._show_page)
        self.states.asked.connect(self._document.ask)
        self.states.failure_shown.connect(self.failure_shown)
        self.filters.wish_changed.connect(document.ask)
        self.filters.artist_unblocked.connect(lambda artist: self._opinions.block(artist, is_blocked=False))
        self.filters.words_edited.connect(self.words_edited)
        self._opinions.choices_read.connect(self.filters.set_choices)
        self._opinions.used_in_read.connect(self._on_used_in)
        self._opinions.artists_changed.connect(lambda: document.ask(document.wish()))
        self.view.asked.connect(self._on_asked)
        self.view.walked.connect(self._on_walked)
        self.view.menu_asked.connect(self._show_menu)
        theme.current().changed.connect(self._delegate.forget)

    # What can be asked of it --------------------------------------------------------------------------------------

    def current_card(self) -> Card | None:
        """The card that keys are about: the current one."""
        row = self.view.currentIndex().row()
        return self.model.card(row) if row >= 0 else None

    def audition_number(self, number: int) -> None:
        """Hear card `number` at the playhead; the same number again ends it."""
        row = self.model.row_of_number(number)
        if row is not None:
            self.view.set_current(row)
            self._audition(self.model.card(row))

    def audition_current(self) -> None:
        """Hear the current card; again: the cues as they are."""
        card = self.current_card()
        if card is not None:
            self._audition(card)

    def hear_cues(self) -> None:
        """Hear the timeline as it is."""
        self._document.audition(None)

    def use(self) -> None:
        """Lay what is heard, else the current card, under the picture."""
        card = self.current_card()
        index = self._document.candidate if self._document.candidate is not None else card.index if card else None
        if index is not None:
            self._document.use(index)

    def reject(self) -> None:
        """Turn the current card down; the next one is current."""
        card = self.current_card()
        if card is not None:
            row = self.view.currentIndex().row()
            self._document.reject(card.index)
            self.view.set_current(min(row, self.model.rowCount() - 1))

    def ask_for_more_like_it(self) -> None:
        """Ask for music that sounds like the current card."""
        card, wish = self.current_card(), self._document.wish()
        if card is not None and str(card.track.id) not in wish.likes:
            self._document.ask(dataclasses.replace(wish, likes=(*wish.likes, str(card.track.id))))

    def block_artist(self) -> None:
        """Suggest nothing of the current card's artist any more."""
        card = self.current_card()
        if card is not None and card.track.tags.artist:
            self._opinions.block(card.track.tags.artist, is_blocked=True)

    def toggle_favourite(self) -> None:
        """Put the current card's track among the favourites, or take it out."""
        card = self.current_card()
        if card is not None:
            self._opinions.toggle_favourite(card.track)

    def rate(self, rating: int) -> None:
        """Give the current card's track stars; the same again, or 0, takes them away."""
        card = self.current_card()
        if card is not None:
            self._opinions.rate(card.track, rating)

    def toggle_details(self) -> None:
        """Open the match of the current card into its parts, or close it."""
        self.view.set_open(not self.view.is_open)

    def walk(self, rows: int) -> None:
        """Make a card so many rows further the current one."""
        row = self.view.currentIndex().row() + rows
        if 0 <= row < self.model.rowCount():
            self.view.set_current(row)
            self._on_walked(row)

    # Answers to what happened -------------------------------------------------------------------------------------

    def _on_suggestions(self) -> None:
        document, answer = self._document, self._document.answer
        is_new = answer is not self.model.answer
        self.model.set_answer(answer, document.rejected)
        if is_new:
            self._delegate.forget()
            self.view.set_open(False)
            self.view.set_current(0)
            self._opinions.read_used_in(self.model.track_ids())
            self._opinions.read_choices()
        wish = document.last_wish
        if wish is not None:
            words = [found.word for found in answer.words.words] if answer is not None else []
            self.filters.set_wish(wish, words, self._names(wish))
        self._show_page()

    def _show_page(self) -> None:
        is_state = self.states.is_shown(self.model.rowCount())
        self._pages.setCurrentWidget(self.states.page if is_state else self.view)
        self.filters.set_count(self._count_text())

    def _count_text(self) -> str:
        answer = self._document.answer
        if self._document.is_asking:
            return self.tr("Finding music…")
        if answer is None:
            return self.tr("Suggestions")
        text = self.tr("1 of %2 tracks") if self.model.rowCount() == 1 else self.tr("%1 of %2 tracks")
        return text.replace("%1", str(self.model.rowCount())).replace("%2", f"{answer.library_size:,}")

    def _names(self, wish: Wish) -> Mapping[str, str]:
        """What to call the references that are tracks of the library."""
        rows = {like: self._document.track(int(like)) for like in wish.likes if like.isdecimal()}
        return {like: row.tags.title or row.name for like, row in rows.items() if row is not None}

    def _on_candidate(self) -> None:
        self.model.refresh()
        candidate = self._document.candidate
        row = self.model.row_of_index(candidate) if candidate is not None else None
        if row is not None:
            self.view.set_current(row)

    def _on_media(self) -> None:
        self.model.refresh()
        self.view.viewport().update()

    def _on_position(self, position_s: float) -> None:
        auditioned, candidate = self._document.auditioned, self._document.candidate
        row = self.model.row_of_index(candidate) if candidate is not None else None
        if auditioned is not None and row is not None and auditioned.cue.pieces:
            self.view.show_heard(row, source_at(auditioned.cue, position_s))

    def _on_used_in(self, track_ids: Sequence[int], used_in: Mapping[int, tuple[str, ...]]) -> None:
        if track_ids == self.model.track_ids():
            self.model.set_used_in(used_in)
            self.view.relay()

    def _on_walked(self, row: int) -> None:
        """While one is heard, walking through the list is listening through it."""
        if self._document.candidate is not None:
            self._document.audition(self.model.card(row).index)

    def _on_asked(self, row: int, what: str, value: float) -> None:
        self.view.set_current(row)
        doings: dict[str, Callable[[], object]] = {
            "audition": self.audition_current,
            "use": lambda: self._document.use(self.model.card(row).index),
            "reject": self.reject,
            "like": self.ask_for_more_like_it,
            "artist": self.block_artist,
            "favourite": self.toggle_favourite,
            "details": self.toggle_details,
            "versions": self._show_versions,
            "rate": lambda: self.rate(round(value)),
            "seek": lambda: self._player.seek(value),
        }
        doings[what]()

    # Doing --------------------------------------------------------------------------------------------------------

    def _audition(self, card: Card) -> None:
        if self._document.candidate == card.index:
            self._document.audition(None)
            return
        self._document.audition(card.index)
        cue = card.suggestion.cue
        if not cue.record_in_s <= self._player.position_s < cue.record_out_s - 0.05:
            self._player.seek(cue.record_in_s)
        if not self._player.state.is_playing:
            self._player.play()

    def _show_versions(self) -> None:
        from needledrop.workflows.versions import version_name

        card, row = self.current_card(), self.view.currentIndex().row()
        answer = self.model.answer
        if card is None or answer is None:
            return
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        for index in card.versions:
            track = answer.tracks[answer.suggestions[index].track_id]
            action = menu.addAction(version_name(track) or track.tags.title)
            action.setCheckable(True)
            action.setChecked(index == card.index)
            action.triggered.connect(lambda _=False, index=index: self.model.choose_version(row, index))
        place = self.view.spot_centre(row, "versions") or QPoint()
        menu.popup(self.view.viewport().mapToGlobal(place))

    def _show_menu(self, row: int, place: QPoint) -> None:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        for name in ("audition", "use", "reject", "more_like", "not_artist", "favourite", "details"):
            menu.addAction(self._actions.qt(f"suggestions.{name}"))
        stars = menu.addMenu(self.tr("Stars"))
        for number in range(STARS + 1):
            stars.addAction(self._actions.qt(f"suggestions.rate_{number}"))
        self._opinions.add_menu(menu, self.model.card(row).track)
        menu.popup(place)

    # Drops --------------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.source() is self.view or self._document.video is None or not _music(event.mimeData()):
            event.ignore()
            return
        event.acceptProposedAction()
        self._veil.cover()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._veil.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._veil.hide()
        music = _music(event.mimeData())
        if music:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            wish = self._document.wish()
            likes = tuple(dict.fromkeys((*wish.likes, *map(str, music))))
            self._document.ask(dataclasses.replace(wish, likes=likes))


def _music(data: object) -> list[Path]:
    """The music among what is dragged, by the files' names: nothing is read while dragging."""
    from PySide6.QtCore import QMimeData

    assert isinstance(data, QMimeData)
    kinds, by_name = QMimeDatabase(), QMimeDatabase.MatchMode.MatchExtension
    return [
        path
        for path in local_paths(data.urls())
        if kinds.mimeTypeForFile(path.name, by_name).name().startswith("audio/")
    ]
