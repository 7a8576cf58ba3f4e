# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VGGish: its spectrogram against one written out by hand, its layers against their published names and shapes."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from needledrop.core.errors import KnownError
from needledrop.core.extractor import MUSIC, ExtractorCard
from needledrop.core.music import FloatArray
from needledrop.crossmodal import vggish
from needledrop.crossmodal.published_weights import sha256_of
from needledrop.crossmodal.vggish import VggishExtractor, log_mel_windows, mel_matrix

# The state of torchvggish's published file, by name.
PUBLISHED_SHAPES = {
    "features.0": (64, 1, 3, 3),
    "features.3": (128, 64, 3, 3),
    "features.6": (256, 128, 3, 3),
    "features.8": (256, 256, 3, 3),
    "features.11": (512, 256, 3, 3),
    "features.13": (512, 512, 3, 3),
    "embeddings.0": (4096, 512 * 4 * 6),
    "embeddings.2": (4096, 4096),
    "embeddings.4": (128, 4096),
}
PUBLISHED_PARAMETERS = 72_141_184


def made_up_state() -> dict[str, torch.Tensor]:
    torch.manual_seed(11)
    state = {}
    for name, shape in PUBLISHED_SHAPES.items():
        state[f"{name}.weight"] = torch.randn(shape) * math.sqrt(2 / math.prod(shape[1:]))
        state[f"{name}.bias"] = torch.full(shape[:1], 0.01)
    return state


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("vggish") / "vggish.pth"
    torch.save(made_up_state(), path)
    return path


def card_of(path: Path) -> ExtractorCard:
    size = path.stat().st_size
    return ExtractorCard("vggish", 1, 128, 1 / 0.96, MUSIC, "Apache-2.0", size, sha256_of(path), "", True)


@pytest.fixture(scope="module")
def extractor(weights: Path) -> VggishExtractor:
    return VggishExtractor(card_of(weights), weights, "cpu")


def sound(seconds: float, seed: int = 1) -> FloatArray:
    t_s = np.arange(round(16_000 * seconds)) / 16_000
    hiss = np.random.default_rng(seed).normal(scale=0.02, size=len(t_s))
    return (0.5 * np.sin(2 * np.pi * 440 * t_s) + 0.2 * np.sin(2 * np.pi * 3000 * t_s) + hiss).astype(np.float32)


def log_mel_by_hand(samples: FloatArray, frame: int, band: int) -> float:
    """One value, from the definitions: 25-ms periodic Hann, 10-ms hop, 512-point magnitudes, triangles in mel."""

    def mel(hertz: float) -> float:
        return 1127 * math.log(1 + hertz / 700)

    step = (mel(7500) - mel(125)) / 65
    low, centre, high = (mel(125) + step * (band + place) for place in (0, 1, 2))
    total = 0.0
    for index in range(1, 257):
        here = mel(index * 16_000 / 512)
        weight = max(0.0, min((here - low) / (centre - low), (high - here) / (high - centre)))
        if weight == 0.0:
            continue
        value = 0j
        for n in range(400):
            hann = 0.5 - 0.5 * math.cos(2 * math.pi * n / 400)
            angle = -2 * math.pi * index * n / 512
            value += hann * float(samples[160 * frame + n]) * complex(math.cos(angle), math.sin(angle))
        total += weight * abs(value)
    return math.log(total + 0.01)


def test_the_spectrogram_is_the_one_of_its_definition() -> None:
    samples = sound(2.2)
    windows = log_mel_windows(samples)
    assert windows.shape == (2, 96, 64)
    for frame, band in ((0, 0), (7, 12), (95, 40), (96, 63), (150, 20)):
        assert windows[frame // 96, frame % 96, band] == pytest.approx(log_mel_by_hand(samples, frame, band), abs=1e-4)


def test_silence_is_the_log_of_the_offset_and_a_tone_lies_in_its_band() -> None:
    assert np.allclose(log_mel_windows(np.zeros(16_000, np.float32)), math.log(0.01))
    tone = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000).astype(np.float32)
    loudest = int(log_mel_windows(tone)[0].mean(0).argmax())
    assert loudest == int(mel_matrix()[32].argmax())  # 1000 Hz is the 32nd of bins 31.25 Hz apart.


