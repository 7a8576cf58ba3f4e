# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many auditions it takes to find by ear what an editor has in mind. By hand:

    python tests/benchmarks/bench_by_ear.py PROFILE [--targets 100] [--made 280 1000]

The ranker compares tracks as the program does. The simulated editor hears something else (independent_ear: librosa on
the sound itself, none of it the ranker's), answers "warmer" or "colder" by that, one time in five wrongly, and in the
last column also says of what is warmer whether it should be slower, faster, quieter or louder, by his own tempo and
level, one time in five wrongly. A search ends when the target, or one of the five tracks nearest to it in the editor's
description, is heard. Real tracks make galleries of 100 and of all; larger ones are drawn, so that distances in the two
descriptions correlate as they do between the real ones, and once more with one description for both. Lists of four are
shown; every track heard counts.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
from independent_ear import listen
from numpy.typing import NDArray
from taste_world import real_gallery

from needledrop.core.music import FloatArray
from needledrop.core.paths import Profile
from needledrop.index.gallery import Gallery
from needledrop.suggest.by_ear import WISHES, ByEar
from needledrop.suggest.experts import sounding
from needledrop.suggest.taste import standing

_LIST = 4
_WRONG = 0.2
_NEAREST = 5
# Deviations from which on an editor says slower or louder.
_WORTH_SAYING = 0.5
Facts = dict[str, FloatArray]  # "tempo" and "loudness" in deviations, float32 [T] each.


@dataclass(frozen=True)
class Descriptions:
    """The same tracks as the ranker has them, [T, P], and as the editor hears them, [T, E], with both's facts."""

    ranker: FloatArray
    editor: FloatArray
    known: Facts
    heard: Facts


@dataclass(frozen=True)
class Editor:
    """is_warmer(row, than), is_found(row), and the wish that is said of a row (or none)."""

    is_warmer: Callable[[int, int], bool]
    is_found: Callable[[int], bool]
    wish: Callable[[int], str | None]


Search = Callable[[Descriptions, Editor, np.random.Generator], int]


def real_descriptions(profile: Profile, gallery: Gallery) -> Descriptions:
    """Of the tracks of a library."""
    heard = listen(profile, gallery)
    tempo = np.log2(np.maximum(gallery.tracks["tempo_bpm"], 30.0))
    known = {"tempo": standing(tempo), "loudness": standing(gallery.tracks["integrated_lufs"])}
    own = {"tempo": standing(heard.tempo), "loudness": standing(heard.level)}
    return Descriptions(sounding(gallery, gallery.descriptors), heard.heard, known, own)


def some_of(found: Descriptions, rows: NDArray[np.int64]) -> Descriptions:
    """Of some of the tracks."""
    facts = [{name: one[rows] for name, one in facts.items()} for facts in (found.known, found.heard)]
    return Descriptions(found.ranker[rows], found.editor[rows], *facts)


def distances(values: FloatArray) -> FloatArray:
    """[T, T]."""
    return np.linalg.norm(values[:, None] - values[None], axis=2)


def agreement(first: FloatArray, second: FloatArray) -> float:
    """The correlation of the distances between tracks in two descriptions."""
    upper = np.triu_indices(len(first), 1)
    return float(np.corrcoef(distances(first)[upper], distances(second)[upper])[0, 1])


def made_descriptions(count: int, wanted: float, seed: int) -> Descriptions:
    """Drawn tracks whose two descriptions share traits, as far as makes their distances agree as wanted. Their facts
    are the first two traits of each."""
    rng = np.random.default_rng(seed)
    shared, own, other = rng.normal(size=(count, 6)), rng.normal(size=(count, 6)), rng.normal(size=(count, 6))
    few = slice(0, 300)
    shares = np.linspace(0.0, 1.0, 41)
    found = [agreement(_mixed(shared, own, one)[few], _mixed(shared, other, one)[few]) for one in shares]
    share = float(shares[int(np.argmin(np.abs(np.array(found) - wanted)))])
    both = [_mixed(shared, one, share) for one in (own, other)]
    facts = [{"tempo": one[:, 0], "loudness": one[:, 1]} for one in both]
    return Descriptions(both[0], both[1], facts[0], facts[1])


def _mixed(shared: FloatArray, own: FloatArray, share: float) -> FloatArray:
    return np.asarray(np.sqrt(share) * shared + np.sqrt(1.0 - share) * own, np.float32)


def by_posterior(found: Descriptions, editor: Editor, rng: np.random.Generator, *, has_wishes: bool = False) -> int:
    """What the program does."""
    count = len(found.ranker)
    # Without a picture every track is as likely; which comes first is drawn, not the order of the library.
    ear, heard = ByEar.started(found.ranker, (1e-3 * rng.random(count)).astype(np.float32), found.known), 0
    while True:
        for row in ear.next_rows(_LIST):
            heard += 1
            if editor.is_found(row):
                return heard
            best = ear.best[-1]
            is_warmer = best is None or editor.is_warmer(row, best)
            ear = ear.compared(row, is_warmer=is_warmer)
            wish = editor.wish(row) if has_wishes and is_warmer else None
            ear = ear.wished(row, wish) if wish is not None else ear


def by_rocchio(found: Descriptions, editor: Editor, rng: np.random.Generator) -> int:
    """The nearest to the mean of what was warm less a quarter of that of what was cold; the first list by chance."""
    ranker = found.ranker
    warm: list[int] = []
    cold: list[int] = []
    best, shown = None, rng.permutation(len(ranker))[:_LIST].tolist()
    while True:
        for row in shown:
            if editor.is_found(row):
                return len(warm) + len(cold) + 1
            if best is None or editor.is_warmer(row, best):
                warm, best = [*warm, row], row
            else:
                cold = [*cold, row]
        wanted = ranker[warm].mean(axis=0) - (0.25 * ranker[cold].mean(axis=0) if cold else 0.0)
        order = np.argsort(np.linalg.norm(ranker - wanted, axis=1), kind="stable")
        shown = order[~np.isin(order, [*warm, *cold])][:_LIST].tolist()


def by_static_list(found: Descriptions, editor: Editor, rng: np.random.Generator) -> int:
    """One list for all: the most usual tracks first."""
    order = np.argsort(np.linalg.norm(found.ranker - found.ranker.mean(axis=0), axis=1), kind="stable")
    return 1 + next(place for place, row in enumerate(order.tolist()) if editor.is_found(row))


def at_random(found: Descriptions, editor: Editor, rng: np.random.Generator) -> int:
    """Browsing."""
    order = rng.permutation(len(found.ranker)).tolist()
    return 1 + next(place for place, row in enumerate(order) if editor.is_found(row))


WAYS: dict[str, Search] = {
    "random": at_random, "static list": by_static_list, "Rocchio": by_rocchio, "find by ear": by_posterior,
    "with wishes": partial(by_posterior, has_wishes=True),
}  # fmt: skip


def editor_of(found: Descriptions, target: int, number: int) -> Editor:
    """Who has a track in mind."""
    apart = np.linalg.norm(found.editor - found.editor[target], axis=1)
    good = frozenset(np.argsort(apart, kind="stable")[: 1 + _NEAREST].tolist())
    answers = np.random.default_rng([1, number])

    def is_warmer(row: int, than: int) -> bool:
        return bool((apart[row] < apart[than]) != (answers.random() < _WRONG))

    def wish(row: int) -> str | None:
        gaps = {fact: float(values[target] - values[row]) for fact, values in found.heard.items()}
        fact = max(gaps, key=lambda one: abs(gaps[one]))
        if abs(gaps[fact]) < _WORTH_SAYING:
            return None
        sign = 1.0 if (gaps[fact] > 0) != (answers.random() < _WRONG) else -1.0
        return next(name for name, meant in WISHES.items() if meant == (fact, sign))

    return Editor(is_warmer, good.__contains__, wish)


def auditions(found: Descriptions, targets: int) -> dict[str, list[int]]:
    """Tracks heard until one that will do, for each way and target."""
    count = len(found.ranker)
    heard: dict[str, list[int]] = {name: [] for name in WAYS}
    for number, target in enumerate(np.random.default_rng(7).choice(count, size=min(targets, count), replace=False)):
        for name, way in WAYS.items():
            heard[name].append(way(found, editor_of(found, int(target), number), np.random.default_rng([2, number])))
    return heard


def main() -> None:
    """Search, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profile", type=Path)
    parser.add_argument("--targets", type=int, default=100)
    parser.add_argument("--made", type=int, nargs="*", default=[280, 1000])
    given = parser.parse_args()
    profile = Profile.at(given.profile)
    real = real_descriptions(profile, real_gallery(profile))
    wanted = agreement(real.ranker, real.editor)
    print(f"distances in the two descriptions of real tracks correlate by {wanted:.2f}\n")
    few = np.random.default_rng(3).permutation(len(real.ranker))[:100]
    galleries = {f"{len(few)} real": some_of(real, few), f"{len(real.ranker)} real": real}
    for count in given.made:
        galleries[f"{count:,} drawn"] = made_descriptions(count, wanted, seed=5)
        galleries[f"{count:,} drawn, editor as ranker"] = made_descriptions(count, 1.0, seed=5)
    print("median auditions (upper quartile)\n\n| gallery | " + " | ".join(WAYS) + " |\n|---|" + "---|" * len(WAYS))
    for name, descriptions in galleries.items():
        found = auditions(descriptions, given.targets)
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
