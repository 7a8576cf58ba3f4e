# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An edit as FCPXML 1.10, which Final Cut Pro 10.6 and later, DaVinci Resolve and others import.

Source: Apple, "FCPXML reference" and its published DTDs. The lowest pictures are the storyline, with gaps between them;
everything else is attached to what is below it there, pictures on lanes above and sounds on lanes below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from needledrop.core.edit import ClipKind, EditClip, EditMarker, MediaSource, ProjectEdit, SoundRole
from needledrop.export.interchange.fcpxml_times import time_text
from needledrop.export.interchange.layout import Pair, Placed, end_frame, lanes, media_path, pairs, picture_size
from needledrop.export.interchange.marker_kinds import note_of
from needledrop.export.interchange.media_paths import file_address
from needledrop.export.interchange.mlt_emitter import decibel_text, printable

_VERSION = "1.10"
_ROLES = {SoundRole.SPEECH: "dialogue", SoundRole.MUSIC: "music", SoundRole.EFFECTS: "effects"}
_RATE = "48000"


def fcpxml_document(edit: ProjectEdit) -> bytes:
    """The document, of one project in one event."""
    return _Emitter(edit).document()


@dataclass(frozen=True)
class _Base:
    """A part of the storyline: its element, where it lies on the timeline, what its first moment is called."""

    element: Element
    record_in_s: Fraction
    record_out_s: Fraction
    start_s: Fraction

    def local(self, record_s: Fraction) -> Fraction:
        return self.start_s + record_s - self.record_in_s


