# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An entry of a list as an editor takes it: one WAV on whole frames of its timeline, and what a clip of its own needs.

Never replaces a file, and changes no project.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path
from typing import Any

from needledrop.core.cue import Cue
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken
from needledrop.core.times import TimeRange
from needledrop.export.attribution import attribution_text
from needledrop.export.credits import CueTrack
from needledrop.export.interchange.handoff import ducking_points, music_pieces
from needledrop.export.markers import MarkerChoice, in_cue, markers_of
from needledrop.export.sound import export_wav
from needledrop.library.rows import TrackRow
from needledrop.media.output_file import output_error
from needledrop.mix.mixer import SAMPLE_RATE
from needledrop.workflows.profiles import read_library
from needledrop.workflows.project import Selection
from needledrop.workflows.rhythms import effective_rhythms
from needledrop.workflows.videos import AnalysedVideo

_LONGEST_TITLE = 60
_NO_FILE_NAME = '<>:"/\\|?*'
_KEPT_AUDITIONS = 24


@dataclass(frozen=True)
class PlacedCue:
    """One cue on whole frames [first, end) of a timeline at frame_rate, counted from the timeline's first frame."""

    cue: Cue
    track: TrackRow
    frame_rate: Fraction
    first: int
    end: int

    @classmethod
    def of(cls, selection: Selection, frame_rate: Fraction) -> PlacedCue:
        """The only cue of a selection, on the frames that a hand-off would lay it on."""
        (cue,) = selection.cues
        pieces = music_pieces([cue], frame_rate)
        return cls(cue, selection.tracks[cue.track_id], frame_rate, pieces[0].first, pieces[-1].end)

    @property
    def span(self) -> TimeRange:
        """Its frames in exact seconds."""
        return TimeRange(self.first / self.frame_rate, self.end / self.frame_rate)

    @property
    def file_name(self) -> str:
        """Names what is in the file: the same name, the same sound."""
        said = f"{self.track.content_hash} {self.cue!r} {self.span}"
        mark = blake2b(said.encode(), digest_size=4).hexdigest()
        title = self.track.tags.title or Path(self.track.display_path).stem
        plain = "".join(" " if char in _NO_FILE_NAME or not char.isprintable() else char for char in title)
        return f"{' '.join(plain.split())[:_LONGEST_TITLE].strip('. ') or 'track'} {mark}.wav"


def frame_rate_of(video: AnalysedVideo) -> Fraction:
    """Frames a second of a video, or of the timeline of a project.

    Raises:
        KnownError: the file cannot be read any more.
    """
    if video.edit is not None:
        return video.edit.frame_rate
    from needledrop.media.probe import probe_video

    return probe_video(video.path).frame_rate


def bake(selection: Selection, placed: PlacedCue, folder: Path, cancel: CancelToken) -> Path:
    """The WAV of a placed cue in a folder, both made where they are not there yet: 48 kHz stereo, to the sample.

    Raises:
        KnownError: the track's file is not there, the folder cannot be written, or the disk is full.
        Cancelled: asked to stop; nothing is left behind.
    """
    path = folder / placed.file_name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(error, path) from error
    if not path.is_file():
        try:
            export_wav(selection.cues, selection.track_paths(), path, placed.span, cancel=cancel)
        except KnownError as error:
            if error.code != "exists" or not path.is_file():  # Another list may have baked the same meanwhile.
                raise
    return path


def bake_audition(profile: Profile, selection: Selection, placed: PlacedCue, cancel: CancelToken) -> Path:
    """The same in the cache folder, where the oldest make room for it.

    Raises:
        KnownError, Cancelled: as `bake`.
    """
    path = bake(selection, placed, profile.cache_dir / "auditions", cancel)
    path.touch()
    others = sorted((one for one in path.parent.glob("*.wav") if one != path), key=_modified, reverse=True)
    for old in others[_KEPT_AUDITIONS - 1 :]:
        with contextlib.suppress(OSError):  # A player may still hold it.
            old.unlink()
    return path


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def placement_facts(profile: Profile, placed: PlacedCue, wav: Path) -> dict[str, Any]:
    """Everything a plugin needs to lay the music down (docs/plugin-protocol.md, `use`)."""
    start, end = placed.span.sample_span(SAMPLE_RATE)
    cue, track = placed.cue, placed.track
    credits = CueTrack.from_library(track.id, track.tags, track.licence, track.name)
    return {
        "wav": str(wav),
        "sample_rate": SAMPLE_RATE,
        "samples": end - start,
        "start_s": float(placed.span.start_s),
        "end_s": float(placed.span.end_s),
        "start_frame": placed.first,
        "frames": placed.end - placed.first,
        "frame_rate": str(placed.frame_rate),
        "original": _original(placed),
        "markers": _markers(profile, cue),
        "attribution": attribution_text([cue], {track.id: credits}),
        "title": track.tags.title or track.name,
    }


def _original(placed: PlacedCue) -> dict[str, Any] | None:
    """One clip of the track's own file; None where one clip cannot play the cue."""
    cue, span = placed.cue, placed.span
    if len(cue.pieces) != 1 or cue.stretch != 1.0:
        return None
    in_s = max(0.0, cue.pieces[0].source_in_s - (cue.record_in_s - float(span.start_s)))
    points = ducking_points(cue.ducking, span.start_s, span.end_s, placed.frame_rate)
    return {
        "path": str(placed.track.file_path),
        "in_s": in_s,
        "out_s": min(in_s + float(span.duration_s), placed.track.duration_s),
        "gain_db": cue.gain_db,
        "fade_in_s": cue.fade_in_s,
        "fade_out_s": cue.fade_out_s,
        "duck": [[float(point.time_s), point.level_db] for point in points],
    }


def _markers(profile: Profile, cue: Cue) -> Sequence[dict[str, Any]]:
    with read_library(profile) as library:
        rhythm = effective_rhythms(library, [cue.track_id]).get(cue.track_id)
    markers = in_cue(markers_of(rhythm, MarkerChoice()), cue) if rhythm is not None else []
    return [{"at_s": one.time_s, "name": one.label, "kind": one.kind.name.lower()} for one in markers]
