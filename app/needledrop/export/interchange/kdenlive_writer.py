# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An edit as a Kdenlive project, in the shape of 20.08 to 22.12 or in that of 23.04 and later.

Source: KDE, Kdenlive dev-docs/fileformat.md, and what Kdenlive 22.12 saved. The newer shape has the timeline in a
tractor of its own with an identity, which the bin lists, and as the last tractor one that shows it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from enum import Enum
from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement

from needledrop.core.edit import ClipKind, EditClip, MediaSource, ProjectEdit
from needledrop.core.marker import MarkerKind
from needledrop.export.interchange.layout import (
    Placed,
    end_frame,
    fade_frames,
    lanes,
    media_frames,
    media_path,
    picture_size,
    role_name,
)
from needledrop.export.interchange.marker_kinds import KDENLIVE_TYPES
from needledrop.export.interchange.mlt_emitter import (
    add_black,
    add_blank,
    add_media,
    add_mix,
    add_profile,
    add_property,
    document,
    level_text,
    printable,
)

_OWN = "237"  # How Kdenlive marks what it adds by itself.
_FIRST_ID = 4
_RATES = {
    Fraction(24000, 1001): "2398", Fraction(24): "24", Fraction(25): "25", Fraction(30000, 1001): "2997",
    Fraction(30): "30", Fraction(50): "50", Fraction(60000, 1001): "5994", Fraction(60): "60",
}  # fmt: skip
_SHAPES = {(1280, 720): "atsc_720p", (1920, 1080): "atsc_1080p", (3840, 2160): "uhd_2160p"}


class KdenliveShape(Enum):
    """The generations of its files."""

    UP_TO_22_12 = "1.04"
    FROM_23_04 = "1.1"


def kdenlive_project(edit: ProjectEdit, shape: KdenliveShape) -> bytes:
    """The project."""
    return _Emitter(edit, shape).project()


