# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""torchvision's networks as extractors. The weights are random: what they see is meaningless, how they look is not."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision
from numpy.typing import NDArray
from safetensors.torch import save_file

from needledrop.core.errors import KnownError
from needledrop.core.extractor import PICTURE, ExtractorCard
from needledrop.crossmodal.published_pictures import DIMENSION, PICTURES_RATE_HZ, PictureExtractor
from needledrop.crossmodal.published_weights import sha256_of

IMAGENET_MEAN = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
IMAGENET_STD = torch.tensor([0.229, 0.224, 0.225])[:, None, None]


def card_of(name: str, path: Path) -> ExtractorCard:
    size = path.stat().st_size
    return ExtractorCard(name, 1, DIMENSION, PICTURES_RATE_HZ, PICTURE, "made up", size, sha256_of(path), "", True)


def random_network(builder: str) -> Any:
    torch.manual_seed(5)
    return getattr(torchvision.models, builder)(weights=None).eval()


@pytest.fixture(scope="module")
def resnet_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("resnet") / "model.safetensors"
    save_file(random_network("resnet50").state_dict(), path)
    return path


@pytest.fixture(scope="module")
def resnet(resnet_path: Path) -> PictureExtractor:
    return PictureExtractor(card_of("resnet-50", resnet_path), resnet_path, "cpu")


def noise(height: int, width: int, seed: int = 2) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)


def before_the_last_layer(network: Any, name: str, inputs: torch.Tensor) -> NDArray[np.float32]:
    """What the published network gives its last layer."""
    seen: list[torch.Tensor] = []
    getattr(network, name).register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    with torch.inference_mode():
        network(inputs)
    return seen[0].numpy()


def by_hand(picture: NDArray[np.uint8], size_px: int) -> torch.Tensor:
    """The middle of a picture in ImageNet's colours: [1, 3, size_px, size_px]."""
    top, left = ((side - size_px) // 2 for side in picture.shape[:2])
    middle = torch.from_numpy(picture[top : top + size_px, left : left + size_px]).permute(2, 0, 1).float() / 255
    return ((middle - IMAGENET_MEAN) / IMAGENET_STD)[None]


def test_resnet_gives_what_the_published_network_gives_its_last_layer(resnet: PictureExtractor) -> None:
    picture = noise(232, 232)  # Of the size the weights are evaluated at, so that nothing is scaled.
    wanted = before_the_last_layer(random_network("resnet50"), "fc", by_hand(picture, 224))
    rows = resnet.embed([picture])
    assert rows.shape == (1, 2048) and rows.dtype == np.float32
    assert np.allclose(rows, wanted, atol=1e-5)
    assert np.ptp(rows) > 0


def test_efficientnet_looks_at_456_pixels(tmp_path: Path) -> None:
    path = tmp_path / "efficientnet_b5.pth"
    network = random_network("efficientnet_b5")
    torch.save(network.state_dict(), path)
    picture = noise(456, 456)
    rows = PictureExtractor(card_of("efficientnet-b5", path), path, "cpu").embed([picture])
    assert rows.shape == (1, 2048)
    assert np.allclose(rows, before_the_last_layer(network, "classifier", by_hand(picture, 456)), atol=1e-5)


def test_a_wide_picture_is_scaled_by_its_short_side_and_its_middle_is_seen(resnet: PictureExtractor) -> None:
    wide = noise(464, 1000)
    edge_changed, middle_changed = wide.copy(), wide.copy()
    edge_changed[:, :200] = 0
    middle_changed[200:260, 480:520] = 0
    plain, edge, middle = resnet.embed([wide, edge_changed, middle_changed])
    assert np.allclose(plain, edge, atol=1e-6)
    assert not np.allclose(plain, middle, atol=1e-6)


def test_pictures_of_a_batch_do_not_touch(resnet: PictureExtractor) -> None:
    pictures = [noise(240, 300, seed) for seed in range(3)]
    together = resnet.embed(pictures)
    alone = np.concatenate([resnet.embed([picture]) for picture in pictures])
    assert np.allclose(together, alone, atol=1e-5)
    assert resnet.embed([]).shape == (0, 2048) and resnet.notices == []


def test_weights_of_another_network_are_refused(resnet_path: Path, tmp_path: Path) -> None:
    with pytest.raises(KnownError, match=r"does not hold the weights of torchvision's efficientnet_b5"):
        PictureExtractor(card_of("efficientnet-b5", resnet_path), resnet_path, "cpu")
    cut = tmp_path / "model.safetensors"
    cut.write_bytes(resnet_path.read_bytes()[:-1000])
    with pytest.raises(KnownError, match="damaged, or another version"):
        PictureExtractor(card_of("resnet-50", resnet_path), cut, "cpu")
    with pytest.raises(ValueError, match="is none of resnet-50"):
        PictureExtractor(dataclasses.replace(card_of("resnet-50", resnet_path), name="vggish"), resnet_path, "cpu")
