# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the feedback a library keeps to the arrays a taste is learned from. Labels name tracks and videos, so that they
survive every new analysis; what was computed of them is kept in the cache folder only, by what computed it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from needledrop.core.music import CLIP_DESCRIPTORS, FloatArray
from needledrop.core.paths import Profile
from needledrop.core.picture import VideoFeatures
from needledrop.core.query import Query, SequenceModel
from needledrop.core.times import TimeRange
from needledrop.features.clip_rows import rows_between
from needledrop.index.gallery import Gallery
from needledrop.library.feedback import ACCEPT, AUDITION, EXPORT, MORE, REJECT, SKIP
from needledrop.library.library import Library
from needledrop.suggest.learned import LearnedMatcher
from needledrop.suggest.taste_cache import Label
from needledrop.suggest.taste_space import TasteSpace, TrackTraits, context_of, track_traits
from needledrop.training.personal.evidence import Evidence
from needledrop.workflows.past_evidence import PAST, past_entries
from needledrop.workflows.videos import kept_features

# What reading a damaged or empty file of arrays raises.
UNREADABLE = (OSError, EOFError, ValueError, KeyError, BadZipFile)
# What each verdict counts: what was done is surer than what was heard in passing.
WEIGHTS = {ACCEPT: 1.0, EXPORT: 1.0, MORE: 1.0, AUDITION: 0.3, SKIP: -0.3, REJECT: -1.0, PAST: 1.0}


@dataclass(frozen=True)
class Verdicts:
    """The labels in rows of a gallery. asked: (video hash, start_s, end_s) of each context; lost counts those on tracks
    that are not in the gallery any more; last_id is the newest entry's, 0 without any."""

    labels: tuple[Label, ...]
    asked: tuple[tuple[str, float, float], ...]
    lost: int
    last_id: int


def entries_of(profile: Profile, library: Library) -> list[dict[str, Any]]:
    """All that tells of the user's taste: the library's feedback, oldest first, and before it what past edits show."""
    return [*past_entries(profile, library), *library.feedback()]


def verdicts_of(entries: Sequence[Mapping[str, Any]], gallery: Gallery) -> Verdicts:
    """Labels of the library's feedback; of what was said twice of a track for a range, the last is believed."""
    asked: dict[tuple[str, float, float], int] = {}
    labels: dict[tuple[int, int], Label] = {}
    lost = 0
    for entry in entries:
        row = gallery.row_of(int(entry["track_id"]))
        weight = WEIGHTS.get(str(entry["verdict"]), 0.0)
        if row is None or weight == 0.0:
            lost += row is None
            continue
        range_s = (round(float(entry["start_s"]), 2), round(float(entry["end_s"]), 2))
        context = asked.setdefault((str(entry["video_hash"]), *range_s), len(asked))
        offered = [other for one in entry["offered"] if (other := gallery.row_of(int(one))) is not None]
        before = labels.pop((context, row), None)
        if before is not None and before.weight * weight > 0 and abs(before.weight) > abs(weight):
            weight = before.weight
        offered = offered or list(before.offered if before is not None else ())
        labels[context, row] = Label(context, row, weight, tuple(offered), int(entry["project_id"]))
    last_id = max((int(entry["id"]) for entry in entries), default=0)
    return Verdicts(tuple(labels.values()), tuple(asked), lost, last_id)


def latest(verdicts: Verdicts, count: int) -> Verdicts:
    """The labels of the latest `count` ranges."""
    kept = sorted({label.context for label in verdicts.labels})[-count:]
    places = {context: place for place, context in enumerate(kept)}
    labels = tuple(replace(one, context=places[one.context]) for one in verdicts.labels if one.context in places)
    return Verdicts(labels, tuple(verdicts.asked[context] for context in kept), verdicts.lost, verdicts.last_id)


