# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many auditions it takes to find by ear what an editor has in mind. By hand:

    python tests/benchmarks/bench_by_ear.py PROFILE [--targets 100]

The ranker knows how clips sound (timbre, of suggest.taste_space); the simulated editor hears tonality, rhythm and
dynamics from other features (chroma, tempo, onsets, loudness range, energy), and answers "warmer" or "colder" by that,
one time in five wrongly. A search ends when the target, or one of the five tracks nearest to it in the editor's own
description, is heard. Real tracks make galleries of 100 and of all; larger ones are drawn, so that distances in the two
descriptions correlate as they do between the real ones, and once more with one description for both. Lists of four are
shown; every track heard counts.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
from taste_world import real_gallery

from needledrop.core.music import CLIP_DESCRIPTORS, FloatArray, Tonality
from needledrop.core.paths import Profile
from needledrop.index.gallery import Gallery
from needledrop.suggest.by_ear import ByEar
from needledrop.workflows.profiles import read_library
from needledrop.workflows.stored_features import unpacked

_LIST = 4
_WRONG = 0.2
_NEAREST = 5
_TIMBRE = (
    "crest_db", "centroid_oct", "bandwidth_oct", "rolloff_oct", "flatness_db", "flux", "zero_crossing", "low_share",
    "mid_share", "high_share", "stereo_width", *(f"mfcc_{place}" for place in range(1, 14)),
)  # fmt: skip
Search = Callable[[FloatArray, int, Callable[[int, int], bool], Callable[[int], bool], np.random.Generator], int]


def scaled(values: FloatArray) -> FloatArray:
    """Columns in deviations."""
    return np.asarray((values - values.mean(axis=0)) / np.maximum(values.std(axis=0), 1e-6), np.float32)


def real_descriptions(profile: Profile, gallery: Gallery) -> tuple[FloatArray, FloatArray]:
    """The ranker's and the editor's, [T, P] and [T, E]."""
    ranker = scaled(gallery.descriptors[:, [CLIP_DESCRIPTORS.index(name) for name in _TIMBRE]])
    tracks = gallery.tracks
    with read_library(profile) as library:
        tonality = unpacked(library, tracks["track_id"].tolist(), Tonality, "tonality")
    chroma = np.stack(
        [np.roll(tonality[one].chroma, -max(tonality[one].tonic, 0)) for one in tracks["track_id"].tolist()]
    )
    plain = [
        np.log2(np.maximum(tracks["tempo_bpm"], 50.0)), tracks["rhythm_confidence"], tracks["onset_density_hz"],
        tracks["range_lu"], tracks["is_major"].astype(np.float32), tracks["arousal"],
    ]  # fmt: skip
    return ranker, np.concatenate([scaled(chroma) / np.sqrt(12 / 3), scaled(np.stack(plain, axis=1))], axis=1)


def distances(values: FloatArray) -> FloatArray:
    """[T, T]."""
    return np.linalg.norm(values[:, None] - values[None], axis=2)


def agreement(first: FloatArray, second: FloatArray) -> float:
    """The correlation of the distances between tracks in two descriptions."""
    upper = np.triu_indices(len(first), 1)
    return float(np.corrcoef(distances(first)[upper], distances(second)[upper])[0, 1])


def made_descriptions(count: int, wanted: float, seed: int) -> tuple[FloatArray, FloatArray]:
    """Two descriptions of drawn tracks that share traits, as far as makes their distances agree as wanted."""
    rng = np.random.default_rng(seed)
    shared, own, other = rng.normal(size=(count, 6)), rng.normal(size=(count, 6)), rng.normal(size=(count, 6))
    few = slice(0, 300)
    shares = np.linspace(0.0, 1.0, 41)
    found = [agreement(_mixed(shared, own, one)[few], _mixed(shared, other, one)[few]) for one in shares]
    share = float(shares[int(np.argmin(np.abs(np.array(found) - wanted)))])
    return _mixed(shared, own, share), _mixed(shared, other, share)


def _mixed(shared: FloatArray, own: FloatArray, share: float) -> FloatArray:
    return np.asarray(np.sqrt(share) * shared + np.sqrt(1.0 - share) * own, np.float32)


def by_posterior(ranker: FloatArray, count: int, is_warmer: Callable[[int, int], bool],
                 is_found: Callable[[int], bool], rng: np.random.Generator) -> int:  # fmt: skip
    """What the program does."""
    ear, heard = ByEar.started(ranker, np.zeros(count, np.float32), {}), 0
    while True:
        for row in ear.next_rows(_LIST):
            heard += 1
            if is_found(row):
                return heard
            best = ear.best[-1]
            ear = ear.compared(row, is_warmer=best is None or is_warmer(row, best))


