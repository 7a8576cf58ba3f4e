# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenTimelineIO files (.otio, .otioz) as edits. Runs nothing: no adapters, no plugins, no media linkers."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from needledrop.core.edit import ClipKind, EditClip, EditMarker, LevelPoint, MediaSource, ProjectEdit
from needledrop.core.paths import display_path
from needledrop.export.interchange.frame_rates import exact_rate
from needledrop.export.interchange.marker_kinds import kind_of_note
from needledrop.export.interchange.media_paths import MediaFinder
from needledrop.export.interchange.roles import role_of
from needledrop.export.interchange.safe_xml import MOST_BYTES, broken, read_bytes, unsafe

METADATA = "needledrop"
_DEEPEST = 16


def read_otio(path: Path) -> ProjectEdit:
    """The timeline of a file; of a collection the first.

    Raises:
        KnownError: "missing", "broken-project" or "unsafe-project".
    """
    import opentimelineio as otio

    name = display_path(path.name)
    text = _text(path, name)
    try:
        json.loads(text)  # Rejects nesting that would exhaust the stack of the library's own parser.
        found = otio.core.deserialize_json_from_string(text)
        timeline = _first_timeline(found)
        if timeline is None:
            raise broken(name, "no timeline")
        return _Reader(timeline, path).edit()
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise broken(name, str(error)) from error
    except otio.exceptions.OTIOError as error:
        raise broken(name, str(error)) from error


