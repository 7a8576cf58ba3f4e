# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""By hand: how well cues meet their cuts, beside other ways to choose a start and beside chance; and how long a
thousand placements take.

    python tests/benchmarks/bench_placement.py [--profile FOLDER --films FILES]
    python tests/benchmarks/bench_placement.py --speed

Rows: videos cut to made-up tracks, placed in the track they were cut to; the demo; and, for a profile whose library was
scanned with this version, real films that have cuts enough. For the last two it is the first suggestions that are
measured. Chance is the same search on the same track with the intervals between the cuts shuffled, a hundred times.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile, shipped_dir
from needledrop.core.picture import VideoFeatures
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.core.times import TimeRange
from needledrop.suggest.picture_shape import PictureShape, picture_shape
from needledrop.suggest.place import Placement, place_track
from needledrop.suggest.start_terms import highest_start_s
from needledrop.suggest.sync_measures import ChanceHits, SyncMeasures, shuffled_chance, sync_measures
from needledrop.workflows.profiles import read_library
from needledrop.workflows.scan import scan
from needledrop.workflows.suggest import Wish, details_loader, suggest_music
from retrieval.synthetic_gallery import edit_gallery, hidden_edit

_FEWEST_CUTS = 8
_FIRST = 3
_RANDOM_STARTS = 20
_SPEED_TRACKS = 1000
_CHOICES = ("the search", "random", "start of track", "best of 20 random")
_REPEATS = 5


def main() -> None:
    """Print the table, or the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", type=Path, help="folder of a profile whose library was scanned")
    parser.add_argument("--films", type=Path, nargs="*", default=[])
    parser.add_argument("--edits", type=int, default=20)
    parser.add_argument("--speed", action="store_true", help="the times instead of the table")
    options = parser.parse_args()
    if options.speed:
        times()
        return
    print(f"{'set':<30} {'start chosen by':<18}  cut hit  beat hit  offset ms  energy  above chance  percentile")
    report("made-up, own track", list(made_up(options.edits)))
    report("the demo, first 3", list(demo()))
    for film in options.films:
        try:
            placements = list(suggested(Profile.at(options.profile), film))
        except KnownError as error:
            print(error.sentence, file=sys.stderr)
            continue
        if placements:
            report(film.name[:30], placements)
        else:
            print(f"{film.name}: fewer than {_FEWEST_CUTS} cuts", file=sys.stderr)


def made_up(count: int) -> Iterator[Placement]:
    """Videos with a tenth of their cuts off the beat, placed in the track they were cut to."""
    tracks = edit_gallery(100, seed=501)
    by_id = {track.track_id: track for track in tracks}
    for seed in range(count):
        edit = hidden_edit(tracks, 5000 + seed)
        yield place_track(by_id[edit.track_id], _shape(edit.video), edit.video.soundtrack)


def demo() -> Iterator[Placement]:
    """The first suggestions for the demo's film."""
    media = shipped_dir("resources") / "demo"
    with tempfile.TemporaryDirectory() as folder:
        profile = Profile.at(Path(folder))
        scan(profile, [media / "music"], workers=2, progress=ignore_progress, cancel=CancelToken())
        yield from suggested(profile, media / "demo.mp4")


def suggested(profile: Profile, film: Path) -> Iterator[Placement]:
    """The first suggestions for a film, none if it has few cuts."""
    answer = suggest_music(profile, film, Wish(count=_FIRST), ignore_progress, CancelToken())
    if not answer.suggestions:
        raise KnownError(f"Nothing is suggested for '{film.name}'.", remedy="Scan the profile's folders again.")
    shape = picture_shape(answer.video.features, answer.time_range)
    if len(shape.cuts_s) < _FEWEST_CUTS:
        return
    with read_library(profile) as library:
        details = details_loader(library)([one.track_id for one in answer.suggestions])
    for one in answer.suggestions:
        yield place_track(details[one.track_id], shape, answer.video.features.soundtrack)


def _shape(video: VideoFeatures) -> PictureShape:
    return picture_shape(video, TimeRange(Fraction(0), Fraction(video.duration_s).limit_denominator(1000)))


def report(name: str, placements: list[Placement]) -> None:
    """One line for each way to choose a start."""
    rng = np.random.default_rng(0)
    rows: dict[str, list[SyncMeasures]] = {
        "the search": [],
        "random": [],
        "start of track": [],
        "best of 20 random": [],
    }
    chances: list[ChanceHits] = []
    for placement in placements:
        measured = partial(sync_measures, placement.line, placement.shape)
        highest_s = highest_start_s(placement.line, placement.shape)
        drawn = [measured(float(start_s)) for start_s in rng.uniform(0.0, highest_s, _RANDOM_STARTS)]
        rows["the search"].append(measured(placement.start_s))
        rows["random"].append(drawn[0])
        rows["start of track"].append(measured(min(placement.line.first_s, highest_s)))
        rows["best of 20 random"].append(max(drawn, key=lambda one: one.cut_hit))
        if (chance := shuffled_chance(placement)) is not None:
            chances.append(chance)
    for label, measures in rows.items():
        above = ""
        if chances and label == "the search":
            hits = np.mean([(chance.own_hits - chance.mean) / len(placements[0].shape.cuts_s) for chance in chances])
            above = f"{hits:+12.3f}  {np.mean([chance.percentile for chance in chances]):10.0f}"
        print(f"{name:<30} {label:<18}  {_cells(measures)}  {above}")


def _cells(measures: list[SyncMeasures]) -> str:
    offsets = [1000.0 * one.mean_offset_s for one in measures if one.mean_offset_s is not None]
    energies = [one.energy_correlation for one in measures if one.energy_correlation is not None]
    offset = f"{np.mean(offsets):+9.1f}" if offsets else f"{'-':>9}"
    energy = f"{np.mean(energies):6.2f}" if energies else f"{'-':>6}"
    hit, beat_hit = (np.mean([getattr(one, name) for one in measures]) for name in ("cut_hit", "beat_hit"))
    return f"{hit:7.3f}  {beat_hit:8.3f}  {offset}  {energy}"


def times() -> None:
    """Time a thousand placements under a 60-s video with 20 accents, in one thread and in two."""
    tracks = edit_gallery(_SPEED_TRACKS, seed=1)
    video = hidden_edit(tracks, seed=2).video
    rng = np.random.default_rng(3)
    curve = np.abs(np.cumsum(rng.normal(0, 0.1, len(video.motion.curve)))).astype(np.float32)
    accents = np.sort(rng.uniform(0.0, 60.0, 20))
    motion = replace(video.motion, curve=curve, accents_s=accents, accent_strength=np.ones(20, np.float32))
    place = partial(_placed, shape=_shape(replace(video, motion=motion)), video=video)
    for threads in (1, 2):
        wall, processor = [], []
        with ThreadPoolExecutor(threads) as pool:
            for _ in range(_REPEATS):
                before, before_processor = time.perf_counter(), time.process_time()
                list(pool.map(place, np.array_split(np.array(tracks, dtype=object), 2 * threads)))
                wall.append(time.perf_counter() - before)
                processor.append(time.process_time() - before_processor)
        print(
            f"place {_SPEED_TRACKS} tracks, {threads} threads: {min(wall):.2f} s wall, {min(processor):.2f} s processor"
        )


def _placed(tracks: np.ndarray, shape: PictureShape, video: VideoFeatures) -> list[float]:
    return [place_track(track, shape, video.soundtrack).score for track in tracks]


if __name__ == "__main__":
    main()
