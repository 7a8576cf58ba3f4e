# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conforming: the film was cut anew, and the music laid under it follows its shots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from needledrop.core.edit import shown_pictures
from needledrop.core.errors import KnownError
from needledrop.core.music import TimeArray
from needledrop.core.paths import Profile, display_path
from needledrop.core.picture import VideoFeatures
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch
from needledrop.core.work import TimelineMarker, WorkState
from needledrop.suggest.carry import CueChange, Fate, carried
from needledrop.suggest.cue_edits import ducked_again
from needledrop.suggest.recut import Recut, likeliest
from needledrop.suggest.shot_search import clip_places, picture_places
from needledrop.workflows.cue_sync import CueSync, cue_sync
from needledrop.workflows.kept_cuts import KeptCut, cut_key, keep_cut, kept_cut
from needledrop.workflows.profiles import read_library
from needledrop.workflows.rhythms import effective_rhythms
from needledrop.workflows.videos import AnalysedVideo, analysed_video
from needledrop.workflows.workspace import OpenedWork, open_work

_TICK_S = 1e-3  # The out-point is the first moment that is not meant.


@dataclass(frozen=True)
class CarriedCue:
    """What became of one cue, and how it meets the cuts before and after, where that can be said."""

    change: CueChange
    title: str
    sync_before: CueSync | None = None
    sync_after: CueSync | None = None


@dataclass(frozen=True)
class Conformed:
    """A film cut anew, with its work carried along.

    Attributes:
        opened: The new film; its state is the work in its new places.
        video: What watching it found.
        cues: One for each cue of the work, in the order of the new state.
        shots: Of the new cut.
        found: Those of them that the old cut had.
    """

    opened: OpenedWork
    video: AnalysedVideo
    cues: tuple[CarriedCue, ...]
    shots: int
    found: int

    @property
    def doubtful(self) -> int:
        """Cues that somebody should look at."""
        return sum(cue.change.fate.is_doubtful for cue in self.cues)

    @property
    def changed(self) -> int:
        """Cues that are not where or as long as they were."""
        return sum(cue.change.fate is not Fate.SAME for cue in self.cues)


def conform(profile: Profile, path: Path, work: WorkState, progress: ProgressSink, cancel: CancelToken) -> Conformed:
    """Carry the work that was laid on one cut over to the cut that lies at `path` now.

    Raises:
        KnownError: the new film cannot be read; "nothing-found" where the old cut is not kept; "another-film" where the
            new one has none of its shots.
        Cancelled: stopped; nothing has changed.
    """
    old = kept_cut(profile, work.laid_on)
    if old is None:
        raise KnownError(
            f"What the film looked like before '{display_path(path.name)}' is not known, so its shots cannot be found.",
            remedy="Move the cues by hand; from now on the cut is remembered.",
            code="nothing-found",
        )
    video = analysed_video(profile, path, progress, cancel)
    opened = open_work(profile, path, cancel)
    new = keep_cut(profile, video, progress, cancel)
    recut = recut_of(old, new, video, progress, cancel)
    if not recut.found:
        raise KnownError(
            f"None of the shots of '{display_path(path.name)}' were in the film that the music was laid on.",
            remedy="Open it as a film of its own.",
            code="another-film",
        )
    state, cues = _carried_work(profile, work, recut, old, video.features)
    state = replace(state, laid_on=cut_key(video))
    return Conformed(replace(opened, state=state), video, cues, len(recut.shots), recut.found)


def recut_of(old: KeptCut, new: KeptCut, video: AnalysedVideo, progress: ProgressSink, cancel: CancelToken) -> Recut:
    """The shots of a new cut, each with its place in the old one: by the clips of projects, else by the pictures."""
    if video.edit is not None and old.shown:
        shown = shown_pictures(video.edit)
        edges_s = [*(float(one.start_s) for one in shown), float(video.edit.duration_s)]
        return Recut(likeliest(edges_s, clip_places(old.shown, shown)), new.duration_s)
    if old.prints is None or new.prints is None:
        raise KnownError(
            "A project and a finished video cannot be compared shot by shot.",
            remedy="Replace a project by a project, a video by a video.",
            code="unsupported",
        )
    edges_s = [0.0, *new.cuts_s, new.duration_s]
    watch = Stopwatch()

    def tick(number: int) -> None:
        cancel.check()
        progress(Progress("Finding the shots again", number, len(edges_s) - 1, watch.elapsed_s))

    places = picture_places(old.prints, old.cuts_s, new.prints, edges_s, tick)
    return Recut(likeliest(edges_s, places), new.duration_s)


def _carried_work(
    profile: Profile, work: WorkState, recut: Recut, old: KeptCut, features: VideoFeatures
) -> tuple[WorkState, tuple[CarriedCue, ...]]:
    ids = sorted({cue.track_id for cue in work.cues})
    with read_library(profile) as library:
        tracks, rhythms = library.tracks(ids), effective_rhythms(library, ids)
    made: list[tuple[CarriedCue, bool]] = []
    for number, cue in enumerate(work.cues):
        track = tracks.get(cue.track_id)
        track_s = track.duration_s if track is not None else max(piece.source_out_s for piece in cue.pieces)
        change = carried(cue, recut, track_s)
        change = replace(change, after=ducked_again(change.after, features.soundtrack))
        rhythm = rhythms.get(cue.track_id)
        syncs = (
            (cue_sync(cue, rhythm, _times(old.cuts_s)), cue_sync(change.after, rhythm, features.shots.cuts_s))
            if rhythm is not None
            else (None, None)
        )
        title = (track.tags.title or track.name) if track is not None else ""
        made.append((CarriedCue(change, title, *syncs), number == work.selected))
    made.sort(key=lambda one: one[0].change.after.record_in_s)
    cues = tuple(one.change.after for one, _ in made)
    selected = next((number for number, (_, is_selected) in enumerate(made) if is_selected), None)
    range_s = _moved_range(work.range_s, recut) if work.range_s is not None else None
    markers = tuple(sorted((replace(one, time_s=recut.moved(one.time_s)) for one in work.markers), key=_time_of))
    state = replace(work, cues=cues, selected=selected, range_s=range_s, markers=markers)
    return state, tuple(one for one, _ in made)


def _moved_range(range_s: tuple[float, float], recut: Recut) -> tuple[float, float] | None:
    in_s, out_s = range_s
    first_s, last_s = recut.moved(in_s), recut.moved(out_s - _TICK_S) + _TICK_S
    return (first_s, last_s) if last_s > first_s + _TICK_S else None


def _time_of(marker: TimelineMarker) -> float:
    return marker.time_s


def _times(times_s: Sequence[float]) -> TimeArray:
    return np.asarray(times_s, np.float64)
