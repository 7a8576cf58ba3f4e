# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hand-offs to editors: a new project with the cut and its music, the files it plays, and the music as one WAV.

Never changes a project that is there: it writes beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path

from needledrop.core.cue import Cue
from needledrop.core.edit import ClipKind, EditClip, MediaSource, ProjectEdit, SoundRole
from needledrop.core.errors import KnownError
from needledrop.core.marker import Marker
from needledrop.core.paths import Profile, display_path
from needledrop.core.picture import VideoProbe
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.core.times import TimeRange
from needledrop.core.work import TimelineMarker
from needledrop.export.interchange.frame_rates import frames_of_timecode
from needledrop.export.interchange.handoff import MusicFile, MusicPiece, music_pieces, with_music
from needledrop.export.interchange.write import EditFormat, write_edit
from needledrop.export.markers import MarkerChoice, in_cue, markers_of, named_markers
from needledrop.library.rows import TrackRow
from needledrop.workflows.analysis import PROBE_ENTRY
from needledrop.workflows.output import Written, remember_use
from needledrop.workflows.profiles import read_library
from needledrop.workflows.project import Selection
from needledrop.workflows.rhythms import effective_rhythms
from needledrop.workflows.videos import AnalysedVideo, run_in_worker

BARS_AND_SECTIONS = MarkerChoice(every=None)
_LONGEST_NAME = 60
_NO_FILE_NAME = '<>:"/\\|?*'


@dataclass(frozen=True)
class HandoffWish:
    """What is wanted.

    markers leaves out beats within bars unless asked: they crowd a timeline. is_original_kept lets the new project
    play the user's own files, at most half a frame beside the moment a cue was placed by; otherwise lossy and unaligned
    tracks are played from a WAV that is exact. is_counted: the tracks count as used. named are the user's own markers
    of the timeline.
    """

    targets: Mapping[EditFormat, Path]
    markers: MarkerChoice = BARS_AND_SECTIONS
    named: tuple[TimelineMarker, ...] = ()
    is_original_kept: bool = False
    is_counted: bool = True
    overwrite: bool = False


def hand_off(
    profile: Profile, selection: Selection, wish: HandoffWish, progress: ProgressSink, cancel: CancelToken
) -> list[Written]:
    """Write a project for each wanted editor, with the music as one WAV beside the first; the tracks count as used.

    The new timeline holds the cut (the video as one clip, or the clips of the project that was given), the music on a
    track of its own, and markers of its bars and sections.

    Raises:
        KnownError: there is no cue, a file is there already or cannot be read or written.
        Cancelled: asked to stop; nothing is left of the file in hand.
    """
    from needledrop.export.sound import export_wav

    if not selection.cues:
        raise KnownError(
            "There is no cue to hand off.", remedy="Keep one first: needledrop use VIDEO", code="nothing-found"
        )
    # Projects name their media in full: a relative path would begin in the project's folder, not in ours.
    first = next(iter(wish.targets.values())).absolute()
    paths = selection.track_paths()
    edit = _with_size(selection.video.edit or video_edit(selection.video, cancel), cancel)
    baked = first.with_name(f"{first.stem} music.wav")
    for path in (*wish.targets.values(), baked):
        _refuse_existing(path, wish)
    pieces = music_pieces(selection.cues, edit.frame_rate, is_exact=not wish.is_original_kept)
    folder = first.with_name(f"{first.stem} media")
    sources = _music_sources(selection, paths, pieces, folder, wish, progress, cancel)
    titles = {track_id: track.name for track_id, track in selection.tracks.items()}
    edit = with_music(
        edit, pieces, sources, titles, [*_markers(profile, selection.cues, wish.markers), *named_markers(wish.named)]
    )
    end_s = max(edit.duration_s, *(Fraction(cue.record_out_s).limit_denominator(1_000_000) for cue in selection.cues))
    span = TimeRange(Fraction(0), end_s)
    frames = export_wav(selection.cues, paths, baked, span, overwrite=wish.overwrite, progress=progress, cancel=cancel)
    written = []
    for target, path in wish.targets.items():
        notes = write_edit(edit, target, path, overwrite=wish.overwrite, sources=[selection.video.path])
        written.append(Written(path, " ".join(notes)))
    if wish.is_counted:
        remember_use(profile, selection)
    made = [Written(source.path) for file, source in sources.items() if source.path and source.path.parent == folder]
    return [*written, Written(baked, f"all of the music as it was mixed, {frames:,} samples at 48 kHz"), *made]


