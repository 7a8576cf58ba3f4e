# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures as vectors by torchvision's ResNet-50 (He et al. 2016) and EfficientNet-B5 (Tan and Le 2019).

Networks and the way pictures go in are torchvision's, as its weights were evaluated; the last layer, which names
ImageNet's classes, is left out. No weights ship: they come from a file the user installed. torch loads on first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.extractor import ExtractorCard
from needledrop.core.music import FloatArray
from needledrop.crossmodal.careful_network import CarefulNetwork
from needledrop.crossmodal.published_weights import load_into, read_tensors

DIMENSION = 2048
PICTURES_RATE_HZ = 1.0


@dataclass(frozen=True)
class Architecture:
    """How torchvision calls a network, its weights and its last layer; size_px: the square it looks at."""

    builder: str
    weights: str
    last_layer: str
    size_px: int
    batch: int


# The batches take about 1 GB each.
ARCHITECTURES = {
    "resnet-50": Architecture("resnet50", "ResNet50_Weights.IMAGENET1K_V2", "fc", 224, 32),
    "efficientnet-b5": Architecture("efficientnet_b5", "EfficientNet_B5_Weights.IMAGENET1K_V1", "classifier", 456, 8),
}


class PictureExtractor:
    """One of ARCHITECTURES with its weights; not for two threads at once."""

    def __init__(self, card: ExtractorCard, path: Path, device: str) -> None:
        """Load the network that card.name says from `path`.

        Raises:
            KnownError: "model": the weights are missing, damaged, or of another network.
            ValueError: the card is not that of one of ARCHITECTURES.
        """
        import torchvision

        if card.name not in ARCHITECTURES or card.dimension != DIMENSION:
            raise ValueError(f"{card.key} is none of {', '.join(ARCHITECTURES)}")
        self.card = card
        one = ARCHITECTURES[card.name]
        network = getattr(torchvision.models, one.builder)(weights=None)
        load_into(network, read_tensors(path, card.sha256), path, f"torchvision's {one.builder}")
        setattr(network, one.last_layer, _nothing())
        self._prepare: Any = torchvision.models.get_weight(one.weights).transforms()
        self._careful = CarefulNetwork(network, device, batch=one.batch, what="the pictures")

    @property
    def notices(self) -> list[str]:
        """What the user should hear of: the GPU was too small."""
        return self._careful.notices

    def embed(self, pictures: Sequence[NDArray[np.uint8]]) -> FloatArray:
        """RGB pictures, each [height, width, 3] of any size: float32 [len(pictures), 2048], as they come out.

        The shorter side is scaled to what the weights were evaluated at and the middle is taken, in ImageNet's colours.

        Raises:
            KnownError: "memory": see CarefulNetwork.
        """
        import torch

        def compute(network: Any, device: str, part: slice) -> Any:
            prepared = [self._prepared(picture) for picture in pictures[part]]
            return network(torch.stack(prepared).to(device))

        return self._careful.over(len(pictures), DIMENSION, compute)

    def _prepared(self, picture: NDArray[np.uint8]) -> Any:
        import torch

        return self._prepare(torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1))))


def _nothing() -> Any:
    from torch import nn

    return nn.Identity()
