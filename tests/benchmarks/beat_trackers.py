# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our beat tracker and its peers behind one face, each timed by the CPU seconds of the tracker alone.

Decoding and resampling count for none: ours is given mono at onsets.RATE, librosa at its 22,050 Hz, Essentia at
44,100 Hz, and aubio, a program, a WAV file at 44,100 Hz.
"""

from __future__ import annotations

import importlib.util
import math
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from needledrop.core.music import LOUDNESS_RATE_HZ, ONSET_RATE_HZ
from needledrop.features import onsets
from needledrop.features.music import MusicAnalyser
from needledrop.features.rhythm import RhythmInput, find_rhythm
from needledrop.features.spectrum import PowerSpectra, mel_bank
from needledrop.training.beats.render import chroma_of

RATE = 44_100
_LIBROSA_RATE = 22_050
_USUAL_LUFS = -18.0
Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Found:
    """Beats and downbeats in seconds (None: the tracker has none), the tempo, CPU seconds of the tracker alone and,
    for ours, of the whole analysis of a track."""

    beats_s: NDArray[np.float64]
    downbeats_s: NDArray[np.float64] | None
    tempo_bpm: float
    cpu_s: float
    whole_cpu_s: float | None = None


Tracker = Callable[[Samples], Found]


def trackers() -> dict[str, Tracker | None]:
    """Every tracker by its name, None where it is not installed. Each takes stereo [n, 2] at RATE."""

    def if_there(module: str, tracker: Tracker) -> Tracker | None:
        return tracker if importlib.util.find_spec(module) else None

    return {
        "ours": _ours,
        "librosa": if_there("librosa", _librosa),
        "aubio": _aubio if shutil.which("aubiotrack") else None,
        "Essentia, degara": if_there("essentia", lambda stereo: _essentia(stereo, "degara")),
        "Essentia, multifeature": if_there("essentia", lambda stereo: _essentia(stereo, "multifeature")),
    }


def _ours(stereo: Samples) -> Found:
    before = time.process_time()
    analyser = MusicAnalyser(RATE)
    analyser.feed(stereo)
    rhythm = analyser.finish().rhythm
    whole_cpu_s = time.process_time() - before
    mono = soxr.resample(stereo.mean(axis=1), RATE, onsets.RATE)
    before = time.process_time()
    _track_alone(mono)
    alone_cpu_s = time.process_time() - before
    return Found(rhythm.beats_s, rhythm.downbeats_s, rhythm.tempo_bpm, alone_cpu_s, whole_cpu_s)


def _track_alone(mono: Samples) -> None:
    """Log-mel front end, chroma, network and decoding, without the features that no beat is found by."""
    spectra = PowerSpectra(onsets.FRAME_SAMPLES, onsets.HOP, first_frame=-onsets.LEAD_FRAMES)
    bank = mel_bank(onsets.RATE, onsets.FRAME_SAMPLES, onsets.MEL_BANDS, onsets.MEL_LOW_HZ, onsets.MEL_HIGH_HZ)
    collector, floor = onsets.OnsetCollector(), np.float32(math.exp(-onsets.LOG_RANGE))
    for start in range(0, len(mono), onsets.RATE * 10):
        for power in spectra.feed(mono[start : start + onsets.RATE * 10]):
            collector.feed(np.log(power @ bank + floor))
    for power in spectra.finish():
        collector.feed(np.log(power @ bank + floor))
    duration_s = len(mono) / onsets.RATE
    frames = math.floor(duration_s * ONSET_RATE_HZ) + 1
    codes = collector.codes()[:frames]
    chroma = chroma_of(np.repeat(mono[:, None], 2, axis=1))
    timbre = np.ones((math.ceil(duration_s * 2), 2), np.float32)
    step_lufs = np.full(math.ceil(duration_s * LOUDNESS_RATE_HZ), _USUAL_LUFS)
    find_rhythm(
        RhythmInput(
            mel_codes=codes,
            flux=collector.finish(frames, _USUAL_LUFS),
            chroma=chroma,
            timbre=timbre,
            step_lufs=step_lufs,
            duration_s=duration_s,
            ending_s=duration_s,
        )
    )


def _librosa(stereo: Samples) -> Found:
    import librosa

    mono = soxr.resample(stereo.mean(axis=1), RATE, _LIBROSA_RATE)
    before = time.process_time()
    tempo, beats_s = librosa.beat.beat_track(y=mono, sr=_LIBROSA_RATE, units="time")
    return Found(np.asarray(beats_s), None, float(np.ravel(tempo)[0]), time.process_time() - before)


def _essentia(stereo: Samples, method: str) -> Found:
    from essentia.standard import RhythmExtractor2013

    mono = np.ascontiguousarray(stereo.mean(axis=1))
    before = time.process_time()
    tempo, beats_s, *_ = RhythmExtractor2013(method=method)(mono)
    return Found(np.asarray(beats_s, np.float64), None, float(tempo), time.process_time() - before)


def _aubio(stereo: Samples) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sound.wav")
        soundfile.write(path, stereo, RATE, subtype="PCM_16")
        before = os.times()
        answer = subprocess.run(["aubiotrack", "-i", path], check=True, capture_output=True, text=True)
        after = os.times()
    beats_s = np.array([float(line) for line in answer.stdout.split()])
    tempo_bpm = float(60 / np.median(np.diff(beats_s))) if len(beats_s) > 1 else 0.0
    spent_s = after.children_user + after.children_system - before.children_user - before.children_system
    return Found(beats_s, None, tempo_bpm, spent_s)
