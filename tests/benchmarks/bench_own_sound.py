# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do recordings and albums find each other by the measure that a library teaches? By hand, on a scanned profile:

    needledrop --profile DIR scan MUSIC
    python tests/benchmarks/bench_own_sound.py DIR

An album is what stands before "__" in a file's name. Half of the albums teach the measure; of the others the first half
of each track seeks its second half, and each track the others of its album, by cosine. Then three clips (12 s) of each
track seek the rest of it among all tracks, as a reference does: by the mean of each track, and clip by clip.
"""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.index.gallery import Gallery
from needledrop.index.neighbours import cosine
from needledrop.index.own_sound import own_whitener
from needledrop.suggest.experts import sounding
from needledrop.suggest.stretch_likeness import stretch_likeness
from needledrop.workflows.gallery import refresh_gallery
from needledrop.workflows.profiles import read_library

_EXCERPT = 3


def found(queries: np.ndarray, gallery: np.ndarray, relevant: np.ndarray, ruled_out: np.ndarray) -> str:
    """R@1 and R@10, ties against the truth."""
    rows = [one / np.linalg.norm(one, axis=1, keepdims=True) for one in (queries, gallery)]
    scores = np.where(ruled_out, -2.0, rows[0] @ rows[1].T)
    asked = relevant.any(axis=1)
    best = np.where(relevant, scores, -2.0).max(axis=1, keepdims=True)
    ranks = (scores >= best).sum(axis=1)[asked]
    return f"R@1 {100 * (ranks <= 1).mean():.0f}, R@10 {100 * (ranks <= 10).mean():.0f}"


def by_excerpt(gallery: Gallery) -> None:
    """Where the rest of a track stands when an excerpt asks."""
    rng = np.random.default_rng(0)
    clips, bounds = np.asarray(gallery.clips), gallery.clip_offsets
    ranks: dict[str, list[int]] = {"by the mean of each track": [], "clip by clip": []}
    for row, (begin, end) in enumerate(itertools.pairwise(bounds.tolist())):
        if end - begin < 2 * _EXCERPT:
            continue
        first = begin + int(rng.integers(end - begin - _EXCERPT + 1))
        asked = clips[first : first + _EXCERPT]
        rest = np.delete(clips, np.s_[first : first + _EXCERPT], axis=0)
        descriptors = gallery.descriptors.copy()
        descriptors[row] = rest[begin : end - _EXCERPT].mean(axis=0)
        offsets = np.where(np.arange(len(bounds)) > row, bounds - _EXCERPT, bounds)
        without = replace(gallery, clips=rest, clip_offsets=offsets, descriptors=descriptors)
        scores = {
            "by the mean of each track": cosine(sounding(without, descriptors), sounding(without, asked.mean(axis=0))),
            "clip by clip": stretch_likeness(without, asked),
        }
        for name, own in scores.items():
            ranks[name].append(int((own >= own[row]).sum()))
    for name, found in ranks.items():
        places = np.array(found)
        print(
            f"an excerpt of {4 * _EXCERPT} s, {name}: R@1 {100 * (places <= 1).mean():.0f}, "
            f"R@10 {100 * (places <= 10).mean():.0f}, the worst of {len(places)} at {places.max()}"
        )


def main(profile: Profile) -> None:
    """Three measures: plain, taught by other albums, taught by the whole library (which needs no labels)."""
    with read_library(profile) as library:
        gallery = refresh_gallery(profile, library, ignore_progress, CancelToken())
        tracks = library.tracks(gallery.tracks["track_id"].tolist())
    albums = np.array([Path(tracks[number].display_path).name.split("__")[0] for number in gallery.tracks["track_id"]])
    names = np.random.default_rng(0).permutation(np.unique(albums))
    taught = np.isin(albums, names[: len(names) // 2])
    clips, bounds, gain = np.asarray(gallery.clips), gallery.clip_offsets, 1.0 / gallery.descriptor_scale[1]
    some = np.flatnonzero(taught)
    of_some = np.concatenate([clips[bounds[row] : bounds[row + 1]] for row in some])
    ends = np.concatenate([[0], np.cumsum(np.diff(bounds)[some])])
    measures = {
        "standardised": np.eye(clips.shape[1]),
        "taught by the other albums": own_whitener(of_some, ends, gain),
        "taught by the library itself": gallery.own_whitener,
    }
    asked = np.flatnonzero(~taught)
    parts = [[np.array_split(clips[bounds[row] : bounds[row + 1]], 2) for row in asked]]
    halves = [gallery.standardised(np.stack([part[half].mean(axis=0) for part in parts[0]])) for half in (0, 1)]
    itself = np.eye(len(asked), dtype=bool)
    together = (albums[asked][:, None] == albums[asked]) & ~itself
    print(f"{len(some)} tracks teach, {len(asked)} of {len(np.unique(albums[asked]))} other albums ask")
    for name, measure in measures.items():
        whole = (halves[0] + halves[1]) @ measure
        recording = found(halves[0] @ measure, halves[1] @ measure, itself, np.zeros_like(itself))
        print(f"{name}: same recording {recording}; same album {found(whole, whole, together, itself)}")
    by_excerpt(gallery)


if __name__ == "__main__":
    main(Profile.at(Path(sys.argv[1])))
