# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a corpus of pairs from a seed: `python -m needledrop.training.corpus.make OUT --tracks 480`.

Two processes, every finished item a file: a run that was killed goes on where it was, and one that asks for more tracks
keeps those that are there. The set itself is written last.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.core.paths import Profile
from needledrop.crossmodal import sentence
from needledrop.training.corpus import half_real, items, music, splits
from needledrop.training.corpus.items import Item, Job, Settings
from needledrop.training.pairs.pair_set import MusicItems, PairSet, VideoItems, save_pair_set

_ITEMS, _RECIPE = "items", "recipe.json"
_PROCESSES = 2
_SEED_SPACING = 1_000_000
_HALF_REAL_SEEDS = 500_000
_OF_TRACKS = ("vector", "clips", "rhythm", "mel", "mask", "steps")


@dataclass(frozen=True)
class Recipe:
    """What decides every number of a corpus: tracks to make up, videos each, the seed, "first" or "second", a folder
    of real media or "", the side of the grey frames, whether oscillators are all that is played."""

    tracks: int
    videos_per_track: int
    seed: int
    renderer: str
    half_real: str
    side: int
    is_synthesis_only: bool

    @property
    def settings(self) -> Settings:
        """What the jobs need to know of it."""
        return Settings(self.renderer, self.videos_per_track, self.side, self.is_synthesis_only)

    @property
    def shares(self) -> splits.Shares:
        """The second renderer is never trained on."""
        return splits.EVERYTHING_STRONG if self.renderer == "second" else splits.Shares()

    def jobs(self) -> list[Job]:
        """One job a track, in the order of the set; no two recipes of unlike seed or renderer share a script."""
        first = (2 * self.seed + (self.renderer == "second")) * _SEED_SPACING
        made = [Job(f"track-{index:05}", first + index) for index in range(self.tracks)]
        if not self.half_real:
            return made
        folder = Path(self.half_real)
        tracks, videos = half_real.media_of(folder)
        real = [(path, False) for path in tracks] + [(path, True) for path in videos]
        jobs = [
            Job(f"real-{index:05}", first + _HALF_REAL_SEEDS + index, path, is_video)
            for index, (path, is_video) in enumerate(real)
        ]
        # Tracks and videos by turns, so that a part of the corpus has both.
        places = [*np.linspace(0, 1, len(tracks)), *np.linspace(0, 1, len(videos))]
        return made + [jobs[index] for index in np.argsort(places, kind="stable")]


def make_corpus(
    recipe: Recipe,
    folder: Path,
    *,
    profile: Profile | None = None,
    processes: int = _PROCESSES,
    is_finished_only: bool = False,
) -> PairSet:
    """Make (or finish) the corpus in a folder and give it.

    Args:
        profile: whose cache holds the sentence model; without one, or without the extra `text`, no video has text.
        is_finished_only: make nothing; the set is of the tracks that are whole by now.

    Raises:
        KnownError: "other-recipe": the folder holds items of another one; "missing": fluidsynth or a sound font is
            not there; "crashed": a file brought a process down.
    """
    if not recipe.is_synthesis_only:
        music.require_instruments(recipe.settings.sound)
    _claim(folder, recipe)
    jobs = recipe.jobs()
    if is_finished_only:
        jobs = [job for job in jobs if job.is_done(folder / _ITEMS, recipe.settings)]
    _make_all(jobs, folder / _ITEMS, recipe.settings, processes)
    pairs = _gathered(recipe, jobs, folder / _ITEMS, profile)
    save_pair_set(pairs, folder)
    return pairs


def _claim(folder: Path, recipe: Recipe) -> None:
    """Note the recipe in the folder, or see that it is the one noted there."""
    (folder / _ITEMS).mkdir(parents=True, exist_ok=True)
    note = folder / _RECIPE
    # Items do not depend on how many there are: a corpus may grow.
    text = json.dumps({name: value for name, value in asdict(recipe).items() if name != "tracks"}, indent=1)
    if not note.exists():
        note.write_text(text, encoding="utf-8")
    elif note.read_text(encoding="utf-8") != text:
        raise KnownError(
            f"{folder} holds a corpus that was made otherwise.",
            remedy="Give the same options as then (they are in recipe.json), or name another folder.",
            code="other-recipe",
        )


