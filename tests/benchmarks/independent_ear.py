# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a simulated editor hears, for bench_by_ear.py: a description of music that shares no code with the program's.

librosa reads 30 s out of the middle of every track: log-mel spectrum, spectral contrast, tonal centroids, tempogram
(means and deviations over time), tempo and level. The ranker is never shown any of it. It is kept in the profile's
cache, for it takes a second and a half a track.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from needledrop.core.music import FloatArray
from needledrop.core.paths import Profile
from needledrop.index.gallery import Gallery
from needledrop.workflows.profiles import read_library

RATE = 22_050
EXCERPT_S = 30.0
_BLOCKS = ("mel", "contrast", "tonal", "tempogram")


@dataclass(frozen=True)
class Heard:
    """heard float32 [T, E], each block with mean squared length 1; tempo and level float32 [T], in octaves and dB."""

    heard: FloatArray
    tempo: FloatArray
    level: FloatArray


def listen(profile: Profile, gallery: Gallery) -> Heard:
    """Describe every track of a gallery."""
    with read_library(profile) as library:
        ids = gallery.tracks["track_id"].tolist()
        rows = library.tracks(ids)
    blocks: dict[str, list[FloatArray]] = {name: [] for name in (*_BLOCKS, "plain")}
    for track_id in ids:
        kept = profile.cache_dir / "benchmark" / "independent-ear" / f"{rows[track_id].content_hash}.npz"
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.savez(kept, **_described(rows[track_id].file_path))
        with np.load(kept, allow_pickle=False) as stored:
            for name, found in blocks.items():
                found.append(stored[name])
    scaled = [_scaled(np.stack(blocks[name])) for name in _BLOCKS]
    plain = np.stack(blocks["plain"])
    return Heard(np.concatenate(scaled, axis=1), plain[:, 0], plain[:, 1])


def _described(path: Path) -> dict[str, FloatArray]:
    import librosa

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        duration_s = librosa.get_duration(path=path)
        offset_s = max(0.0, (duration_s - EXCERPT_S) / 2.0)
        samples, _ = librosa.load(path, sr=RATE, mono=True, offset=offset_s, duration=EXCERPT_S)
        power = np.abs(librosa.stft(samples)) ** 2
        mel = librosa.power_to_db(librosa.feature.melspectrogram(S=power, sr=RATE, n_mels=40))
        contrast = librosa.feature.spectral_contrast(S=np.sqrt(power), sr=RATE)
        chroma = librosa.feature.chroma_stft(S=power, sr=RATE)
        tonal = librosa.feature.tonnetz(chroma=chroma, sr=RATE)
        onsets = librosa.onset.onset_strength(S=mel, sr=RATE)
        tempogram = librosa.feature.tempogram(onset_envelope=onsets, sr=RATE)[::8]
        tempo = float(np.atleast_1d(librosa.feature.tempo(onset_envelope=onsets, sr=RATE))[0])
    level_db = 10.0 * np.log10(max(float(np.square(samples).mean()), 1e-9))
    found = {"mel": mel, "contrast": contrast, "tonal": tonal, "tempogram": tempogram}
    columns = {name: np.concatenate([one.mean(axis=1), one.std(axis=1)]) for name, one in found.items()}
    columns["plain"] = np.array([np.log2(max(tempo, 30.0)), level_db])
    return {name: np.asarray(one, np.float32) for name, one in columns.items()}


def _scaled(values: FloatArray) -> FloatArray:
    deviations = np.maximum(values.std(axis=0), 1e-6)
    return np.asarray((values - values.mean(axis=0)) / deviations / np.sqrt(values.shape[1]), np.float32)
