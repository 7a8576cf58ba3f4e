# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights of others are read only if they are the ones wanted, and a pickle runs nothing."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from needledrop.core.errors import KnownError
from needledrop.crossmodal.published_weights import convert_to_safetensors, load_into, read_tensors, sha256_of

TENSORS = {"weight": torch.tensor([[1.0, 2.0], [3.0, 4.0]]), "bias": torch.tensor([0.5, -0.5])}


def save_pth(path: Path, values: Any = TENSORS) -> Path:
    torch.save(values, path)
    return path


def save_safe(path: Path) -> Path:
    save_file(TENSORS, path)
    return path


@pytest.mark.parametrize("save", [lambda folder: save_pth(folder / "a.pth"), lambda folder: save_safe(folder / "a.st")])
def test_both_formats_give_the_same_tensors(tmp_path: Path, save: Any) -> None:
    path = save(tmp_path)
    read = read_tensors(path, sha256_of(path))
    assert read.keys() == TENSORS.keys()
    assert all(torch.equal(read[name], value) for name, value in TENSORS.items())


def test_arrays_of_numbers_in_a_pickle_are_tensors(tmp_path: Path) -> None:
    path = save_pth(tmp_path / "pca.pth", {"means": np.arange(3, dtype=np.float32), "m": np.eye(2)})
    assert read_tensors(path, sha256_of(path))["means"].tolist() == [0, 1, 2]


def test_a_converted_file_holds_the_same(tmp_path: Path) -> None:
    source, target = save_pth(tmp_path / "a.pth"), tmp_path / "b.safetensors"
    convert_to_safetensors(source, target)
    assert torch.equal(read_tensors(target, sha256_of(target))["weight"], TENSORS["weight"])


class Malicious:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("ran",)


def test_a_pickle_runs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = save_pth(tmp_path / "a.pth", {"weight": Malicious()})
    with pytest.raises(KnownError, match="holds more than weights"):
        read_tensors(path, sha256_of(path))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("values", [{"weight": "text"}, [1, 2], {}, {"weight": TENSORS["bias"], "epoch": 3}])
def test_what_is_no_set_of_weights_is_refused(tmp_path: Path, values: Any) -> None:
    path = save_pth(tmp_path / "a.pth", values)
    with pytest.raises(KnownError, match="cannot be used") as caught:
        read_tensors(path, sha256_of(path))
    assert caught.value.code == "model" and "needledrop models fetch" in caught.value.remedy


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("kept", [0, 1, 20, 0.5, 0.99])
def test_a_truncated_file_is_refused_though_its_hash_be_right(tmp_path: Path, suffix: str, kept: float) -> None:
    path = save_pth(tmp_path / f"a{suffix}") if suffix == ".pth" else save_safe(tmp_path / f"a{suffix}")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole)) if kept < 1 else int(kept)])
    with pytest.raises(KnownError, match="cannot be used"):
        read_tensors(path, sha256_of(path))


def test_plain_pickles_and_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    for raw in (pickle.dumps(Malicious()), b"<html>404</html>", b"PK\x03\x04" + bytes(100)):
        path.write_bytes(raw)
        with pytest.raises(KnownError, match="cannot be used"):
            read_tensors(path, sha256_of(path))


def test_no_wrong_byte_is_a_bug_of_ours(tmp_path: Path) -> None:
    path = save_pth(tmp_path / "a.pth", {"weight": TENSORS["weight"], "means": np.arange(3.0)})
    whole, generator = path.read_bytes(), np.random.default_rng(9)
    outcomes = set()
    for _ in range(300):
        raw = bytearray(whole)
        raw[int(generator.integers(len(raw)))] = int(generator.integers(256))
        path.write_bytes(raw)
        try:
            outcomes.add(type(read_tensors(path, sha256_of(path))))
        except KnownError as error:
            outcomes.add(type(error))
    assert outcomes == {dict, KnownError}  # A wrong byte in the padding or in a number cannot be seen without the hash.


def test_another_hash_or_no_file_is_refused(tmp_path: Path) -> None:
    path = save_safe(tmp_path / "a.safetensors")
    with pytest.raises(KnownError, match="damaged, or another version"):
        read_tensors(path, "0" * 64)
    with pytest.raises(KnownError, match="cannot be read"):
        read_tensors(tmp_path / "none.safetensors", "0" * 64)


def test_weights_fit_the_network_or_are_refused() -> None:
    path = Path("made-up.pth")
    network = load_into(nn.Linear(2, 2), TENSORS | {"position_ids": torch.arange(3)}, path, "a layer")
    assert torch.equal(network.weight, TENSORS["weight"]) and not network.training
    wrong = (
        {"weight": TENSORS["weight"]},
        TENSORS | {"other": TENSORS["bias"]},
        TENSORS | {"bias": torch.zeros(3)},
        TENSORS | {"bias": torch.tensor([1.0, float("nan")])},
    )
    for tensors in wrong:
        with pytest.raises(KnownError, match=r"made-up\.pth cannot be used"):
            load_into(nn.Linear(2, 2), tensors, path, "a layer")
