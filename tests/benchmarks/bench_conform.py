# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""By hand: how well cues follow a film that was cut anew.

A film of shots of real videos is rendered, then rendered again with shots removed, inserted, trimmed, in another order,
in another codec, size and level, and all of it at once. Both are watched as the program watches them: cuts by the
detector, prints of every frame. A shot counts as matched rightly where the middle of it is said to be, within two
frames, where it was taken from, or said to be new where it is. The error of a cue is how far its music lies from where
the picture it was cut to went: from the nearest stretch of it that is left.

    python tests/benchmarks/bench_conform.py FOLDER_WITH_VIDEOS [--seeds 2]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from media_factory import write_video
from needledrop.core.cue import Cue, Piece
from needledrop.core.errors import KnownError
from needledrop.features.picture_prints import PicturePrints, PrintsMeter
from needledrop.features.shots import ShotDetector
from needledrop.media.frames import analysis_frames
from needledrop.suggest.carry import Fate, carried
from needledrop.suggest.recut import Recut, likeliest
from needledrop.suggest.shot_search import picture_places

RATE = 25
SHOTS = 24
SPARE = 6
SIZE = (320, 180)
TRACK_S = 1000.0
Frames = NDArray[np.uint8]


@dataclass(frozen=True)
class Take:
    """A stretch of a source: its frames, from `first` to `last`."""

    source: int
    first: int
    last: int

    @property
    def length(self) -> int:
        """In frames."""
        return self.last - self.first


def footage(folder: Path) -> list[Frames]:
    """The pictures of every video that has at least three seconds, at most 20 s of each."""
    found = []
    for path in sorted(folder.iterdir()):
        frames = []
        try:
            for frame in analysis_frames(path):
                frames.append(cv2.resize(frame.rgb, SIZE))
                if len(frames) >= 20 * RATE:
                    break
        except KnownError:
            continue
        if len(frames) >= 3 * RATE:
            found.append(np.stack(frames))
    return found


def takes(sources: Sequence[Frames], rng: np.random.Generator) -> list[Take]:
    """SHOTS and SPARE stretches of 1.2 to 4 s, no two neighbours of one source."""
    made: list[Take] = []
    while len(made) < SHOTS + SPARE:
        source = int(rng.integers(len(sources)))
        if made and made[-1].source == source:
            continue
        length = int(rng.integers(30, 100))
        room = len(sources[source]) - length
        if room >= 0:
            first = int(rng.integers(room + 1))
            made.append(Take(source, first, first + length))
    return made


def recuts(old: list[Take], spare: list[Take], rng: np.random.Generator) -> dict[str, list[Take]]:
    """The same film cut anew in each way."""
    removed = [take for number, take in enumerate(old) if number not in rng.choice(len(old), 5, replace=False)]
    inserted = [*old]
    for take in spare:
        inserted.insert(int(rng.integers(len(inserted) + 1)), take)
    trimmed = [trim(take, rng) if number % 2 else take for number, take in enumerate(old)]
    moved = [*old]
    for _ in range(3):
        moved.insert(int(rng.integers(len(moved))), moved.pop(int(rng.integers(len(moved)))))
    everything = [trim(take, rng) if rng.random() < 0.4 else take for take in moved if rng.random() > 0.15]
    for take in spare[:3]:
        everything.insert(int(rng.integers(len(everything) + 1)), take)
    return {
        "removed": removed, "inserted": inserted, "trimmed": trimmed, "reordered": moved, "rendered anew": [*old],
        "all of it": everything,
    }  # fmt: skip


def trim(take: Take, rng: np.random.Generator) -> Take:
    """Up to 15 frames off either end."""
    return replace(take, first=take.first + int(rng.integers(16)), last=take.last - int(rng.integers(1, 16)))


def pictures(cut: Sequence[Take], sources: Sequence[Frames], *, is_other: bool) -> Iterator[Frames]:
    """The frames of a cut; otherwise sized and a little brighter where it is to look rendered anew."""
    for take in cut:
        for frame in sources[take.source][take.first : take.last]:
            if is_other:
                larger = cv2.resize(frame, (480, 270), interpolation=cv2.INTER_CUBIC)
                yield np.clip(larger.astype(np.float32) * 0.92 + 10, 0, 255).astype(np.uint8)
            else:
                yield frame


