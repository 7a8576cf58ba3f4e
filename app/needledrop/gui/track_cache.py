# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tracks, their beats and waveforms, asked for while painting: what is not there is fetched, all at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.gui.background import Background

if TYPE_CHECKING:
    from needledrop.core.music import Peaks, Rhythm
    from needledrop.library.rows import TrackRow
    from needledrop.workflows.workspace import TrackSound

KEPT_SOUNDS = 200  # A waveform of four minutes takes some 100 kB.

_Fetched = tuple[Mapping[int, "TrackRow"], Mapping[int, "TrackSound"]]


class TrackCache(QObject):
    """What is known of tracks. A question costs a look into a dict; `arrived` says that answers have changed."""

    arrived = Signal()

    def __init__(self, profile: Profile, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._profile = profile
        self._background = background
        self._rows: dict[int, TrackRow] = {}
        self._sounds: OrderedDict[int, TrackSound] = OrderedDict()
        self._wanted_rows: set[int] = set()
        self._wanted_sounds: set[int] = set()
        self._under_way: set[int] = set()
        self._absent: set[int] = set()  # Else each repaint would ask the library again.
        self._timer = QTimer(self)  # Gathers what one repaint asks for.
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._fetch)

    def put_rows(self, rows: Mapping[int, TrackRow]) -> None:
        """Take tracks in that came with an answer."""
        self._rows.update(rows)

    def row(self, track_id: int) -> TrackRow | None:
        """A track, or None while it is fetched."""
        found = self._rows.get(track_id)
        if found is None and track_id not in self._absent:
            self._want(self._wanted_rows, track_id)
        return found

    def rhythm(self, track_id: int) -> Rhythm | None:
        """A track's beats, or None."""
        sound = self._sound(track_id)
        return sound.rhythm if sound is not None else None

    def peaks(self, track_id: int) -> Peaks | None:
        """A track's waveform, or None."""
        sound = self._sound(track_id)
        return sound.peaks if sound is not None else None

    def refresh(self) -> None:
        """The library changed: fetch what is known again; until then it is shown as it was."""
        self._absent.clear()
        self._wanted_rows.update(self._rows)
        self._wanted_sounds.update(self._sounds)
        self._timer.start()

    def _sound(self, track_id: int) -> TrackSound | None:
        found = self._sounds.get(track_id)
        if found is None:
            self._want(self._wanted_sounds, track_id)
        return found

    def _want(self, wanted: set[int], track_id: int) -> None:
        if track_id not in self._under_way:
            wanted.add(track_id)
            self._timer.start()

    def _fetch(self) -> None:
        rows, sounds, profile = sorted(self._wanted_rows), sorted(self._wanted_sounds), self._profile
        self._wanted_rows.clear()
        self._wanted_sounds.clear()
        self._under_way.update(rows, sounds)

        if not rows and not sounds:
            return

        def work(progress: ProgressSink, cancel: CancelToken) -> _Fetched:
            from needledrop.workflows import workspace

            found = workspace.track_rows(profile, rows) if rows else {}
            return found, workspace.track_sounds(profile, sounds) if sounds else {}

        def done(fetched: _Fetched) -> None:
            self._under_way.difference_update(rows, sounds)
            self._absent.update(set(rows) - fetched[0].keys())
            self._take(fetched)

        self._background.run("Reading tracks", work, done, lambda _: self._under_way.clear(), True)

    def _take(self, fetched: _Fetched) -> None:
        rows, sounds = fetched
        self._rows.update(rows)
        self._sounds.update(sounds)
        while len(self._sounds) > KEPT_SOUNDS:
            self._sounds.popitem(last=False)
        self.arrived.emit()
