# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math

import pytest
import torch

from needledrop.core.errors import KnownError
from needledrop.crossmodal.conformer import (
    PUBLISHED_MUSIC,
    PUBLISHED_VIDEO,
    SMALL_MUSIC,
    SMALLEST_SIDE,
    Conformer,
    ConformerSize,
    RelativeAttention,
    relative_positions,
    small_video,
    subsampled,
)

TINY = ConformerSize(input_dim=12, width=8, blocks=2, heads=2, channels=3, kernel=5, dropout=0.0)
# The paper's number of labels, and the released code's.
CLASSES = (578, 663)


def parameters(size: ConformerSize, classes: int) -> int:
    with torch.device("meta"):
        return sum(weights.numel() for weights in Conformer(size, classes).parameters())


@pytest.mark.parametrize("classes", CLASSES)
def test_published_sizes_have_the_published_numbers_of_parameters(classes):
    assert round(parameters(PUBLISHED_MUSIC, classes) / 1e6, 1) == 20.3
    assert round(parameters(PUBLISHED_VIDEO, classes) / 1e6, 1) == 99.1


@pytest.mark.parametrize(("size", "steps"), [(SMALL_MUSIC, 398), (small_video(48), 36)])
def test_the_small_size_reads_real_shapes(size, steps):
    model = Conformer(size, classes=5).eval()
    clips = torch.randn(2, steps, size.input_dim)
    assert model(clips).shape == (2, 5)
    assert model.features(clips).shape == (2, size.width)
    assert parameters(size, 5) < 1e6


def test_attention_by_the_equation():
    torch.manual_seed(0)
    module = RelativeAttention(TINY).eval()
    x, steps, heads, d = torch.randn(1, 6, 8), 6, 2, 4
    positions = relative_positions(steps, 8)
    with torch.inference_mode():
        found = module(x, positions, None)
        n = module.norm(x)[0]
        q, k, v = (linear(n).view(steps, heads, d) for linear in (module.query, module.key, module.value))
        expected = torch.zeros(steps, heads, d)
        for h in range(heads):
            for i in range(steps):
                scores = []
                for j in range(steps):
                    sine = relative_distance(i - j, 8)
                    r = module.position(sine).view(heads, d)[h]
                    content, place = (q[i, h] + module.u[h]) @ k[j, h], (q[i, h] + module.v[h]) @ r
                    scores.append((content + place) / math.sqrt(d))
                expected[i, h] = torch.softmax(torch.stack(scores), 0) @ v[:, h]
        assert torch.allclose(found[0], module.out(expected.flatten(1)), atol=1e-5)


def relative_distance(distance: int, width: int) -> torch.Tensor:
    pairs = [(distance / 10_000 ** (2 * p / width)) for p in range(width // 2)]
    return torch.tensor([f(angle) for angle in pairs for f in (math.sin, math.cos)])


@pytest.mark.parametrize("training", [False, True])
def test_what_follows_the_real_steps_changes_nothing(training):
    torch.manual_seed(1)
    model = Conformer(TINY, classes=4).train(training)
    real, length = torch.randn(3, 20, 12), 20
    outputs = []
    for padding in (torch.zeros(3, 11, 12), torch.full((3, 30, 12), 1e4)):
        padded = torch.cat((real, padding), dim=1)
        outputs.append(model(padded, torch.full((3,), length)))
    outputs.append(model(real))
    assert torch.allclose(outputs[0], outputs[2], atol=1e-5)
    assert torch.allclose(outputs[1], outputs[2], atol=1e-5)


def test_clips_of_different_lengths_share_a_batch():
    torch.manual_seed(2)
    model = Conformer(TINY, classes=4).eval()
    clips, lengths = torch.randn(2, 31, 12), torch.tensor([31, 15])
    together = model(clips, lengths)
    alone = torch.cat((model(clips[:1]), model(clips[1:, :15])))
    assert torch.allclose(together, alone, atol=1e-5)
    assert subsampled(lengths).tolist() == [7, 3]


def test_every_parameter_learns():
    torch.manual_seed(3)
    model = Conformer(TINY, classes=4)
    torch.nn.functional.cross_entropy(model(torch.randn(4, 24, 12)), torch.arange(4)).backward()
    assert all(weights.grad is not None and weights.grad.abs().sum() > 0 for weights in model.parameters())


def test_clips_that_are_too_small_are_refused():
    model = Conformer(TINY, classes=2)
    assert model(torch.randn(2, SMALLEST_SIDE, 12)).shape == (2, 2)
    with pytest.raises(KnownError, match="too small"):
        model(torch.randn(2, SMALLEST_SIDE - 1, 12))
    with pytest.raises(KnownError, match="too small"):
        Conformer(small_video(1), classes=2)
