# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Music as vectors by VGGish (Hershey et al. 2017): 128 numbers for each 0.96 s, written from the published layout.

The names of the weights are those of torchvggish's published file, so that it loads. No weights ship: they come from a
file the user installed. The spectrogram is computed in NumPy; torch is loaded when an extractor is made.
"""

from __future__ import annotations

import dataclasses
import itertools
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.extractor import ExtractorCard
from needledrop.core.music import FloatArray
from needledrop.crossmodal.careful_network import CarefulNetwork
from needledrop.crossmodal.published_weights import load_into, read_tensors, refused

DIMENSION = 128
SAMPLE_RATE_HZ = 16_000
MEL_BANDS = 64
FRAMES = 96  # of HOP in a window
EXAMPLE_S = 0.96
LEAST_SAMPLES = 15_600  # The last of the 96 frames of 25 ms, 10 ms apart, ends there.

_WINDOW = 400  # 25 ms
_HOP = 160  # 10 ms
_FFT = 512
_LOWEST_HZ = 125.0
_HIGHEST_HZ = 7500.0
_LOG_OFFSET = 0.01
_CHANNELS = (64, "pool", 128, "pool", 256, 256, "pool", 512, 512, "pool")
_QUANTISED_REACH = 2.0  # Post-processed values are cut to this on either side, and spread over 0 to 255.
_BATCH = 64


class VggishExtractor:
    """VGGish with its weights; not for two threads at once."""

    def __init__(self, card: ExtractorCard, path: Path, device: str, *, pca: tuple[Path, str] | None = None) -> None:
        """Load the network.

        Args:
            card: of the raw vectors.
            path: torchvggish's weights, as .pth or safetensors.
            pca: its file of PCA parameters and their SHA-256; the vectors are then AudioSet's post-processed ones, and
                the extractor's card says another name, for they are not comparable.

        Raises:
            KnownError: "model": weights are missing, damaged, or of another network.
            ValueError: the card is not VGGish's.
        """
        if card.dimension != DIMENSION:
            raise ValueError(f"{card.key}: VGGish gives {DIMENSION} numbers")
        import torch

        with torch.device("meta"):
            empty = _network()
        network = load_into(empty, read_tensors(path, card.sha256), path, "VGGish")
        self._pca = None if pca is None else _read_pca(*pca)
        self.card = card if pca is None else dataclasses.replace(card, name=f"{card.name}-pca")
        self._careful = CarefulNetwork(network, device, batch=_BATCH, what="the music")

    @property
    def notices(self) -> list[str]:
        """What the user should hear of: the GPU was too small."""
        return self._careful.notices

    def embed(self, samples: FloatArray) -> FloatArray:
        """Mono samples in -1..1 at SAMPLE_RATE_HZ: float32 [windows, 128], one window each EXAMPLE_S, whole ones only.

        Post-processed vectors hold whole numbers from 0 to 255.

        Raises:
            KnownError: "memory": see CarefulNetwork.
        """
        windows = log_mel_windows(samples)

        def compute(network: Any, device: str, part: slice) -> Any:
            import torch

            return _forward(network, torch.from_numpy(windows[part]).to(device))

        rows = self._careful.over(len(windows), DIMENSION, compute)
        return rows if self._pca is None else _post_processed(rows, *self._pca)


def log_mel_windows(samples: FloatArray) -> FloatArray:
    """The input of VGGish: float32 [windows, FRAMES, MEL_BANDS] of log(mel + 0.01), mel from magnitudes.

    Source: Hershey et al. 2017 and the parameters published with VGGish. A frame needs 25 ms of sound, so the last
    window is only whole if 15 ms follow it.
    """
    count = 1 + (len(samples) - _WINDOW) // _HOP if len(samples) >= _WINDOW else 0
    whole = count // FRAMES
    if whole == 0:
        return np.zeros((0, FRAMES, MEL_BANDS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP][: whole * FRAMES]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)
    mel = np.concatenate([_mel_of(frames[at : at + FRAMES], hann) for at in range(0, len(frames), FRAMES)])
    return np.log(mel + _LOG_OFFSET).astype(np.float32).reshape(whole, FRAMES, MEL_BANDS)


def _mel_of(frames: NDArray[np.floating[Any]], hann: NDArray[np.float64]) -> NDArray[np.float64]:
    mel: NDArray[np.float64] = np.abs(np.fft.rfft(frames * hann, _FFT)) @ mel_matrix()
    return mel


@lru_cache(maxsize=1)
def mel_matrix() -> NDArray[np.float64]:
    """Triangles that are even on the mel scale 1127 ln(1 + f / 700): [257 bins, MEL_BANDS]. The bin of 0 Hz is 0."""
    mel = 1127.0 * np.log1p(np.arange(_FFT // 2 + 1) * (SAMPLE_RATE_HZ / _FFT) / 700.0)
    lowest, highest = 1127.0 * np.log1p(np.array([_LOWEST_HZ, _HIGHEST_HZ]) / 700.0)
    edges = np.linspace(lowest, highest, MEL_BANDS + 2)
    rising = (mel[:, np.newaxis] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - mel[:, np.newaxis]) / (edges[2:] - edges[1:-1])
    weights: NDArray[np.float64] = np.maximum(0.0, np.minimum(rising, falling))
    weights[0] = 0.0
    return weights


def _network() -> Any:
    from torch import nn

    layers: list[Any] = []
    channels = 1
    for step in _CHANNELS:
        if isinstance(step, str):
            layers.append(nn.MaxPool2d(2))
            continue
        layers += [nn.Conv2d(channels, step, 3, padding=1), nn.ReLU()]
        channels = step
    widths = (channels * (FRAMES // 16) * (MEL_BANDS // 16), 4096, 4096, DIMENSION)
    dense: list[Any] = []
    for before, after in itertools.pairwise(widths):
        dense += [nn.Linear(before, after), nn.ReLU()]
    return nn.ModuleDict({"features": nn.Sequential(*layers), "embeddings": nn.Sequential(*dense)})


def _forward(network: Any, windows: Any) -> Any:
    """[n, FRAMES, MEL_BANDS] to [n, DIMENSION]. The dense layers were trained on channels last: time, band, channel."""
    maps = network["features"](windows[:, None])
    return network["embeddings"](maps.permute(0, 2, 3, 1).flatten(1))


def _read_pca(path: Path, sha256: str) -> tuple[FloatArray, FloatArray]:
    tensors = read_tensors(path, sha256)
    try:
        matrix, means = (tensors[name].float().numpy() for name in ("pca_eigen_vectors", "pca_means"))
        return matrix.reshape(DIMENSION, DIMENSION), means.reshape(DIMENSION)
    except (KeyError, ValueError) as error:
        raise refused(path, "It does not hold the PCA of VGGish.", error) from error


def _post_processed(rows: FloatArray, matrix: FloatArray, means: FloatArray) -> FloatArray:
    """PCA with whitening, cut and spread over whole numbers from 0 to 255, as AudioSet's vectors are published."""
    turned = np.clip((rows - means) @ matrix.T, -_QUANTISED_REACH, _QUANTISED_REACH)
    return np.rint((turned + _QUANTISED_REACH) * (255.0 / (2 * _QUANTISED_REACH))).astype(np.float32)
