# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An edit laid out for writing: clips in whole frames, on lanes without overlaps, sounds beside their pictures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from needledrop.core.edit import ClipKind, EditClip, MediaSource, ProjectEdit, SoundRole
from needledrop.export.interchange.media_paths import plain_path

_USUAL_SIZE = (1920, 1080)


@dataclass(frozen=True)
class Placed:
    """A clip in frames of the timeline: [start, end), from frame `first` of its source played at its speed."""

    clip: EditClip
    start: int
    end: int
    first: int

    @property
    def last(self) -> int:
        """The last frame of the source, as formats want it that count it in."""
        return self.first + self.frames - 1

    @property
    def frames(self) -> int:
        """Length in frames."""
        return self.end - self.start


@dataclass(frozen=True)
class Pair:
    """A picture and the sound that was recorded with it and is cut like it, if there is one."""

    picture: EditClip
    sound: EditClip | None


def placed(edit: ProjectEdit, clip: EditClip) -> Placed:
    """A clip in whole frames of the timeline."""
    first = clip.source_in_s / clip.speed if clip.speed > 0 else clip.source_in_s
    return Placed(clip, edit.frame_of(clip.record_in_s), edit.frame_of(clip.record_out_s), edit.frame_of(first))


def lanes(edit: ProjectEdit, clips: Iterable[EditClip]) -> list[list[Placed]]:
    """Clips by track, in order of time; what overlaps on a track gets a lane of its own above it."""
    found: list[list[Placed]] = []
    wanted = [placed(edit, clip) for clip in clips if clip.source is not None]
    for track in sorted({one.clip.track for one in wanted}):
        own: list[list[Placed]] = []
        mine = sorted((one for one in wanted if one.clip.track == track), key=lambda one: (one.start, one.end))
        for one in mine:
            if one.frames > 0:
                lane = next((lane for lane in own if lane[-1].end <= one.start), None)
                own.append([one]) if lane is None else lane.append(one)
        found += own
    return found


def pairs(edit: ProjectEdit) -> tuple[list[Pair], list[EditClip]]:
    """Pictures with their own sounds, and the sounds that are nobody's."""
    sounds = list(edit.of_kind(ClipKind.SOUND))
    found = []
    for picture in edit.of_kind(ClipKind.PICTURE):
        sound = next((one for one in sounds if _is_twin(picture, one)), None)
        if sound is not None:
            sounds.remove(sound)
        found.append(Pair(picture, sound))
    return found, sounds


def _is_twin(picture: EditClip, sound: EditClip) -> bool:
    return (
        picture.source is not None
        and sound.source is not None
        and picture.source.named == sound.source.named
        and (picture.record_in_s, picture.record_out_s) == (sound.record_in_s, sound.record_out_s)
        and picture.source_in_s == sound.source_in_s
    )


def role_name(lane: Iterable[Placed]) -> str:
    """The role that all clips of a lane share, as a name for it; empty where they share none."""
    roles = {one.clip.role for one in lane} - {SoundRole.UNKNOWN}
    return roles.pop().value.capitalize() if len(roles) == 1 else ""


def media_path(source: MediaSource) -> Path:
    """Where a source is, or where the project said it was."""
    return source.path if source.path is not None else Path(plain_path(source.named) or source.named)


def media_frames(edit: ProjectEdit, source: MediaSource, at_least: int) -> int:
    """The length of a source in frames of the timeline, as far as it is known."""
    known = edit.frame_of(source.duration_s) if source.duration_s is not None else 0
    return max(known, at_least)


def picture_size(edit: ProjectEdit) -> tuple[int, int]:
    """Width and height of the timeline, even where the project says none."""
    return edit.size if min(edit.size) > 0 else _USUAL_SIZE


def end_frame(edit: ProjectEdit) -> int:
    """The frame after the last."""
    return max([edit.frame_of(edit.duration_s), *(edit.frame_of(clip.record_out_s) for clip in edit.clips)])


def fade_frames(edit: ProjectEdit, fade_s: Fraction) -> int:
    """A fade in whole frames; the shortest is one."""
    return max(1, edit.frame_of(fade_s)) if fade_s > 0 else 0
