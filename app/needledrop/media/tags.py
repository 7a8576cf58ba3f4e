# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file says of itself: title, artist, tempo, ReplayGain, licence, cover. Never fails over a broken tag.

mutagen reads the tags of music files; libav those that mutagen does not know (RIFF INFO, Matroska, AVI).
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from typing import Any

import mutagen

from needledrop.core.errors import KnownError
from needledrop.core.music import Licence, TrackTags
from needledrop.core.paths import display_path
from needledrop.media.container import open_media
from needledrop.media.faults import AnyPath, media_faults
from needledrop.media.licences import licence_from_tags
from needledrop.media.tag_fields import Fields, fields_of

LONGEST_TEXT = 4000
_R128_TO_REPLAYGAIN_DB = 5.0  # R128 gain aims at -23 LUFS, ReplayGain 2 at -18.
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")


def read_tags(path: AnyPath) -> tuple[TrackTags, Licence]:
    """Tags and licence of a music or video file; where it says nothing, its name serves as title.

    Raises:
        KnownError: the file is missing or may not be read. Broken tags are no error.
    """
    fields, has_cover = _read_fields(path)
    # A field that only libav found still counts: mutagen does not read RIFF INFO, nor any tag behind a broken header.
    if "title" not in fields and "artist" not in fields:
        more, has_more_cover = _libav_fields(path)
        fields = {**more, **fields}
        has_cover = has_cover or has_more_cover
    texts = {name: clean_text(values) for name, values in fields.items()}
    title = texts.get("title") or display_path(PurePath(os.fsdecode(path)).stem)
    text = _reader(texts)
    author = text("artist") or text("album_artist") or text("composer")
    tags = TrackTags(
        title=title,
        artist=text("artist"),
        album=text("album"),
        album_artist=text("album_artist"),
        genre=text("genre"),
        mood=text("mood"),
        comment=text("comment"),
        date=text("date"),
        composer=text("composer"),
        isrc=text("isrc"),
        track_number=_whole(text("track_number"), 1, 9999),
        bpm=_number(text("bpm"), 20.0, 400.0),
        replaygain_track_db=_gain_db(text("replaygain_track"), text("r128_track")),
        replaygain_album_db=_gain_db(text("replaygain_album"), text("r128_album")),
        has_cover=has_cover,
    )
    licence = licence_from_tags(
        [text("license"), text("license_url"), text("copyright")],
        comment=tags.comment,
        title=title,
        author=author,
        sources=[text("source_url"), text("artist_url")],
    )
    return tags, licence


def read_cover(path: AnyPath) -> bytes | None:
    """The cover picture as it is stored (JPEG or PNG, mostly), or None.

    Raises:
        KnownError: the file is missing, unreadable or broken.
    """
    with open_media(path) as container, media_faults(path):
        for stream in container.streams.video:
            if stream.disposition & type(stream.disposition).attached_pic:
                for packet in container.demux(stream):
                    if packet.size:
                        return bytes(packet)
    return None


def clean_text(values: Iterable[str]) -> str:
    """Values of one field as one line of printable text, at most LONGEST_TEXT characters."""
    parts = [part for value in values for part in value[: 4 * LONGEST_TEXT].split("\0")]
    whole = "; ".join(dict.fromkeys(stripped for part in parts if (stripped := _printable(part))))
    return whole[:LONGEST_TEXT].rstrip()


def _printable(text: str) -> str:
    spaced = "".join(" " if unicodedata.category(char) in {"Cc", "Cs", "Cn", "Zl", "Zp"} else char for char in text)
    return " ".join(unicodedata.normalize("NFC", spaced).split())


def _read_fields(path: AnyPath) -> tuple[Fields, bool]:
    with media_faults(path), open(os.fsdecode(path), "rb") as file:  # noqa: PTH123  (undecodable names)
        try:
            return fields_of(mutagen.File(file))
        except OSError:
            raise
        except Exception:  # mutagen lets IndexError, struct.error and more out of broken tags: none may cost the track.
            return {}, False


def _libav_fields(path: AnyPath) -> tuple[Fields, bool]:
    """What libav calls the same fields, from the container and its first sound."""
    names = {
        "title": "title", "artist": "artist", "album": "album", "album_artist": "album_artist", "genre": "genre",
        "mood": "mood", "tmoo": "mood", "comment": "comment", "description": "comment", "date": "date",
        "composer": "composer", "isrc": "isrc", "tsrc": "isrc", "track": "track_number", "bpm": "bpm", "tbpm": "bpm",
        "copyright": "copyright", "license": "license", "replaygain_track_gain": "replaygain_track",
        "replaygain_album_gain": "replaygain_album",
    }  # fmt: skip
    try:
        with open_media(path) as container:
            found: Fields = {}
            metadata: list[dict[str, str]] = [container.metadata]
            metadata += [stream.metadata for stream in container.streams.audio[:1]]
            for holder in metadata:
                for key, value in holder.items():
                    if (name := names.get(key.lower())) and str(value).strip():
                        found.setdefault(name, [str(value)])
            covers = [stream for stream in container.streams.video if "attached_pic" in str(stream.disposition)]
            return found, bool(covers)
    except KnownError:  # Whoever decodes the file says so better.
        return {}, False


def _reader(texts: Mapping[str, str]) -> Callable[[str], str]:
    return lambda name: texts.get(name, "")


def _number(text: str, lowest: float, highest: float) -> float | None:
    match = _NUMBER.search(text)
    if match is None:
        return None
    value = float(match[0].replace(",", "."))
    return value if lowest <= value <= highest else None


def _whole(text: str, lowest: int, highest: int) -> int | None:
    value = _number(text, lowest, highest)
    return None if value is None else int(value)


def _gain_db(replaygain: str, r128: str) -> float | None:
    gain_db = _number(replaygain, -60.0, 60.0)
    if gain_db is not None:
        return gain_db
    steps: Any = _number(r128, -32768.0, 32767.0)  # Q7.8
    return None if steps is None else steps / 256.0 + _R128_TO_REPLAYGAIN_DB
