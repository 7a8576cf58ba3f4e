# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tags that the semantic pack gave tracks and videos, as captions that are kept: read without any model.

What is kept belongs to one library and to the pack that named it; with another pack, or none, nothing is known.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from needledrop.core.errors import KnownError
from needledrop.core.json_file import read_json, write_json
from needledrop.core.paths import Profile
from needledrop.library.library import Library

PICTURE_PACK, MUSIC_PACK = "siglip-base", "clap-music"
# Raise when the vocabulary or the way captions are chosen changes.
_VERSION = 1

Caption = tuple[str, ...]


@dataclass
class TagCaptions:
    """The tags of each track (by its id) and video (by its content hash), the most telling first."""

    tracks: dict[int, Caption] = field(default_factory=dict)
    videos: dict[str, Caption] = field(default_factory=dict)


def kept_captions(profile: Profile, library: Library) -> TagCaptions:
    """What is known; nothing where the pack is not installed, or another one than named them."""
    path = _path(profile)
    kept = read_json(path) if path.is_file() else None
    if not isinstance(kept, dict) or kept.get("about") != _about(profile, library):
        return TagCaptions()
    with contextlib.suppress(KeyError, ValueError, TypeError, AttributeError):
        return TagCaptions(
            {int(number): tuple(map(str, tags)) for number, tags in kept["tracks"].items()},
            {str(content_hash): tuple(map(str, tags)) for content_hash, tags in kept["videos"].items()},
        )
    return TagCaptions()


def keep_captions(profile: Profile, library: Library, captions: TagCaptions) -> None:
    """Keep what is known now.

    Raises:
        KnownError: "disk-full": the cache folder cannot be written.
    """
    write_json(_path(profile), {"about": _about(profile, library), **_plain(captions)})


def _plain(captions: TagCaptions) -> Mapping[str, object]:
    return {"tracks": {str(number): tags for number, tags in captions.tracks.items()}, "videos": captions.videos}


def _about(profile: Profile, library: Library) -> list[object] | None:
    """Which library, and which models; None without the pack."""
    from needledrop.workflows.model_packs import installed_packs  # It brings what fetches, which no list needs.

    try:
        installed = installed_packs(profile)
        cards = [installed[name].card for name in (PICTURE_PACK, MUSIC_PACK)]
    except (KeyError, KnownError, OSError):
        return None
    return [_VERSION, library.revision_id.rpartition(":")[0], *(card.key for card in cards if card is not None)]


def _path(profile: Profile) -> Path:
    return profile.cache_dir / "tags" / "captions.json"