def by_rocchio(ranker: FloatArray, count: int, is_warmer: Callable[[int, int], bool],
               is_found: Callable[[int], bool], rng: np.random.Generator) -> int:  # fmt: skip
    """The nearest to the mean of what was warm less a quarter of that of what was cold; the first list by chance."""
    warm: list[int] = []
    cold: list[int] = []
    best, shown = None, rng.permutation(count)[:_LIST].tolist()
    while True:
        for row in shown:
            if is_found(row):
                return len(warm) + len(cold) + 1
            if best is None or is_warmer(row, best):
                warm, best = [*warm, row], row
            else:
                cold = [*cold, row]
        wanted = ranker[warm].mean(axis=0) - (0.25 * ranker[cold].mean(axis=0) if cold else 0.0)
        order = np.argsort(np.linalg.norm(ranker - wanted, axis=1), kind="stable")
        shown = order[~np.isin(order, [*warm, *cold])][:_LIST].tolist()


def by_static_list(ranker: FloatArray, count: int, is_warmer: Callable[[int, int], bool],
                   is_found: Callable[[int], bool], rng: np.random.Generator) -> int:  # fmt: skip
    """One list for all: the most usual tracks first."""
    order = np.argsort(np.linalg.norm(ranker - ranker.mean(axis=0), axis=1), kind="stable")
    return 1 + next(place for place, row in enumerate(order.tolist()) if is_found(row))


def at_random(ranker: FloatArray, count: int, is_warmer: Callable[[int, int], bool],
              is_found: Callable[[int], bool], rng: np.random.Generator) -> int:  # fmt: skip
    """Browsing."""
    return 1 + next(place for place, row in enumerate(rng.permutation(count).tolist()) if is_found(row))


WAYS: dict[str, Search] = {
    "random": at_random, "static list": by_static_list, "Rocchio": by_rocchio, "find by ear": by_posterior,
}  # fmt: skip


def auditions(ranker: FloatArray, editor: FloatArray, targets: int) -> dict[str, list[int]]:
    """Tracks heard until one that will do, for each way and target."""
    count = len(ranker)
    found: dict[str, list[int]] = {name: [] for name in WAYS}
    for number, target in enumerate(np.random.default_rng(7).choice(count, size=min(targets, count), replace=False)):
        apart = np.linalg.norm(editor - editor[target], axis=1)
        good = set(np.argsort(apart, kind="stable")[: 1 + _NEAREST].tolist())
        for name, way in WAYS.items():
            answers, draws = np.random.default_rng([1, number]), np.random.default_rng([2, number])

            def is_warmer(row: int, than: int, apart=apart, answers=answers) -> bool:  # type: ignore[no-untyped-def]
                return bool((apart[row] < apart[than]) != (answers.random() < _WRONG))

            found[name].append(way(ranker, count, is_warmer, good.__contains__, draws))
    return found


def main() -> None:
    """Search, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profile", type=Path)
    parser.add_argument("--targets", type=int, default=100)
    parser.add_argument("--made", type=int, nargs="*", default=[280, 1000])
    given = parser.parse_args()
    profile = Profile.at(given.profile)
    real = real_descriptions(profile, real_gallery(profile))
    wanted = agreement(*real)
    print(f"distances in the two descriptions of real tracks correlate by {wanted:.2f}\n")
    few = np.random.default_rng(3).permutation(len(real[0]))[:100]
    galleries = {f"{len(few)} real": (real[0][few], real[1][few]), f"{len(real[0])} real": real}
    for count in given.made:
        galleries[f"{count:,} drawn"] = made_descriptions(count, wanted, seed=5)
        galleries[f"{count:,} drawn, editor as ranker"] = made_descriptions(count, 1.0, seed=5)
    print("median auditions (upper quartile)\n\n| gallery | " + " | ".join(WAYS) + " |\n|---|" + "---|" * len(WAYS))
    for name, (ranker, editor) in galleries.items():
        found = auditions(ranker, editor, given.targets)
        cells = [f"{np.median(one):.0f} ({np.percentile(one, 75):.0f})" for one in found.values()]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    for count in (280, 10_000):
        tracks = np.random.default_rng(0).normal(size=(count, 64)).astype(np.float32)
        ear = ByEar.started(tracks, np.zeros(count, np.float32), {}).compared(0, is_warmer=True)
        taken = []
        for row in range(1, 10):
            start = time.perf_counter()
            ear.compared(row, is_warmer=True).next_rows(_LIST)
            taken.append(1000 * (time.perf_counter() - start))
        print(f"\nanswer and next list at {count:,} tracks: {np.median(taken):.0f} ms (median of {len(taken)})")


if __name__ == "__main__":
    main()
