# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where each panel goes, in one table, and how it is made: imported when it is first shown.

A new panel is one line here. Each class takes (document, player, background, actions).
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from needledrop.gui.actions import Actions
    from needledrop.gui.background import Background
    from needledrop.gui.document import Document
    from needledrop.gui.player import Player


@dataclass(frozen=True)
class Place:
    """A panel's place: its id, what the user reads, the class as "module:name", the key, and whether it is a tab."""

    id: str
    title: str
    panel: str
    key: str = ""
    is_tab: bool = True


def _later(text: str) -> str:
    """Marks a text for translation that is translated where it is shown, in the context "Places"."""
    return text


_PANELS = "needledrop.gui.panels"
PLACES = (
    Place("library", _later("Library"), f"{_PANELS}.library_panel:LibraryPanel", "Ctrl+2"),
    Place("personal", _later("Personal"), f"{_PANELS}.personal_panel:PersonalPanel", "Ctrl+3"),
    Place("jobs", _later("Jobs"), f"{_PANELS}.jobs_panel:JobsPanel", "Ctrl+4"),
    Place("settings", _later("Settings"), f"{_PANELS}.settings_panel:SettingsPanel", "Ctrl+,", is_tab=False),
    Place("conform", _later("Changes of the cut"), f"{_PANELS}.conform_panel:ConformPanel", is_tab=False),
    Place("export", _later("Export"), f"{_PANELS}.export_panel:ExportPanel", "Ctrl+E", is_tab=False),
)

# The panes of the place "suggest".
VIEWER = f"{_PANELS}.viewer_panel:ViewerPanel"
SUGGESTIONS = f"{_PANELS}.suggestions_panel:SuggestionsPanel"
TIMELINE = "needledrop.gui.widgets.timeline.panel:TimelinePanel"


@dataclass(frozen=True)
class Parts:
    """What every panel is given."""

    document: Document
    player: Player
    background: Background
    actions: Actions


def make(panel: str, parts: Parts) -> QWidget:
    """Import a panel's class and make it."""
    module, _, name = panel.partition(":")
    made = getattr(importlib.import_module(module), name)(parts.document, parts.player, parts.background, parts.actions)
    assert isinstance(made, QWidget)
    return made


def is_there(panel: str) -> bool:
    """Whether the module of a panel is installed."""
    return importlib.util.find_spec(panel.partition(":")[0]) is not None
