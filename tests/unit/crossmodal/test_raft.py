# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""RAFT: weights are checked, pictures go in as the network wants them, flow comes out in pixels of the picture.

The weights here are random: what they compute is meaningless, how they are used is not.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torchvision.models.optical_flow import Raft_Small_Weights, raft_small

from needledrop.core.errors import KnownError
from needledrop.crossmodal import raft
from needledrop.crossmodal.raft import RaftFlow, RaftWeights, gpu_flow, installed_weights
from needledrop.features.motion import DisFlow, FlowMethod, MotionMeter

Pictures = NDArray[np.uint8]


@pytest.fixture(scope="module")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    (folder / raft.MODEL_NAME).mkdir()
    path = folder / raft.MODEL_NAME / raft.WEIGHTS_NAME
    torch.manual_seed(1)
    save_file(raft_small(weights=None).state_dict(), path)
    register(folder, hashlib.sha256(path.read_bytes()).hexdigest())
    return folder


@pytest.fixture
def weights(models_dir: Path) -> RaftWeights:
    found = installed_weights(models_dir)
    assert found is not None
    return found


def register(folder: Path, sha256: str) -> None:
    (folder / "registry.toml").write_text(f'[{raft.MODEL_NAME}]\nsha256 = "{sha256}"\n', encoding="utf-8")


def pictures(count: int, height: int = 40, width: int = 64) -> Pictures:
    return np.random.default_rng(3).integers(0, 256, (count, height, width)).astype(np.uint8)


class Network:
    """Stands in for RAFT: remembers what it was given, and says that all moves by 6 and -4 pixels."""

    def __init__(self, fails: Callable[[int], bool] = lambda batch: False) -> None:
        self.seen: list[torch.Tensor] = []
        self.fails = fails

    def to(self, device: str) -> Network:
        self.fails = lambda batch: False
        return self

    def __call__(self, old: torch.Tensor, new: torch.Tensor, num_flow_updates: int) -> list[torch.Tensor]:
        if self.fails(len(old)):
            raise torch.OutOfMemoryError("CUDA out of memory")
        self.seen.append(old)
        return [torch.tensor([6.0, -4.0])[None, :, None, None].expand(len(old), 2, *old.shape[2:])]


def with_network(monkeypatch: pytest.MonkeyPatch, weights: RaftWeights, network: Any) -> RaftFlow:
    monkeypatch.setattr(raft, "_load", lambda _: network)
    return RaftFlow(weights, "cpu")


def test_flow_of_real_network_has_the_pictures_shape_and_is_repeatable(
    monkeypatch: pytest.MonkeyPatch, weights: RaftWeights
) -> None:
    monkeypatch.setattr(raft, "_UPDATES", 2)  # The rest of them only takes time.
    method: FlowMethod = RaftFlow(weights, "cpu")
    grey = pictures(3)
    flow = method.flows(grey[:-1], grey[1:])
    assert flow.shape == (2, 40, 64, 2)
    assert flow.dtype == np.float32
    assert np.isfinite(flow).all()
    assert np.array_equal(flow, method.flows(grey[:-1], grey[1:]))
    np.testing.assert_allclose(flow[1:], method.flows(grey[1:2], grey[2:]), atol=1e-3)


@pytest.mark.parametrize(("height", "width"), [(90, 160), (90, 51), (160, 90), (10, 13)])
def test_pictures_are_padded_and_flow_is_in_their_pixels(
    monkeypatch: pytest.MonkeyPatch, weights: RaftWeights, height: int, width: int
) -> None:
    network = Network()
    flow = with_network(monkeypatch, weights, network).flows(pictures(1, height, width), pictures(1, height, width))
    assert flow.shape == (1, height, width, 2)
    assert np.allclose(flow[..., 0], 3.0)  # The network saw pictures of twice the size.
    assert np.allclose(flow[..., 1], -2.0)
    assert all(size % 8 == 0 and size >= 128 for size in network.seen[0].shape[2:])


@pytest.mark.parametrize("level", [0, 100, 255])
def test_pictures_are_normalised_as_the_published_weights_expect(
    monkeypatch: pytest.MonkeyPatch, weights: RaftWeights, level: int
) -> None:
    network = Network()
    even = np.full((1, 64, 64), level, np.uint8)
    with_network(monkeypatch, weights, network).flows(even, even)
    published = torch.full((1, 3, 128, 128), level, dtype=torch.uint8)
    expected, _ = Raft_Small_Weights.DEFAULT.transforms()(published, published)
    torch.testing.assert_close(network.seen[0], expected)


