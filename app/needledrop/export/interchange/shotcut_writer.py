# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An edit as a Shotcut project. Plain MLT would open as one clip: what makes a project was taken from saved ones."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import count
from xml.etree.ElementTree import Element, SubElement

from needledrop.core.edit import EditClip, ProjectEdit
from needledrop.core.marker import MarkerKind
from needledrop.export.interchange.fade_shape import SILENT_DB
from needledrop.export.interchange.layout import Placed, end_frame, fade_frames, lanes, pairs, role_name
from needledrop.export.interchange.marker_kinds import SHOTCUT_COLOURS
from needledrop.export.interchange.mlt_emitter import (
    add_black,
    add_blank,
    add_media,
    add_mix,
    add_profile,
    add_property,
    document,
    level_text,
)

_TITLE = "Shotcut version 22.12.21"  # The oldest whose files these are.


def shotcut_project(edit: ProjectEdit) -> bytes:
    """The project. A picture brings its own sound along on its track; other sounds have tracks of their own."""
    root = Element("mlt", LC_NUMERIC="C", version="7.12.0", title=_TITLE, producer="main_bin")
    add_profile(root, edit)
    main_bin = SubElement(root, "playlist", id="main_bin", title=_TITLE)
    add_property(main_bin, "shotcut:projectAudioChannels", 2)
    add_property(main_bin, "xml_retain", 1)
    end = end_frame(edit)
    add_black(root, "black", end)
    SubElement(
        SubElement(root, "playlist", id="background"), "entry", {"producer": "black", "in": "0", "out": f"{end - 1}"}
    )
    found, sounds = pairs(edit)
    sound_of = {pair.picture: pair.sound for pair in found}
    pictures = lanes(edit, [pair.picture for pair in found])
    numbers = count()
    tracks = [_Track(f"V{at}", False, lane) for at, lane in enumerate(pictures, 1)]
    tracks += [_Track(f"A{at} {role_name(lane)}".strip(), True, lane) for at, lane in enumerate(lanes(edit, sounds), 1)]
    for at, track in enumerate(tracks):
        ids = [_add_chain(root, edit, one, f"chain{next(numbers)}", sound_of) for one in track.lane]
        _add_playlist(root, track, f"playlist{at}", ids)
    _add_tractor(root, edit, tracks, end)
    return document(root)


class _Track:
    def __init__(self, name: str, is_sound: bool, lane: Sequence[Placed]) -> None:
        self.name = name
        self.is_sound = is_sound
        self.lane = lane


def _add_chain(
    root: Element, edit: ProjectEdit, one: Placed, element_id: str, sound_of: dict[EditClip, EditClip | None]
) -> str:
    tag = "chain" if one.clip.speed == 1 else "producer"
    chain = add_media(root, tag, element_id, edit, one)
    add_property(chain, "shotcut:caption", one.clip.name)
    sound = sound_of.get(one.clip, one.clip)
    if sound is None:
        add_property(chain, "audio_index", -1)
    else:
        _add_filters(chain, edit, sound, one)
    return element_id


def _add_filters(chain: Element, edit: ProjectEdit, sound: EditClip, one: Placed) -> None:
    """Filters lie on the chain, in frames of the source; their keyframes count from their in-points."""
    rise, fall = fade_frames(edit, sound.fade_in_s), fade_frames(edit, sound.fade_out_s)
    if rise:
        level = f"0={SILENT_DB:g};{max(1, rise - 1)}=0"
        _add_volume(chain, "fadeInVolume", one.first, one.first + rise - 1, level, ("shotcut:animIn", rise))
    if sound.gain_db or sound.levels:
        _add_volume(chain, "audioGain", one.first, one.last, level_text(edit, sound))
    if fall:
        level = f"0=0;{one.frames - fall}=0;{one.frames - 1}={SILENT_DB:g}"
        _add_volume(chain, "fadeOutVolume", one.first, one.last, level, ("shotcut:animOut", fall))


def _add_volume(
    chain: Element, name: str, first: int, last: int, level: str, length: tuple[str, int] | None = None
) -> None:
    one = SubElement(chain, "filter", {"in": str(first), "out": str(last)})
    add_property(one, "window", 75)
    add_property(one, "max_gain", "20dB")
    add_property(one, "level", level)
    add_property(one, "mlt_service", "volume")
    add_property(one, "shotcut:filter", name)
    if length is not None:
        add_property(one, *length)


def _add_playlist(root: Element, track: _Track, element_id: str, ids: list[str]) -> None:
    playlist = SubElement(root, "playlist", id=element_id)
    add_property(playlist, "shotcut:audio" if track.is_sound else "shotcut:video", 1)
    add_property(playlist, "shotcut:name", track.name)
    at = 0
    for one, producer in zip(track.lane, ids, strict=True):
        add_blank(playlist, one.start - at)
        SubElement(playlist, "entry", {"producer": producer, "in": str(one.first), "out": str(one.last)})
        at = one.end


def _add_tractor(root: Element, edit: ProjectEdit, tracks: list[_Track], end: int) -> None:
    tractor = SubElement(root, "tractor", {"id": "tractor0", "title": _TITLE, "in": "0", "out": str(end - 1)})
    add_property(tractor, "shotcut", 1)
    add_property(tractor, "shotcut:projectAudioChannels", 2)
    _add_markers(tractor, edit)
    SubElement(tractor, "track", producer="background")
    for at, track in enumerate(tracks):
        hidden = {"hide": "video"} if track.is_sound else {}
        SubElement(tractor, "track", {"producer": f"playlist{at}"} | hidden)
    for at, track in enumerate(tracks, 1):
        add_mix(tractor, at)
        if not track.is_sound:
            _add_blend(tractor, at)


def _add_blend(tractor: Element, at: int) -> None:
    """Lays a picture over those below; the lowest needs none."""
    transition = SubElement(tractor, "transition")
    add_property(transition, "a_track", 0 if at == 1 else at - 1)
    add_property(transition, "b_track", at)
    add_property(transition, "version", "0.1")
    add_property(transition, "mlt_service", "frei0r.cairoblend")
    add_property(transition, "threads", 0)
    add_property(transition, "disable", 1 if at == 1 else 0)


def _add_markers(tractor: Element, edit: ProjectEdit) -> None:
    if not edit.markers:
        return
    group = SubElement(tractor, "properties", name="shotcut:markers")
    for number, marker in enumerate(edit.markers):
        one = SubElement(group, "properties", name=str(number))
        clock = _clock(edit.frame_of(marker.time_s) / edit.frame_rate)
        add_property(one, "text", marker.label)
        add_property(one, "start", clock)
        add_property(one, "end", clock)
        add_property(one, "color", SHOTCUT_COLOURS[marker.kind if marker.kind is not None else MarkerKind.BEAT])


def _clock(seconds: Fraction) -> str:
    """Hours, minutes, seconds and thousandths: enough to find the frame again."""
    thousandths = round(seconds * 1000)
    whole, rest = divmod(thousandths, 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{rest:03d}"
