# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from needledrop.core.models import shipped_tensors
from needledrop.features import beat_network
from needledrop.features.beat_network import RATE_HZ, TEMPO_BINS, BeatWeights, activations, levels_at, mean_power
from needledrop.features.harmonic_change import at_frames, harmonic_change
from needledrop.features.onsets import MEL_BANDS
from needledrop.features.rhythm import BEAT_MODEL
from needledrop.features.tonality import CHROMA_RATE_HZ


def codes(frames: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (frames, MEL_BANDS)).astype(np.uint8)


def chroma(frames: int) -> np.ndarray:
    """As much of it as belongs to so many frames of codes."""
    return np.random.default_rng(1).random((frames // 10 + 1, 12)).astype(np.float32)


@pytest.fixture(scope="module")
def weights() -> BeatWeights:
    return BeatWeights(**shipped_tensors(BEAT_MODEL))


@pytest.mark.parametrize("frames", [0, 1, 2, 7, 400])
def test_any_length(frames: int, weights: BeatWeights) -> None:
    found = activations(codes(frames), chroma(frames), weights)
    assert len(found.beat) == len(found.downbeat) == frames // 2
    assert found.tempo.shape == (frames // 100, TEMPO_BINS)
    assert np.allclose(found.tempo.sum(axis=1), 1, atol=1e-5)


def test_cutting_into_pieces_changes_nothing(weights: BeatWeights, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = activations(codes(9000), chroma(9000), weights)
    monkeypatch.setattr(beat_network, "_STRETCH", 20)
    monkeypatch.setattr(beat_network, "_PIECE", 300)
    cut = activations(codes(9000), chroma(9000), weights)
    assert np.allclose(whole.beat, cut.beat, atol=1e-5)
    assert np.allclose(whole.tempo, cut.tempo, atol=1e-5)


def test_harmony_is_heard(weights: BeatWeights) -> None:
    told = activations(codes(2000), chroma(2000), weights).downbeat
    untold = activations(codes(2000), np.zeros((201, 12), np.float32), weights).downbeat
    assert np.abs(told - untold).max() > 1e-3


def test_nothing_beats_in_a_long_silence(weights: BeatWeights) -> None:
    given = codes(3000)
    given[1000:1250] = 0
    given[1800:2400] = 0
    found = activations(given, chroma(3000), weights)
    assert not found.beat[900:1200].any()
    assert not found.downbeat[900:1200].any()
    assert found.beat[:900].all()
    assert found.beat[1200:].all()


def test_levels_ignore_the_gain() -> None:
    quiet = np.clip(codes(2000), 80, 160)
    loud = quiet + np.uint8(40)
    assert mean_power(loud) > mean_power(quiet)
    assert np.allclose(levels_at(mean_power(quiet))[quiet], levels_at(mean_power(loud))[loud], atol=1e-4)


def test_computes_what_torch_computes() -> None:
    torch = pytest.importorskip("torch")
    from needledrop.training.beats.export import exported
    from needledrop.training.beats.network import BeatNetwork

    torch.manual_seed(0)
    network = BeatNetwork().eval()
    given = codes(3000)
    with torch.no_grad():
        changes = at_frames(harmonic_change(chroma(3000)), CHROMA_RATE_HZ, np.arange(1500), RATE_HZ)
        events, tempo = network(
            torch.from_numpy(levels_at(mean_power(given))[given])[None], torch.from_numpy(changes)[None]
        )
    weights = exported({name: value.numpy() for name, value in network.state_dict().items()})
    found = activations(given, chroma(3000), weights)
    assert np.allclose(torch.sigmoid(events)[0, :, 0].numpy(), found.beat, atol=1e-5)
    assert np.allclose(torch.sigmoid(events)[0, :, 1].numpy(), found.downbeat, atol=1e-5)
    assert np.allclose(torch.softmax(tempo, -1)[0].numpy(), found.tempo, atol=1e-5)