def test_a_small_gpu_gets_smaller_batches(monkeypatch: pytest.MonkeyPatch, weights: RaftWeights) -> None:
    network = Network(lambda batch: batch > 5)
    method = with_network(monkeypatch, weights, network)
    network.fails = lambda batch: batch > 5
    monkeypatch.setattr(method, "_prepared", lambda grey: torch.zeros(len(grey), 3, 128, 128))
    method.device = "pretended"
    assert method.flows(pictures(11), pictures(11)).shape == (11, 40, 64, 2)
    assert [len(seen) for seen in network.seen] == [4, 4, 3]
    assert method.notices == []


def test_a_gpu_without_room_hands_over_to_the_cpu_and_says_so(
    monkeypatch: pytest.MonkeyPatch, weights: RaftWeights
) -> None:
    network = Network()
    method = with_network(monkeypatch, weights, network)
    network.fails = lambda batch: True
    monkeypatch.setattr(method, "_prepared", lambda grey: torch.zeros(len(grey), 3, 128, 128))
    method.device = "pretended"
    assert method.flows(pictures(2), pictures(2)).shape == (2, 40, 64, 2)
    assert method.device == "cpu"
    assert len(method.notices) == 1
    assert "memory" in method.notices[0]


def test_damaged_weights_are_refused(tmp_path: Path, weights: RaftWeights) -> None:
    raw = weights.path.read_bytes()
    truncated = tmp_path / "truncated.safetensors"
    truncated.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(KnownError, match="damaged or not the registered ones") as caught:
        RaftFlow(RaftWeights(truncated, weights.sha256), "cpu")
    assert caught.value.code == "model"
    with pytest.raises(KnownError, match="cannot be read"):
        RaftFlow(RaftWeights(tmp_path / "absent.safetensors", weights.sha256), "cpu")


@pytest.mark.parametrize("content", ["no tensors", "other tensors"])
def test_other_files_are_refused_even_where_the_registry_names_them(tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.safetensors"
    if content == "no tensors":
        path.write_bytes(b"not safetensors at all")
    else:
        save_file({"weight": torch.zeros(3)}, path)
    with pytest.raises(KnownError, match="does not hold the weights"):
        RaftFlow(RaftWeights(path, hashlib.sha256(path.read_bytes()).hexdigest()), "cpu")


def test_weights_count_only_where_the_registry_knows_them(tmp_path: Path) -> None:
    assert installed_weights(tmp_path) is None
    (tmp_path / raft.MODEL_NAME).mkdir()
    (tmp_path / raft.MODEL_NAME / raft.WEIGHTS_NAME).write_bytes(b"x")
    assert installed_weights(tmp_path) is None
    (tmp_path / "registry.toml").write_text("# nothing yet\n", encoding="utf-8")
    assert installed_weights(tmp_path) is None
    register(tmp_path, "no hexadecimal")
    with pytest.raises(KnownError, match=r"registry\.toml cannot be read"):
        installed_weights(tmp_path)


def test_other_weights_make_another_version(weights: RaftWeights) -> None:
    other = RaftWeights(weights.path, "0" * 63 + "1")
    assert weights.feature_version != other.feature_version
    assert weights.feature_version < 2**31


def test_a_machine_without_gpu_measures_on_the_cpu(monkeypatch: pytest.MonkeyPatch, models_dir: Path) -> None:
    monkeypatch.setattr(raft, "pick_device", lambda: "cpu")
    assert gpu_flow(models_dir) is None


def test_without_weights_torch_is_never_loaded(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys; from needledrop.crossmodal.raft import gpu_flow; "
        f"assert gpu_flow(pathlib.Path({str(tmp_path)!r})) is None; assert 'torch' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class BatchedDis(DisFlow):
    """The CPU's flow, asked for in batches."""

    name = "batched"
    batch = 4


def test_motion_is_the_same_in_batches_and_names_its_method() -> None:
    steady = pictures(12, 90, 160)
    turned = pictures(7, 160, 90)
    results = []
    for method in (None, BatchedDis()):
        meter = MotionMeter(method)
        for index, grey in enumerate([*steady, *turned]):
            meter.feed(index / 12.5, grey)
        results.append(meter.finish(19 / 12.5, np.zeros(0), np.zeros(0)))
    assert [result.method for result in results] == ["dis", "batched"]
    assert np.array_equal(results[0].curve, results[1].curve)
    assert np.array_equal(results[0].clips, results[1].clips)
