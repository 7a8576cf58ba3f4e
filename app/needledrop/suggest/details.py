# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The features of single tracks that placement needs, given to it by `workflows`; no loading happens here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from needledrop.core.music import Clips, Licence, Loudness, Rhythm, Tonality

# Track ids to details; ids that have vanished or were never analysed are left out of the answer.
DetailsLoader = Callable[[Sequence[int]], Mapping[int, "TrackDetails"]]


@dataclass(frozen=True)
class TrackDetails:
    """One track as placement, diversity and explanation see it. `words` are its own: genre, mood, folder; `tags` are
    what a model named that heard it."""

    track_id: int
    title: str
    artist: str
    album: str
    words: str
    licence: Licence
    duration_s: float
    rhythm: Rhythm
    tonality: Tonality
    loudness: Loudness
    clips: Clips
    tags: tuple[str, ...] = ()
