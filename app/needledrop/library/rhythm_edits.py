# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's corrections of beats. Decisions: analysis never writes here, and none of it can be computed again."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterable

from needledrop.core.music import CorrectedBeats, RhythmEdit
from needledrop.library.tracks import Tracks


class RhythmEdits(Tracks):
    """The part of the library that holds corrected beats."""

    def correct_beats(
        self, track_id: int, beats: CorrectedBeats | None, *, tempo_bpm: float, confidence: float
    ) -> None:
        """Keep the user's beats of a track (None takes them back), with the tempo that lists and filters show now.

        Raises:
            KnownError: "missing": there is no such track.
        """
        self.track(track_id)
        text = None if beats is None else _text_of(beats)
        with self.connection.decision():
            self.connection.bump_revision()
            self.connection.write(
                "INSERT OR REPLACE INTO rhythm_edits (track_id, beats, changed_at, revision) "
                "SELECT ?, ?, ?, value FROM counters WHERE name = 'revision'",
                (track_id, text, time.time()),
            )
            self.connection.write(
                "UPDATE track_facts SET tempo_bpm = ?, tempo_confidence = ? WHERE track_id = ?",
                (tempo_bpm, confidence, track_id),
            )

    def corrected_beats(self, track_ids: Iterable[int]) -> dict[int, CorrectedBeats]:
        """The user's beats of those tracks that have any."""
        found = self.connection.rows(
            "SELECT track_id, beats FROM rhythm_edits WHERE beats IS NOT NULL "
            "AND track_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(track_ids)),),
        )
        return {row[0]: _read_beats(row[1]) for row in found}

    def tracks_corrected_since(self, revision: int) -> frozenset[int]:
        """Tracks whose beats the user corrected, or took a correction of back, after that revision of the library."""
        found = self.connection.rows("SELECT track_id FROM rhythm_edits WHERE revision > ?", (revision,))
        return frozenset(row[0] for row in found)


def _text_of(beats: CorrectedBeats) -> str:
    """Without `to_s` where it says nothing: programs of format 1.1 that know no moved beats go on reading the rest."""
    values = dataclasses.asdict(beats)
    for edit in values["edits"]:
        if edit["kind"] != "move":
            del edit["to_s"]
    return json.dumps(values)


def _read_beats(text: str) -> CorrectedBeats:
    values = json.loads(text)
    return CorrectedBeats(
        edits=tuple(RhythmEdit(**edit | {"taps_s": tuple(edit["taps_s"])}) for edit in values["edits"]),
        beats_s=tuple(values["beats_s"]),
        downbeats_s=tuple(values["downbeats_s"]),
        beats_per_bar=values["beats_per_bar"],
    )
