# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dense optical flow by RAFT (Teed and Deng 2020, torchvision's raft_small), for machines with a GPU.

A drop-in for the CPU's flow in features.motion. What it measures is another feature set (FEATURE_SET), never ranked
beside the CPU's. No weights ship: they are used where a models folder holds them and its registry.toml knows them.
Nothing here loads torch before flow is wanted.
"""

from __future__ import annotations

import hashlib
import importlib.util
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core import log
from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.core.paths import display_path
from needledrop.crossmodal.device import CPU, is_out_of_memory, pick_device

FEATURE_SET = "motion-raft"
MODEL_NAME = "raft-small"
WEIGHTS_NAME = "model.safetensors"

_NEEDED = ("safetensors", "torch", "torchvision")
_ENLARGED = 2  # Pictures of FLOW_SIZE are smaller than what the correlation pyramid can halve.
_SMALLEST = 128
_STRIDE = 8
_UPDATES = 12  # As in torchvision's evaluation of the published weights.


@dataclass(frozen=True)
class RaftWeights:
    """A safetensors file of raft_small's state, and the SHA-256 its registry entry gives."""

    path: Path
    sha256: str

    @property
    def feature_version(self) -> int:
        """The version of FEATURE_SET by these weights: other weights make other motion."""
        return int(self.sha256[:7], 16)


def installed_weights(models_dir: Path) -> RaftWeights | None:
    """The weights in `models_dir`/raft-small that the table [raft-small] of registry.toml names, or None.

    Raises:
        KnownError: registry.toml is there and cannot be understood.
    """
    path = models_dir / MODEL_NAME / WEIGHTS_NAME
    if not path.is_file():
        return None
    registry = models_dir / "registry.toml"
    try:
        entry = tomllib.loads(registry.read_text(encoding="utf-8")).get(MODEL_NAME)
        return None if entry is None else RaftWeights(path, bytes.fromhex(entry["sha256"]).hex())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise KnownError(
            f"The list of models {display_path(registry)} cannot be read.",
            remedy=f"Give its table [{MODEL_NAME}] the SHA-256 of the weights, or delete the weights.",
            cause=repr(error),
            code="model",
        ) from error


def gpu_flow(models_dir: Path) -> RaftFlow | None:
    """RAFT on this machine's GPU, or None where weights, torch or a working GPU are missing.

    Without weights it answers at once, and torch is not loaded.

    Raises:
        KnownError: the weights are damaged, or not the registered ones.
    """
    weights = installed_weights(models_dir)
    if weights is None or any(
        importlib.util.find_spec(name) is None for name in ("safetensors", "torch", "torchvision")
    ):
        return None
    device = pick_device()
    return None if device == CPU else RaftFlow(weights, device)


class RaftFlow:
    """A features.motion.FlowMethod; not for two threads at once."""

    name = "raft"
    batch = 32

    def __init__(self, weights: RaftWeights, device: str) -> None:
        """Load the network.

        Raises:
            KnownError: the file is missing, truncated, or not the registered one.
        """
        self.device = device
        self.notices: list[str] = []  # What the user should hear of: the GPU was too small.
        self._network: Any = _load(weights).to(device)
        self._most = self.batch

    def flows(self, old: NDArray[np.uint8], new: NDArray[np.uint8]) -> FloatArray:
        """Where each pixel of `old` has gone in `new`, both grey [n, h, w]: float32 [n, h, w, 2], x and y in pixels.

        Where the GPU's memory does not suffice, the batch is halved down to one pair; then the CPU goes on.
        """
        parts: list[FloatArray] = []
        done = 0
        while done < len(old):
            part = slice(done, done + self._most)
            try:
                parts.append(self._run(old[part], new[part]))
                done += self._most
            except RuntimeError as error:
                if self.device == CPU or not is_out_of_memory(error):
                    raise
                self._take_less()
        return np.concatenate(parts) if parts else np.zeros((*old.shape, 2), np.float32)

    def _run(self, old: NDArray[np.uint8], new: NDArray[np.uint8]) -> FloatArray:
        import torch
        from torch.nn import functional

        height, width = old.shape[1:]
        flags = torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False)
        with torch.inference_mode(), flags:
            flow = self._network(self._prepared(old), self._prepared(new), num_flow_updates=_UPDATES)[-1]
            flow = flow[:, :, : height * _ENLARGED, : width * _ENLARGED]
            flow = functional.avg_pool2d(flow, _ENLARGED) / _ENLARGED
            return np.ascontiguousarray(flow.permute(0, 2, 3, 1).float().cpu().numpy())

    def _prepared(self, grey: NDArray[np.uint8]) -> Any:
        """As the published weights expect it: float [n, 3, h, w] in -1..1; enlarged, and padded at right and below."""
        import torch
        from torch.nn import functional

        pictures = torch.from_numpy(np.ascontiguousarray(grey)).to(self.device)[:, None].float() / 127.5 - 1
        pictures = functional.interpolate(pictures, scale_factor=_ENLARGED, mode="bilinear", align_corners=False)
        missing = [max(_SMALLEST, -(-size // _STRIDE) * _STRIDE) - size for size in pictures.shape[2:]]
        pictures = functional.pad(pictures, (0, missing[1], 0, missing[0]), mode="replicate")
        return pictures.expand(-1, 3, -1, -1).contiguous()

    def _take_less(self) -> None:
        if self.device == "cuda":
            import torch

            torch.cuda.empty_cache()
        if self._most > 1:
            self._most //= 2
            log.worker.warning("optical flow: the GPU is short of memory; %d pairs at once from now on", self._most)
            return
        self.device = CPU
        self._network = self._network.to(CPU)
        self.notices.append("The GPU has too little free memory for optical flow: it went on, slower, on the CPU.")
        log.worker.warning(self.notices[-1])


def _load(weights: RaftWeights) -> Any:
    name = display_path(weights.path)
    try:
        raw = weights.path.read_bytes()
    except OSError as error:
        raise _refused(f"The RAFT weights {name} cannot be read.", str(error)) from error
    found = hashlib.sha256(raw).hexdigest()
    if found != weights.sha256:
        cause = f"SHA-256 is {found}, the registry says {weights.sha256}"
        raise _refused(f"The RAFT weights {name} are damaged or not the registered ones.", cause)
    from safetensors import SafetensorError
    from safetensors.torch import load
    from torchvision.models.optical_flow import raft_small

    network = raft_small(weights=None)
    try:
        network.load_state_dict(load(raw))
    except (SafetensorError, RuntimeError) as error:
        raise _refused(f"The file {name} does not hold the weights of torchvision's raft_small.", str(error)) from error
    return network.eval()


def _refused(sentence: str, cause: str) -> KnownError:
    remedy = "Copy them again, or delete them: motion is then measured on the CPU."
    return KnownError(sentence, remedy=remedy, cause=cause, code="model")
