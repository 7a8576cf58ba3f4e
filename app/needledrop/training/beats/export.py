# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the trained network to the matrices that features/beat_network.py multiplies by."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.features.beat_network import BLOCKS, BeatWeights


def exported(state: Mapping[str, NDArray[np.float32]]) -> BeatWeights:
    """The matrices of a BeatNetwork's state (its tensors as arrays)."""

    def stacked(name: str, part: str) -> list[FloatArray]:
        return [state[f"{name}.{block}.{part}"] for block in range(BLOCKS)]

    def matrix(array: NDArray[np.float32]) -> FloatArray:
        return np.ascontiguousarray(array, np.float32)

    outputs = state["bands.weight"].shape[0]
    return BeatWeights(
        edges=matrix(state["edges.weight"].reshape(state["edges.weight"].shape[0], -1).T),
        edges_bias=state["edges.bias"],
        bands=matrix(state["bands.weight"].transpose(2, 3, 1, 0).reshape(-1, outputs)),
        bands_bias=state["bands.bias"],
        harmony=matrix(state["harmony.weight"].T),
        dilated=matrix(np.stack([w.transpose(2, 1, 0).reshape(-1, outputs) for w in stacked("dilated", "weight")])),
        dilated_bias=matrix(np.stack(stacked("dilated", "bias"))),
        mixed=matrix(np.stack([w[..., 0].T for w in stacked("mixed", "weight")])),
        mixed_bias=matrix(np.stack(stacked("mixed", "bias"))),
        heads=matrix(np.concatenate([state["events.weight"], state["tempo.weight"]]).T),
        heads_bias=np.concatenate([state["events.bias"], state["tempo.bias"]]),
    )


def write_weights(path: Path, weights: BeatWeights) -> None:
    """As a safetensors file, the same bytes for the same weights."""
    from safetensors.numpy import save_file

    save_file(dict(sorted(vars(weights).items())), str(path))
