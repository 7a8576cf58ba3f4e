# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects: which cues lie under a video. Picking from a list, keeping cues, spotting a whole film."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from needledrop.core.cue import Cue
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.core.query import Suggestion
from needledrop.core.times import TimeRange
from needledrop.library.rows import TrackRow
from needledrop.suggest.join import join_all
from needledrop.suggest.spot import SpotRange, spot
from needledrop.workflows.gallery import refresh_gallery
from needledrop.workflows.profiles import read_library, write_library
from needledrop.workflows.suggest import (
    Answer,
    Wish,
    answer_range,
    details_loader,
    range_of,
    suggest_music,
    wished_references,
)
from needledrop.workflows.videos import AnalysedVideo, analysed_video


@dataclass(frozen=True)
class Selection:
    """The cues that are to be heard under a range of a video, and the tracks they play; offered is the list of track
    ids they were chosen from."""

    video: AnalysedVideo
    time_range: TimeRange
    cues: tuple[Cue, ...]
    tracks: Mapping[int, TrackRow]
    suggestions: tuple[Suggestion, ...] = ()
    offered: tuple[int, ...] = ()
    versions: Mapping[str, int | str] = dataclasses.field(default_factory=dict)

    def track_paths(self) -> dict[int, Path]:
        """The file of each track.

        Raises:
            KnownError: a file is not there just now.
        """
        used = {cue.track_id for cue in self.cues}
        for track_id in sorted(used):
            track = self.tracks[track_id]
            if track.state != "present":
                raise KnownError(
                    f"The file of '{track.name}' is {track.state}: {track.display_path}.",
                    remedy="Bring it back (plug in its drive) and scan, or pick another track.",
                    code="missing",
                )
        return {track_id: self.tracks[track_id].file_path for track_id in used}


@dataclass(frozen=True)
class Spotting:
    """A whole film's proposal: each stretch that wants music, with the cue for it (None where nothing fits)."""

    selection: Selection
    ranges: Sequence[SpotRange]
    suggestions: Sequence[Suggestion | None]


def pick(
    profile: Profile, video_path: Path, wish: Wish, number: int, progress: ProgressSink, cancel: CancelToken
) -> Selection:
    """Entry `number` (from 1) of the list for a wish.

    Raises:
        KnownError: the list has no such entry.
    """
    wish = dataclasses.replace(wish, count=max(wish.count, number))
    return entry(suggest_music(profile, video_path, wish, progress, cancel), number)


def entry(answer: Answer, number: int) -> Selection:
    """Entry `number` (from 1) of a list that is there already.

    Raises:
        KnownError: the list has no such entry.
    """
    if not 1 <= number <= len(answer.suggestions):
        raise KnownError(
            f"The list has {len(answer.suggestions)} entries; there is no number {number}.",
            remedy=" ".join(answer.notes) or "Pick a number of the list that `needledrop suggest` prints.",
            code="nothing-found",
        )
    chosen = answer.suggestions[number - 1]
    offered = tuple(one.track_id for one in answer.suggestions)
    tracks = {chosen.track_id: answer.tracks[chosen.track_id]}
    return Selection(answer.video, answer.time_range, (chosen.cue,), tracks, (chosen,), offered, answer.versions)


def kept_cues(profile: Profile, video_path: Path, wish: Wish, progress: ProgressSink, cancel: CancelToken) -> Selection:
    """The cues the user keeps under a video; none where there is no project yet."""
    video = analysed_video(profile, video_path, progress, cancel, is_every_frame=wish.is_every_frame)
    with read_library(profile) as library:
        project = library.project_of(video.content_hash)
        cues = tuple(library.cues(project.id)) if project is not None else ()
        tracks = library.tracks({cue.track_id for cue in cues})
    return Selection(video, range_of(wish, video.features.duration_s), cues, tracks)


def cues_to_render(
    profile: Profile,
    video_path: Path,
    wish: Wish,
    number: int | None,
    progress: ProgressSink,
    cancel: CancelToken,
) -> Selection:
    """Entry `number` of the list; without a number the kept cues, and where none are kept the first of the list."""
    if number is None:
        kept = kept_cues(profile, video_path, wish, progress, cancel)
        if kept.cues:
            return kept
    return pick(profile, video_path, wish, number or 1, progress, cancel)


def use(profile: Profile, selection: Selection) -> list[Cue]:
    """Keep the cues of a selection; those kept before that they overlap make room. Returns all kept cues."""
    with write_library(profile, "use a cue") as library:
        project = library.open_project(selection.video.content_hash, selection.video.path)
        kept = [cue for cue in library.cues(project.id) if not any(_overlap(cue, new) for new in selection.cues)]
        cues = sorted([*kept, *selection.cues], key=lambda cue: cue.record_in_s)
        library.save_cues(project.id, cues)
        range_s = (float(selection.time_range.start_s), float(selection.time_range.end_s))
        for cue in selection.cues:
            library.give_feedback(
                project.id, cue.track_id, "accept", range_s=range_s, offered=selection.offered, cue=cue
            )
    return cues


def drop_cues(profile: Profile, selection: Selection, numbers: Sequence[int]) -> list[Cue]:
    """Take kept cues away by their number (from 1); all of them where none is named.

    Raises:
        KnownError: there is no cue of that number.
    """
    wrong = [number for number in numbers if not 1 <= number <= len(selection.cues)]
    if wrong:
        raise KnownError(
            f"There is no cue {wrong[0]}; the project has {len(selection.cues)}.",
            remedy="List them with `needledrop cues`.",
            code="usage",
        )
    kept = [cue for number, cue in enumerate(selection.cues, start=1) if numbers and number not in numbers]
    with write_library(profile, "drop cues") as library:
        project = library.open_project(selection.video.content_hash, selection.video.path)
        library.save_cues(project.id, kept)
    return kept


def spot_film(profile: Profile, video_path: Path, wish: Wish, progress: ProgressSink, cancel: CancelToken) -> Spotting:
    """Propose where a film wants music, and a cue for each place; no track is proposed twice while others fit."""
    video = analysed_video(profile, video_path, progress, cancel, is_every_frame=wish.is_every_frame)
    ranges = spot(video.features)
    suggestions: list[Suggestion | None] = []
    tracks: dict[int, TrackRow] = {}
    versions: Mapping[str, int | str] = {}
    whole = TimeRange(Fraction(0), range_of(Wish(), video.features.duration_s).end_s)
    with read_library(profile) as library:
        gallery = refresh_gallery(profile, library, progress, cancel)
        references = wished_references(profile, library, gallery, video, whole, wish, cancel) if ranges else []
        for place in ranges:
            count = dataclasses.replace(wish, count=len(suggestions) + 1)
            answer = answer_range(profile, library, video, place.time_range, count, progress, cancel, references)
            suggestion = next((one for one in answer.suggestions if one.track_id not in tracks), None)
            suggestion = suggestion or next(iter(answer.suggestions), None)
            suggestions.append(suggestion)
            if suggestion is not None:
                tracks[suggestion.track_id] = answer.tracks[suggestion.track_id]
            versions = answer.versions
        found = tuple(one for one in suggestions if one is not None)
        details = details_loader(library)(list(tracks))
        cues = tuple(join_all([one.cue for one in found], [details[one.track_id] for one in found]))
    return Spotting(Selection(video, whole, cues, tracks, found, tuple(tracks), versions), ranges, suggestions)


def _overlap(first: Cue, second: Cue) -> bool:
    return first.record_in_s < second.record_out_s and second.record_in_s < first.record_out_s
