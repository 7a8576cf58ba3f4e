# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be heard: cues and streams of the video's own sound, as one value that goes to the decode process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from needledrop.core.cue import Cue

EXPORTED_STREAMS = (0,)  # What export mixes under the music: the first stream of sound.


@dataclass(frozen=True)
class Programme:
    """Cues over the video's own sound. `tracks` are (track id, file); `own_streams` the streams heard, from 0."""

    cues: tuple[Cue, ...] = ()
    tracks: tuple[tuple[int, Path], ...] = ()
    own_streams: tuple[int, ...] = EXPORTED_STREAMS

    @classmethod
    def of(
        cls, cues: Sequence[Cue], tracks: Mapping[int, Path], own_streams: tuple[int, ...] = EXPORTED_STREAMS
    ) -> Programme:
        """A programme of these cues, with the files that they need and no others.

        Raises:
            KeyError: a cue's track is not in `tracks`.
        """
        ids = sorted({cue.track_id for cue in cues})
        return cls(tuple(cues), tuple((track_id, tracks[track_id]) for track_id in ids), own_streams)

    @property
    def end_s(self) -> float:
        """Where the last cue ends; 0 without cues."""
        return max((cue.record_out_s for cue in self.cues), default=0.0)
