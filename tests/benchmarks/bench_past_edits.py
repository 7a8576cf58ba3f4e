# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""By hand: which tracks of a library play in finished videos, and where: precision, recall, time, and two peers.

The videos are mixed from the folder of real media: music 6 dB under speech, at speeds of 0.97 to 1.03 with and without
the pitch, faded in and out, with effects. Thresholds were set on the half "set" of tracks and voices; figures are of
both halves. The library holds all real tracks, and distractors:

- "landmark" ones are sewn together out of 20 to 60 s stretches of the real tracks' peaks, each at another pitch (1 to 7
  semitones) and tempo (6 to 30 %), 210 s each: as varied as the real ones, and so many that chance shows;
- "shifted" ones are real tracks played 6 to 40 % faster or slower, analysed as sound.

A video without music, and music that is not in the library, are among them: what is found there is wrong.

    python tests/benchmarks/bench_past_edits.py [--distractors N] [--shifted N] [--videos N] [--seconds S] [--peers]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from past_edit_mixes import NOISES, RATE, Piece, Sound, drawn_pieces, half_of, make_video, played, read_sound, speech

from needledrop.core.music import Fingerprint, Licence, TrackTags
from needledrop.core.packing import pack
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.features.fingerprint import FRAME_S, LandmarkCollector
from needledrop.features.landmarks import fingerprint_peaks
from needledrop.features.music import FEATURE_VERSIONS, TONAL_FRAME_SAMPLES, TONAL_RATE
from needledrop.features.onsets import RATE as ONSET_RATE
from needledrop.features.recordings import build_lookup, is_same_recording
from needledrop.features.spectrum import PowerSpectra, Resampler
from needledrop.library.rows import FoundFile, ScanBatch
from needledrop.workflows.past_edits import PastPair, find_past_edits, pairs
from needledrop.workflows.past_videos import landmarks_of
from needledrop.workflows.profiles import read_library, write_library

MEDIA = Path(__file__).resolve().parents[2].parent / "shared" / "media"
_NEAR_S = 0.5
_REPEATED = 0.6


@dataclass(frozen=True)
class Score:
    """Counts over the pieces and finds of some videos; offset errors in seconds. repeats: of the right finds, those
    where the track was placed at another moment at which it repeats itself, sample by sample as far as can be told."""

    pieces: int
    found: int
    finds: int
    right: int
    same_track: int
    repeats: int
    errors_s: tuple[float, ...]

    def line(self) -> str:
        """For people."""
        errors = np.abs(self.errors_s) if self.errors_s else np.zeros(1)
        return (
            f"{self.pieces:4d} pieces  recall {self.found / max(self.pieces, 1):.3f}  {self.finds:4d} finds  precision "
            f"{self.right / max(self.finds, 1):.3f} (of the track alone {self.same_track / max(self.finds, 1):.3f}; "
            f"{self.repeats} in a repeat)  "
            f"offset error: median {np.median(errors) * 1000:.0f} ms, 95 % {np.quantile(errors, 0.95) * 1000:.0f} ms"
        )


def fingerprint_of(sound: Sound) -> Fingerprint:
    """As analysis makes it of a track."""
    first, second = Resampler(RATE, ONSET_RATE), Resampler(ONSET_RATE, TONAL_RATE)
    spectra, collector = PowerSpectra(TONAL_FRAME_SAMPLES, round(TONAL_RATE * FRAME_S)), LandmarkCollector()
    for power in spectra.feed(second.feed(first.feed(sound, last=True), last=True)):
        collector.feed(power)
    for power in spectra.finish():
        collector.feed(power)
    return collector.finish()


