# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays one preview at a time on Blender's own sound device, from the playhead where that lies in the range."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .bridge import BridgeError


class Listening:
    """What is being heard.

    Attributes:
        number: Of the suggestion that is heard; None where it is silent.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._handle: Any = None

    def play(self, number: int, path: Path, from_s: float) -> None:
        """Play a file from a moment of it; what was heard ends.

        Raises:
            BridgeError: "no-sound", where there is no sound device or the file cannot be read.
        """
        import aud

        self.stop()
        try:
            self._handle = aud.Device().play(aud.Sound(str(path)))
            self._handle.position = from_s
        except aud.error as error:
            raise BridgeError("no-sound", f"Blender cannot play this: {error}.", "Check the sound device.") from error
        self.number = number

    def stop(self) -> None:
        """Silence. Harmless where it is silent."""
        if self._handle is not None:
            self._handle.stop()
        self._handle, self.number = None, None

    def notice_end(self) -> None:
        """Forget what has played to its end."""
        if self._handle is not None and not self._handle.status:
            self.stop()