class _Emitter:
    def __init__(self, edit: ProjectEdit, shape: KdenliveShape) -> None:
        self._edit = edit
        self._is_new = shape is KdenliveShape.FROM_23_04
        self._version = shape.value
        self._end = end_frame(edit)
        self._root = Element("mlt", LC_NUMERIC="C", version="7.12.0", producer="main_bin")
        media = dict.fromkeys(str(media_path(clip.source)) for clip in edit.clips if clip.source is not None)
        self._ids = {path: number for number, path in enumerate(media, _FIRST_ID)}
        # Made of the content, so that the same edit gives the same file.
        seed = "\n".join([edit.name, *media, *(f"{clip.record_in_s}" for clip in edit.clips)])
        self._uuid = f"{{{uuid.uuid5(uuid.NAMESPACE_URL, seed)}}}"
        self._timeline_id = self._uuid if self._is_new else "tractor_main"
        self._producers = 0

    def project(self) -> bytes:
        edit, root = self._edit, self._root
        profile = self._profile()
        add_profile(root, edit, profile or "custom")
        bins = self._add_bin_media()
        if not self._is_new:
            self._add_main_bin(bins, profile)
        add_black(root, "black_track", self._end)
        sounds = lanes(edit, edit.of_kind(ClipKind.SOUND))
        pictures = lanes(edit, edit.of_kind(ClipKind.PICTURE))
        # Kdenlive lists sound tracks from the last to the first: A1 lies next to V1.
        tracks = [self._add_track(lane, f"a{at}", is_sound=True) for at, lane in enumerate(sounds, 1)][::-1]
        tracks += [self._add_track(lane, f"v{at}", is_sound=False) for at, lane in enumerate(pictures, 1)]
        self._add_timeline(tracks, len(sounds))
        if self._is_new:
            self._add_main_bin(bins, profile)
            self._add_project_tractor()
        return document(root)

    def _profile(self) -> str:
        """The name of the program's own profile of this size and rate, if there is one: newer versions need it."""
        rate, shape = _RATES.get(self._edit.frame_rate), _SHAPES.get(picture_size(self._edit))
        return f"{shape}_{rate}" if rate and shape else ""

    def _add_bin_media(self) -> list[str]:
        first: dict[str, tuple[MediaSource, EditClip]] = {}
        ends: dict[str, int] = {}
        for clip in self._edit.clips:
            if clip.source is not None:
                path = str(media_path(clip.source))
                first.setdefault(path, (clip.source, clip))
                ends[path] = max(ends.get(path, 1), self._edit.frame_of(clip.source_out_s))
        for path, (source, clip) in first.items():
            length = media_frames(self._edit, source, ends[path])
            attributes = {"id": f"bin{self._ids[path]}", "in": "0", "out": str(length - 1)}
            element = SubElement(self._root, "producer", attributes)
            add_property(element, "length", length)
            add_property(element, "resource", path)
            add_property(element, "mlt_service", "avformat-novalidate")
            add_property(element, "kdenlive:id", self._ids[path])
            names = {one.name for one in self._edit.clips if one.source and str(media_path(one.source)) == path}
            add_property(element, "kdenlive:clipname", clip.name if len(names) == 1 else media_path(source).name)
            add_property(element, "kdenlive:folderid", -1)
        return [f"bin{self._ids[path]}" for path in first]

    def _add_main_bin(self, bins: Sequence[str], profile: str) -> None:
        main_bin = SubElement(self._root, "playlist", id="main_bin")
        said = {"version": self._version, "kdenliveversion": "23.04.0" if self._is_new else "22.12.3"}
        if profile or not self._is_new:
            said["profile"] = profile or "custom"
        if self._is_new:
            said |= {"uuid": self._uuid, "opensequences": self._uuid, "activetimeline": self._uuid}
        else:
            said["guides"] = self._guides()
        for name, value in said.items():
            add_property(main_bin, f"kdenlive:docproperties.{name}", value)
        add_property(main_bin, "xml_retain", 1)
        for producer in [*bins, *([self._uuid] if self._is_new else [])]:
            element = self._root.find(f"producer[@id='{producer}']")
            out = element.get("out", "0") if element is not None else str(self._end - 1)
            SubElement(main_bin, "entry", {"producer": producer, "in": "0", "out": out})

    def _guides(self) -> str:
        guides = [
            {
                "comment": printable(marker.label),
                "pos": self._edit.frame_of(marker.time_s),
                "type": KDENLIVE_TYPES[marker.kind if marker.kind is not None else MarkerKind.BEAT],
            }
            for marker in self._edit.markers
        ]
        return json.dumps(guides, ensure_ascii=False)

    def _add_track(self, lane: Sequence[Placed], name: str, *, is_sound: bool) -> str:
        """A track is a tractor of two playlists, between which Kdenlive mixes."""
        producers = [self._add_producer(one, is_sound=is_sound) for one in lane]
        for number in (0, 1):
            playlist = SubElement(self._root, "playlist", id=f"playlist_{name}_{number}")
            if is_sound:
                add_property(playlist, "kdenlive:audio_track", 1)
            at = 0
            for one, producer in zip(lane, producers, strict=True) if number == 0 else ():
                add_blank(playlist, one.start - at)
                self._add_entry(playlist, one, producer, is_sound=is_sound)
                at = one.end
        tractor = SubElement(self._root, "tractor", {"id": f"tractor_{name}", "in": "0", "out": str(self._end - 1)})
        if is_sound:
            add_property(tractor, "kdenlive:audio_track", 1)
        if label := role_name(lane):
            add_property(tractor, "kdenlive:track_name", label)
        for number in (0, 1):
            hidden = "video" if is_sound else "audio"
            SubElement(tractor, "track", hide=hidden, producer=f"playlist_{name}_{number}")
        return f"tractor_{name}"

    def _add_producer(self, one: Placed, *, is_sound: bool) -> str:
        self._producers += 1
        element = add_media(self._root, "producer", f"producer{self._producers}", self._edit, one)
        add_property(element, "kdenlive:id", self._id(one))
        add_property(element, "set.test_image", 1 if is_sound else 0)
        add_property(element, "set.test_audio", 0 if is_sound else 1)
        return f"producer{self._producers}"

    def _id(self, one: Placed) -> int:
        return self._ids[str(media_path(one.clip.source))] if one.clip.source is not None else 0

    def _add_entry(self, playlist: Element, one: Placed, producer: str, *, is_sound: bool) -> None:
        attributes = {"producer": producer, "in": str(one.first), "out": str(one.last)}
        entry = SubElement(playlist, "entry", attributes)
        add_property(entry, "kdenlive:id", self._id(one))
        if is_sound:
            self._add_filters(entry, one)

    def _add_filters(self, entry: Element, one: Placed) -> None:
        clip = one.clip
        rise, fall = fade_frames(self._edit, clip.fade_in_s), fade_frames(self._edit, clip.fade_out_s)
        if rise:
            _add_fade(entry, "fadein", one.first, one.first + rise - 1)
        if fall:
            _add_fade(entry, "fadeout", one.last - fall + 1, one.last)
        if clip.gain_db or clip.levels:
            # Without an in-point of the filter its keyframes count from the start of the source, as Kdenlive's do.
            volume = SubElement(entry, "filter")
            level = level_text(self._edit, clip, one.first)
            add_property(volume, "level", level if "=" in level else f"{one.first}={level}")
            add_property(volume, "mlt_service", "volume")
            add_property(volume, "kdenlive_id", "volume")

    def _add_timeline(self, tracks: Sequence[str], sounds: int) -> None:
        attributes = {"id": self._timeline_id, "in": "0", "out": str(self._end - 1)}
        tractor = SubElement(self._root, "tractor", attributes | ({} if self._is_new else {"global_feed": "1"}))
        if self._is_new:
            self._add_sequence_properties(tractor, tracks, sounds)
        for producer in ("black_track", *tracks):
            SubElement(tractor, "track", producer=producer)
        for at in range(1, len(tracks) + 1):
            if at <= sounds:
                add_mix(tractor, at, kdenlive_id="mix", internal_added=_OWN, accepts_blanks="1")
            else:
                _add_blend(tractor, at)

    def _add_sequence_properties(self, tractor: Element, tracks: Sequence[str], sounds: int) -> None:
        said = {
            "kdenlive:uuid": self._uuid,
            "kdenlive:clipname": self._edit.name,
            "kdenlive:producer_type": 17,
            "kdenlive:control_uuid": self._uuid,
            "kdenlive:id": _FIRST_ID - 1,
            "kdenlive:clip_type": 0,
            "kdenlive:folderid": -1,
            "kdenlive:maxduration": self._end,
            "kdenlive:sequenceproperties.hasAudio": int(sounds > 0),
            "kdenlive:sequenceproperties.hasVideo": int(len(tracks) > sounds),
            "kdenlive:sequenceproperties.activeTrack": max(0, sounds - 1),
            "kdenlive:sequenceproperties.tracksCount": len(tracks),
            "kdenlive:sequenceproperties.documentuuid": self._uuid,
            "kdenlive:sequenceproperties.guides": self._guides(),
        }
        for name, value in said.items():
            add_property(tractor, name, value)

    def _add_project_tractor(self) -> None:
        last = str(self._end - 1)
        tractor = SubElement(self._root, "tractor", {"id": "tractor_project", "in": "0", "out": last})
        add_property(tractor, "kdenlive:projectTractor", 1)
        SubElement(tractor, "track", {"producer": self._uuid, "in": "0", "out": last})


def _add_fade(entry: Element, name: str, first: int, last: int) -> None:
    fade = SubElement(entry, "filter", {"in": str(first), "out": str(last)})
    add_property(fade, "gain", 0 if name == "fadein" else 1)
    add_property(fade, "end", 1 if name == "fadein" else 0)
    add_property(fade, "mlt_service", "volume")
    add_property(fade, "kdenlive_id", name)


def _add_blend(tractor: Element, at: int) -> None:
    transition = SubElement(tractor, "transition")
    add_property(transition, "a_track", 0)
    add_property(transition, "b_track", at)
    add_property(transition, "mlt_service", "qtblend")
    add_property(transition, "kdenlive_id", "qtblend")
    add_property(transition, "internal_added", _OWN)
    add_property(transition, "always_active", 1)
