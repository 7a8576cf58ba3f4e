# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Section boundaries by mir_eval, and the roles of sections, on pieces of known form and on the demo's tracks.

Run by hand, with the extra `bench`, and `fluidsynth` with the soundfont that was never trained on:

    OMP_NUM_THREADS=1 python tests/benchmarks/bench_sections.py [FIRST_SEED [PIECES]]

A role counts over time: of the seconds that carry a name in truth, how many the analysis names, and how many of those
it names right. The names of the demo's tracks that fit no role (theme, riff, reveal) count for boundaries only.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import mir_eval
import numpy as np

from needledrop.core.music import Rhythm
from needledrop.features.music import MusicAnalyser
from needledrop.features.onsets import RATE
from needledrop.media.audio import AudioSource
from needledrop.training.beats import render
from needledrop.training.beats.synthesis import synthesised

sys.path.insert(0, str(Path(__file__).resolve().parent))
from made_forms import ROLES, formed_piece

_MUSIC = Path(__file__).resolve().parents[2] / "resources" / "demo" / "music"
_DEMO_ROLES = ROLES | {"breakdown": "break", "drop": "drop", "ending": "outro", "climax": "drop", "finale": "drop"}
Truth = tuple[list[float], list[str]]


def pieces(first_seed: int, count: int) -> Iterator[tuple[str, Rhythm, Truth]]:
    """Set, what we hear, and the truth."""
    for seed in range(first_seed, first_seed + count):
        formed = formed_piece(seed)
        midi = render.midi_bytes(formed.piece, seed)
        truth = (list(formed.bounds_s), [ROLES[name] for name in formed.names])
        yield "soundfont", heard(render.rendered(midi, render.HELD_OUT_SOUNDFONT, reverb=True), RATE), truth
        yield "oscillators", heard(synthesised(formed.piece, seed), RATE), truth


def demo_tracks() -> Iterator[tuple[str, Rhythm, Truth]]:
    """The demo's tracks."""
    for track in json.loads((_MUSIC / "truth.json").read_text(encoding="utf-8"))["tracks"]:
        with AudioSource(_MUSIC / track["file"]) as source:
            sound = np.concatenate(list(source.blocks()))
            rhythm = heard(sound, source.sample_rate)
        sections = track["sections"]
        bounds = [section["start_s"] for section in sections] + [sections[-1]["end_s"]]
        yield "demo tracks", rhythm, (bounds, [_DEMO_ROLES.get(section["name"], "") for section in sections])


def heard(stereo: np.ndarray, rate: int) -> Rhythm:
    analyser = MusicAnalyser(rate)
    analyser.feed(stereo)
    return analyser.finish().rhythm


def boundary_scores(rhythm: Rhythm, truth: Truth) -> list[float]:
    """Precision, recall and F of inner boundaries at 0.5 s and at 3 s."""
    true = _intervals(truth[0])
    found = _intervals([*rhythm.sections_s, max(rhythm.ending_s, rhythm.sections_s[-1] + 0.1)])
    return [v for window in (0.5, 3.0) for v in mir_eval.segment.detection(true, found, window=window, trim=True)]


def _intervals(bounds: list[float]) -> np.ndarray:
    return np.stack([bounds[:-1], bounds[1:]], axis=1)


def role_seconds(rhythm: Rhythm, truth: Truth) -> list[tuple[str, str, float]]:
    """True role, role found ("section" where none) and for how long."""
    at = np.arange(truth[0][0], min(truth[0][-1], rhythm.ending_s), 0.1)
    true = np.searchsorted(truth[0], at, side="right") - 1
    found = np.searchsorted(rhythm.sections_s, at, side="right") - 1
    pairs = [(truth[1][t], rhythm.section_roles[f]) for t, f in zip(true, found, strict=True)]
    return [(t, f, 0.1) for t, f in pairs if t]


def main(first_seed: int, count: int) -> None:
    boundaries: dict[str, list[list[float]]] = {}
    roles: dict[str, list[tuple[str, str, float]]] = {}
    for given in (pieces(first_seed, count), demo_tracks()):
        for name, rhythm, truth in given:
            boundaries.setdefault(name, []).append(boundary_scores(rhythm, truth))
            roles.setdefault(name, []).extend(role_seconds(rhythm, truth))
    print("| set | pieces | P 0.5 s | R 0.5 s | F 0.5 s | P 3 s | R 3 s | F 3 s | named | right of these |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, rows in boundaries.items():
        named = [pair for pair in roles[name] if pair[1] != "section"]
        right = sum(t == f for t, f, _ in named) / max(len(named), 1)
        cells = [f"{v:.3f}" for v in np.nanmean(rows, axis=0)]
        print(f"| {name} | {len(rows)} | {' | '.join(cells)} | {len(named) / len(roles[name]):.2f} | {right:.2f} |")
    _print_confusion([pair for pairs in roles.values() for pair in pairs])


def _print_confusion(pairs: list[tuple[str, str, float]]) -> None:
    names = sorted({t for t, _, _ in pairs} | {f for _, f, _ in pairs})
    print("\nSeconds, truth by row:\n| | " + " | ".join(names) + " |\n|" + "---|" * (len(names) + 1))
    for true in names:
        seconds = [sum(s for t, f, s in pairs if t == true and f == found) for found in names]
        if any(seconds):
            print(f"| {true} | " + " | ".join(f"{s:.0f}" for s in seconds) + " |")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:3]) if len(sys.argv) > 2 else (int((sys.argv[1:] or ["5000"])[0]), 20))
