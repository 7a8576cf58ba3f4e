# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many labels a taste needs, and whether it is ever worse than the base. By hand:

    python tests/benchmarks/bench_taste.py PROFILE [--made 1000] [--without-real] [--seeds 4] [--most 300]
        [--sessions 30] [--adversaries 10] [--parts speed first curves experts adversaries]

PROFILE is one into which music was scanned and in which some videos were analysed (`needledrop inspect`); it is read
only but for its caches. Real tracks make one gallery, made-up ones another. Simulated editors (taste_world) label the
first half of the music, one label in ten at random; held out is what they would take of the other half, of which
nobody labelled anything. Prints tables in Markdown; "as they come" is what counts without `learn`: the cache where it
does better than the base on held-out projects; "program" what `learn` decides.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
from taste_world import Session, World, made_gallery, pictures, ranks, real_gallery, session, tastes, world

from needledrop.core.music import FloatArray
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.suggest.taste import Taste, standing
from needledrop.suggest.taste_cache import MOST_PRECISION, Label, cached_taste
from needledrop.training.personal.evidence import Evidence
from needledrop.training.personal.fit import Form, fitted_taste
from needledrop.training.personal.learning import learn
from needledrop.training.personal.live import live_taste

COUNTS = (0, 1, 5, 10, 30, 100, 300)
FITTED_PRECISION = MOST_PRECISION
Way = Callable[[Evidence], Taste]
Program = Callable[[Evidence], tuple[Taste, Evidence]]


def cache(evidence: Evidence) -> Taste:
    """The training-free cache."""
    return cached_taste(evidence.space, evidence.tracks, evidence.contexts, evidence.labels)


def fitted(form: Form) -> Way:
    """A form without any check, at a fixed precision."""

    def way(evidence: Evidence) -> Taste:
        taste = fitted_taste(evidence, form)
        return Taste(taste.space, taste.common, taste.adapter, taste.keys, taste.values, FITTED_PRECISION)

    return way


def program(evidence: Evidence) -> tuple[Taste, Evidence]:
    """What counts after `needledrop learn`: the taste, and the evidence by the weights that were fitted."""
    learned = learn(evidence, {}, lambda done: None, ignore_progress, CancelToken())
    own = evidence.weighted(learned.factors) if learned.factors else evidence
    if learned.taste is None or learned.taste.precision == 0.0:
        return live_taste(own), own
    return learned.taste, own


WAYS: dict[str, Way | Program] = {
    "cache": cache,
    "as they come": live_taste,
    "preference": fitted(Form("preference", 3.0, has_adapter=False)),
    "adapter": fitted(Form("adapter", 3.0)),
    "projection": fitted(Form("projection", 3.0, has_clips=True)),
    "program": program,
}


def found_ranks(place: World, one: Session, way: Way | Program | None) -> FloatArray:
    """Ranks of what is held out, by the base (way None) or beside it."""
    known = place.evidence
    if way is None or not one.labels:
        return ranks(place, one, lambda context: known.standings[context])
    found = way(known.only(one.labels))
    taste, base = found if isinstance(found, tuple) else (found, known)

    def joint(context: int) -> FloatArray:
        own = standing(known.tracks @ taste.direction(known.contexts[context]))
        return base.base_precision[context] * base.standings[context] + taste.precision * own

    return ranks(place, one, joint)


def curves(place: World, seeds: int, most: int) -> None:
    """Median rank and R@10 over tastes and seeds, by method and number of labels; and each taste by `program`."""
    counts = [count for count in COUNTS if count <= most]
    table: dict[tuple[str, str, int], list[FloatArray]] = {}
    unseen = place.gallery.track_count - place.gallery.track_count // 2
    for number, (name, taste) in enumerate(tastes(place.gallery).items()):
        for seed in range(seeds):
            for count in counts:
                one = session(place, taste, count, 90_000 + 100 * seed + number)  # Slips of its own for each taste.
                for way, learner in WAYS.items():
                    found = found_ranks(place, one, learner if count else None)
                    table.setdefault((way, name, count), []).append(found)
                table.setdefault(("base", name, count), []).append(found_ranks(place, one, None))
        print(f"  {name} done", file=sys.stderr, flush=True)
    names = list(tastes(place.gallery))
    chance = min(1.0, 10 / unseen)
    print(
        f"\n{place.name}: {place.gallery.track_count} tracks, {unseen} of them never labelled (ranked among these; ",
        end="",
    )
    print(
        f"R@10 by chance {chance:.2f}); {len(names)} tastes, {seeds} seeds, {len(place.evidence.contexts)} pictures\n"
    )
    _print(table, ["base", *WAYS], [names] * (1 + len(WAYS)), ["base", *WAYS], counts)
    print("\nby taste, as the program does it:\n")
    _print(table, ["program"] * len(names), [[name] for name in names], names, counts)
    losses = [(_loss(table, "program", name, count), name, count) for name in names for count in counts if count]
    loss, name, count = max(losses)
    print(f"\nlargest mean loss of percentile, of {len(losses)} cells of {seeds} sessions each: {loss:+.3f}", end="")
    print(f" ({name}, {count} labels)")