def _text(path: Path, name: str) -> str:
    content = _bundled(path, name) if path.suffix.casefold() == ".otioz" else read_bytes(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise broken(name, str(error)) from error


def _bundled(path: Path, name: str) -> bytes:
    """The timeline inside a bundle; how large it says it is does not count."""
    try:
        with zipfile.ZipFile(path) as bundle, bundle.open("content.otio") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return read_bytes(path)  # It says what is wrong.
    except (OSError, KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
        raise broken(name, str(error)) from error
    if len(content) > MOST_BYTES:
        raise unsafe(name, f"its timeline is larger than {MOST_BYTES // 2**20} MiB")
    return content


def _first_timeline(found: Any) -> Any:
    import opentimelineio as otio

    if isinstance(found, otio.schema.Timeline):
        return found
    if isinstance(found, otio.schema.SerializableCollection):
        return next((one for one in found if isinstance(one, otio.schema.Timeline)), None)
    return None


@dataclass(frozen=True)
class _Place:
    """A track's content: its kind, its number, its name."""

    kind: ClipKind
    number: int
    name: str


class _Reader:
    def __init__(self, timeline: Any, path: Path) -> None:
        self._timeline = timeline
        self._path = path
        self._finder = MediaFinder(path)
        self._has_nests = False
        self._markers: list[EditMarker] = []

    def edit(self) -> ProjectEdit:
        timeline = self._timeline
        clips = [clip for place, track in self._tracks() for clip in self._items(track, place, Fraction(0), 0)]
        self._add_markers(timeline.tracks, Fraction(0), Fraction(0))
        start = timeline.global_start_time
        rate = self._rate()
        size = _own(timeline).get("size", (0, 0))
        return ProjectEdit(
            name=timeline.name or self._path.stem,
            frame_rate=rate,
            clips=tuple(clips),
            markers=tuple(sorted(set(self._markers), key=lambda marker: (marker.time_s, marker.label))),
            start_frame=round(_seconds(start) * rate) if start is not None else 0,
            is_drop_frame=bool(_own(timeline).get("is_drop_frame", False)),
            size=(int(size[0]), int(size[1])),
            names=tuple(dict.fromkeys([timeline.name, *(track.name for track in timeline.tracks), *_names(clips)])),
            notes=("Nested timelines are one clip of unknown media.",) if self._has_nests else (),
            duration_s=max((clip.record_out_s for clip in clips), default=Fraction(0)),
        )

    def _rate(self) -> Fraction:
        """The timeline's, else that of most picture tracks' parts."""
        import opentimelineio as otio

        start = self._timeline.global_start_time
        if start is not None and start.rate > 1:
            return exact_rate(start.rate)
        kinds = sorted(self._timeline.tracks, key=lambda track: track.kind != otio.schema.TrackKind.Video)
        for track in kinds:
            for item in track:
                if isinstance(item, otio.core.Item) and item.source_range is not None:
                    return exact_rate(item.source_range.duration.rate)
        return Fraction(25)

    def _tracks(self) -> Iterator[tuple[_Place, Any]]:
        import opentimelineio as otio

        counts = dict.fromkeys(ClipKind, 0)
        for track in self._timeline.tracks:
            kind = ClipKind.SOUND if getattr(track, "kind", "") == otio.schema.TrackKind.Audio else ClipKind.PICTURE
            if isinstance(track, otio.schema.Track) and track.enabled:
                yield _Place(kind, counts[kind], track.name), track
            counts[kind] += 1

    def _items(self, track: Any, place: _Place, at_s: Fraction, depth: int) -> Iterator[EditClip]:
        import opentimelineio as otio

        if depth > _DEEPEST:
            raise ValueError("timelines nest too deep")
        items = list(track)
        for number, item in enumerate(items):
            if not isinstance(item, otio.core.Item):
                continue
            span = item.trimmed_range()
            start_s, length_s = _seconds(span.start_time), _seconds(span.duration)
            if isinstance(item, otio.schema.Clip):
                fades = _fade(items, number - 1), _fade(items, number + 1)
                yield self._clip(item, place, at_s, fades)
            elif not isinstance(item, otio.schema.Gap):
                self._has_nests = True
                end_s = at_s + length_s
                yield EditClip(item.name, place.kind, place.number, None, start_s, start_s + length_s, at_s, end_s)
            self._add_markers(item, start_s, at_s)
            at_s += length_s

    def _clip(self, clip: Any, place: _Place, at_s: Fraction, fades: tuple[Fraction, Fraction]) -> EditClip:
        span = clip.trimmed_range()
        start_s, length_s = _seconds(span.start_time), _seconds(span.duration)
        source, zero_s = self._source(clip.media_reference)
        own = _own(clip)
        is_sound = place.kind is ClipKind.SOUND
        return EditClip(
            name=clip.name,
            kind=place.kind,
            track=place.number,
            source=source,
            source_in_s=start_s - zero_s,
            source_out_s=start_s - zero_s + length_s * _speed(clip),
            record_in_s=at_s,
            record_out_s=at_s + length_s,
            role=role_of(place.name, clip.name) if is_sound else role_of(),
            gain_db=float(own.get("gain_db", 0.0)),
            fade_in_s=fades[0] if is_sound else Fraction(0),
            fade_out_s=fades[1] if is_sound else Fraction(0),
            levels=tuple(LevelPoint(Fraction(str(at)), float(level)) for at, level in own.get("levels", ())),
            is_enabled=clip.enabled,
        )

    def _source(self, reference: Any) -> tuple[MediaSource | None, Fraction]:
        """The file and what its first frame is called."""
        import opentimelineio as otio

        available = reference.available_range if reference is not None else None
        zero_s = _seconds(available.start_time) if available is not None else Fraction(0)
        if not isinstance(reference, otio.schema.ExternalReference):
            return None, zero_s
        duration_s = _seconds(available.duration) if available is not None else None
        return self._finder.source(reference.target_url or "", duration_s, zero_s), zero_s

    def _add_markers(self, item: Any, start_s: Fraction, at_s: Fraction) -> None:
        for marker in item.markers:
            time_s = at_s + _seconds(marker.marked_range.start_time) - start_s
            label = marker.name or getattr(marker, "comment", "")
            kind = kind_of_note(str(_own(marker).get("kind", "")))
            self._markers.append(EditMarker(time_s, label, kind))


def _fade(items: list[Any], at: int) -> Fraction:
    """The fade that a transition beside a clip is: one to or from silence, not from clip to clip."""
    import opentimelineio as otio

    if not 0 <= at < len(items) or not isinstance(items[at], otio.schema.Transition):
        return Fraction(0)
    sides = [items[at - 1] if at > 0 else None, items[at + 1] if at + 1 < len(items) else None]
    if all(isinstance(side, otio.schema.Clip) for side in sides):
        return Fraction(0)
    return _seconds(items[at].in_offset) + _seconds(items[at].out_offset)


def _speed(clip: Any) -> Fraction:
    import opentimelineio as otio

    speed = Fraction(1)
    for effect in clip.effects:
        if isinstance(effect, otio.schema.FreezeFrame):
            return Fraction(0)
        if isinstance(effect, otio.schema.LinearTimeWarp):
            speed *= Fraction(effect.time_scalar).limit_denominator(100_000)
    return speed


def _seconds(time: Any) -> Fraction:
    """Exact seconds; frames that are nearly whole are whole."""
    rate = exact_rate(time.rate) if time.rate <= 1000 else Fraction(time.rate)
    value = Fraction(time.value).limit_denominator(1_000_000)
    near = round(value)
    return (Fraction(near) if abs(value - near) < Fraction(1, 10_000) else value) / rate


def _own(item: Any) -> dict[str, Any]:
    """What Needledrop wrote beside the standard."""
    found = item.metadata.get(METADATA, {})
    return dict(found) if hasattr(found, "keys") else {}


def _names(clips: list[EditClip]) -> list[str]:
    return [clip.name for clip in clips]
