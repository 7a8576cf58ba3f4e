# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Final Cut Pro 7 XML (xmeml), as Premiere Pro and DaVinci Resolve write it, as an edit.

Source: Apple, "Final Cut Pro XML Interchange Format" 5. Times are frames; -1 stands where a transition decides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element

from needledrop.core.edit import ClipKind, EditClip, EditMarker, LevelPoint, MediaSource, ProjectEdit
from needledrop.core.paths import display_path
from needledrop.export.interchange.fade_shape import SILENT_DB, Envelope, envelope_of
from needledrop.export.interchange.frame_rates import exact_rate
from needledrop.export.interchange.marker_kinds import kind_of_note
from needledrop.export.interchange.media_paths import MediaFinder
from needledrop.export.interchange.roles import role_of
from needledrop.export.interchange.safe_xml import broken


def read_fcp7(root: Element, path: Path) -> ProjectEdit:
    """The first sequence of a document.

    Raises:
        KnownError: "broken-project".
    """
    sequence = next((one for one in root.iter("sequence") if one.find("media") is not None), None)
    if sequence is None:
        raise broken(display_path(path.name), "no sequence")
    try:
        return _Reader(root, sequence, path).edit()
    except (ArithmeticError, LookupError, ValueError) as error:
        raise broken(display_path(path.name), str(error)) from error


class _Reader:
    def __init__(self, root: Element, sequence: Element, path: Path) -> None:
        self._root = root
        self._sequence = sequence
        self._path = path
        self._finder = MediaFinder(path)
        self._rate = _rate(sequence)
        self._files = {one.get("id"): one for one in root.iter("file") if len(one)}
        self._has_nests = False

    def edit(self) -> ProjectEdit:
        clips = [*self._clips("video", ClipKind.PICTURE), *self._sounds()]
        timecode = self._sequence.find("timecode")
        end_s = max((clip.record_out_s for clip in clips), default=Fraction(0))
        duration_s = Fraction(_whole(self._sequence, "duration")) / self._rate
        return ProjectEdit(
            name=_text(self._sequence, "name") or self._path.stem,
            frame_rate=self._rate,
            clips=tuple(clips),
            markers=tuple(self._markers(self._sequence)),
            start_frame=_whole(timecode, "frame") if timecode is not None else 0,
            is_drop_frame=timecode is not None and _text(timecode, "displayformat") == "DF",
            size=self._size(),
            names=tuple(self._names(clips)),
            notes=("Nested sequences are one clip of unknown media.",) if self._has_nests else (),
            duration_s=max(duration_s, end_s),
        )

    def _size(self) -> tuple[int, int]:
        found = self._sequence.find("media/video/format/samplecharacteristics")
        return (0, 0) if found is None else (_whole(found, "width"), _whole(found, "height"))

    def _names(self, clips: list[EditClip]) -> Iterator[str]:
        for kind in ("project", "bin"):
            yield from (text for one in self._root.iter(kind) if (text := _text(one, "name")))
        yield from dict.fromkeys(clip.name for clip in clips)

    def _sounds(self) -> list[EditClip]:
        """Each once: Premiere writes the two channels of stereo as two clips on two tracks."""
        kept: dict[tuple[object, ...], EditClip] = {}
        for clip in self._clips("audio", ClipKind.SOUND):
            named = clip.source.named if clip.source else clip.name
            kept.setdefault((named, clip.record_in_s, clip.record_out_s, clip.source_in_s), clip)
        return list(kept.values())

    def _clips(self, medium: str, kind: ClipKind) -> Iterator[EditClip]:
        for number, track in enumerate(self._sequence.iterfind(f"media/{medium}/track")):
            name = _text(track, "name") or track.get("MZ.TrackName", "")
            is_on = _text(track, "enabled") != "FALSE"
            items = [one for one in track if one.tag in {"clipitem", "generatoritem", "transitionitem"}]
            for at, item in enumerate(items):
                if item.tag != "transitionitem":
                    yield self._clip(item, kind, number, name, is_on=is_on, span=_span(items, at))

    def _clip(
        self, item: Element, kind: ClipKind, track: int, track_name: str, *, is_on: bool, span: tuple[int, int]
    ) -> EditClip:
        # What lies between record and source frames: a rate of its own, and the start that transitions moved.
        rate = _rate(item, self._rate)
        said_start = _whole(item, "start", -1)
        first = _whole(item, "in") + (span[0] - said_start if said_start >= 0 else 0)
        source_in_s = Fraction(first) / rate
        duration_s = Fraction(span[1] - span[0]) / self._rate
        envelope = self._envelope(item, source_in_s, duration_s) if kind is ClipKind.SOUND else Envelope()
        name = _text(item, "name")
        return EditClip(
            name=name,
            kind=kind,
            track=track,
            source=self._source(item),
            source_in_s=source_in_s,
            source_out_s=source_in_s + duration_s,
            record_in_s=Fraction(span[0]) / self._rate,
            record_out_s=Fraction(span[1]) / self._rate,
            role=role_of(track_name, name) if kind is ClipKind.SOUND else role_of(),
            gain_db=envelope.gain_db,
            fade_in_s=envelope.fade_in_s,
            fade_out_s=envelope.fade_out_s,
            levels=envelope.levels,
            is_enabled=is_on and _text(item, "enabled") != "FALSE",
        )

    def _source(self, item: Element) -> MediaSource | None:
        file = item.find("file")
        if file is None:
            self._has_nests |= item.find("sequence") is not None
            return None
        file = file if len(file) else self._files.get(file.get("id"), file)
        address = _text(file, "pathurl") or _text(file, "name")
        frames = _whole(file, "duration")
        return self._finder.source(address, Fraction(frames) / _rate(file, self._rate) if frames else None)

    def _envelope(self, item: Element, source_in_s: Fraction, duration_s: Fraction) -> Envelope:
        """From the keyframes of the level, whose times are the source's."""
        for effect in item.iterfind("filter/effect"):
            level = next((p for p in effect.iterfind("parameter") if _text(p, "parameterid") == "level"), None)
            if _text(effect, "effectid") != "audiolevels" or level is None:
                continue
            rate = _rate(item, self._rate)
            points = [
                LevelPoint(Fraction(_whole(one, "when")) / rate - source_in_s, _db(_text(one, "value")))
                for one in level.iterfind("keyframe")
            ]
            return envelope_of(points, duration_s) if points else Envelope(_db(_text(level, "value") or "1"))
        return Envelope()

    def _markers(self, element: Element) -> Iterator[EditMarker]:
        for one in element.iterfind("marker"):
            time_s = Fraction(_whole(one, "in")) / self._rate
            yield EditMarker(time_s, _text(one, "name"), kind_of_note(_text(one, "comment")))


