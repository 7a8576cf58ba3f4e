# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""By hand: how long a library of 10,000 unchanged files takes to rescan, list and suggest from, with process start.

The files are tiny and distinct; their features are one real analysis, 10,000 times, so the database has its real size.

    python tests/benchmarks/bench_scan.py [--tracks 10000] [--folder DIR] [--video FILE]
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from media_factory import music, write_audio
from needledrop.core.music import Licence, Loudness, Rhythm, Tonality, TrackTags
from needledrop.core.packing import unpack
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.crossmodal.sentence import DIMENSION, MODEL_ID
from needledrop.features.music import FEATURE_VERSIONS
from needledrop.library.rows import FoundFile, ScanBatch, TrackFacts
from needledrop.workflows.analysis import Analysis, analyse_music
from needledrop.workflows.gallery import refresh_gallery
from needledrop.workflows.profiles import write_library

MODEL_SECONDS = 60.0
BATCH = 500
RUNS = 5


def build(profile: Profile, folder: Path, tracks: int) -> None:
    """Make the files and register them, with features and embeddings, as a scan would have."""
    model = write_audio(folder.parent / "model.flac", music(MODEL_SECONDS, seed=1))
    analysis = analyse_music(lambda done_s: None, os.fsencode(model))
    with write_library(profile, "benchmark") as library:
        root = library.add_root(folder)
        for start in range(0, tracks, BATCH):
            found = tuple(made_file(folder, number) for number in range(start, min(start + BATCH, tracks)))
            library.apply_scan(ScanBatch(root.id, found))
            with library.connection.recomputable():
                for track_id in library.track_ids()[start:]:
                    library.put_features(track_id, feature_sets(analysis), facts(analysis))
        texts = [text for _, text in library.track_words()]
        vectors = np.random.default_rng(0).standard_normal((len(texts), DIMENSION)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        rows = (vector.tobytes() for vector in vectors)
        library.put_text_embeddings(MODEL_ID, dict(zip(texts, rows, strict=True)))
        library.mark_scanned(root.id)
        refresh_gallery(profile, library, ignore_progress, CancelToken())


def made_file(folder: Path, number: int) -> FoundFile:
    """One tiny file, in folders of twelve as albums are."""
    path = folder / f"artist {number // 60:03}" / f"album {number // 12:03}" / f"{number:05}.mp3"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"%d" % number)
    status = path.stat()
    tags = TrackTags(title=f"Title {number}", artist=f"Artist {number // 60}", album=f"Album {number // 12}")
    stamp = (status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev)
    licence = Licence(name="CC0-1.0")
    sound = (MODEL_SECONDS, "mp3", 44100, 2)
    return FoundFile(os.fsencode(path), *stamp, f"content {number}", tags, licence, *sound)


def feature_sets(analysis: Analysis) -> dict[str, tuple[int, bytes]]:
    """The sets as the library takes them."""
    return {name: (FEATURE_VERSIONS[name], blob) for name, blob in analysis.packed.items()}


def facts(analysis: Analysis) -> TrackFacts:
    """What lists show."""
    packed = analysis.packed
    return TrackFacts.of(
        unpack(Rhythm, packed["rhythm"]), unpack(Tonality, packed["tonality"]), unpack(Loudness, packed["loudness"])
    )


def timed(name: str, command: list[str], *, is_shown: bool = True) -> None:
    """Run a command RUNS times; print wall times and processor time of the fastest."""
    walls, processor = [], []
    for _ in range(RUNS):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "needledrop", *command], capture_output=True, check=False)
        walls.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        if done.returncode not in (0, 4):
            print(done.stdout.decode(), done.stderr.decode())
            raise SystemExit(f"{name} failed")
    if is_shown:
        walls.sort()
        print(f"{name:28} wall {walls[0]:.2f} s (median {walls[RUNS // 2]:.2f}), processor {min(processor):.2f} s")


def main() -> None:
    """Build once (kept with --folder), then time."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tracks", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, help="keep the made library here and use it again")
    parser.add_argument("--video", type=Path, help="also time suggest on this video, once it is analysed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        profile = Profile.at(folder / "profile")
        if not profile.library_path.exists():
            (folder / "music").mkdir(parents=True, exist_ok=True)
            build(profile, folder / "music", options.tracks)
        arguments = ["--profile", str(folder / "profile")]
        print(f"library.db {profile.library_path.stat().st_size / 1e6:.0f} MB")
        timed("needledrop --version", ["--version"])
        timed("scan (unchanged)", [*arguments, "scan", "--quiet"])
        timed("library list", [*arguments, "library", "list"])
        timed("library search", [*arguments, "library", "search", "title", "123"])
        if options.video:
            suggest = [*arguments, "suggest", "--quiet", str(options.video)]
            timed("suggest (first)", suggest, is_shown=False)
            timed("suggest (cached video)", suggest)
            timed("suggest --text", [*suggest, "--text", "calm sunrise hike"])


if __name__ == "__main__":
    main()
