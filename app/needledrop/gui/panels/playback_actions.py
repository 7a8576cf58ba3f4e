# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playing by name: Space, J K L, arrows, from cut to cut, the loop. The viewer's and the player's actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from needledrop.gui.actions import Action, Actions
from needledrop.gui.document import Document

if TYPE_CHECKING:
    from needledrop.gui.panels.viewer_panel import ViewerPanel
    from needledrop.gui.player import Player

_SAME_PLACE_S = 0.02


def _tr(text: str) -> str:
    return QCoreApplication.translate("Playback", text)


def add_playback_actions(document: Document, player: Player, panel: ViewerPanel, actions: Actions) -> None:
    """Register everything."""

    def second() -> int:
        return round(document.video.frame_rate) if document.video is not None else 1

    rows: list[tuple[str, str, Callable[[], object], tuple[str, ...], str, bool]] = [
        ("toggle", _tr("Play or pause"), player.toggle, ("Space",), "play", False),
        ("back", _tr("Play backwards, faster"), lambda: player.shuttle(-1), ("J",), "", False),
        ("stop", _tr("Pause"), lambda: player.shuttle(0), ("K",), "pause", False),
        ("on", _tr("Play, faster"), lambda: player.shuttle(1), ("L",), "", False),
        ("frame_back", _tr("A picture back"), lambda: player.step(-1), ("Left",), "step_back", True),
        ("frame_on", _tr("A picture on"), lambda: player.step(1), ("Right",), "step_forward", True),
        ("second_back", _tr("A second back"), lambda: player.step(-second()), ("Shift+Left",), "", True),
        ("second_on", _tr("A second on"), lambda: player.step(second()), ("Shift+Right",), "", True),
        ("cut_back", _tr("Previous cut"), lambda: _go_to_cut(document, player, -1), ("Up",), "", True),
        ("cut_on", _tr("Next cut"), lambda: _go_to_cut(document, player, 1), ("Down",), "", True),
        ("start", _tr("Start"), lambda: player.seek(0.0), ("Home",), "", False),
        ("end", _tr("End"), lambda: _go_to_end(document, player), ("End",), "", False),
        ("loop", _tr("Repeat the range"), lambda: _toggle_loop(document, player), ("Ctrl+L",), "loop", False),
        ("sound", _tr("Sound: streams, volume, output"), panel.show_sound, ("Ctrl+Shift+S",), "volume", False),
        ("full_screen", _tr("Picture full screen"), panel.toggle_full_screen, ("F",), "full_screen", False),
    ]
    for name, text, handler, keys, icon, is_repeating in rows:
        action_id = f"playback.{name}"
        actions.add(Action(action_id, text, "Playback", handler, {"needledrop": keys}, icon, is_repeating))


def _go_to_cut(document: Document, player: Player, way: int) -> None:
    """To the nearest cut before or after the playhead, or to the end on that side."""
    if document.video is None:
        return
    here_s = player.position_s
    places_s = (0.0, *document.video.cuts_s, document.video.duration_s)
    if way > 0:
        player.seek(next((at_s for at_s in places_s if at_s > here_s + _SAME_PLACE_S), places_s[-1]))
    else:
        player.seek(next((at_s for at_s in reversed(places_s) if at_s < here_s - _SAME_PLACE_S), 0.0))


def _go_to_end(document: Document, player: Player) -> None:
    if document.video is not None:
        player.seek(max(0.0, document.video.duration_s - float(1 / document.video.frame_rate)))


def _toggle_loop(document: Document, player: Player) -> None:
    """Repeat the in- and out-point's range, else the whole video; again: no more."""
    if player.state.loop_s is not None or document.video is None:
        player.set_loop(None)
    else:
        player.set_loop(document.range_s or (0.0, document.video.duration_s))