def contexts_of(
    profile: Profile, library: Library, model: SequenceModel, asked: Sequence[tuple[str, float, float]]
) -> FloatArray:
    """The direction of each range's picture, float32 [C, width]; zeros where the video's features are not kept."""
    from needledrop.features.picture import VIDEO_FEATURE_VERSIONS

    about = json.dumps([model.name, sorted(VIDEO_FEATURE_VERSIONS.items())])
    path = profile.cache_dir / "taste" / f"contexts-{blake2b(about.encode(), digest_size=12).hexdigest()}.npz"
    keys = [f"{video_hash} {start_s:.2f} {end_s:.2f}" for video_hash, start_s, end_s in asked]
    known = _read_contexts(path)
    missing = [one for one, key in zip(asked, keys, strict=True) if key not in known]
    for (video_hash, start_s, end_s), key in zip(asked, keys, strict=True):
        video = kept_features(profile, library, video_hash) if key not in known else None
        if video is not None:
            known[key] = context_of(model.video_clips(rows_between(video.rows, start_s, end_s)))
    if missing:
        write_arrays(path, {"keys": np.array(list(known)), "vectors": np.stack([*known.values()])} if known else {})
    width = len(next(iter(known.values()))) if known else _width(model)
    found = [known.get(key, np.zeros(width, np.float32)) for key in keys]
    return np.stack(found) if found else np.zeros((0, width), np.float32)


def traits_of(profile: Profile, library: Library, gallery: Gallery, embedded: FloatArray, model: str) -> TrackTraits:
    """The tracks' traits, kept in the cache: for ten thousand tracks they take a second to measure."""
    about = json.dumps([2, model, gallery.library_revision, sorted(gallery.feature_versions.items())])
    path = profile.cache_dir / "taste" / f"traits-{blake2b(about.encode(), digest_size=12).hexdigest()}.npz"
    with contextlib.suppress(*UNREADABLE), path.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
        traits = TrackTraits(tuple(kept["names"].tolist()), kept["values"])
        if traits.values.shape == (gallery.track_count, len(traits.names)):
            return traits
    rows = library.tracks(gallery.tracks["track_id"].tolist())
    genres = {track_id: row.tags.genre for track_id, row in rows.items() if row.tags.genre}
    traits = track_traits(gallery, embedded, genres)
    for old in path.parent.glob("traits-*.npz"):
        old.unlink(missing_ok=True)
    write_arrays(path, {"names": np.array(traits.names), "values": traits.values})
    return traits


def evidence_of(
    profile: Profile,
    library: Library,
    matcher: LearnedMatcher,
    verdicts: Verdicts,
    space: TasteSpace,
    traits: TrackTraits,
) -> Evidence:
    """All that is learned from: what the base thinks of every track for every range that was judged. A range whose
    video is not kept any more has no picture and no opinion; its labels still tell of the tracks."""
    tracks = space.placed(traits)
    if tracks is None:
        raise ValueError("traits of another space")
    contexts = np.zeros((len(verdicts.asked), traits.width), np.float32)
    standings = np.zeros((len(verdicts.asked), len(tracks)), np.float32)
    precision = np.zeros(len(verdicts.asked), np.float32)
    videos: dict[str, VideoFeatures | None] = {}
    for place, (video_hash, start_s, end_s) in enumerate(verdicts.asked):
        if video_hash not in videos:
            videos = {video_hash: kept_features(profile, library, video_hash)}
        video = videos[video_hash]
        span = asked_range(start_s, end_s, video.duration_s) if video is not None else None
        if video is None or span is None:
            continue
        opinion = matcher.base_opinion(Query(video, span))
        contexts[place], standings[place], precision[place] = opinion.context, opinion.standings, opinion.precision
    return Evidence(space, tracks, contexts, standings, precision, verdicts.labels)


def asked_range(start_s: float, end_s: float, duration_s: float) -> TimeRange | None:
    """A judged range within a video of this length; None where nothing of it lies in the video."""
    start, end = (Fraction(min(one, duration_s)).limit_denominator(1000) for one in (start_s, end_s))
    return TimeRange(start, end) if end > start else None


def _width(model: SequenceModel) -> int:
    clips = model.music_clips(np.zeros((1, len(CLIP_DESCRIPTORS)), np.float32), np.array([0, 1]))
    return int(clips.shape[1]) // 2


def _read_contexts(path: Path) -> dict[str, FloatArray]:
    with contextlib.suppress(*UNREADABLE), path.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
        return dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))
    return {}


def write_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Into the cache: where it cannot be written, the next run computes it again."""
    if not arrays:
        return
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(f".{os.getpid()}.part")
        with scratch.open("wb") as sink:
            np.savez(sink, **arrays)
        scratch.replace(path)
