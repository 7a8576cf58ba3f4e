# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to see of a taste: what it stands on, and the user's videos with it and without. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch
from needledrop.core.query import Query
from needledrop.crossmodal.base_towers import shipped_towers
from needledrop.index.embedded_clips import embedded_clips
from needledrop.index.gallery import Gallery
from needledrop.library.library import Library
from needledrop.library.rows import TrackRow
from needledrop.suggest.learned import LearnedMatcher
from needledrop.suggest.taste import Taste, TasteOpinion
from needledrop.suggest.taste_space import TasteSpace
from needledrop.training.personal.changes import Change, changes
from needledrop.training.personal.evidence import Evidence
from needledrop.training.personal.habits import habits
from needledrop.workflows import taste_store
from needledrop.workflows.gallery import refresh_gallery
from needledrop.workflows.past_evidence import PAST
from needledrop.workflows.profiles import read_library
from needledrop.workflows.suggest import details_loader
from needledrop.workflows.taste import taste_opinion
from needledrop.workflows.taste_evidence import asked_range, entries_of, evidence_of, latest, traits_of, verdicts_of
from needledrop.workflows.taste_store import TasteState
from needledrop.workflows.taste_weights import ranking_weights
from needledrop.workflows.videos import kept_features

__all__ = ["BothLists", "Change", "Comparison", "TasteOverview", "compare_lists", "taste_overview"]
# Ranges that are compared: the latest; and those that what is told of the user is read off.
_COMPARED = 6
_TOLD = 60
_LISTED = 8


@dataclass(frozen=True)
class TasteOverview:
    """What a taste stands on.

    versions as taste_store.versions gives them, oldest first; labels as library.feedback gives them, newest first;
    news counts those that learning has not looked at; past_count is how many finds in past edits count;
    is_interrupted says that a run waits to be gone on with.
    """

    state: TasteState
    versions: Sequence[Mapping[str, Any]]
    labels: Sequence[Mapping[str, Any]]
    news: int
    past_count: int
    is_interrupted: bool

    @property
    def is_empty(self) -> bool:
        """True in a fresh profile."""
        return not self.labels and not self.versions and not self.past_count


@dataclass(frozen=True)
class BothLists:
    """The first tracks for a range of a video, by the base and with the taste that counts."""

    video: str
    range_s: tuple[float, float]
    base: tuple[int, ...]
    yours: tuple[int, ...]


@dataclass(frozen=True)
class Comparison:
    """lists, latest video first; tracks names every track in them. moved is what the taste changes in these lists,
    habits what the user takes beside what the base puts first."""

    lists: tuple[BothLists, ...]
    tracks: Mapping[int, TrackRow]
    moved: tuple[Change, ...]
    habits: tuple[Change, ...]


def taste_overview(profile: Profile) -> TasteOverview:
    """What is there now. Quick: nothing is ranked."""
    state = taste_store.state_of(profile)
    with read_library(profile) as library:
        entries = entries_of(profile, library)[::-1]
    labels = [entry for entry in entries if entry["verdict"] != PAST]
    news = sum(int(entry["id"]) > state.seen_id for entry in labels)
    is_interrupted = taste_store.checkpoint_path(profile).exists()
    past_count = len(entries) - len(labels)
    return TasteOverview(state, taste_store.versions(profile), labels, news, past_count, is_interrupted)


def compare_lists(profile: Profile, progress: ProgressSink, cancel: CancelToken) -> Comparison:
    """The lists for what the user judged last, without the taste that counts and with it.

    Raises:
        KnownError: the model that ships cannot be loaded, or the cache cannot be written.
        Cancelled: stopped by the user.
    """
    watch = Stopwatch()
    with read_library(profile) as library:
        gallery = refresh_gallery(profile, library, progress, cancel)
        model = shipped_towers()
        embedded = embedded_clips(profile.gallery_dir, gallery, model)
        opinion = taste_opinion(profile, library, gallery, embedded, model, [])
        load = details_loader(library)
        base = LearnedMatcher(gallery, embedded, model, load)
        weights = ranking_weights(profile, gallery, model)
        yours = LearnedMatcher(gallery, embedded, model, load, weights, opinion)
        entries = entries_of(profile, library)
        lists: list[BothLists] = []
        for name, query in _asked_last(profile, library, entries):
            cancel.check()
            progress(Progress("Comparing lists", len(lists), _COMPARED, watch.elapsed_s, name))
            range_s = (float(query.time_range.start_s), float(query.time_range.end_s))
            both = [tuple(one.track_id for one in ranker.rank(query, _LISTED)) for ranker in (base, yours)]
            lists.append(BothLists(name, range_s, *both))
        cancel.check()
        traits = traits_of(profile, library, gallery, embedded, model.name)
        space = opinion.taste.space if opinion is not None else TasteSpace.fitted(traits)
        verdicts = latest(verdicts_of(entries, gallery), _TOLD)
        evidence, own = (evidence_of(profile, library, one, verdicts, space, traits) for one in (base, yours))
        moved, found = _told(evidence, own, opinion, gallery)
        tracks = library.tracks({track_id for one in lists for track_id in (*one.base, *one.yours)})
    return Comparison(tuple(lists), tracks, moved, found)


def _told(
    evidence: Evidence, own: Evidence, opinion: TasteOpinion | None, gallery: Gallery
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    if not len(evidence.contexts):
        return (), ()
    taste = opinion.taste if opinion is not None else Taste.empty(evidence.space, evidence.contexts.shape[1])
    return tuple(changes(evidence, own, taste, gallery)), tuple(habits(evidence, gallery))


def _asked_last(profile: Profile, library: Library, entries: Sequence[Mapping[str, Any]]) -> list[tuple[str, Query]]:
    """The latest ranges that were judged, of videos whose features are kept: one a video."""
    found: list[tuple[str, Query]] = []
    seen: set[str] = set()
    for entry in reversed(entries):
        if len(found) == _COMPARED:
            break
        if entry["video_hash"] in seen:
            continue
        seen.add(entry["video_hash"])
        video = kept_features(profile, library, entry["video_hash"])
        ends = (float(entry["start_s"]), float(entry["end_s"]))
        span = asked_range(*ends, video.duration_s) if video is not None else None
        if video is not None and span is not None:
            found.append((str(entry["video"]), Query(video, span)))
    return found
