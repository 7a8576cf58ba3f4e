# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An edit as Final Cut Pro 7 XML (xmeml 4), for Premiere Pro, DaVinci Resolve and others.

Source: Apple, "Final Cut Pro XML Interchange Format" 5. Levels are linear gains, at most 3.98109 (+12 dB); their
keyframes are in frames of the source, and fades are keyframes too. The two channels of a stereo sound are two linked
clips.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from needledrop.core.edit import ClipKind, MediaSource, ProjectEdit
from needledrop.export.interchange.fade_shape import SILENT_DB, keyframes_of
from needledrop.export.interchange.frame_rates import whole_rate
from needledrop.export.interchange.layout import (
    Placed,
    end_frame,
    lanes,
    media_frames,
    media_path,
    picture_size,
    role_name,
)
from needledrop.export.interchange.marker_kinds import note_of
from needledrop.export.interchange.media_paths import file_address
from needledrop.export.interchange.mlt_emitter import printable
from needledrop.export.timecode import frame_timecode

_LARGEST_GAIN = 3.98109


def fcp7_document(edit: ProjectEdit) -> bytes:
    """The document, of one sequence."""
    return _Emitter(edit).document()


class _Emitter:
    def __init__(self, edit: ProjectEdit) -> None:
        self._edit = edit
        self._files: dict[str, str] = {}
        self._numbers = count(1)
        self._ends: dict[str, int] = {}
        for clip in edit.clips:
            if clip.source is not None:
                path = str(media_path(clip.source))
                self._ends[path] = max(self._ends.get(path, 1), edit.frame_of(clip.source_out_s))

    def document(self) -> bytes:
        edit = self._edit
        root = Element("xmeml", version="4")
        sequence = SubElement(root, "sequence", id="sequence-1")
        _add(sequence, "name", edit.name)
        _add(sequence, "duration", end_frame(edit))
        self._add_rate(sequence)
        self._add_timecode(sequence, edit.start_frame)
        for marker in edit.markers:
            element = SubElement(sequence, "marker")
            _add(element, "comment", note_of(marker.kind))
            _add(element, "name", marker.label)
            _add(element, "in", edit.frame_of(marker.time_s))
            _add(element, "out", -1)
        media = SubElement(sequence, "media")
        self._add_pictures(media)
        self._add_sounds(media)
        ElementTree.indent(root)
        body = ElementTree.tostring(root, encoding="unicode")
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n{body}\n'.encode("utf-8", "replace")

    def _add_pictures(self, media: Element) -> None:
        video = SubElement(media, "video")
        shape = SubElement(SubElement(video, "format"), "samplecharacteristics")
        self._add_rate(shape)
        for name, value in zip(("width", "height"), picture_size(self._edit), strict=True):
            _add(shape, name, value)
        _add(shape, "pixelaspectratio", "square")
        for lane in lanes(self._edit, self._edit.of_kind(ClipKind.PICTURE)):
            track = SubElement(video, "track")
            for one in lane:
                self._add_item(track, one, next(self._numbers))

    def _add_sounds(self, media: Element) -> None:
        audio = SubElement(media, "audio")
        _add(audio, "numOutputChannels", 2)
        track_number = 1
        for lane in lanes(self._edit, self._edit.of_kind(ClipKind.SOUND)):
            channels = 2 if any(one.clip.source and one.clip.source.channels > 1 for one in lane) else 1
            # Where Premiere Pro keeps the name of a track.
            named = {"MZ.TrackName": name} if (name := role_name(lane)) else {}
            tracks = [SubElement(audio, "track", named) for _ in range(channels)]
            for at, one in enumerate(lane, 1):
                own = tracks if one.clip.source and one.clip.source.channels > 1 else tracks[:1]
                numbers = [next(self._numbers) for _ in own]
                for channel, (track, number) in enumerate(zip(own, numbers, strict=True), 1):
                    item = self._add_item(track, one, number)
                    self._add_channel(item, channel)
                    self._add_level(item, one)
                    if len(own) > 1:
                        _add_links(item, numbers, track_number, at)
            track_number += channels

    def _add_item(self, track: Element, one: Placed, number: int) -> Element:
        source = one.clip.source
        item = SubElement(track, "clipitem", id=f"clipitem-{number}")
        _add(item, "name", one.clip.name)
        _add(item, "enabled", "TRUE")
        first = self._edit.frame_of(one.clip.source_in_s)
        path = str(media_path(source)) if source is not None else ""
        _add(item, "duration", max(self._ends.get(path, 1), first + one.frames))
        self._add_rate(item)
        _add(item, "start", one.start)
        _add(item, "end", one.end)
        _add(item, "in", first)
        _add(item, "out", first + one.frames)
        if source is not None:
            self._add_file(item, source, path)
        return item

    def _add_file(self, item: Element, source: MediaSource, path: str) -> None:
        """In full where it is first named, by its identity after."""
        if path in self._files:
            SubElement(item, "file", id=self._files[path])
            return
        self._files[path] = f"file-{len(self._files) + 1}"
        file = SubElement(item, "file", id=self._files[path])
        place = media_path(source)
        _add(file, "name", place.name)
        _add(file, "pathurl", file_address(place, "localhost") if source.path else source.named)
        self._add_rate(file)
        _add(file, "duration", media_frames(self._edit, source, self._ends[path]))
        if source.start_s:
            self._add_timecode(file, self._edit.frame_of(source.start_s))
        media = SubElement(file, "media")
        users = [clip.kind for clip in self._edit.clips if clip.source and str(media_path(clip.source)) == path]
        if ClipKind.PICTURE in users:
            SubElement(media, "video")
        if ClipKind.SOUND in users:
            audio = SubElement(media, "audio")
            shape = SubElement(audio, "samplecharacteristics")
            _add(shape, "depth", 16)
            _add(shape, "samplerate", 48000)
            _add(audio, "channelcount", source.channels)

    def _add_channel(self, item: Element, channel: int) -> None:
        source = SubElement(item, "sourcetrack")
        _add(source, "mediatype", "audio")
        _add(source, "trackindex", channel)

    def _add_level(self, item: Element, one: Placed) -> None:
        points = keyframes_of(one.clip)
        if len(points) == 1 and points[0].level_db == 0:
            return
        effect = SubElement(SubElement(item, "filter"), "effect")
        _add(effect, "name", "Audio Levels")
        for name in ("effectid", "effectcategory", "effecttype"):
            _add(effect, name, "audiolevels")
        _add(effect, "mediatype", "audio")
        level = SubElement(effect, "parameter", authoringApp="PremierePro")
        _add(level, "parameterid", "level")
        _add(level, "name", "Level")
        _add(level, "valuemin", 0)
        _add(level, "valuemax", _LARGEST_GAIN)
        _add(level, "value", _linear(one.clip.gain_db))
        first = self._edit.frame_of(one.clip.source_in_s)
        for point in points if len(points) > 1 else ():
            keyframe = SubElement(level, "keyframe")
            _add(keyframe, "when", first + self._edit.frame_of(point.time_s))
            _add(keyframe, "value", _linear(point.level_db))

    def _add_rate(self, parent: Element) -> None:
        rate = SubElement(parent, "rate")
        _add(rate, "timebase", whole_rate(self._edit.frame_rate))
        _add(rate, "ntsc", "TRUE" if self._edit.frame_rate.denominator != 1 else "FALSE")

    def _add_timecode(self, parent: Element, frame: int) -> None:
        edit = self._edit
        timecode = SubElement(parent, "timecode")
        self._add_rate(timecode)
        rate = edit.frame_rate if edit.is_drop_frame else type(edit.frame_rate)(whole_rate(edit.frame_rate))
        _add(timecode, "string", frame_timecode(frame, rate))
        _add(timecode, "frame", frame)
        _add(timecode, "displayformat", "DF" if edit.is_drop_frame else "NDF")


def _add_links(item: Element, numbers: Sequence[int], track: int, clip: int) -> None:
    """Who is moved with whom: the other channel of the same sound."""
    for offset, number in enumerate(numbers):
        link = SubElement(item, "link")
        _add(link, "linkclipref", f"clipitem-{number}")
        _add(link, "mediatype", "audio")
        _add(link, "trackindex", track + offset)
        _add(link, "clipindex", clip)
        _add(link, "groupindex", 1)


def _linear(level_db: float) -> str:
    gain = 0.0 if level_db <= SILENT_DB else min(10 ** (level_db / 20), _LARGEST_GAIN)
    return f"{gain:.9g}"


def _add(parent: Element, name: str, value: object) -> None:
    SubElement(parent, name).text = printable(str(value))
