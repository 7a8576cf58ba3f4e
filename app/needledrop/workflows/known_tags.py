# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tags that the semantic pack gave tracks and videos, as they are kept: read without any model.

What is kept belongs to one library and to the pack that named it; with another pack, or none, nothing is known.
"""

from __future__ import annotations

import contextlib
import json
import os
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.core.paths import Profile, display_path
from needledrop.library.library import Library

PICTURE_PACK, MUSIC_PACK = "siglip-base", "clap-music"
# Raise when the vocabulary or the way captions are chosen changes.
_VERSION = 1

Caption = tuple[str, ...]


@dataclass
class KnownTags:
    """What is known of tracks (by their id) and videos (by their content hash).

    tracks, videos: their captions, the most telling tag first. heard, seen: the probability of each tag of the
    vocabulary, float32 [tags].
    """

    tracks: dict[int, Caption] = field(default_factory=dict)
    videos: dict[str, Caption] = field(default_factory=dict)
    heard: dict[int, FloatArray] = field(default_factory=dict)
    seen: dict[str, FloatArray] = field(default_factory=dict)

    def agreements(self, content_hash: str) -> dict[int, float]:
        """How much of what is seen in a video is heard in each track, 0 to 1; nothing of a video that has no tags."""
        if content_hash not in self.seen or not self.heard:
            return {}
        from needledrop.crossmodal.tag_vocabulary import load_vocabulary

        found = load_vocabulary().agreements(self.seen[content_hash], np.stack(list(self.heard.values())))
        return dict(zip(self.heard, found.tolist(), strict=True))


def known_tags(profile: Profile, library: Library) -> KnownTags:
    """What is kept; nothing where the pack is not installed, or another one than named them, or the file is damaged."""
    damage = (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile)
    with contextlib.suppress(*damage), _path(profile).open("rb") as stream, np.load(stream) as kept:
        text: Any = json.loads(str(kept["captions"]))
        if text["about"] != _about(profile, library):
            return KnownTags()
        return KnownTags(
            {int(number): tuple(tags) for number, tags in text["tracks"].items()},
            {name: tuple(tags) for name, tags in text["videos"].items()},
            dict(zip(map(int, text["tracks"]), kept["heard"].astype(np.float32), strict=True)),
            dict(zip(text["videos"], kept["seen"].astype(np.float32), strict=True)),
        )
    return KnownTags()


def keep_tags(profile: Profile, library: Library, known: KnownTags) -> None:
    """Keep what is known now.

    Raises:
        KnownError: "disk-full": the cache folder cannot be written.
    """
    captions = {"about": _about(profile, library), "tracks": known.tracks, "videos": known.videos}
    path = _path(profile)
    scratch = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with scratch.open("wb") as sink:
            np.savez(
                sink,
                captions=np.array(json.dumps(captions)),
                heard=_rows([known.heard[number] for number in known.tracks]),
                seen=_rows([known.seen[name] for name in known.videos]),
            )
        scratch.replace(path)
    except OSError as error:
        raise KnownError(
            f"The tags could not be written to {display_path(path)}.",
            remedy="Free some space there, or check that the folder can be written.",
            cause=str(error),
            code="disk-full",
        ) from error


def _rows(rows: list[FloatArray]) -> FloatArray:
    return np.stack(rows) if rows else np.zeros((0, 0), np.float32)


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
    return profile.cache_dir / "tags" / "tags.npz"
