# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who made the music of a cue: the credits that the attribution and the cue sheet print."""

from __future__ import annotations

from dataclasses import dataclass

from needledrop.core.music import Licence, TrackTags


@dataclass(frozen=True)
class CueTrack:
    """Credits of one track. Empty strings where nothing is known."""

    track_id: int
    title: str
    author: str = ""
    composer: str = ""
    artist: str = ""
    isrc: str = ""
    source: str = ""
    licence_name: str = ""
    licence_url: str = ""

    @classmethod
    def from_library(cls, track_id: int, tags: TrackTags, licence: Licence, fallback_title: str) -> CueTrack:
        """From what the library knows; the licence's own title and author win, as the licensor wrote them."""
        return cls(
            track_id=track_id,
            title=licence.title or tags.title or fallback_title,
            author=licence.author or tags.artist or tags.composer,
            composer=tags.composer,
            artist=tags.artist,
            isrc=tags.isrc,
            source=licence.source,
            licence_name=licence.name,
            licence_url=licence.url,
        )