def _span(items: list[Element], at: int) -> tuple[int, int]:
    """Where an item begins and ends on the timeline; a cut that a transition covers is in its middle."""
    item = items[at]
    start, end = _whole(item, "start", -1), _whole(item, "end", -1)
    if start < 0 and at > 0:
        start = _middle(items[at - 1])
    if end < 0 and at + 1 < len(items):
        end = _middle(items[at + 1])
    if start < 0 and end >= 0:
        start = end - (_whole(item, "out") - _whole(item, "in"))
    if end < 0:
        end = start + _whole(item, "out") - _whole(item, "in")
    if not 0 <= start <= end:
        raise ValueError(f"a clip from {start} to {end}")
    return start, end


def _middle(transition: Element) -> int:
    start, end = _whole(transition, "start"), _whole(transition, "end")
    alignment = _text(transition, "alignment")
    if alignment in {"start", "start-black"}:
        return start
    return end if alignment in {"end", "end-black"} else (start + end) // 2


def _rate(element: Element, default: Fraction | None = None) -> Fraction:
    rate = element.find("rate")
    if rate is None:
        if default is None:
            raise ValueError("no rate")
        return default
    base = Fraction(_whole(rate, "timebase"))
    return exact_rate(base * 1000 / 1001 if _text(rate, "ntsc").upper() == "TRUE" else base)


def _db(linear: str) -> float:
    value = float(linear)
    return 20 * math.log10(value) if value > 0.001 else SILENT_DB


def _text(element: Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _whole(element: Element, name: str, default: int = 0) -> int:
    text = _text(element, name)
    return round(float(text)) if text else default
