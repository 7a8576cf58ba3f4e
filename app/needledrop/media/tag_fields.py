# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tag dialects (ID3, Vorbis comments, MP4 atoms, ASF attributes) brought to one set of field names.

Values stay the raw texts of the file; `tags` cleans and parses them.
"""

from __future__ import annotations

from typing import Any

from mutagen.asf import ASFTags
from mutagen.id3 import ID3
from mutagen.mp4 import MP4Tags

Fields = dict[str, list[str]]

_ID3 = {
    "TIT2": "title", "TPE1": "artist", "TALB": "album", "TPE2": "album_artist", "TMOO": "mood", "TDRC": "date",
    "TCOM": "composer", "TSRC": "isrc", "TRCK": "track_number", "TBPM": "bpm", "TCOP": "copyright",
    "WCOP": "license_url", "WOAF": "source_url", "WOAS": "source_url", "WOAR": "artist_url",
}  # fmt: skip
# Vorbis comments, and the free-form fields of every other dialect.
_FREE = {
    "title": "title", "artist": "artist", "album": "album", "albumartist": "album_artist",
    "album artist": "album_artist", "album_artist": "album_artist", "genre": "genre", "mood": "mood",
    "comment": "comment", "description": "comment", "date": "date", "year": "date", "composer": "composer",
    "isrc": "isrc", "tracknumber": "track_number", "track": "track_number", "bpm": "bpm", "tempo": "bpm",
    "copyright": "copyright", "license": "license", "licence": "license", "license_url": "license_url",
    "replaygain_track_gain": "replaygain_track", "replaygain_album_gain": "replaygain_album",
    "r128_track_gain": "r128_track", "r128_album_gain": "r128_album",
    "source": "source_url", "website": "source_url", "url": "source_url", "contact": "artist_url",
}  # fmt: skip
_MP4 = {
    "\xa9nam": "title", "\xa9ART": "artist", "\xa9alb": "album", "aART": "album_artist", "\xa9gen": "genre",
    "\xa9cmt": "comment", "desc": "comment", "\xa9day": "date", "\xa9wrt": "composer", "tmpo": "bpm",
    "cprt": "copyright",
}  # fmt: skip
_ASF = {
    "Title": "title", "Author": "artist", "WM/AlbumTitle": "album", "WM/AlbumArtist": "album_artist",
    "WM/Genre": "genre", "WM/Mood": "mood", "Description": "comment", "WM/Year": "date", "WM/Composer": "composer",
    "WM/ISRC": "isrc", "WM/TrackNumber": "track_number", "WM/BeatsPerMinute": "bpm", "Copyright": "copyright",
    "CopyrightURL": "license_url", "WM/AudioFileURL": "source_url", "WM/AuthorURL": "artist_url",
}  # fmt: skip


def fields_of(file: Any) -> tuple[Fields, bool]:
    """Fields of an opened mutagen file (None: it knows no such format), and whether it holds a cover."""
    tags = getattr(file, "tags", None)
    if tags is None:
        return {}, bool(getattr(file, "pictures", None))
    if isinstance(tags, ID3):
        return _id3(tags)
    if isinstance(tags, MP4Tags):
        return _mp4(tags)
    if isinstance(tags, ASFTags):
        return _asf(tags)
    return _comments(tags, bool(getattr(file, "pictures", None)))


def _id3(tags: Any) -> tuple[Fields, bool]:
    fields: Fields = {}
    for frame in tags.values():
        name = frame.FrameID
        if name in _ID3:
            values = [frame.url] if name.startswith("W") else [str(text) for text in frame.text]
            _add(fields, _ID3[name], values)
        elif name == "TCON":
            _add(fields, "genre", frame.genres)
        elif name == "COMM" and not frame.desc.startswith("iTun"):
            _add(fields, "comment", [str(text) for text in frame.text])
        elif name == "TXXX" and frame.desc.lower() in _FREE:
            _add(fields, _FREE[frame.desc.lower()], [str(text) for text in frame.text])
        elif name == "WXXX":
            _add(fields, "source_url", [frame.url])
    return fields, bool(tags.getall("APIC"))


def _comments(tags: Any, has_pictures: bool) -> tuple[Fields, bool]:
    fields: Fields = {}
    has_cover = has_pictures
    for key, value in tags:
        if key.lower() in {"metadata_block_picture", "coverart"}:
            has_cover = True
        elif name := _FREE.get(key.lower()):
            _add(fields, name, [value])
    return fields, has_cover


def _mp4(tags: Any) -> tuple[Fields, bool]:
    fields: Fields = {}
    for key, values in tags.items():
        if key in _MP4:
            _add(fields, _MP4[key], [str(value) for value in values])
        elif key == "trkn" and values:
            _add(fields, "track_number", [str(values[0][0])])
        elif key.startswith("----:") and (name := _FREE.get(key.rpartition(":")[2].lower())):
            _add(fields, name, [bytes(value).decode("utf-8", "replace") for value in values])
    return fields, bool(tags.get("covr"))


def _asf(tags: Any) -> tuple[Fields, bool]:
    fields: Fields = {}
    has_cover = False
    for key, value in tags:
        if key == "WM/Picture":
            has_cover = True
        elif name := _ASF.get(key) or _FREE.get(key.lower()):
            _add(fields, name, [str(value)])
    return fields, has_cover


def _add(fields: Fields, name: str, values: list[str]) -> None:
    kept = [value for value in values if value.strip()]
    if kept:
        fields.setdefault(name, []).extend(kept)