def sewn(real: Sequence[Fingerprint], count: int, length_s: float = 210.0) -> Iterator[Fingerprint]:
    """Landmark distractors."""
    from needledrop.features.fingerprint import _pairs

    rng, sources = np.random.default_rng(0), [fingerprint_peaks(one) for one in real]
    for _ in range(count):
        frames, bins, at = [], [], 0
        while at < length_s / FRAME_S:
            source_frames, source_bins = sources[rng.integers(len(sources))]
            span = rng.uniform(20, 60) / FRAME_S
            first = rng.uniform(0, max(1.0, source_frames[-1] - span))
            inside = (source_frames >= first) & (source_frames < first + span)
            slower = rng.uniform(0.75, 0.94) if rng.random() < 0.5 else rng.uniform(1.06, 1.3)
            higher = 2 ** (rng.choice([-1, 1]) * rng.uniform(1, 7) / 12)
            moved = np.rint(source_bins[inside] * higher).astype(np.int64)
            fits = (moved >= 24) & (moved < 448)
            frames.append((np.rint((source_frames[inside] - first) * slower).astype(np.int64) + at)[fits])
            bins.append(moved[fits])
            at += int(span * slower)
        all_frames, all_bins = np.concatenate(frames), np.concatenate(bins)
        order = np.lexsort((all_bins, all_frames))
        hashes, starts = _pairs(all_frames[order], all_bins[order] - 24)
        order = np.lexsort((hashes, starts))
        yield Fingerprint(hashes[order].astype(np.uint32), starts[order].astype(np.uint32), FRAME_S)


def shifted(music: dict[str, Sound], count: int) -> Iterator[Fingerprint]:
    """Distractors that were sound."""
    rng, names = np.random.default_rng(1), sorted(music)
    for number in range(count):
        speed = float(rng.choice([rng.uniform(0.7, 0.94), rng.uniform(1.06, 1.4)]))
        sound = music[names[number % len(names)]][: 60 * RATE]
        yield fingerprint_of(played(sound, speed, is_varied=number % 4 != 0))


def fill(profile: Profile, named: Iterator[tuple[str, float, Fingerprint]]) -> None:
    """A library of tracks that have a fingerprint and nothing else."""
    version = FEATURE_VERSIONS["fingerprint"]
    with write_library(profile, "bench") as library:
        root = library.add_root(Path("/music"))
        for name, duration_s, fingerprint in named:
            tags, path = TrackTags(title=name), f"/music/{name}.flac".encode()
            found = FoundFile(path, 1, 1, 1, 1, name, tags, Licence("CC0-1.0"), duration_s, "flac", 44100, 2)
            library.apply_scan(ScanBatch(root.id, (found,)))
            track = library.track_with_content(name)
            assert track is not None
            library.put_features(track.id, {"fingerprint": (version, pack(fingerprint))})


def repeats_itself(own: Fingerprint, from_s: float, to_s: float, length_s: float) -> bool:
    """Whether a track's peaks from one moment on are those from another moment on: at least _REPEATED of them."""
    frames, bins = fingerprint_peaks(own)
    inside = (frames >= from_s / FRAME_S) & (frames < (from_s + length_s) / FRAME_S)
    if inside.sum() < 10:
        return False
    near = [one * 1024 + step for one in range(-1, 2) for step in (-1, 0, 1)]
    there = np.unique((frames * 1024 + bins)[:, None] + np.array(near))
    lags = round((to_s - from_s) / FRAME_S) + np.arange(-4, 5)
    shares = [np.isin((frames[inside] + lag) * 1024 + bins[inside], there).mean() for lag in lags]
    return bool(max(shares) >= _REPEATED)


def judged(
    truth: dict[str, list[Piece]], found: Sequence[PastPair], same: dict[str, str], prints: dict[str, Fingerprint]
) -> Score:
    """Finds against pieces: right where the recording is, and the moment of it within _NEAR_S at the find's start, or
    one at which the track repeats itself."""
    hit: set[tuple[str, int]] = set()
    right = same_track = repeats = 0
    errors: list[float] = []
    for one in found:
        pieces = truth[one.video.name]
        of_track = [n for n, piece in enumerate(pieces) if same[piece.track] == same.get(one.name, one.name)]
        over = [n for n in of_track if min(pieces[n].end_s, one.end_s) > max(pieces[n].start_s, one.start_s)]
        same_track += bool(over)
        for n in over:
            piece = pieces[n]
            true_s = piece.track_s + (one.start_s - piece.start_s) * piece.speed
            error = one.track_start_s - true_s
            is_near, length_s = abs(error) <= _NEAR_S, min(one.end_s, piece.end_s) - one.start_s
            if is_near or repeats_itself(prints[piece.track], true_s, one.track_start_s, length_s):
                right += 1
                repeats += not is_near
                hit.add((one.video.name, n))
                errors += [error] if is_near else []
                break
    pieces_in_all = sum(len(pieces) for pieces in truth.values())
    return Score(pieces_in_all, len(hit), len(found), right, same_track, repeats, tuple(errors))