def _print(
    table: dict[tuple[str, str, int], list[FloatArray]],
    ways: list[str],
    tasted: list[list[str]],
    rows: list[str],
    counts: list[int],
) -> None:
    print("| median rank / R@10 | " + " | ".join(f"{count} labels" for count in counts) + " |")
    print("|---|" + "---|" * len(counts))
    for way, names, row in zip(ways, tasted, rows, strict=True):
        cells = []
        for count in counts:
            found = [np.concatenate(table[way, name, count]) for name in names]
            median = np.mean([np.median(one) for one in found])
            cells.append(f"{median:.1f} / {np.mean([(one <= 10).mean() for one in found]):.2f}")
        print(f"| {row} | " + " | ".join(cells) + " |")


def _loss(table: dict[tuple[str, str, int], list[FloatArray]], way: str, name: str, count: int) -> float:
    """Mean loss of percentile against the base."""
    own, base = (np.concatenate(table[one, name, count]) for one in (way, "base"))
    return float((own - base).mean() / max(float(base.max()), 1.0))


def first_labels(place: World, sessions: int) -> None:
    """What the first labels cost, by session: the picks of one session share its labels, so a session is the unit."""
    print("\n| gallery, labels | mean loss | worst taste (its error) | sessions worse | by over 0.02 | worst session |")
    print("|---|---|---|---|---|---|")
    for count in (1, 3, 5, 9):
        rows = []
        for number, (name, taste) in enumerate(tastes(place.gallery).items()):
            losses = []
            for seed in range(sessions):
                one = session(place, taste, count, 5000 + 100 * seed + number)
                apart = found_ranks(place, one, live_taste) - found_ranks(place, one, None)
                losses.append(float(apart.mean()) / len(one.unseen))
            rows.append((name, np.array(losses)))
        name, worst = max(rows, key=lambda row: float(row[1].mean()))
        every = np.concatenate([losses for _, losses in rows])
        error = float(worst.std(ddof=1)) / np.sqrt(sessions)
        print(
            f"| {place.gallery.track_count:,} {place.name}, {count} | {every.mean():+.3f} | {name} {worst.mean():+.3f} "
            f"({error:.3f}) | {np.mean(every > 0):.0%} | {np.mean(every > 0.02):.0%} | {every.max():+.3f} |",
            flush=True,
        )


def adversaries(place: World, seeds: int) -> None:
    """Labels that say nothing, or nothing new: how far the list of one who has no taste is moved."""
    print(f"\n{place.name}, adversarial: mean percentile of held-out tracks drawn by chance (0.5 is chance)\n")
    print("| labels | count | base | as they come | program | switched on |\n|---|---|---|---|---|---|")
    for name, make in (("random", _random), ("contradictory", _contradictory), ("all the same track", _same)):
        for count in (1, 5, 10, 30, 100):
            found: dict[str, list[float]] = {"base": [], "as they come": [], "program": []}
            is_on = 0
            for seed in range(seeds):
                one = make(place, count, seed)
                evidence = place.evidence.only(one.labels)
                learned = learn(evidence, {}, lambda done: None, ignore_progress, CancelToken())
                is_on += learned.taste is not None
                for way, learner in (("base", None), ("as they come", live_taste), ("program", program)):
                    found[way].append(float(np.mean(found_ranks(place, one, learner)) / len(one.unseen)))
            cells = " | ".join(f"{np.mean(ones):.3f}" for ones in found.values())
            print(f"| {name} | {count} | {cells} | {is_on}/{seeds} |", flush=True)