class _Emitter:
    def __init__(self, edit: ProjectEdit) -> None:
        self._edit = edit
        self._assets: dict[str, str] = {}
        self._root = Element("fcpxml", version=_VERSION)
        self._resources = SubElement(self._root, "resources")

    def document(self) -> bytes:
        edit = self._edit
        self._add_format()
        project = SubElement(SubElement(self._root, "event", name="Needledrop"), "project", name=printable(edit.name))
        sequence = SubElement(
            project,
            "sequence",
            format="r1",
            duration=self._time(end_frame(edit)),
            tcStart=self._time(edit.start_frame),
            tcFormat="DF" if edit.is_drop_frame else "NDF",
            audioLayout="stereo",
            audioRate="48k",
        )
        found, sounds = pairs(edit)
        by_clip = {pair.picture: pair for pair in found}
        pictures = lanes(edit, by_clip)
        bases = list(self._storyline(SubElement(sequence, "spine"), pictures[0] if pictures else [], by_clip))
        for number, lane in enumerate(pictures[1:], 1):
            for one in lane:
                self._attach(bases, one, by_clip[one.clip], number)
        for number, lane in enumerate(lanes(edit, sounds), 1):
            for one in lane:
                self._attach(bases, one, None, -number)
        self._add_markers(bases)
        ElementTree.indent(self._root)
        body = ElementTree.tostring(self._root, encoding="unicode")
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{body}\n'.encode("utf-8", "replace")

    def _add_format(self) -> None:
        width, height = picture_size(self._edit)
        frame = self._edit.frame_rate
        SubElement(
            self._resources,
            "format",
            id="r1",
            name="FFVideoFormatRateUndefined",
            frameDuration=f"{frame.denominator * 100}/{frame.numerator * 100}s",
            width=str(width),
            height=str(height),
        )

    def _storyline(self, spine: Element, lane: list[Placed], by_clip: dict[EditClip, Pair]) -> Iterator[_Base]:
        at = 0
        for one in lane:
            if one.start > at:
                yield self._gap(spine, at, one.start)
            element = self._clip(spine, one, by_clip[one.clip], self._edit.start_frame + one.start)
            yield _Base(element, self._s(one.start), self._s(one.end), _start_s(one.clip, self._s(one.first)))
            at = one.end
        if at < end_frame(self._edit):
            yield self._gap(spine, at, end_frame(self._edit))

    def _gap(self, spine: Element, start: int, end: int) -> _Base:
        attributes = {"offset": self._time(self._edit.start_frame + start), "start": "0s", "name": "Gap"}
        gap = SubElement(spine, "gap", attributes | {"duration": self._time(end - start)})
        return _Base(gap, self._s(start), self._s(end), Fraction(0))

    def _attach(self, bases: list[_Base], one: Placed, pair: Pair | None, lane: int) -> None:
        """A clip belongs to the part of the storyline that is on when it begins."""
        base = _base_at(bases, self._s(one.start))
        element = self._clip(base.element, one, pair, None, lane)
        element.set("offset", time_text(base.local(self._s(one.start))))

    def _clip(self, parent: Element, one: Placed, pair: Pair | None, offset: int | None, lane: int = 0) -> Element:
        clip = one.clip
        source = clip.source
        if source is None:
            raise ValueError("a clip without a file is no asset")
        start_s = _start_s(clip, self._s(one.first))
        element = SubElement(parent, "asset-clip", ref=self._asset(source), name=printable(clip.name))
        if lane:
            element.set("lane", str(lane))
        if offset is not None:
            element.set("offset", self._time(offset))
        element.set("start", time_text(start_s))
        element.set("duration", self._time(one.frames))
        sound = clip if pair is None else pair.sound
        if pair is None and self._is_used(source, ClipKind.PICTURE):
            element.set("srcEnable", "audio")
        elif pair is not None and sound is None and self._is_used(source, ClipKind.SOUND):
            element.set("srcEnable", "video")
        if sound is not None:
            if sound.role in _ROLES:
                element.set("audioRole", _ROLES[sound.role])
            self._add_level(element, sound, start_s)
        return element

    def _asset(self, source: MediaSource) -> str:
        path = str(media_path(source))
        if path not in self._assets:
            self._assets[path] = f"r{len(self._assets) + 2}"
            ends = [c.source_out_s for c in self._edit.clips if c.source and str(media_path(c.source)) == path]
            length = max([self._edit.frame_of(end_s) for end_s in ends])
            length = max(length, self._edit.frame_of(source.duration_s or Fraction(0)))
            asset = SubElement(self._resources, "asset", id=self._assets[path], name=printable(media_path(source).stem))
            asset.set("start", time_text(source.start_s))
            asset.set("duration", self._time(length))
            if self._is_used(source, ClipKind.PICTURE):
                for name, value in (("hasVideo", "1"), ("format", "r1"), ("videoSources", "1")):
                    asset.set(name, value)
            if self._is_used(source, ClipKind.SOUND):
                asset.set("hasAudio", "1")
                asset.set("audioSources", "1")
                asset.set("audioChannels", str(source.channels))
                asset.set("audioRate", _RATE)
            address = file_address(media_path(source)) if source.path else source.named
            SubElement(asset, "media-rep", kind="original-media", src=address)
        return self._assets[path]

    def _is_used(self, source: MediaSource, kind: ClipKind) -> bool:
        path = media_path(source)
        return any(clip.source and media_path(clip.source) == path for clip in self._edit.of_kind(kind))

    def _add_level(self, element: Element, sound: EditClip, start_s: Fraction) -> None:
        if not (sound.gain_db or sound.levels or sound.fade_in_s or sound.fade_out_s):
            return
        volume = SubElement(element, "adjust-volume", amount=f"{decibel_text(sound.gain_db)}dB")
        if not (sound.levels or sound.fade_in_s or sound.fade_out_s):
            return
        param = SubElement(volume, "param", name="amount")
        for name, shape, fade_s in (("fadeIn", "easeIn", sound.fade_in_s), ("fadeOut", "easeOut", sound.fade_out_s)):
            if fade_s > 0:
                SubElement(param, name, type=shape, duration=self._time(max(1, self._edit.frame_of(fade_s))))
        if sound.levels:
            animation = SubElement(param, "keyframeAnimation")
            for point in sound.levels:
                level = f"{decibel_text(sound.gain_db + point.level_db)}dB"
                at_s = start_s + self._s(self._edit.frame_of(point.time_s))
                SubElement(animation, "keyframe", time=time_text(at_s), value=level)

    def _add_markers(self, bases: list[_Base]) -> None:
        for marker in self._edit.markers:
            at_s = self._s(self._edit.frame_of(marker.time_s))
            base = _base_at(bases, at_s)
            if at_s < base.record_out_s:  # What lies on the very end has no frame to lie on.
                self._add_marker(base, marker, at_s)

    def _add_marker(self, base: _Base, marker: EditMarker, at_s: Fraction) -> None:
        element = SubElement(base.element, "marker", start=time_text(base.local(at_s)), duration=self._time(1))
        element.set("value", printable(marker.label))
        if note := note_of(marker.kind):
            element.set("note", note)

    def _s(self, frame: int) -> Fraction:
        return self._edit.time_of(frame)

    def _time(self, frames: int) -> str:
        return time_text(self._s(frames))


def _start_s(clip: EditClip, first_s: Fraction) -> Fraction:
    """The first moment of a clip in its file's own timecode."""
    return first_s + (clip.source.start_s if clip.source is not None else 0)


def _base_at(bases: list[_Base], record_s: Fraction) -> _Base:
    for base, following in pairwise(bases):
        if record_s < following.record_in_s:
            return base
    return bases[-1]
