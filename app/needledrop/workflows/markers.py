# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Beats, bars and sections as markers, of a track or of the cues kept under a video, for cutting picture to music."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from needledrop.core.cue import Cue
from needledrop.core.errors import KnownError
from needledrop.core.marker import MarkerSheet
from needledrop.core.music import FloatArray
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch
from needledrop.core.times import parse_time
from needledrop.core.work import TimelineMarker
from needledrop.export.marked_wav import write_marked_wav
from needledrop.export.marker_texts import audacity_labels, marker_csv, premiere_xml, resolve_edl
from needledrop.export.markers import MarkerChoice, bars_in_cue, bars_of, in_cue, markers_of, named_markers
from needledrop.export.midi_tempo import midi_tempo_map
from needledrop.export.timecode import frame_timecode, is_drop_rate
from needledrop.library.rows import TrackRow
from needledrop.media.output_file import written_whole
from needledrop.workflows.profiles import read_library
from needledrop.workflows.project import Selection, kept_cues
from needledrop.workflows.rhythms import effective_rhythms, show_beats
from needledrop.workflows.suggest import Wish

WAV_RATE = 48_000
_WAV_BLOCK = 65_536
_USUAL_RATE = Fraction(25)
_USUAL_START = "01:00:00:00"


class MarkerFormat(StrEnum):
    """What markers can be written as."""

    CSV = "csv"
    AUDACITY = "audacity"
    RESOLVE = "resolve"
    PREMIERE = "premiere"
    MIDI = "midi"
    WAV = "wav"


@dataclass(frozen=True)
class MarkerWish:
    """What is wanted. frame_rate: None takes the video's, or 25. start: the timecode of the first frame; None takes the
    video's, or 01:00:00:00 as editors' timelines do. is_drop_frame: for 29.97 and 59.94 only. named: the user's own
    markers of the timeline."""

    choice: MarkerChoice
    frame_rate: Fraction | None = None
    start: str | None = None
    is_drop_frame: bool = True
    named: tuple[TimelineMarker, ...] = ()


@dataclass(frozen=True)
class MarkedMusic:
    """Markers, and the sound they lie on: a track's, or that of cues on their timeline."""

    sheet: MarkerSheet
    tracks: Mapping[int, TrackRow]
    cues: tuple[Cue, ...] = ()


def track_markers(profile: Profile, track_id: int, wish: MarkerWish) -> MarkedMusic:
    """Markers in seconds of a track.

    Raises:
        KnownError: there is no such track, or it is not analysed yet; the start is no timecode.
    """
    beats = show_beats(profile, track_id)
    rate = wish.frame_rate or _USUAL_RATE
    sheet = MarkerSheet(
        beats.track.name,
        tuple(markers_of(beats.rhythm, wish.choice)),
        beats.track.duration_s,
        rate,
        _start_frame(wish.start or _USUAL_START, rate, _is_drop(wish, rate)),
        _is_drop(wish, rate),
        bars_of(beats.rhythm),
    )
    return MarkedMusic(sheet, {track_id: beats.track})


def cue_markers(
    profile: Profile,
    video_path: Path,
    number: int | None,
    wish: MarkerWish,
    progress: ProgressSink,
    cancel: CancelToken,
) -> MarkedMusic:
    """Markers in seconds of a video's timeline, of kept cue `number` (from 1) or of all of them.

    Raises:
        KnownError: nothing is kept under the video, there is no cue of that number, or the start is no timecode.
    """
    kept = kept_cues(profile, video_path, Wish(), progress, cancel)
    return selection_markers(profile, replace(kept, cues=_chosen(kept.cues, number)), wish)


def selection_markers(profile: Profile, selection: Selection, wish: MarkerWish) -> MarkedMusic:
    """Markers in seconds of a video's timeline, of the cues of a selection, of which there must be one.

    Raises:
        KnownError: a track is not analysed yet, or the start is no timecode.
    """
    cues, (video_rate, start) = selection.cues, _clock(selection)
    rate = wish.frame_rate or video_rate
    with read_library(profile) as library:
        rhythms = effective_rhythms(library, sorted({cue.track_id for cue in cues}))
    for cue in cues:
        if cue.track_id not in rhythms:
            raise KnownError(
                f"'{selection.tracks[cue.track_id].name}' is not analysed yet.",
                remedy="Run `needledrop scan` first.",
                code="not-analysed",
            )
    markers = [marker for cue in cues for marker in in_cue(markers_of(rhythms[cue.track_id], wish.choice), cue)]
    markers += named_markers(wish.named)
    bars = [bar for cue in cues for bar in bars_in_cue(bars_of(rhythms[cue.track_id]), cue)]
    sheet = MarkerSheet(
        selection.video.path.name,
        tuple(sorted(markers, key=lambda marker: marker.time_s)),
        max([*(cue.record_out_s for cue in cues), *(one.time_s for one in wish.named)]),
        rate,
        _start_frame(wish.start or start or _USUAL_START, rate, _is_drop(wish, rate)),
        _is_drop(wish, rate),
        tuple(sorted(bars)),
    )
    return MarkedMusic(sheet, selection.tracks, cues)


