# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An edit as every editor has it: clips on tracks, with their sources, levels and markers. Knows no file format.

Times are exact seconds: of the timeline from its first frame, of a source from its first frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from pathlib import Path, PureWindowsPath
from urllib.parse import unquote

from needledrop.core.marker import MarkerKind

EDIT_SUFFIXES = (".otio", ".otioz", ".fcpxml", ".fcpxmld", ".xml", ".edl", ".kdenlive", ".mlt")


def is_edit_file(path: Path) -> bool:
    """Whether a name is that of an editor's project and not of a video."""
    return path.suffix.casefold() in EDIT_SUFFIXES


class ClipKind(StrEnum):
    """What of a source a clip shows or plays."""

    PICTURE = "picture"
    SOUND = "sound"


class SoundRole(StrEnum):
    """What a sound is, as far as the project says."""

    UNKNOWN = ""
    SPEECH = "speech"
    MUSIC = "music"
    EFFECTS = "effects"


@dataclass(frozen=True)
class MediaSource:
    """A file that clips are of.

    Attributes:
        named: As the project writes it.
        path: Where it is; None where it is not there.
        duration_s: Its length, where known.
        channels: Of its sound.
        start_s: What its first frame is called in its own timecode, where the project says so.
        is_in_timecode: Source times of its clips are the file's own timecode, whose start the project does not say.
    """

    named: str
    path: Path | None = None
    duration_s: Fraction | None = None
    start_s: Fraction = Fraction(0)
    is_in_timecode: bool = False
    channels: int = 2

    @property
    def file_name(self) -> str:
        """The name of the file in the path or address that the project writes, of whatever system."""
        return PureWindowsPath(unquote(self.named) if "://" in self.named else self.named).name


@dataclass(frozen=True)
class LevelPoint:
    """A keyframe of a clip's level, in seconds from its beginning on the timeline; straight in dB between two."""

    time_s: Fraction
    level_db: float


@dataclass(frozen=True)
class EditMarker:
    """A named moment of the timeline; kind is what it marks of music, if that."""

    time_s: Fraction
    label: str
    kind: MarkerKind | None = None


@dataclass(frozen=True)
class EditClip:
    """A stretch of a source on a track; tracks count from 0, of each kind their own, and higher pictures cover lower.

    The level is gain_db plus that of `levels`, faded in and out. A source of None is made by the editor: a title.
    """

    name: str
    kind: ClipKind
    track: int
    source: MediaSource | None
    source_in_s: Fraction
    source_out_s: Fraction
    record_in_s: Fraction
    record_out_s: Fraction
    role: SoundRole = SoundRole.UNKNOWN
    gain_db: float = 0.0
    fade_in_s: Fraction = Fraction(0)
    fade_out_s: Fraction = Fraction(0)
    levels: tuple[LevelPoint, ...] = ()
    is_enabled: bool = True

    @property
    def duration_s(self) -> Fraction:
        """Length on the timeline."""
        return self.record_out_s - self.record_in_s

    @property
    def speed(self) -> Fraction:
        """Seconds of the source to a second of the timeline; 0 is a still."""
        return (self.source_out_s - self.source_in_s) / self.duration_s if self.duration_s else Fraction(1)

    def source_at(self, time_s: Fraction) -> Fraction:
        """The moment of the source that is on at a moment of the timeline."""
        return self.source_in_s + (time_s - self.record_in_s) * self.speed


@dataclass(frozen=True)
class ProjectEdit:
    """One timeline.

    Attributes:
        start_frame: The number of its first frame in timecode.
        is_drop_frame: Its timecode leaves numbers out.
        size: Width and height of the picture in pixels; zeros where it is not said.
        names: Of the project, its bins, tracks and media: words about what it is of.
        notes: What could not be understood and was left out, a sentence each.
        duration_s: Length of the timeline.
    """

    name: str
    frame_rate: Fraction
    clips: tuple[EditClip, ...]
    markers: tuple[EditMarker, ...] = ()
    start_frame: int = 0
    is_drop_frame: bool = False
    size: tuple[int, int] = (0, 0)
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    duration_s: Fraction = field(default=Fraction(0))

    def of_kind(self, kind: ClipKind) -> tuple[EditClip, ...]:
        """Its enabled clips of one kind."""
        return tuple(clip for clip in self.clips if clip.kind is kind and clip.is_enabled)

    def frame_of(self, time_s: Fraction) -> int:
        """The frame nearest to a moment, from 0."""
        return round(time_s * self.frame_rate)

    def time_of(self, frame: int) -> Fraction:
        """The moment a frame begins."""
        return frame / self.frame_rate


def missing_media(edit: ProjectEdit) -> tuple[str, ...]:
    """The names of the files that an edit is made of and that are not there, each once."""
    missing = (clip.source for clip in edit.clips if clip.source is not None and clip.source.path is None)
    return tuple(dict.fromkeys(source.file_name for source in missing))


@dataclass(frozen=True)
class Shown:
    """What is seen from start_s to end_s: a clip, or nothing."""

    start_s: Fraction
    end_s: Fraction
    clip: EditClip | None


def shown_pictures(edit: ProjectEdit) -> tuple[Shown, ...]:
    """What is seen, one after another to the end: of clips at one moment the one on the highest track."""
    pictures = [clip for clip in edit.of_kind(ClipKind.PICTURE) if clip.duration_s > 0]
    edges = {Fraction(0), edit.duration_s}
    edges |= {min(at_s, edit.duration_s) for clip in pictures for at_s in (clip.record_in_s, clip.record_out_s)}
    waiting = sorted(pictures, key=lambda clip: clip.record_in_s, reverse=True)
    on: list[EditClip] = []
    shown: list[Shown] = []
    for start_s, end_s in pairwise(sorted(edges)):
        while waiting and waiting[-1].record_in_s <= start_s:
            on.append(waiting.pop())
        on = [clip for clip in on if clip.record_out_s > start_s]
        top = max(on, key=lambda clip: clip.track, default=None)
        if shown and shown[-1].clip is top:
            shown[-1] = Shown(shown[-1].start_s, end_s, top)
        else:
            shown.append(Shown(start_s, end_s, top))
    return tuple(shown)


def cuts_of(shown: Sequence[Shown]) -> tuple[Fraction, ...]:
    """Where one picture gives way to another; where a clip was only cut in two, its picture runs on."""
    return tuple(later.start_s for earlier, later in pairwise(shown) if not _runs_on(earlier, later))


def _runs_on(earlier: Shown, later: Shown) -> bool:
    first, second = earlier.clip, later.clip
    if first is None or second is None or first.source is None or second.source is None:
        return False
    return (
        first.source.named == second.source.named
        and first.speed == second.speed
        and first.source_at(later.start_s) == second.source_at(later.start_s)
    )
