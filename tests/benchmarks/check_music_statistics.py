# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""By hand: our rows of CBVMR's music vector against librosa's on made music. Prints the greatest difference a group.

    python tests/benchmarks/check_music_statistics.py

CENS comes from another transform and is compared by correlation; the rest should agree to a small part of a decibel.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import librosa
import numpy as np
import soxr

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from media_factory import music
from needledrop.training.descriptors import music_statistics as ours
from needledrop.training.descriptors.spectra import decibels

_HOP, _SIZE = 256, 512


def theirs(y: np.ndarray) -> dict[str, np.ndarray]:
    """librosa's rows of one part."""
    f, rate = librosa.feature, ours.RATE
    cepstra = f.mfcc(y=y, sr=rate, hop_length=_HOP, n_mfcc=20)
    short = {"y": y, "sr": rate, "hop_length": _HOP, "n_fft": _SIZE}
    return {
        "chroma": f.chroma_stft(**short, tuning=0.0), "cens": f.chroma_cens(y=y, sr=rate, hop_length=_HOP, tuning=0.0),
        "mel": f.melspectrogram(**short, n_mels=96), "mfcc": cepstra, "delta": f.delta(cepstra),
        "delta2": f.delta(cepstra, order=2), "rms": f.rms(y=y, frame_length=_SIZE, hop_length=_HOP),
        "centroid": f.spectral_centroid(**short), "bandwidth": f.spectral_bandwidth(**short),
        "rolloff": f.spectral_rolloff(**short), "line": f.poly_features(**short, order=1),
        "parabola": f.poly_features(**short, order=2),
        "zero_crossings": f.zero_crossing_rate(y, frame_length=_SIZE, hop_length=_HOP),
    }  # fmt: skip


def main() -> None:
    """Print one line a group."""
    stereo = music(29.12, seed=3)
    mono = soxr.resample(stereo.mean(axis=1), 44100, ours.RATE).astype(np.float32)[: int(29.12 * ours.RATE)]
    for ours_part, theirs_part in zip(ours.separated(mono), librosa.effects.hpss(mono), strict=True):
        print(f"separation: correlation {np.corrcoef(ours_part, theirs_part)[0, 1]:.6f}")
    part = ours.separated(mono)[0]
    rows, first = ours.part_rows(part), 0
    for name, expected in theirs(part).items():
        mine, first = rows[first : first + ours.ROWS[name]], first + ours.ROWS[name]
        expected = decibels(expected)
        apart = np.abs(mine - expected)
        agree = np.corrcoef(mine.ravel(), expected.ravel())[0, 1]
        print(f"{name:15} median {np.median(apart):9.5f} dB, 99 % {np.percentile(apart, 99):8.3f} dB, r {agree:.5f}")
    begun = time.perf_counter()
    ours.music_statistics(mono)
    print(f"whole vector {time.perf_counter() - begun:.2f} s")


if __name__ == "__main__":
    main()