def read_recipe(folder: Path, tracks: int) -> Recipe | None:
    """The recipe that a corpus in a folder was made by, for so many tracks; None where no corpus was made there.

    Raises:
        KnownError: "other-recipe": what is noted there is no recipe of this version.
    """
    note = folder / _RECIPE
    if not (folder / _ITEMS).is_dir() or not note.is_file():
        return None
    try:
        return Recipe(tracks=tracks, **json.loads(note.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise KnownError(
            f"{note} says nothing of how the corpus was made.",
            remedy="Make the corpus again in a new folder.",
            cause=str(error),
            code="other-recipe",
        ) from error


def _make_all(jobs: Sequence[Job], folder: Path, settings: Settings, processes: int) -> None:
    waiting = [job for job in jobs if not job.is_done(folder, settings)]
    print(f"{len(jobs) - len(waiting)} of {len(jobs)} tracks are there", flush=True)
    begun, said = time.monotonic(), 0.0
    for count, (job, refusal) in enumerate(_results(waiting, folder, settings, processes), start=1):
        if refusal:
            print(f"left out {job.name}: {refusal}", flush=True)
        spent_s = time.monotonic() - begun
        if spent_s - said >= 10 or count == len(waiting):
            said, rate = spent_s, count / spent_s
            left_s = (len(waiting) - count) / rate
            print(f"{count} of {len(waiting)} tracks, {rate:.2f} a second, {left_s / 60:.1f} min left", flush=True)


def _results(waiting: Sequence[Job], folder: Path, settings: Settings, processes: int) -> Iterator[tuple[Job, str]]:
    if processes == 1:
        for job in waiting:
            yield job, items.make(job, folder, settings)
        return
    os.environ["OMP_NUM_THREADS"] = "1"  # Before the processes load their numerical libraries.
    context = get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_end_with, initargs=(os.getpid(),)) as pool:
        running = {pool.submit(items.make, job, folder, settings): job for job in waiting}
        try:
            for done in as_completed(running):
                yield running[done], done.result()
        except BrokenProcessPool as error:
            raise KnownError(
                f"A process that was making items in {folder} died.",
                remedy="Start again: it goes on from there. If it dies again, take the last real file out.",
                cause=str(error),
                code="crashed",
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _end_with(parent: int) -> None:
    """End this process when its parent is gone: after a kill it would wait for work for ever."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _gathered(recipe: Recipe, jobs: Sequence[Job], folder: Path, profile: Profile | None) -> PairSet:
    """Read the items and put the set together."""
    kept = [job for job in jobs if not job.refusal_file(folder).exists()]
    tracks = [items.read(job.track_file(folder)) for job in kept]
    counts = [job.video_count(recipe.settings) for job in kept]
    videos = [
        items.read(job.video_file(folder, number))
        for job, count in zip(kept, counts, strict=True)
        for number in range(count)
    ]
    clusters = splits.recording_clusters([items.fingerprint_of(track) for track in tracks])
    groups = splits.together([str(cluster) for cluster in clusters], [job.source for job in kept])
    track_split = splits.track_splits(groups, recipe.seed, recipe.shares)
    track_of_video = np.repeat(np.arange(len(kept)), counts)
    pairs = PairSet(
        name=f"{recipe.renderer} renderer, seed {recipe.seed}",
        music=MusicItems(**{name: _stacked(tracks, name) for name in _OF_TRACKS}),
        video=_video_items(videos, profile),
        track_of_video=track_of_video,
        track_names=tuple(_track_name(job) for job in kept),
        video_names=tuple(
            f"{kept[track].name}.video-{index}" for track, count in enumerate(counts) for index in range(count)
        ),
        track_cluster=clusters,
        video_source=tuple(kept[track].source for track in track_of_video),
        split=splits.video_splits(track_split, track_of_video, recipe.seed, recipe.shares),
        track_split=track_split,
        tags=tuple(tuple(str(word) for word in video["tags"]) for video in videos),
        truth={"music_latent": _stacked(tracks, "latent"), "video_latent": _stacked(videos, "latent")},
    )
    found = splits.leaks(pairs, groups)
    assert not found, found
    return pairs


def _track_name(job: Job) -> str:
    if job.path is None:
        return job.name
    return f"{job.name} for {job.path.name}" if job.is_video else job.path.name


def _video_items(videos: Sequence[Item], profile: Profile | None) -> VideoItems:
    text = embedded([str(video["line"]) for video in videos], profile)
    return VideoItems(
        **{name: _stacked(videos, name) for name in ("vector", "clips", "flow", "frames", "mask", "steps")},
        text=text,
        has_text=np.asarray(text.any(axis=1)),
    )


def _stacked(made: Sequence[Item], name: str) -> Any:
    return np.stack([item[name] for item in made])


def embedded(lines: Sequence[str], profile: Profile | None) -> FloatArray:
    """Sentence embeddings [n, 384] of lines; zeros for empty ones, and for all where there is no sentence model."""
    vectors = np.zeros((len(lines), sentence.DIMENSION), np.float32)
    published = sentence.published_model_dir()
    written = [index for index, line in enumerate(lines) if line]
    if profile is None or published is None or not written:
        return vectors
    folder = profile.cache_dir / "models" / "all-MiniLM-L6-v2"
    if not (folder / "model.onnx").is_file():
        from needledrop.crossmodal.sentence_onnx import convert

        convert(published, folder)
    known = sorted({lines[index] for index in written})
    rows = dict(zip(known, sentence.SentenceModel(folder).encode(known), strict=True))
    vectors[written] = [rows[lines[index]] for index in written]
    return vectors


def _given(arguments: Sequence[str]) -> tuple[Path, Recipe, bool]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="OUT")
    parser.add_argument("--tracks", type=int, default=480)
    parser.add_argument("--videos-per-track", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--half-real", type=Path, help="a folder of real music and videos")
    parser.add_argument("--renderer", choices=sorted(items.RENDERERS), default="first")
    parser.add_argument("--side", type=int, default=48, help="of the grey frames, in pixels; published: 224")
    parser.add_argument("--synthesis", action="store_true", help="oscillators only, no fluidsynth")
    parser.add_argument("--finished-only", action="store_true", help="make nothing: write the set of what is there")
    given = parser.parse_args(arguments)
    half = str(given.half_real.resolve()) if given.half_real else ""
    recipe = Recipe(given.tracks, given.videos_per_track, given.seed, given.renderer, half, given.side, given.synthesis)
    return given.folder, recipe, given.finished_only


def main() -> int:
    """Read the command line and make the corpus."""
    folder, recipe, is_finished_only = _given(sys.argv[1:])
    try:
        pairs = make_corpus(recipe, folder, profile=Profile.default(), is_finished_only=is_finished_only)
    except KnownError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(pairs.track_names)} tracks and {len(pairs.video_names)} videos in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
