# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with suggestions by name: keys, menu, palette and shortcut sheet read it from the registry."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from needledrop.gui.actions import Action, Actions
from needledrop.gui.held_key import HeldKey

if TYPE_CHECKING:
    from needledrop.gui.panels.suggestions_panel import SuggestionsPanel

NUMBERS = range(1, 10)
RATINGS = range(6)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Suggestions", text)


def add_suggestion_actions(panel: SuggestionsPanel, actions: Actions, original: HeldKey) -> None:
    """Register everything."""
    for action in (*_listening(panel), *_deciding(panel), *_rating(panel)):
        actions.add(dataclasses.replace(action, handler=_in_place(panel, action.handler)))
    name = "suggestions.original"
    actions.add(
        Action(
            name,
            _tr("Hear the original sound while held"),
            "Suggestions",
            _in_place(panel, lambda: original.begin(actions.qt(name))),
            {"needledrop": ("H",)},
            "film",
        )
    )


def _in_place(panel: SuggestionsPanel, handler: Callable[[], object]) -> Callable[[], object]:
    """Enter and the numbers are about suggestions only where these are: not in the library, not while exporting."""

    def handle() -> None:
        page = panel.parentWidget()
        if page is None or page.isVisible():  # The pane itself may be folded away.
            handler()

    return handle


def _action(name: str, text: str, handler: Callable[[], object], keys: tuple[str, ...] = (), icon: str = "") -> Action:
    return Action(f"suggestions.{name}", text, "Suggestions", handler, {"needledrop": keys}, icon)


def _listening(panel: SuggestionsPanel) -> list[Action]:
    numbered = [
        Action(
            f"suggestions.audition_{number}",
            _tr("Hear suggestion %s").replace("%s", str(number)),
            "Suggestions",
            partial(panel.audition_number, number),
            {"needledrop": (str(number),)},
            in_menu=False,
        )
        for number in NUMBERS
    ]
    return [
        *numbered,
        _action("audition", _tr("Hear the suggestion"), panel.audition_current, ("P",), "play"),
        _action("hear_cues", _tr("Hear the timeline as it is"), panel.hear_cues, ("0",), "stop"),
        _action("next", _tr("Next suggestion"), lambda: panel.walk(1), ("Alt+Down",)),
        _action("previous", _tr("Previous suggestion"), lambda: panel.walk(-1), ("Alt+Up",)),
    ]


def _deciding(panel: SuggestionsPanel) -> list[Action]:
    return [
        _action("use", _tr("Use the suggestion"), panel.use, ("Return", "Enter"), "enter"),
        _action("reject", _tr("Reject the suggestion"), panel.reject, ("X",), "reject"),
        _action("more_like", _tr("More like this"), panel.ask_for_more_like_it, ("Alt+L",), "similar"),
        _action("not_artist", _tr("Not this artist"), panel.block_artist, ("Shift+X",), "person"),
        _action("details", _tr("What the match is made of"), panel.toggle_details, ("W",), "chevron_down"),
    ]


def _rating(panel: SuggestionsPanel) -> list[Action]:
    stars = {0: _tr("No stars"), 1: _tr("1 star")}
    rated = [
        Action(
            f"suggestions.rate_{number}",
            stars.get(number, _tr("%s stars").replace("%s", str(number))),
            "Suggestions",
            partial(panel.rate, number),
            {"needledrop": (f"Alt+{number}",)},
            in_menu=False,
        )
        for number in RATINGS
    ]
    return [_action("favourite", _tr("Favourite"), panel.toggle_favourite, ("Shift+F",), "heart"), *rated]