@pytest.mark.parametrize(
    ("samples", "windows"), [(0, 0), (399, 0), (15_360, 0), (15_599, 0), (15_600, 1), (30_959, 1), (30_960, 2)]
)
def test_a_window_is_096_s_and_only_whole_ones_count(samples: int, windows: int) -> None:
    assert log_mel_windows(np.zeros(samples, np.float32)).shape == (windows, 96, 64)


def test_the_network_has_the_published_layout() -> None:
    state = vggish._network().state_dict()
    assert {name.removesuffix(".weight"): tuple(value.shape) for name, value in state.items() if "weight" in name} == (
        PUBLISHED_SHAPES
    )
    assert sum(value.numel() for value in state.values()) == PUBLISHED_PARAMETERS


def test_it_computes_what_the_layers_say(extractor: VggishExtractor) -> None:
    """Written out layer by layer; the dense part sees the maps as [time, band, channel], as the published file does."""
    samples, state = sound(2.0), made_up_state()
    maps = torch.from_numpy(log_mel_windows(samples))[:, None]
    for layer, is_pooled in ((0, 1), (3, 1), (6, 0), (8, 1), (11, 0), (13, 1)):
        name = f"features.{layer}"
        maps = functional.relu(functional.conv2d(maps, state[f"{name}.weight"], state[f"{name}.bias"], padding=1))
        maps = functional.max_pool2d(maps, 2) if is_pooled else maps
    assert maps.shape == (2, 512, 6, 4)
    flat = torch.stack([maps[:, :, t, f] for t in range(6) for f in range(4)], dim=1).reshape(2, -1)
    for layer in (0, 2, 4):
        name = f"embeddings.{layer}"
        flat = functional.relu(functional.linear(flat, state[f"{name}.weight"], state[f"{name}.bias"]))
    rows = extractor.embed(samples)
    assert rows.shape == (2, 128) and rows.dtype == np.float32
    assert np.allclose(rows, flat.numpy(), rtol=1e-3, atol=1e-3) and np.ptp(rows) > 0.1
    assert extractor.embed(samples[:100]).shape == (0, 128)


def test_post_processing_is_pca_cut_and_spread_over_bytes(weights: Path, tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    matrix = generator.normal(scale=0.2, size=(128, 128)).astype(np.float32)
    means = generator.normal(size=(128, 1)).astype(np.float32)
    path = tmp_path / "pca.pth"
    torch.save({"pca_eigen_vectors": matrix, "pca_means": means}, path)  # Arrays, as in the published file.
    processed = VggishExtractor(card_of(weights), weights, "cpu", pca=(path, sha256_of(path)))
    raw = VggishExtractor(card_of(weights), weights, "cpu")
    rows, plain = processed.embed(sound(1.0)), raw.embed(sound(1.0))
    wanted = [
        round((min(2.0, max(-2.0, float(matrix[index] @ (plain[0] - means[:, 0])))) + 2) * 255 / 4)
        for index in range(128)
    ]
    assert np.abs(rows[0] - wanted).max() <= 1 and len(set(wanted)) > 20
    assert (rows == np.rint(rows)).all() and rows.min() >= 0 and rows.max() <= 255
    assert processed.card.key != raw.card.key


def test_other_files_are_refused(weights: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    torch.save({"features.0.weight": torch.zeros(64, 1, 3, 3)}, path)
    with pytest.raises(KnownError, match="does not hold the weights of VGGish"):
        VggishExtractor(card_of(path), path, "cpu")
    with pytest.raises(KnownError, match="does not hold the PCA of VGGish"):
        VggishExtractor(card_of(weights), weights, "cpu", pca=(path, sha256_of(path)))
    path.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(KnownError, match="no whole file of weights"):
        VggishExtractor(card_of(path), path, "cpu")