def present_fingerprint(videos: Sequence[Path], prints: dict[str, Fingerprint]) -> list[PastPair]:
    """Peer: the fingerprint that tells duplicates, asked of the whole video as it is; no distractors."""
    names, lookup, found = list(prints), build_lookup(list(prints.values())), []
    for path in videos:
        own = fingerprint_of(read_sound(path))
        for row, _, offset_s in lookup.query(own):
            if is_same_recording(own, prints[names[row]]):
                found.append(_pair(path, names[row], 0.0, 1e9, offset_s))
    return found


def chromaprint(sound: Sound) -> np.ndarray:
    """Raw subfingerprints of a sound, by fpcalc."""
    program = shutil.which("fpcalc")
    if program is None:
        raise SystemExit("fpcalc (libchromaprint-tools) is needed for --peers")
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        soundfile.write(file.name, sound, RATE)
        command = [program, "-raw", "-length", "0", file.name]
        # Some builds of fpcalc take the end of the file for an error (3), after the whole fingerprint.
        said = subprocess.run(command, check=False, capture_output=True, text=True)
        if said.returncode not in {0, 3} or "FINGERPRINT=" not in said.stdout:
            raise SystemExit(f"fpcalc failed: {said.stderr}")
    return np.array(said.stdout.split("FINGERPRINT=")[1].split(","), np.int64).astype(np.uint32)


_CHROMA_S = 1365 / 11025


def chromaprint_finds(videos: Sequence[Path], tracks: dict[str, np.ndarray]) -> list[PastPair]:
    """Peer: in windows of 10 s, the track and offset with the lowest bit error, believed below 0.35; no distractors."""
    found, width = [], round(10 / _CHROMA_S)
    for path in videos:
        own = chromaprint(read_sound(path))
        for first in range(0, len(own) - width + 1, width):
            window = own[first : first + width]
            best = (1.0, "", 0)
            for name, track in tracks.items():
                if len(track) < width:
                    continue
                views = np.lib.stride_tricks.sliding_window_view(track, width)
                wrong = np.bitwise_count(views ^ window).mean(axis=1) / 32
                at = int(np.argmin(wrong))
                best = min(best, (float(wrong[at]), name, at))
            if best[0] < 0.35:
                start_s = first * _CHROMA_S
                found.append(_pair(path, best[1], start_s, start_s + 10, best[2] * _CHROMA_S))
    return found


def _pair(path: Path, name: str, start_s: float, end_s: float, track_start_s: float) -> PastPair:
    return PastPair(0, path, "", start_s, end_s, None, name, track_start_s, 1.0, 1.0, "counts")


def _videos(
    folder: Path, half: str, count: int, seconds: float, music: dict[str, Sound], lacking: Sequence[str]
) -> dict[str, list[Piece]]:
    """Make the videos of a half: one in ten without music, one in ten with music the library lacks; what is in each."""
    voices, noise = speech(folder, half), read_sound(MEDIA / NOISES[half])
    names = sorted(name for name in music if half_of(name) == half and name not in lacking)
    others = sorted(name for name in lacking if half_of(name) == half)
    truth: dict[str, list[Piece]] = {}
    for number in range(count):
        rng = np.random.default_rng([number, half == "set"])
        of = others if number % 10 == 8 else [] if number % 10 == 9 else names
        pieces = drawn_pieces(rng, music, of, seconds, (12.0, 40.0)) if of else []
        path = folder / f"{half}-{number:03}.mp4"
        make_video(path, seconds, pieces, music, voices, noise, number)
        truth[path.name] = pieces if number % 10 < 8 else []
    return truth


