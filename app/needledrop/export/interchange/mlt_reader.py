# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kdenlive projects (all generations since 20.08), Shotcut projects and plain MLT as edits.

Source: KDE, Kdenlive dev-docs/fileformat.md; files that Kdenlive 22.12 and Shotcut 22.12 saved.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element

from needledrop.core.edit import ClipKind, EditClip, EditMarker, ProjectEdit
from needledrop.core.paths import display_path
from needledrop.export.interchange.mlt_document import MltDocument, properties
from needledrop.export.interchange.mlt_levels import levels_of
from needledrop.export.interchange.roles import role_of
from needledrop.export.interchange.safe_xml import broken, read_xml


def read_mlt(path: Path) -> ProjectEdit:
    """The timeline of a project; of several sequences the one that is open.

    Raises:
        KnownError: "missing", "broken-project" or "unsafe-project".
    """
    root = read_xml(path)
    name = display_path(path.name)
    if root.tag != "mlt":
        raise broken(name, f"its root is {root.tag}")
    try:
        document = MltDocument(root, path)
        timeline = _timeline(document)
        tracks = [] if timeline is None else _tracks_from_first(_tracks(document, timeline))
        clips = [clip for track in tracks for clip in _clips(document, track)]
        end_s = max((clip.record_out_s for clip in clips), default=Fraction(0))
        return ProjectEdit(
            name=path.stem,
            frame_rate=document.frame_rate,
            clips=tuple(clips),
            markers=tuple(_markers(document, timeline)),
            size=document.size,
            names=tuple(_names(document, tracks, clips)),
            duration_s=end_s,
        )
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise broken(name, str(error)) from error


@dataclass(frozen=True)
class _Track:
    """The playlists of one track; numbers count from 0 among those of its kind and among all that sound."""

    kind: ClipKind
    number: int
    sound_number: int
    name: str
    playlists: tuple[Element, ...]
    is_both: bool
    is_kdenlive: bool


def _timeline(document: MltDocument) -> Element | None:
    """The tractor that is the timeline: what the project's own tractor shows, Shotcut's, or the last one."""
    tractors = document.root.findall("tractor")
    for tractor in reversed(tractors):
        said = properties(tractor)
        if said.get("kdenlive:projectTractor") == "1":
            shown = [document.named(track.get("producer", "")) for track in tractor.iterfind("track")]
            return next((one for one in reversed(shown) if one is not None and one.tag == "tractor"), None)
        if said.get("shotcut") == "1":
            return tractor
    return tractors[-1] if tractors else None


def _tracks(document: MltDocument, timeline: Element) -> Iterator[_Track]:
    counts = {ClipKind.PICTURE: 0, ClipKind.SOUND: 0}
    for track in timeline.iterfind("track"):
        element = document.named(track.get("producer", ""))
        if element is None or element.tag == "producer" or element.get("id") in {"background", "black_track"}:
            continue
        inner = [document.named(one.get("producer", "")) for one in element.iterfind("track")]
        playlists = tuple(one for one in inner or [element] if one is not None and one.tag == "playlist")
        said = properties(element)
        hidden = [one.get("hide", "") for one in (track, *element.iterfind("track"))]
        is_sound = "kdenlive:audio_track" in said or "shotcut:audio" in said or "video" in hidden
        kind = ClipKind.SOUND if is_sound else ClipKind.PICTURE
        # Kdenlive keeps the sound of a clip on a track of its own; in Shotcut it sounds with its picture.
        is_both = not is_sound and "audio" not in hidden and "both" not in hidden
        name = said.get("kdenlive:track_name") or said.get("shotcut:name") or ""
        if "both" not in hidden:
            yield _Track(kind, counts[kind], counts[ClipKind.SOUND], name, playlists, is_both, bool(inner))
        for one in {kind, ClipKind.SOUND} if is_both else {kind}:
            counts[one] += 1


def _tracks_from_first(tracks: Iterator[_Track]) -> list[_Track]:
    """Kdenlive lists its sound tracks from the last to the first."""
    listed = list(tracks)
    sounds = [track for track in listed if track.kind is ClipKind.SOUND]
    if not any(track.is_kdenlive for track in sounds):
        return listed
    numbers = {id(track): number for number, track in enumerate(reversed(sounds))}
    return [replace(track, sound_number=numbers.get(id(track), track.sound_number)) for track in listed]


def _clips(document: MltDocument, track: _Track) -> Iterator[EditClip]:
    for playlist in track.playlists:
        at = 0
        for element in playlist:
            if element.tag == "blank":
                at += document.frame(element.get("length"))
            elif element.tag == "entry":
                yield from _entry_clips(document, track, element, at)
                at += _length(document, element)


