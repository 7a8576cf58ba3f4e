# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a timeline asks of the rest of the program. The widget turns each into a signal; no Qt here."""

from __future__ import annotations

from typing import Protocol

from needledrop.core.cue import Cue
from needledrop.gui.widgets.timeline.cue_parts import Handle


class Intents(Protocol):
    """The user's wishes, said by mouse or keys."""

    def seek(self, time_s: float) -> None:
        """Put the playhead there."""

    def select(self, cue: int | None, handle: Handle) -> None:
        """Select a cue and the handle that keys act on."""

    def preview(self, cue: Cue, handle: Handle) -> None:
        """Let the selected cue be seen and heard so, without keeping it."""

    def commit(self, cue: Cue, handle: Handle) -> None:
        """Keep the selected cue so: one step to undo."""

    def drop(self) -> None:
        """Go back to the cue as it is kept."""

    def choose_range(self, range_s: tuple[float, float] | None) -> None:
        """Choose a stretch of the video, or none."""

    def hold_marker(self, marker: int | None) -> None:
        """Hold a marker, or none: keys act on the one that is held."""

    def add_marker(self, time_s: float) -> None:
        """Mark a moment."""

    def move_marker(self, marker: int, time_s: float) -> None:
        """Put a marker somewhere else, while it is dragged too."""

    def name_marker(self, marker: int) -> None:
        """Let the user write a marker's name."""

    def remove_marker(self, marker: int) -> None:
        """Take a marker away."""

    def pan(self, by_px: float) -> None:
        """Pan by so many pixels."""
