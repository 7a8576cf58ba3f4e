# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which lane of the shared memory holds which programme, and which one is heard. No sound, no processes.

A lane that is heard is never written anew: a change goes to another lane, and is heard once that one is ready. While
it is being made ready further changes wait, and only the latest of them is made: dragging a fader never starves.
"""

from __future__ import annotations

from collections.abc import Callable

from needledrop.preview.decode_process import Prepare
from needledrop.preview.playback_mixer import Source
from needledrop.preview.programme import Programme
from needledrop.preview.shared_state import LANES

PROJECT = -1  # The project's own cues; candidates are 0, 1, 2 ...
ORIGINAL = -2  # The video's own sound alone.
MOST_CANDIDATES = LANES - 3


class LaneTable:
    """Assigns lanes to keys. `send` has a lane made ready."""

    def __init__(self, send: Callable[[Prepare], None]) -> None:
        self._send = send
        self._wanted: dict[int, Programme] = {}
        self._made: dict[int, Programme] = {}
        self._sources: dict[int, Source] = {}
        self._epoch = 0
        self.heard: Source | None = None
        self.key = PROJECT

    @property
    def source(self) -> Source | None:
        """What should be heard: it may not be ready yet."""
        return self._sources.get(self.key)

    @property
    def is_switching(self) -> bool:
        """Whether what is heard is not (yet) what should be."""
        return self.source != self.heard

    def want(self, key: int, programme: Programme) -> None:
        """Have `key` sound like this from now on."""
        self._wanted[key] = programme
        self._make(key)

    def drop(self, key: int) -> None:
        """Forget a key; its lane is free once it is not heard."""
        for table in (self._wanted, self._made, self._sources):
            table.pop(key, None)

    def keys(self) -> list[int]:
        """The keys that have a programme."""
        return list(self._wanted)

    def switch(self, key: int) -> None:
        """Choose what should be heard.

        Raises:
            KeyError: nothing is known under this key.
        """
        if key not in self._wanted:
            raise KeyError(key)
        self.key = key
        self._make(key)

    def arrived(self) -> None:
        """What should be heard is heard from now on."""
        self.heard = self.source
        for key in self._wanted:
            self._make(key)

    def _make(self, key: int) -> None:
        programme = self._wanted[key]
        if self._made.get(key) == programme:
            return
        source = self._sources.get(key)
        is_under_way = source is not None and key == self.key and self.heard is not None and source != self.heard
        if is_under_way:
            return
        is_free = source is not None and (self.heard is None or source.lane != self.heard.lane)
        lane = source.lane if source is not None and is_free else self._free_lane()
        self._epoch += 1
        self._sources[key] = Source(lane, self._epoch, key)
        self._made[key] = programme
        self._send(Prepare(lane, self._epoch, programme))

    def _free_lane(self) -> int:
        used = {source.lane for source in self._sources.values()}
        if self.heard is not None:
            used.add(self.heard.lane)
        return next(lane for lane in range(LANES) if lane not in used)