def _clock(selection: Selection) -> tuple[Fraction, str]:
    """The frame rate of the timeline, and the timecode of its first frame, if it has one."""
    from needledrop.media.probe import probe_video

    edit = selection.video.edit
    if edit is None:
        probe = probe_video(selection.video.path)
        return probe.frame_rate, probe.start_timecode
    rate = edit.frame_rate if edit.is_drop_frame else Fraction(math.ceil(edit.frame_rate))
    return edit.frame_rate, frame_timecode(edit.start_frame, rate)


def _chosen(cues: Sequence[Cue], number: int | None) -> tuple[Cue, ...]:
    if not cues:
        raise KnownError(
            "No cue is kept under this video.",
            remedy="Keep one with `needledrop use VIDEO`, or give the id of a track.",
            code="nothing-found",
        )
    if number is None:
        return tuple(cues)
    if not 1 <= number <= len(cues):
        raise KnownError(
            f"There is no cue {number}; the project has {len(cues)}.",
            remedy="List them with `needledrop cues`.",
            code="usage",
        )
    return (cues[number - 1],)


def _is_drop(wish: MarkerWish, rate: Fraction) -> bool:
    return wish.is_drop_frame and is_drop_rate(rate)


def _start_frame(timecode: str, rate: Fraction, is_drop: bool) -> int:
    """The number of a frame from its timecode, counted as the sheet counts, whatever sign stands before the frames."""
    head, _, frames = timecode.replace(";", ":").rpartition(":")
    text = f"{head}{';' if is_drop else ':'}{frames}" if head.count(":") == 2 else timecode
    return round(parse_time(text, rate) * rate)


def write_markers(
    marked: MarkedMusic,
    targets: Mapping[MarkerFormat, Path],
    *,
    overwrite: bool,
    progress: ProgressSink,
    cancel: CancelToken,
) -> None:
    """Write each wanted file.

    Raises:
        KnownError: there are no beats for a tempo map, a file is there already or cannot be written or read.
        Cancelled: asked to stop; nothing is left of the file in hand.
    """
    for target, path in targets.items():
        sources = [track.file_path for track in marked.tracks.values() if track.state == "present"]
        with written_whole(path, overwrite=overwrite, sources=sources) as part:
            if target is MarkerFormat.WAV:
                _write_wav(marked, part, progress, cancel)
            else:
                part.write_bytes(_encoded(marked.sheet, target))


def _encoded(sheet: MarkerSheet, target: MarkerFormat) -> bytes:
    if target is MarkerFormat.MIDI:
        if not sheet.bars_s:
            raise KnownError(
                f"'{sheet.title}' has no beats, so it has no tempo map.",
                remedy="Give it beats with `needledrop library beats`, or choose another format.",
                code="nothing-found",
            )
        return midi_tempo_map(sheet)
    if target is MarkerFormat.PREMIERE:
        return premiere_xml(sheet)
    texts = {MarkerFormat.CSV: marker_csv, MarkerFormat.AUDACITY: audacity_labels, MarkerFormat.RESOLVE: resolve_edl}
    # Excel misreads UTF-8 without its mark; the other two readers would show it.
    return texts[target](sheet).encode("utf-8-sig" if target is MarkerFormat.CSV else "utf-8")


def _write_wav(marked: MarkedMusic, part: Path, progress: ProgressSink, cancel: CancelToken) -> None:
    """The track, or the timeline from its first frame to the end of the last cue, at WAV_RATE."""
    from needledrop.media.audio import AudioReader
    from needledrop.mix.session import open_mixer

    paths = {track_id: _present(track) for track_id, track in marked.tracks.items()}
    frames = math.ceil(marked.sheet.duration_s * WAV_RATE)
    with part.open("w+b") as file:
        if marked.cues:
            with open_mixer(marked.cues, paths) as mixer:
                blocks = _watched(mixer.blocks(0, frames), frames, progress, cancel)
                write_marked_wav(file, blocks, frames, WAV_RATE, marked.sheet.markers)
        else:
            with AudioReader(next(iter(paths.values())), rate=WAV_RATE) as reader:
                starts = range(0, frames, _WAV_BLOCK)
                read = (reader.read(start, min(_WAV_BLOCK, frames - start)) for start in starts)
                blocks = _watched(read, frames, progress, cancel)
                write_marked_wav(file, blocks, frames, WAV_RATE, marked.sheet.markers)


def _present(track: TrackRow) -> Path:
    if track.state != "present":
        raise KnownError(
            f"The file of '{track.name}' is {track.state}: {track.display_path}.",
            remedy="Bring it back (plug in its drive) and scan.",
            code="missing",
        )
    return track.file_path


def _watched(
    blocks: Iterator[FloatArray], frames: int, progress: ProgressSink, cancel: CancelToken
) -> Iterator[FloatArray]:
    watch, done = Stopwatch(), 0
    total = max(1, frames // WAV_RATE)
    for block in blocks:
        cancel.check()
        yield block
        done += len(block)
        progress(Progress("Writing the sound, seconds", min(total, done // WAV_RATE), total, watch.elapsed_s))
