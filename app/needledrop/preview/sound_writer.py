# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the pages of sound filled that may be heard next: in the decode process, on a thread of its own.

The page under the playhead comes first, of the lane that is heard and the one that is to follow; then every candidate,
so that it can be switched to at any moment; then what lies ahead, and where the loop begins.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.mix.mixer import CHUNK, Mixer
from needledrop.preview.mixers import MixerFactory
from needledrop.preview.programme import Programme
from needledrop.preview.shared_state import EMPTY, LANES, PAGES, SharedState, Slot, write_page

_NEAR = 3  # Pages of every lane: half a second.
_AHEAD = 8
_FAST = 2.0  # Above this speed candidates are not kept ready.
_LOOP_HEAD = 2


class SoundWriter:
    """Writes pages for lanes; `prepare` says what a lane is, `step` writes the page that is wanted most."""

    def __init__(self, state: SharedState, factory: MixerFactory) -> None:
        self._state = state
        self._factory = factory
        self._mixers: dict[int, Mixer] = {}
        self._epochs: dict[int, int] = {}
        self._places: dict[int, dict[int, int]] = {}  # lane -> page -> place

    def prepare(self, lane: int, epoch: int, programme: Programme) -> None:
        """Make `lane` ready for a programme. Where its files fail, the video's own sound alone is heard.

        Raises:
            KnownError: a file is missing or cannot be read; the lane is ready all the same.
        """
        self._epochs[lane] = epoch
        self._places[lane] = {}
        try:
            self._mixers[lane] = self._factory.mixer(programme)
        except KnownError:
            self._mixers[lane] = self._own_sound_only(programme)
            raise

    def _own_sound_only(self, programme: Programme) -> Mixer:
        try:
            return self._factory.mixer(Programme(own_streams=programme.own_streams))
        except KnownError:
            return self._factory.mixer(Programme(own_streams=()))

    def step(self) -> bool:
        """Write one page; False where all that are wanted are there.

        Raises:
            KnownError: a file failed while it was read; that page is silent.
        """
        self._state.beat(Slot.SOUND_BEAT)
        for lane, page in self._wanted():
            if page not in self._places[lane]:
                self._write(lane, page)
                return True
        return False

    def _write(self, lane: int, page: int) -> None:
        place = self._place_for(lane)
        self._places[lane][page] = place
        key = (self._epochs[lane], page)
        try:
            samples = self._mixers[lane].render(page * CHUNK, CHUNK)
        except KnownError:
            write_page(self._state, lane, place, key, np.zeros((CHUNK, 2), np.float32))
            raise
        write_page(self._state, lane, place, key, samples)

    def _place_for(self, lane: int) -> int:
        places = self._places[lane]
        if len(places) < PAGES:
            return next(place for place in range(PAGES) if place not in places.values())
        playhead = int(self._state.number(Slot.POSITION)) // CHUNK
        spared = set(self._loop_pages())
        farthest = max(places, key=lambda page: (page not in spared, abs(page - playhead)))
        return places.pop(farthest)

    def _wanted(self) -> Iterator[tuple[int, int]]:
        state = self._state
        speed = state.number(Slot.SPEED)
        first = [int(state.number(slot)) for slot in (Slot.LANE, Slot.NEXT_LANE)]
        front = [lane for lane in first if lane in self._mixers]
        others = [lane for lane in range(LANES) if lane in self._mixers and lane not in front]
        if abs(speed) > _FAST:
            others = []
        ahead = min(PAGES - 4, round(_AHEAD * max(1.0, abs(speed) / 2)))
        for lanes, pages in (
            (front, self._pages(speed, 2)),
            (others, self._pages(speed, _NEAR)),
            (front[:1], self._pages(speed, ahead)),
            (front + others, self._loop_pages()),
            (front[1:] + others, self._pages(speed, _AHEAD)),
        ):
            for lane in lanes:
                for page in pages:
                    yield lane, page

    def _pages(self, speed: float, count: int) -> list[int]:
        """Pages from the playhead on in the direction of play; backwards also the one before it, for interpolation."""
        position = self._state.number(Slot.POSITION)
        here, last = int(position) // CHUNK, int(self._state.number(Slot.END)) // CHUNK
        pages = range(here, here + count) if speed >= 0 else range(here + 1, here - count, -1)
        return [page for page in pages if 0 <= page <= last]

    def _loop_pages(self) -> list[int]:
        start, end = self._state.number(Slot.LOOP_START), self._state.number(Slot.LOOP_END)
        if start == EMPTY:
            return []
        is_back = self._state.number(Slot.SPEED) < 0
        first = int(end) // CHUNK - _LOOP_HEAD + 1 if is_back else int(start) // CHUNK
        return [page for page in range(first, first + _LOOP_HEAD) if page >= 0]
