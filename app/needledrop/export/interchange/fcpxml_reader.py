# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""FCPXML 1.8 to 1.14 as an edit: of several projects the first.

Source: Apple, "FCPXML reference" and its published DTDs. A part lies at `offset` of its parent's time, which begins at
the parent's `start`; what is outside the parent's `duration` is not on the timeline.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element

from needledrop.core.edit import ClipKind, EditClip, EditMarker, MediaSource, ProjectEdit, SoundRole
from needledrop.core.paths import display_path
from needledrop.export.interchange.fade_shape import Envelope
from needledrop.export.interchange.fcpxml_levels import level_of
from needledrop.export.interchange.fcpxml_times import seconds_of
from needledrop.export.interchange.frame_rates import exact_rate
from needledrop.export.interchange.marker_kinds import kind_of_note
from needledrop.export.interchange.media_paths import MediaFinder
from needledrop.export.interchange.roles import role_of
from needledrop.export.interchange.safe_xml import broken

_HOLDERS = {"clip", "asset-clip", "video", "audio", "sync-clip", "ref-clip", "mc-clip", "gap", "title", "audition"}
_DEEPEST = 24


def read_fcpxml(root: Element, path: Path) -> ProjectEdit:
    """The sequence of the first project.

    Raises:
        KnownError: "broken-project".
    """
    name = display_path(path.name)
    projects = list(root.iter("project"))
    holders = projects or list(root.iter("media")) or [root]
    sequence = next((found for one in holders if (found := one.find("sequence")) is not None), None)
    if sequence is None:
        raise broken(name, "no sequence")
    title = projects[0].get("name", "") if projects else ""
    try:
        return _Reader(root, path).edit(sequence, title or path.stem)
    except (ArithmeticError, LookupError, ValueError) as error:
        raise broken(name, str(error)) from error


@dataclass(frozen=True)
class _Window:
    """Where local time lies: local second `local_s` is timeline second `record_s`; seen from begin_s to end_s of the
    timeline, as `kinds`, on tracks `lane` above the main storyline."""

    local_s: Fraction
    record_s: Fraction
    begin_s: Fraction
    end_s: Fraction
    kinds: frozenset[ClipKind]
    lane: int = 0
    depth: int = 0

    def record(self, local_s: Fraction) -> Fraction:
        return self.record_s + local_s - self.local_s

    def inner(self, element: Element, kinds: frozenset[ClipKind], start_s: Fraction) -> _Window:
        """The window of a part that lies in this one and whose own time begins at start_s."""
        at_s = self.record(seconds_of(element.get("offset"), self.local_s))
        length = element.get("duration")
        end_s = at_s + seconds_of(length) if length is not None else self.end_s
        lane = int(element.get("lane", "0"))
        is_own = lane != 0  # What is attached may outlast what it is attached to.
        begin_s = max(at_s, Fraction(0)) if is_own else max(at_s, self.begin_s)
        end_s = end_s if is_own else min(end_s, self.end_s)
        return _Window(start_s, at_s, begin_s, end_s, kinds, self.lane + lane, self.depth + 1)