def watched(path: Path) -> tuple[PicturePrints, list[float]]:
    """Prints and cuts, as the program finds them."""
    meter, detector, last_s = PrintsMeter(RATE), ShotDetector(), 0.0
    for frame in analysis_frames(path):
        meter.feed(frame.t_s, frame.rgb)
        grey = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY)
        detector.feed(frame.t_s, np.asarray(grey, np.uint8), np.asarray(cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2YCrCb)))
        last_s = frame.t_s
    return meter.finish(last_s + 1 / RATE), detector.finish().cuts_s.tolist()


def origins(old: Sequence[Take], new: Sequence[Take]) -> list[set[int]]:
    """For every frame of the new cut the frames of the old one that are the same picture of the same source."""
    at: dict[tuple[int, int], set[int]] = {}
    pairs = [(take.source, frame) for take in old for frame in range(take.first, take.last)]
    for number, pair in enumerate(pairs):
        at.setdefault(pair, set()).add(number)
    return [at.get((take.source, frame), set()) for take in new for frame in range(take.first, take.last)]


def right_shots(recut: Recut, truth: Sequence[set[int]]) -> tuple[int, int]:
    """How many shots of the new cut were matched rightly, of how many."""
    right = 0
    for shot in recut.shots:
        middle = min(len(truth) - 1, int((shot.start_s + shot.end_s) / 2 * RATE))
        if shot.place is None:
            right += not truth[middle]
        else:
            said = middle - shot.place.shift_s * RATE
            right += any(abs(said - old) <= 2.01 for old in truth[middle])
    return right, len(recut.shots)


def cue_errors_ms(recut: Recut, old: Sequence[Take], truth: Sequence[set[int]]) -> tuple[list[float], int]:
    """The error of each cue that is not doubtful, and how many are; each lies under three shots."""
    edges = np.cumsum([0, *(take.length for take in old)]) / RATE
    errors, doubtful = [], 0
    for first in range(0, len(old) - 2, 3):
        start_s, end_s = float(edges[first]), float(edges[first + 3])
        cue = Cue(1, start_s, (Piece(100.0, 100.0 + end_s - start_s),), 0.0, 0.0, 0.0)
        change = carried(cue, recut, TRACK_S)
        if change.fate.is_doubtful:
            doubtful += change.fate is not Fate.SAME
            continue
        shift_s = (change.after.record_in_s - change.after.pieces[0].source_in_s) - (start_s - 100.0)
        true_s = {(new - was) / RATE for new, olds in enumerate(truth) for was in olds if start_s <= was / RATE < end_s}
        errors.append(1000.0 * min(abs(shift_s - one) for one in true_s) if true_s else np.inf)
    return errors, doubtful


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=2)
    options = parser.parse_args()
    sources = footage(options.folder)
    print(f"{len(sources)} videos; {SHOTS} shots a film; {options.seeds} films")
    print(f"{'':16}{'shots':>7}{'right':>8}{'cues':>6}{'doubtful':>10}{'median ms':>11}{'p95 ms':>9}{'worst':>9}")
    rows: dict[str, list[tuple[int, int, list[float], int]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.seeds):
            rng = np.random.default_rng(seed)
            made = takes(sources, rng)
            old, spare = made[:SHOTS], made[SHOTS:]
            film = write_video(Path(folder) / "old.mp4", pictures(old, sources, is_other=False))
            prints, cuts_s = watched(film)
            for name, cut in recuts(old, spare, rng).items():
                is_other = name in ("rendered anew", "all of it")
                codec, rate = ("mpeg4", Fraction(RATE)) if is_other else ("libx264", Fraction(RATE))
                again = write_video(
                    Path(folder) / "new.mp4", pictures(cut, sources, is_other=is_other), codec=codec, frame_rate=rate
                )
                new, new_cuts_s = watched(again)
                edges_s = [0.0, *new_cuts_s, new.duration_s]
                recut = Recut(likeliest(edges_s, picture_places(prints, cuts_s, new, edges_s)), new.duration_s)
                truth = origins(old, cut)
                rows.setdefault(name, []).append((*right_shots(recut, truth), *cue_errors_ms(recut, old, truth)))
    for name, found in rows.items():
        right, shots = sum(one[0] for one in found), sum(one[1] for one in found)
        errors = np.array([error for one in found for error in one[2]])
        doubtful = sum(one[3] for one in found)
        print(
            f"{name:16}{shots:7}{100 * right / shots:7.1f}%{len(errors) + doubtful:6}{doubtful:10}"
            f"{np.median(errors):11.1f}{np.percentile(errors, 95):9.1f}{errors.max():9.1f}"
        )


if __name__ == "__main__":
    main()