def experts(place: World, sessions: int) -> None:
    """Editors who go by one of the base's own experts, or by both as it does: what fitting the weights does."""
    parts = place.evidence.parts
    assert parts is not None
    print(f"\n{place.name}, editors who go by the base's experts: median rank of held-out picks, base / program\n")
    counts = (5, 10, 30, 100)
    print("| goes by | " + " | ".join(f"{count} labels" for count in counts) + " |\n|---|" + "---|" * len(counts))
    for number, name in enumerate((*parts.names, "both")):
        cells = []
        for count in counts:
            found = []
            for seed in range(sessions):
                one = _by_expert(place, number, count, seed)
                ways = (found_ranks(place, one, None), found_ranks(place, one, program))
                found.append([float(np.median(way)) for way in ways])
            base, own = np.mean(found, axis=0)
            worse = np.mean([way > other for other, way in found])
            cells.append(f"{base:.1f} / {own:.1f} (worse in {worse:.0%})")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def _by_expert(place: World, number: int, count: int, seed: int) -> Session:
    """Lists of ten of the labelled half; the pick is the best by one expert (or the base), every tenth time any."""
    parts = place.evidence.parts
    assert parts is not None
    rng = np.random.default_rng([seed, number])
    order = rng.permutation(place.gallery.track_count)
    seen, unseen = np.sort(order[: len(order) // 2]), np.sort(order[len(order) // 2 :])

    def liked(context: int) -> FloatArray:
        return place.evidence.standings[context] if number == len(parts.names) else parts.deviations[context, number]

    labels, held_out = [], []
    for group, context in enumerate(rng.integers(0, len(parts.deviations), count).tolist()):
        offered = rng.choice(seen, size=10, replace=False)
        pick = rng.choice(offered) if rng.random() < 0.1 else offered[np.argmax(liked(context)[offered])]
        labels.append(Label(context, int(pick), 1.0, tuple(offered.tolist()), group))
    for context in rng.integers(0, len(parts.deviations), 60).tolist():
        across = rng.choice(unseen, size=min(20, len(unseen)), replace=False)
        held_out.append((context, int(across[np.argmax(liked(context)[across])])))
    return Session(labels, held_out, unseen)


def _random(place: World, count: int, seed: int) -> Session:
    noise = np.random.default_rng(seed + 1000).normal(size=place.gallery.track_count).astype(np.float32)
    one = session(place, noise, count, seed, noise=1.0)
    rng = np.random.default_rng(seed)
    return Session(one.labels, [(context, int(rng.choice(one.unseen))) for context, _ in one.held_out], one.unseen)


def _contradictory(place: World, count: int, seed: int) -> Session:
    one = _random(place, count, seed)
    rng = np.random.default_rng(seed)
    labels = [
        Label(
            label.context, label.row if at % 2 else int(rng.choice(label.offered)), (-1.0) ** at, label.offered, at // 2
        )
        for at, label in enumerate(one.labels)
    ]
    return Session(labels, one.held_out, one.unseen)


def _same(place: World, count: int, seed: int) -> Session:
    one = _random(place, count, seed)
    row = one.labels[0].row
    labels = [Label(label.context, row, 1.0, label.offered, label.group) for label in one.labels]
    return Session(labels, one.held_out, one.unseen)


def speed(place: World) -> None:
    """Seconds of learning, and of the cache."""
    taste = next(iter(tastes(place.gallery).values()))
    for count in (1, 50, 200):
        evidence = place.evidence.only(session(place, taste, count, 0).labels)
        start = time.perf_counter()
        cache(evidence)
        cached = time.perf_counter() - start
        learn(evidence, {}, lambda done: None, ignore_progress, CancelToken())
        print(f"{place.name}: {count} labels: cache {1000 * cached:.1f} ms, learn {time.perf_counter() - start:.2f} s")


def main() -> None:
    """Read the profile, then simulate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profile", type=Path)
    parser.add_argument("--made", type=int, nargs="*", default=[1000])
    parser.add_argument("--without-real", action="store_true", help="made-up galleries alone")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--most", type=int, default=300)
    parser.add_argument("--sessions", type=int, default=30, help="sessions a taste with the first labels")
    parser.add_argument("--adversaries", type=int, default=10, help="sessions of each kind of labels that say nothing")
    parser.add_argument("--parts", nargs="*", default=["speed", "first", "curves", "experts", "adversaries"])
    given = parser.parse_args()
    profile = Profile.at(given.profile)
    queries = pictures(profile)
    folder = profile.cache_dir / "benchmark"
    places = [] if given.without_real else [world("real music", real_gallery(profile), queries, folder / "real")]
    places += [
        world("made-up music", made_gallery(count, 1), queries, folder / f"made-{count}") for count in given.made
    ]
    for place in places:
        if "speed" in given.parts:
            speed(place)
        if "first" in given.parts:
            first_labels(place, given.sessions)
        if "curves" in given.parts:
            curves(place, given.seeds, given.most)
        if "experts" in given.parts:
            experts(place, given.seeds)
        if "adversaries" in given.parts and not given.without_real:
            adversaries(place, given.adversaries)


if __name__ == "__main__":
    main()