def main() -> None:
    """Make, search, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--distractors", type=int, default=10_000, help="landmark distractors")
    parser.add_argument("--shifted", type=int, default=140, help="distractors that were sound")
    parser.add_argument("--videos", type=int, default=40, help="half of them of either set")
    parser.add_argument("--seconds", type=float, default=120.0, help="length of a video")
    parser.add_argument("--peers", action="store_true", help="the present fingerprint and chromaprint, too")
    options = parser.parse_args()
    music = {path.stem: read_sound(path) for path in sorted((MEDIA / "music").glob("*.opus"))}
    lacking = [name for number, name in enumerate(sorted(music)) if number % 14 == 0]
    prints = {name: fingerprint_of(sound) for name, sound in music.items()}
    same = {name: next(other for other in prints if is_same_recording(prints[other], prints[name])) for name in prints}
    lacking = [name for name in prints if same[name] in {same[one] for one in lacking}]
    held = {name: one for name, one in prints.items() if name not in lacking}
    print(f"{len(held)} real tracks, {options.distractors:,} sewn and {options.shifted} shifted distractors")
    with tempfile.TemporaryDirectory() as place:
        folder, profile = Path(place) / "videos", Profile.at(Path(place) / "profile")
        folder.mkdir()
        truths = {
            half: _videos(folder, half, options.videos // 2, options.seconds, music, lacking)
            for half in ("set", "reported")
        }

        def named() -> Iterator[tuple[str, float, Fingerprint]]:
            yield from ((name, len(music[name]) / RATE, one) for name, one in held.items())
            yield from (
                (f"sewn {n}", 210.0, one) for n, one in enumerate(sewn(list(prints.values()), options.distractors))
            )
            yield from ((f"shifted {n}", 60.0, one) for n, one in enumerate(shifted(music, options.shifted)))

        fill(profile, named())
        start, used = time.monotonic(), time.process_time()
        with read_library(profile) as library:
            landmarks_of(profile, library, ignore_progress, CancelToken())
        size = sum(path.stat().st_size for path in (profile.cache_dir / "landmarks").rglob("*.npy"))
        print(f"landmarks put in order: {time.monotonic() - start:.1f} s ({time.process_time() - used:.1f} s CPU), "
              f"{size / 1e6:.0f} MB")  # fmt: skip
        start = time.monotonic()
        before = os.times()
        find_past_edits(profile, [folder], ignore_progress, CancelToken(), is_watched=False)
        after = os.times()
        cpu_s = sum(after[:4]) - sum(before[:4])
        total_s = options.videos // 2 * 2 * options.seconds
        print(f"{total_s / 60:.0f} min of video: {time.monotonic() - start:.0f} s, {cpu_s:.0f} s CPU, "
              f"{100 * cpu_s / total_s:.1f} s CPU for 100 s")  # fmt: skip
        found = pairs(profile)
        for half, truth in truths.items():
            own = [one for one in found if one.video.name in truth]
            print(f"{half:<9}", judged(truth, own, same, prints).line())
            without = [one for one in own if not truth[one.video.name]]
            silent = sum(not pieces for pieces in truth.values())
            print(f"{'':<9} {len(without)} finds in {silent} videos without music of the library")
        if options.peers:
            _peers(folder, truths, held, music, same)


def _peers(
    folder: Path,
    truths: dict[str, dict[str, list[Piece]]],
    held: dict[str, Fingerprint],
    music: dict[str, Sound],
    same: dict[str, str],
) -> None:
    tracks = {name: chromaprint(music[name]) for name in held}
    for half, truth in truths.items():
        videos = [folder / name for name in truth]
        print(f"{half:<9} present fingerprint, real tracks only:")
        print(f"{'':<9}", judged(truth, present_fingerprint(videos, held), same, held).line())
        print(f"{half:<9} chromaprint, real tracks only:")
        print(f"{'':<9}", judged(truth, chromaprint_finds(videos, tracks), same, held).line())


if __name__ == "__main__":
    main()
