# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unified target labels: one label for a track and for every video that uses it, by TF-IDF over the videos' tags.

Source: UT-CMVMR (Mao et al. 2024, arXiv 2309.09421), section 2. Fitted on training items; all others have no label, so
that no label of a test item can become an input.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError

# Labels that fewer items carry are merged away (issue: "labels with < 10 items merged").
FEWEST_ITEMS = 10
# No tag can be called so: tags hold no brackets.
OTHER = "(other)"
NO_LABEL = -1

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class TargetLabels:
    """names: of the labels, in alphabetical order; of_track [M] and of_video [V]: number of the label, or NO_LABEL."""

    names: tuple[str, ...]
    of_track: Labels
    of_video: Labels


@dataclass(frozen=True)
class SeparateLabels:
    """The ablation: each modality has labels of its own, which share no numbers."""

    music: TargetLabels
    video: TargetLabels


def without_labels(tracks: int, videos: int) -> TargetLabels:
    """No labels for so many tracks and videos."""
    return TargetLabels((), np.full(tracks, NO_LABEL, np.int64), np.full(videos, NO_LABEL, np.int64))


def tfidf(tags: Sequence[Counter[str]]) -> list[dict[str, float]]:
    """The weight of each tag of each document.

    tfidf(t, m) = n_tm / sum_k n_km * ln(M / |{m' : t in T_m'}|), the equation of section 2, where n_tm counts t in the
    multiset T_m and M is the number of documents that have tags at all.
    """
    frequency = Counter(tag for document in tags for tag in document)
    documents = sum(1 for document in tags if document)
    return [
        {tag: count / document.total() * math.log(documents / frequency[tag]) for tag, count in document.items()}
        for document in tags
    ]


def tags_of_tracks(tags: Sequence[Sequence[str]], track_of_video: Labels, tracks: int) -> list[Counter[str]]:
    """T_m of each track: the tags of all videos that use it, as often as they are given."""
    found: list[Counter[str]] = [Counter() for _ in range(tracks)]
    for track, words in zip(track_of_video, tags, strict=True):
        found[int(track)].update(words)
    return found


def unified_labels(
    tags: Sequence[Sequence[str]],
    track_of_video: Labels,
    tracks: int,
    training_videos: Iterable[int],
    fewest: int = FEWEST_ITEMS,
) -> TargetLabels:
    """label(m) = argmax_t tfidf(t, m) of the tracks that training videos use; each training video has its track's.

    Args:
        tags: [V], the words of each video.
        track_of_video: [V].
        tracks: M.
        training_videos: numbers of the videos to fit on; no other video's tags are looked at.
        fewest: tracks that a label needs (see `merged`).

    Raises:
        KnownError: "no-labels": no label is carried by so many tracks.
    """
    videos = np.array(sorted(training_videos), np.int64)
    documents = tags_of_tracks([tags[video] for video in videos], track_of_video[videos], tracks)
    names, of_track = merged(tfidf(documents), fewest)
    of_video = np.full(len(tags), NO_LABEL, np.int64)
    of_video[videos] = of_track[track_of_video[videos]]
    return TargetLabels(names, of_track, of_video)


def separate_labels(
    tags: Sequence[Sequence[str]],
    track_of_video: Labels,
    tracks: int,
    training_videos: Iterable[int],
    music_tags: Sequence[Sequence[str]] | None = None,
    fewest: int = FEWEST_ITEMS,
) -> SeparateLabels:
    """Separate target sets: a video is labelled by its own tags alone, a track by `music_tags` [M] (genre, mood: its
    metadata), or by the multiset of its videos' where there are none.

    Raises:
        KnownError: "no-labels": no label is carried by `fewest` items of a modality.
    """
    videos = np.array(sorted(training_videos), np.int64)
    if music_tags is None:
        music = unified_labels(tags, track_of_video, tracks, videos, fewest)
    else:
        used = set(track_of_video[videos].tolist())
        names, of_track = merged(
            tfidf([Counter(music_tags[m]) if m in used else Counter() for m in range(tracks)]), fewest
        )
        music = TargetLabels(names, of_track, np.full(len(tags), NO_LABEL, np.int64))
    chosen = set(videos.tolist())
    names, of_video = merged(
        tfidf([Counter(words) if v in chosen else Counter() for v, words in enumerate(tags)]), fewest
    )
    return SeparateLabels(music, TargetLabels(names, np.full(tracks, NO_LABEL, np.int64), of_video))


def merged(weights: Sequence[dict[str, float]], fewest: int) -> tuple[tuple[str, ...], Labels]:
    """The best tag of each document, where every tag that stays is the best of at least `fewest` documents.

    The rarest label is taken away first (of equally rare ones the alphabetically last), and its documents go to their
    best tag among those that are left, or to OTHER; and so on until every label is carried often enough. Where OTHER
    itself is not, its documents have no label. Ties between tags go to the alphabetically first.

    Args:
        weights: of the tags of each document; a document without tags has no label.

    Returns:
        The labels' names in alphabetical order, and each document's label [M].

    Raises:
        KnownError: "no-labels": nothing is left.
    """
    ranked = [sorted(document, key=lambda tag: (-document[tag], tag)) for document in weights]
    chosen = [tags[0] if tags else None for tags in ranked]
    gone: set[str] = set()
    while rare := _rarest(chosen, fewest):
        gone.add(rare)
        for number, label in enumerate(chosen):
            if label == rare:
                chosen[number] = next((tag for tag in ranked[number] if tag not in gone), OTHER)
    carried = Counter(label for label in chosen if label is not None)
    names = tuple(sorted(label for label, items in carried.items() if items >= fewest))
    if not names:
        raise KnownError(
            f"No tag describes {fewest} items, so nothing can be learnt from tags.",
            remedy="Add more tagged videos, or train without the tag branch.",
            code="no-labels",
        )
    number_of = {name: number for number, name in enumerate(names)}
    return names, np.array([number_of.get(label or "", NO_LABEL) for label in chosen], np.int64)


def _rarest(chosen: Sequence[str | None], fewest: int) -> str | None:
    carried = Counter(label for label in chosen if label not in (None, OTHER))
    rare = [(items, label) for label, items in carried.items() if items < fewest and label is not None]
    if not rare:
        return None
    least = min(items for items, _ in rare)
    return max(label for items, label in rare if items == least)
