# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An edit as OpenTimelineIO. The standard has no gain and no keyframes: they stand in metadata of our own name.

DaVinci Resolve takes only files of a certain shape: media with their available range, source times in the media's own
timecode, plain paths, no fades. That is the `for_resolve` shape.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from needledrop.core.edit import ClipKind, EditClip, EditMarker, MediaSource, ProjectEdit
from needledrop.core.marker import MarkerKind
from needledrop.export.interchange.layout import Placed, fade_frames, lanes, media_frames, media_path, role_name
from needledrop.export.interchange.marker_kinds import OTIO_COLOURS, note_of
from needledrop.export.interchange.media_paths import file_address
from needledrop.export.interchange.otio_reader import METADATA


def otio_document(edit: ProjectEdit, *, for_resolve: bool = False) -> bytes:
    """The timeline as JSON."""
    text: str = _Emitter(edit, for_resolve=for_resolve).timeline().to_json_string()
    return f"{text}\n".encode("utf-8", "replace")


class _Emitter:
    def __init__(self, edit: ProjectEdit, *, for_resolve: bool) -> None:
        import opentimelineio

        self._otio = opentimelineio
        self._edit = edit
        self._is_for_resolve = for_resolve

    def timeline(self) -> Any:
        edit, schema = self._edit, self._otio.schema
        timeline = schema.Timeline(edit.name, global_start_time=self._time(edit.start_frame))
        timeline.metadata[METADATA] = {"is_drop_frame": edit.is_drop_frame, "size": list(edit.size)}
        for kind, label in ((ClipKind.PICTURE, "V"), (ClipKind.SOUND, "A")):
            for number, lane in enumerate(lanes(edit, edit.of_kind(kind)), 1):
                timeline.tracks.append(self._track(lane, kind, f"{label}{number}"))
        for marker in edit.markers:
            timeline.tracks.markers.append(self._marker(marker))
        return timeline

    def _track(self, lane: list[Placed], kind: ClipKind, name: str) -> Any:
        schema = self._otio.schema
        name = f"{name} {role_name(lane)}".strip()
        kinds = {ClipKind.PICTURE: schema.TrackKind.Video, ClipKind.SOUND: schema.TrackKind.Audio}
        track = schema.Track(name, kind=kinds[kind])
        at = 0
        for one in lane:
            if one.start > at:
                track.append(schema.Gap(source_range=self._range(0, one.start - at)))
            self._add(track, one)
            at = one.end
        return track

    def _add(self, track: Any, one: Placed) -> None:
        """A clip between its fades, which are transitions from and to nothing."""
        rise, fall = fade_frames(self._edit, one.clip.fade_in_s), fade_frames(self._edit, one.clip.fade_out_s)
        if rise and not self._is_for_resolve:
            track.append(self._fade("Fade in", 0, rise))
        track.append(self._clip(one))
        if fall and not self._is_for_resolve:
            track.append(self._fade("Fade out", fall, 0))

    def _fade(self, name: str, in_frames: int, out_frames: int) -> Any:
        schema = self._otio.schema
        kind = schema.TransitionTypes.SMPTE_Dissolve
        return schema.Transition(name, kind, self._time(in_frames), self._time(out_frames))

    def _clip(self, one: Placed) -> Any:
        clip, schema = one.clip, self._otio.schema
        source = clip.source
        if source is None:
            raise ValueError("a clip without a file has no reference")
        zero = self._edit.frame_of(source.start_s)
        first = self._edit.frame_of(clip.source_in_s)
        length = media_frames(self._edit, source, self._edit.frame_of(clip.source_out_s))
        reference = schema.ExternalReference(self._address(source), self._range(zero, length))
        reference.name = media_path(source).name
        made = schema.Clip(clip.name, reference, self._range(zero + first, one.frames))
        if clip.speed != 1:
            made.effects.append(schema.LinearTimeWarp(time_scalar=float(clip.speed)))
        if own := _own(clip):
            made.metadata[METADATA] = own
        return made

    def _address(self, source: MediaSource) -> str:
        if self._is_for_resolve:
            return str(media_path(source))
        return file_address(media_path(source)) if source.path is not None else source.named

    def _marker(self, marker: EditMarker) -> Any:
        frame = self._edit.frame_of(marker.time_s)
        # In Resolve a marker without length is not shown.
        made = self._otio.schema.Marker(marker.label, self._range(frame, int(self._is_for_resolve)))
        made.comment = marker.label  # Kdenlive shows the comment, not the name.
        made.color = OTIO_COLOURS[marker.kind if marker.kind is not None else MarkerKind.BEAT]
        if note := note_of(marker.kind):
            made.metadata[METADATA] = {"kind": note}
        return made

    def _time(self, frames: int) -> Any:
        return self._otio.opentime.RationalTime(frames, float(self._edit.frame_rate))

    def _range(self, start: int, frames: int) -> Any:
        return self._otio.opentime.TimeRange(self._time(start), self._time(frames))


def _own(clip: EditClip) -> dict[str, Any]:
    """What the standard has no place for."""
    if not (clip.gain_db or clip.levels):
        return {}
    levels = [[str(Fraction(point.time_s)), point.level_db] for point in clip.levels]
    return {"gain_db": clip.gain_db, "levels": levels}
