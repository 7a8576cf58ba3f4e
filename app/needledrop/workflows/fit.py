# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fit one track to the length of a video's range. The track is decoded here and now, for it is one and was chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from needledrop.core.cue import Cue
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch
from needledrop.core.times import format_time
from needledrop.features.bars import RATE, TrackSound, listen
from needledrop.library.rows import TrackRow
from needledrop.suggest.details import TrackDetails
from needledrop.suggest.fit_cue import fitted_cue
from needledrop.suggest.fit_length import DEFAULT_STRETCH, FitEdit, FitResult, FitTask, check_stretch, fit
from needledrop.workflows.profiles import read_library
from needledrop.workflows.project import Selection, pick
from needledrop.workflows.suggest import Wish, details_loader, range_of
from needledrop.workflows.videos import analysed_video

# 170 MB of sound; nobody cuts a film's music out of an evening's mix bar by bar.
LONGEST_TRACK_S = 1800.0


@dataclass(frozen=True)
class FitWish:
    """Which track: entry `pick` (from 1) of the list for a wish, or track_id; by how much it may be stretched; and
    what the user changed of the splices."""

    pick: int = 1
    track_id: int | None = None
    most_stretch: float = DEFAULT_STRETCH
    edits: tuple[FitEdit, ...] = ()


@dataclass(frozen=True)
class Fitting:
    """The fitted cue as a selection that can be kept, rendered and exported, and how it was made."""

    selection: Selection
    track: TrackRow
    result: FitResult


def fit_track(
    profile: Profile, video_path: Path, wish: Wish, fit_wish: FitWish, progress: ProgressSink, cancel: CancelToken
) -> Fitting:
    """Fit a track to the wished range of a video.

    Raises:
        KnownError: no such track or entry, its file is not there or too long, or it cannot be fitted.
        Cancelled: stopped by the user.
    """
    check_stretch(fit_wish.most_stretch)
    selection, details = _chosen(profile, video_path, wish, fit_wish, progress, cancel)
    track = selection.tracks[details.track_id]
    sound = _heard(selection.track_paths()[track.id], track, progress, cancel)
    start_s, length_s = float(selection.time_range.start_s), float(selection.time_range.duration_s)
    result = fit(FitTask(track.name, sound, details.rhythm, length_s, fit_wish.most_stretch), fit_wish.edits)
    cue = fitted_cue(details, result, start_s, length_s, selection.video.features.soundtrack, wish.mix)
    return Fitting(replace(selection, cues=(cue,)), track, result)


def _chosen(
    profile: Profile, video_path: Path, wish: Wish, fit_wish: FitWish, progress: ProgressSink, cancel: CancelToken
) -> tuple[Selection, TrackDetails]:
    """The range and, as a cue that is yet to be fitted, the track; and what is known of the track."""
    if fit_wish.track_id is None:
        selection = pick(profile, video_path, wish, fit_wish.pick, progress, cancel)
        track_id = selection.cues[0].track_id
    else:
        video = analysed_video(profile, video_path, progress, cancel, is_every_frame=wish.is_every_frame)
        track_id = fit_wish.track_id
        selection = Selection(video, range_of(wish, video.features.duration_s), (Cue(track_id, 0.0, (), 0, 0, 0),), {})
    with read_library(profile) as library:
        track = library.track(track_id)
        details = details_loader(library)([track_id]).get(track_id)
    if details is None:
        raise KnownError(
            f"'{track.name}' is not analysed yet.", remedy="Run `needledrop scan` first.", code="not-analysed"
        )
    return replace(selection, tracks={track_id: track}, suggestions=()), details


def _heard(path: Path, track: TrackRow, progress: ProgressSink, cancel: CancelToken) -> TrackSound:
    from needledrop.media.audio import AudioSource

    if track.duration_s > LONGEST_TRACK_S:
        raise KnownError(
            f"'{track.name}' lasts {format_time(track.duration_s)}; tracks of up to {format_time(LONGEST_TRACK_S)} "
            "are fitted.",
            remedy="Use it as it is (`needledrop use`), or choose a shorter track.",
            code="cannot-fit",
        )
    watch, total = Stopwatch(), max(1, round(track.duration_s))
    parts = [np.zeros((0, 1), np.float32)]
    done = 0
    with AudioSource(path) as source:
        for block in source.blocks(RATE, 1):
            cancel.check()
            parts.append(block)
            done += len(block)
            progress(Progress("Listening to the track, seconds", min(total, done // RATE), total, watch.elapsed_s))
    return listen(np.concatenate(parts)[:, 0])
