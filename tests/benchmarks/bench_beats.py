# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Beats by mir_eval, beside librosa: on pieces of the training's composers with other seeds and a soundfont that was
never trained on, and on the demo's tracks. Run by hand, with the extras `bench` and `learn`, fluidsynth and mma:

    OMP_NUM_THREADS=1 taskset -c 0 python tests/benchmarks/bench_beats.py [PIECES]
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import librosa
import mir_eval
import numpy as np
import soxr

from needledrop.core.music import Rhythm
from needledrop.features.music import MusicAnalyser
from needledrop.features.onsets import RATE
from needledrop.media.audio import AudioSource
from needledrop.training.beats import render
from needledrop.training.beats.composer import compose
from needledrop.training.beats.grooves import compose_groove

_MUSIC = Path(__file__).resolve().parents[2] / "resources" / "demo" / "music"
_RATE = 44_100
Found = tuple[np.ndarray, np.ndarray]


def held_out_pieces(count: int) -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """Set, stereo at _RATE, beats and downbeats."""
    for index in range(count):
        seed = 900_000 + index
        for name, make in (("our composer", compose), ("MMA's grooves", compose_groove)):
            piece = make(seed, 60.0)
            if piece is None:
                continue
            midi = render.midi_bytes(piece, seed)
            reverb = random.Random(seed).random() < 0.35
            sound = render.rendered(midi, render.HELD_OUT_SOUNDFONT, reverb=reverb)
            beats = np.array(piece.beats_s)
            yield name, soxr.resample(sound, RATE, _RATE), beats, beats[:: piece.beats_per_bar]


def demo_tracks() -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """The demo's tracks that have beats; their truth names no downbeats but the metre."""
    for track in json.loads((_MUSIC / "truth.json").read_text(encoding="utf-8"))["tracks"]:
        if track["beats_s"]:
            with AudioSource(_MUSIC / track["file"]) as source:
                sound = np.concatenate(list(source.blocks(rate=_RATE)))
            beats = np.array(track["beats_s"])
            yield "demo tracks", sound, beats, beats[:: int(track["metre"].split("/")[0])]


def ours(stereo: np.ndarray) -> Found:
    analyser = MusicAnalyser(_RATE)
    analyser.feed(stereo.astype(np.float32))
    rhythm: Rhythm = analyser.finish().rhythm
    return rhythm.beats_s, rhythm.downbeats_s


def by_librosa(stereo: np.ndarray) -> Found:
    mono = librosa.resample(stereo.mean(axis=1), orig_sr=_RATE, target_sr=22_050)
    return librosa.beat.beat_track(y=mono, sr=22_050, units="time")[1], np.zeros(0)


def scores(true_s: np.ndarray, true_downbeats_s: np.ndarray, found: Found) -> tuple[float, float, float, float]:
    """F at 70 ms, CMLt, AMLt, and F of the downbeats; the first five seconds do not count, as mir_eval has it."""
    trim = mir_eval.beat.trim_beats
    true_s, found_s = trim(true_s), trim(found[0])
    if len(found_s) < 2:
        return 0.0, 0.0, 0.0, 0.0
    _, cmlt, _, amlt = mir_eval.beat.continuity(true_s, found_s)
    downbeats = mir_eval.beat.f_measure(trim(true_downbeats_s), trim(found[1])) if len(found[1]) else 0.0
    return mir_eval.beat.f_measure(true_s, found_s), cmlt, amlt, downbeats


def main(count: int) -> None:
    trackers: dict[str, Callable[[np.ndarray], Found]] = {"ours": ours, "librosa": by_librosa}
    table: dict[tuple[str, str], list[tuple[float, float, float, float]]] = {}
    spent, heard_s = dict.fromkeys(trackers, 0.0), 0.0
    for pieces in (held_out_pieces(count), demo_tracks()):
        for name, stereo, beats_s, downbeats_s in pieces:
            heard_s += len(stereo) / _RATE
            for tracker, track in trackers.items():
                before = time.process_time()
                found = track(stereo)
                spent[tracker] += time.process_time() - before
                table.setdefault((name, tracker), []).append(scores(beats_s, downbeats_s, found))
    print("| set | tracker | pieces | F | CMLt | AMLt | downbeat F |\n|---|---|---|---|---|---|---|")
    for (name, tracker), rows in table.items():
        print(f"| {name} | {tracker} | {len(rows)} | " + " | ".join(f"{v:.3f}" for v in np.mean(rows, axis=0)) + " |")
    for tracker, seconds in spent.items():
        print(f"{tracker}: {heard_s / seconds:.0f} times real time (ours: the whole analysis)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
