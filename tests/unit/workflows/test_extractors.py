# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a published file on the disk to vectors in the library, with random weights in place of the published ones."""

from __future__ import annotations

import dataclasses
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.crossmodal import vggish
from needledrop.crossmodal.published_weights import sha256_of
from needledrop.workflows import model_packs
from needledrop.workflows.extractors import open_picture_extractor, open_vggish
from needledrop.workflows.model_packs import find_pack, install_pack
from needledrop.workflows.pack_catalogue import known_packs
from needledrop.workflows.profiles import write_library


def install(profile: Profile, monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, states: list[Any]) -> None:
    """Save what the pack's publisher would have, and install it with the checksums of that."""
    pack = known_packs()[name]
    files = []
    for file, state in zip(pack.files, states, strict=True):
        torch.save(state, folder / file.published_name)
        files.append(dataclasses.replace(file, sha256=sha256_of(folder / file.published_name)[:8]))
    made = {name: dataclasses.replace(pack, files=tuple(files))}
    monkeypatch.setattr(model_packs, "known_packs", lambda: made)
    install_pack(profile, find_pack(name), ignore_progress, CancelToken(), from_path=folder)


def test_resnet_from_its_file_to_the_library(profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(2)
    install(profile, monkeypatch, tmp_path, "resnet-50", [torchvision.models.resnet50(weights=None).state_dict()])
    extractor = open_picture_extractor(profile, "resnet-50")
    rows = extractor.embed([np.full((90, 160, 3), 99, np.uint8), np.zeros((90, 160, 3), np.uint8)])
    with write_library(profile, "test") as library:
        library.put_embeddings(extractor.card, {"film": rows})
        assert np.array_equal(library.embeddings(extractor.card, ["film"])["film"], rows)
    assert extractor.card.key.startswith("resnet-50@1/2048/1Hz/")


def test_vggish_from_its_files_raw_and_post_processed(
    profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pca = {"pca_eigen_vectors": np.eye(128, dtype=np.float32), "pca_means": np.zeros((128, 1), np.float32)}
    with torch.device("meta"):
        shapes = {name: value.shape for name, value in vggish._network().state_dict().items()}
    torch.manual_seed(2)
    state = {name: torch.rand(shape) * 0.01 for name, shape in shapes.items()}
    install(profile, monkeypatch, tmp_path, "vggish", [state, pca])
    samples = np.random.default_rng(1).normal(scale=0.1, size=32_000).astype(np.float32)
    raw, processed = open_vggish(profile), open_vggish(profile, is_post_processed=True)
    rows = raw.embed(samples)
    assert rows.shape == (2, 128)
    wanted = np.rint((np.clip(rows, -2, 2) + 2) * 63.75)  # The identity turns nothing; what is left is the rounding.
    assert np.array_equal(processed.embed(samples), wanted)
    assert raw.card.key.startswith("vggish@1/128/1.04167Hz/") and processed.card.key.startswith("vggish-pca@1/")


def test_what_is_not_there_is_a_sentence_with_a_remedy(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KnownError, match="is not installed") as caught:
        open_vggish(profile)
    assert caught.value.remedy == "Add it: needledrop models fetch vggish"
    with pytest.raises(KnownError, match="no extractor of pictures"):
        open_picture_extractor(profile, "vggish")
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else real(name))
    with pytest.raises(KnownError, match="PyTorch is needed"):
        open_picture_extractor(profile, "resnet-50")