def _entry_clips(document: MltDocument, track: _Track, entry: Element, at: int) -> Iterator[EditClip]:
    producer = document.named(entry.get("producer", ""))
    if producer is None:
        return
    if producer.tag == "tractor" and "shotcut:transition" in properties(producer):
        yield from _dissolve(document, track, producer, at)
        return
    first, frames = document.frame(entry.get("in")), _length(document, entry)
    media = document.media(producer)
    rate = document.frame_rate
    levels = levels_of(document, [entry, producer], first, frames)
    is_silent = properties(producer).get("audio_index") == "-1"
    kinds = [track.kind, ClipKind.SOUND] if track.is_both and not is_silent else [track.kind]
    for kind in kinds:
        yield EditClip(
            name=media.name,
            kind=kind,
            track=track.sound_number if kind is ClipKind.SOUND else track.number,
            source=media.source,
            source_in_s=first / rate * media.speed,
            source_out_s=(first + frames) / rate * media.speed,
            record_in_s=at / rate,
            record_out_s=(at + frames) / rate,
            role=role_of(track.name, media.name) if kind is ClipKind.SOUND else role_of(),
            gain_db=levels.gain_db if kind is ClipKind.SOUND else 0.0,
            fade_in_s=levels.fade_in_s if kind is ClipKind.SOUND else Fraction(0),
            fade_out_s=levels.fade_out_s if kind is ClipKind.SOUND else Fraction(0),
            levels=levels.levels if kind is ClipKind.SOUND else (),
        )


def _dissolve(document: MltDocument, track: _Track, transition: Element, at: int) -> Iterator[EditClip]:
    """One clip until the middle of a dissolve, the other from there."""
    sides = [document.named(one.get("producer", "")) or one for one in transition.iterfind("track")][:2]
    entries = [one if one.tag != "playlist" else one.find("entry") for one in sides]
    ranges = list(transition.iterfind("track"))[:2]
    frames = document.frame(transition.get("out")) - document.frame(transition.get("in")) + 1
    half = frames // 2
    spans = [(at, 0, half), (at + half, half, frames)]
    for element, range_, (start, begin, end) in zip(entries, ranges, spans, strict=False):
        if element is None or end <= begin:
            continue
        inner = document.named(element.get("producer", "")) if element.tag == "entry" else element
        if inner is None or inner.tag == "tractor":
            continue
        base = element.get("in") if element.tag == "entry" else range_.get("in")
        first = document.frame(base) + begin
        media, rate = document.media(inner), document.frame_rate
        yield EditClip(
            media.name,
            track.kind,
            track.number,
            media.source,
            first / rate * media.speed,
            (first + end - begin) / rate * media.speed,
            start / rate,
            (start + end - begin) / rate,
            role_of(track.name, media.name) if track.kind is ClipKind.SOUND else role_of(),
        )


def _length(document: MltDocument, entry: Element) -> int:
    first = document.frame(entry.get("in"))
    return max(0, document.frame(entry.get("out"), first - 1) - first + 1)


def _markers(document: MltDocument, timeline: Element | None) -> Iterator[EditMarker]:
    if timeline is None:
        return
    said = {name: text for one in _guide_holders(document, timeline) for name, text in properties(one).items()}
    named = ("kdenlive:sequenceproperties.guides", "kdenlive:docproperties.guides")
    guides = next((said[name] for name in named if said.get(name)), "[]")
    for guide in json.loads(guides):
        yield EditMarker(Fraction(int(guide["pos"])) / document.frame_rate, str(guide.get("comment", "")))
    for group in timeline.iterfind("properties"):
        if group.get("name") == "shotcut:markers":
            for one in group.iterfind("properties"):
                marker = properties(one)
                yield EditMarker(document.frame(marker.get("start")) / document.frame_rate, marker.get("text", ""))


def _guide_holders(document: MltDocument, timeline: Element) -> list[Element]:
    main_bin = document.named("main_bin")
    return [timeline] if main_bin is None else [main_bin, timeline]


def _names(document: MltDocument, tracks: list[_Track], clips: list[EditClip]) -> Iterator[str]:
    main_bin = document.named("main_bin")
    if main_bin is not None:
        for name, text in properties(main_bin).items():
            if name.startswith("kdenlive:folder."):
                yield text
    yield from (track.name for track in tracks if track.name)
    yield from dict.fromkeys(clip.name for clip in clips)