def video_edit(video: AnalysedVideo, cancel: CancelToken) -> ProjectEdit:
    """The timeline of a video that no project is given for: one clip of its picture, one of its sound.

    Raises:
        KnownError: the file cannot be read.
    """
    probe: VideoProbe = run_in_worker(PROBE_ENTRY, video.path, (), cancel)
    rate = probe.frame_rate
    is_drop = ";" in probe.start_timecode
    start = frames_of_timecode(probe.start_timecode, rate, is_drop=is_drop) if probe.start_timecode else 0
    length_s = int(Fraction(probe.duration_s).limit_denominator(1_000_000) * rate + Fraction(1, 100)) / rate
    channels = probe.audio_streams[0].channels if probe.audio_streams else 2
    source = MediaSource(str(video.path), video.path, length_s, start / rate, channels=channels)
    kinds = [ClipKind.PICTURE, ClipKind.SOUND] if probe.audio_streams else [ClipKind.PICTURE]
    zero = Fraction(0)
    clips = [
        EditClip(video.path.stem, kind, 0, source, zero, length_s, zero, length_s, SoundRole.UNKNOWN) for kind in kinds
    ]
    return ProjectEdit(
        name=video.path.stem,
        frame_rate=rate,
        clips=tuple(clips),
        start_frame=start,
        is_drop_frame=is_drop,
        size=(probe.width, probe.height),
        duration_s=length_s,
    )


def _with_size(edit: ProjectEdit, cancel: CancelToken) -> ProjectEdit:
    """OpenTimelineIO and EDL say no size: the first of the media does."""
    if min(edit.size) > 0:
        return edit
    for clip in edit.of_kind(ClipKind.PICTURE):
        if clip.source is not None and clip.source.path is not None:
            probe: VideoProbe = run_in_worker(PROBE_ENTRY, clip.source.path, (), cancel)
            return replace(edit, size=(probe.width, probe.height))
    return edit


def _refuse_existing(path: Path, wish: HandoffWish) -> None:
    """Before anything is rendered: nothing is worse than to wait for a minute and then be refused."""
    if path.exists() and not wish.overwrite:
        raise KnownError(
            f"'{display_path(path)}' exists already.",
            remedy="Choose another name, or overwrite it (--overwrite).",
            code="exists",
        )


def _music_sources(
    selection: Selection,
    paths: Mapping[int, Path],
    pieces: Sequence[MusicPiece],
    folder: Path,
    wish: HandoffWish,
    progress: ProgressSink,
    cancel: CancelToken,
) -> dict[MusicFile, MediaSource]:
    """What each piece plays: the user's own file where that is exact, else a WAV of the whole track in the folder."""
    from needledrop.export.interchange.music_file import is_plain, write_music_file

    sources: dict[MusicFile, MediaSource] = {}
    for file in dict.fromkeys(piece.file for piece in pieces):
        track = selection.tracks[file.track_id]
        own, length_s = paths[file.track_id], Fraction(track.duration_s).limit_denominator(1_000_000)
        if file.is_as_recorded and (is_plain(own) or wish.is_original_kept):
            sources[file] = MediaSource(str(own), own, length_s, channels=track.channels)
            continue
        path = folder / _file_name(track, file)
        if not path.is_file():  # Its name says what is in it: another hand-off made the same.
            _make_folder(folder)
            write_music_file(own, file, path, progress, cancel)
        length_s = length_s * Fraction(file.stretch).limit_denominator(1_000_000) + file.lead_s
        sources[file] = MediaSource(str(path), path, length_s)
    return sources


def _file_name(track: TrackRow, file: MusicFile) -> str:
    said = f"{track.content_hash} {file.stretch!r} {file.lead_s}"
    mark = blake2b(said.encode(), digest_size=4).hexdigest()
    plain = "".join(" " if char in _NO_FILE_NAME or not char.isprintable() else char for char in track.name)
    return f"{' '.join(plain.split())[:_LONGEST_NAME].strip('. ') or 'track'} {mark}.wav"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise KnownError(
            f"The folder '{display_path(folder)}' cannot be made.",
            remedy="Choose a folder you may write to.",
            cause=str(error),
            code="unwritable",
        ) from error


def _markers(profile: Profile, cues: Sequence[Cue], choice: MarkerChoice) -> list[Marker]:
    """Beats and sections of those tracks that are analysed, where the cues play them."""
    with read_library(profile) as library:
        rhythms = effective_rhythms(library, sorted({cue.track_id for cue in cues}))
    known = [cue for cue in cues if cue.track_id in rhythms]
    return [marker for cue in known for marker in in_cue(markers_of(rhythms[cue.track_id], choice), cue)]