class _Reader:
    def __init__(self, root: Element, path: Path) -> None:
        self._root = root
        self._finder = MediaFinder(path)
        self._resources = {found: one for one in root.iterfind("resources/*") if (found := one.get("id"))}
        self._clips: list[EditClip] = []
        self._markers: list[EditMarker] = []
        self._notes: dict[str, None] = {}

    def edit(self, sequence: Element, name: str) -> ProjectEdit:
        form = self._resources.get(sequence.get("format", ""))
        rate, size = self._format(form)
        start_s = seconds_of(sequence.get("tcStart"))
        spine = sequence.find("spine")
        length_s = self._length(sequence, spine)
        window = _Window(start_s, Fraction(0), Fraction(0), length_s, frozenset(ClipKind))
        if spine is not None:
            self._spine(spine, window, start_s)
        clips = _tracks_from_zero(self._clips)
        return ProjectEdit(
            name=name,
            frame_rate=rate,
            clips=clips,
            markers=tuple(sorted(self._markers, key=lambda marker: marker.time_s)),
            start_frame=round(start_s * rate),
            is_drop_frame=sequence.get("tcFormat") == "DF",
            size=size,
            names=tuple(self._names(clips)),
            notes=tuple(self._notes),
            duration_s=length_s,
        )

    def _format(self, form: Element | None) -> tuple[Fraction, tuple[int, int]]:
        if form is None or not form.get("frameDuration"):
            raise ValueError("the sequence has no frame rate")
        rate = exact_rate(1 / seconds_of(form.get("frameDuration")))
        return rate, (int(form.get("width", "0")), int(form.get("height", "0")))

    def _length(self, sequence: Element, spine: Element | None) -> Fraction:
        if sequence.get("duration"):
            return seconds_of(sequence.get("duration"))
        start_s = seconds_of(sequence.get("tcStart"))
        parts = list(spine) if spine is not None else []
        ends = (seconds_of(one.get("offset"), start_s) + seconds_of(one.get("duration")) - start_s for one in parts)
        return max(ends, default=Fraction(0))

    def _names(self, clips: tuple[EditClip, ...]) -> Iterator[str]:
        for kind in ("event", "project"):
            yield from (name for one in self._root.iter(kind) if (name := one.get("name")))
        yield from (text for one in self._root.iter("keyword") for text in one.get("value", "").split(","))
        yield from dict.fromkeys(clip.name for clip in clips)

    def _spine(self, spine: Element, window: _Window, first_s: Fraction) -> None:
        """A storyline whose time begins at first_s: its parts say where they lie, or follow one another."""
        at_s = first_s
        for part in spine:
            if part.tag not in _HOLDERS:
                continue
            part = part if part.tag != "audition" else next(iter(part), part)
            if part.get("offset") is None:
                part.set("offset", f"{at_s}s")
            at_s = seconds_of(part.get("offset")) + seconds_of(part.get("duration"))
            self._part(part, window)

    def _part(self, part: Element, outer: _Window, *, is_resource: bool = False) -> None:
        if outer.depth > _DEEPEST:
            raise ValueError("parts nest too deep")
        if part.get("enabled") == "0":
            return
        enabled = {"audio": {ClipKind.SOUND}, "video": {ClipKind.PICTURE}}.get(part.get("srcEnable", ""), set(ClipKind))
        start_s = seconds_of(part.get("start"), self._media_start_s(part))
        window = outer.inner(part, outer.kinds & frozenset(enabled), start_s)
        self._add_markers(part, window)
        if part.tag in {"asset-clip", "video", "audio", "title"}:
            self._add(part, window)
        elif part.tag in {"ref-clip", "mc-clip"}:
            self._nested(part, window)
        if part.find("timeMap") is not None:
            self._notes["Speed changes inside clips are not read: these clips are taken at their own speed."] = None
        for inner in part:
            if inner.tag == "spine":
                self._storyline(inner, window)
            elif inner.tag in _HOLDERS:
                self._part(inner, window)

    def _storyline(self, spine: Element, window: _Window) -> None:
        """A storyline attached to a clip, or the content of a synchronised clip: its own time begins at 0."""
        lane = int(spine.get("lane", "0"))
        at_s = window.record(seconds_of(spine.get("offset"), window.local_s))
        end_s = max(window.end_s, at_s + 86_400) if lane else window.end_s
        begin_s = at_s if lane else window.begin_s
        inner = _Window(Fraction(0), at_s, begin_s, end_s, window.kinds, window.lane + lane, window.depth + 1)
        self._spine(spine, inner, Fraction(0))

    def _nested(self, part: Element, window: _Window) -> None:
        """A compound or multicam clip: what its own sequence, or the angles in use, have in its window."""
        media = self._resources.get(part.get("ref", ""))
        if media is None:
            return
        sequence = media.find("sequence")
        if sequence is not None:
            spine, start_s = sequence.find("spine"), seconds_of(sequence.get("tcStart"))
            if spine is not None:
                self._spine(spine, _entered(window, start_s), start_s)
            return
        angles = {one.get("angleID"): one for one in media.iterfind("multicam/mc-angle")}
        start_s = seconds_of(next((one.get("tcStart") for one in media.iterfind("multicam")), None))
        for source in part.iterfind("mc-source"):
            used = {"audio": {ClipKind.SOUND}, "video": {ClipKind.PICTURE}, "none": set[ClipKind]()}
            kinds = window.kinds & frozenset(used.get(source.get("srcEnable", "all"), set(ClipKind)))
            angle = angles.get(source.get("angleID"))
            if angle is not None and kinds:
                self._spine(angle, replace(_entered(window, start_s), kinds=kinds), start_s)

    def _media_start_s(self, part: Element) -> Fraction:
        """What the first frame of a part's media is called."""
        asset = self._resources.get(part.get("ref", ""))
        return seconds_of(asset.get("start")) if asset is not None and asset.tag == "asset" else Fraction(0)

    def _add(self, part: Element, window: _Window) -> None:
        asset = self._resources.get(part.get("ref", ""))
        source = self._source(asset) if asset is not None and asset.tag == "asset" else None
        has = {
            ClipKind.PICTURE: part.tag in {"video", "title"} or (part.tag == "asset-clip" and _has(asset, "hasVideo")),
            ClipKind.SOUND: part.tag == "audio" or (part.tag == "asset-clip" and _has(asset, "hasAudio")),
        }
        for kind in ClipKind:
            if has[kind] and kind in window.kinds and window.begin_s < window.end_s:
                self._clips.append(self._clip(part, window, kind, source, window.local_s - self._media_start_s(part)))

    def _clip(
        self, part: Element, window: _Window, kind: ClipKind, source: MediaSource | None, source_s: Fraction
    ) -> EditClip:
        is_sound = kind is ClipKind.SOUND
        level = level_of(part, window.local_s, window.end_s - window.begin_s) if is_sound else Envelope()
        name = part.get("name", "") or (source.named.rsplit("/", 1)[-1] if source else part.tag)
        first_s = source_s + window.begin_s - window.record_s
        role_name = part.get("audioRole") or part.get("role") or ""
        return EditClip(
            name=name,
            kind=kind,
            track=window.lane,
            source=source,
            source_in_s=first_s,
            source_out_s=first_s + window.end_s - window.begin_s,
            record_in_s=window.begin_s,
            record_out_s=window.end_s,
            role=role_of(role_name, name) if is_sound else SoundRole.UNKNOWN,
            gain_db=level.gain_db,
            fade_in_s=level.fade_in_s,
            fade_out_s=level.fade_out_s,
            levels=level.levels,
        )

    def _source(self, asset: Element) -> MediaSource:
        """Since 1.9 the address stands in a media-rep; of several the original."""
        reps = sorted(asset.iterfind("media-rep"), key=lambda rep: rep.get("kind") != "original-media")
        address = next((rep.get("src", "") for rep in reps), asset.get("src", ""))
        return self._finder.source(address, seconds_of(asset.get("duration")) or None, seconds_of(asset.get("start")))

    def _add_markers(self, part: Element, window: _Window) -> None:
        for tag in ("marker", "chapter-marker"):
            for one in part.iterfind(tag):
                at_s = window.record(seconds_of(one.get("start")))
                if window.begin_s <= at_s <= window.end_s:
                    self._markers.append(EditMarker(at_s, one.get("value", ""), kind_of_note(one.get("note", ""))))


def _entered(window: _Window, start_s: Fraction) -> _Window:
    """The window of a nested sequence whose time begins at start_s; who says no start of his own begins there."""
    return replace(window, local_s=max(window.local_s, start_s), depth=window.depth + 1)


def _has(asset: Element | None, name: str) -> bool:
    return asset is not None and asset.get(name) == "1"


def _tracks_from_zero(clips: list[EditClip]) -> tuple[EditClip, ...]:
    """Lanes as tracks: pictures keep their order from the lowest up; sounds from the main storyline on."""
    kept = []
    for kind in ClipKind:
        lanes = {clip.track for clip in clips if clip.kind is kind}
        ordered = sorted(lanes) if kind is ClipKind.PICTURE else sorted(lanes, key=lambda lane: (abs(lane), lane))
        numbers = {lane: number for number, lane in enumerate(ordered)}
        kept += [replace(clip, track=numbers[clip.track]) for clip in clips if clip.kind is kind]
    return tuple(kept)
