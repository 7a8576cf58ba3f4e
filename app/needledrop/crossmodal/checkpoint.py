# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A trained model on disk: model.safetensors and config.json, which names the system and the weights' SHA-256.

No pickle is read or written. A kill at any point of saving leaves the old checkpoint or the new one, whole.
"""

import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from needledrop import __version__
from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path
from needledrop.crossmodal import systems
from needledrop.crossmodal.batches import InputSizes

FORMAT_VERSION = 1
WEIGHTS_NAME = "model.safetensors"
CONFIG_NAME = "config.json"
_NEW = ".new"
_MODEL, _FITTED = "model.", "fitted."
_RETRAIN = "Train the model again with `needledrop train`, or fetch its files anew."


@dataclass(frozen=True)
class Checkpoint:
    """A model and what belongs to it.

    system, config, sizes: what systems.build needs; model: the trained module; fitted: what was fitted to the training
    split and goes before the model (means, PCA, bins ...); about: plain values that the caller wants to keep (feature
    versions, recipe, metrics ...).
    """

    system: str
    config: Any
    sizes: InputSizes
    model: nn.Module
    fitted: Mapping[str, Tensor]
    about: Mapping[str, Any]


def save_checkpoint(checkpoint: Checkpoint, folder: Path) -> str:
    """Write into `folder`, made if need be; other files in it stay. Returns the weights' SHA-256.

    Raises:
        KnownError: "diverged": a weight is no number; "disk": the folder cannot be written.
    """
    tensors = {_MODEL + name: value for name, value in checkpoint.model.state_dict().items()}
    tensors |= {_FITTED + name: value for name, value in checkpoint.fitted.items()}
    tensors = {name: value.detach().to("cpu").contiguous().clone() for name, value in tensors.items()}
    broken = _not_finite(tensors)
    if broken:
        raise KnownError(
            f"The model was not saved: its {broken} holds values that are no numbers.",
            remedy="Lower the learning rate, and go on from the last checkpoint.",
            code="diverged",
        )
    raw = safetensors.torch.save(tensors)
    sha256 = hashlib.sha256(raw).hexdigest()
    text = json.dumps(_described(checkpoint, sha256), indent=2, sort_keys=True) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / (WEIGHTS_NAME + _NEW), raw)
        _write(folder / (CONFIG_NAME + _NEW), text.encode())
        # Between these two, the configuration names the weights that still stand under their new name: see _weights.
        os.replace(folder / (CONFIG_NAME + _NEW), folder / CONFIG_NAME)  # noqa: PTH105  atomic on every system
        os.replace(folder / (WEIGHTS_NAME + _NEW), folder / WEIGHTS_NAME)  # noqa: PTH105
    except OSError as error:
        raise KnownError(
            f"The model could not be saved in {display_path(folder)}.",
            remedy="See that the disk has room and the folder can be written.",
            cause=repr(error),
            code="disk",
        ) from error
    return sha256


def load_checkpoint(folder: Path) -> Checkpoint:
    """What save_checkpoint wrote, the model on the CPU and in evaluation mode.

    Raises:
        KnownError: "model": files are missing, truncated, damaged, of another version or another architecture, or hold
            values that are no numbers.
    """
    about = _read_config(folder)
    try:
        system, sizes = str(about["system"]), InputSizes(**about["sizes"])
        sha256, config = str(about["sha256"]), dict(about["config"])
        told = dict(about["about"])
    except (KeyError, TypeError, ValueError) as error:
        raise _refused(folder, f"Its {CONFIG_NAME} is damaged.", error) from error
    tensors = _weights(folder, sha256)
    broken = _not_finite(tensors)
    if broken:
        raise _refused(folder, f"Its {broken} holds values that are no numbers.")
    try:
        read = systems.read_config(system, config)
        model = systems.build(system, read, sizes)
        model.load_state_dict(_under(tensors, _MODEL))
    except (KnownError, RuntimeError, TypeError) as error:
        raise _refused(folder, "It is of another architecture than this version builds.", error) from error
    return Checkpoint(system, read, sizes, model.eval(), _under(tensors, _FITTED), told)


def _described(checkpoint: Checkpoint, sha256: str) -> dict[str, Any]:
    return {
        "format": FORMAT_VERSION,
        "system": checkpoint.system,
        "config": systems.plain_config(checkpoint.config),
        "sizes": dataclasses.asdict(checkpoint.sizes),
        "sha256": sha256,
        "made_by": {"needledrop": __version__, "torch": torch.__version__.split("+")[0]},
        "about": dict(checkpoint.about),
    }


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        about = json.loads((folder / CONFIG_NAME).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _refused(folder, f"There is no {CONFIG_NAME} in it.", error) from error
    except (OSError, ValueError) as error:
        raise _refused(folder, f"Its {CONFIG_NAME} is damaged.", error) from error
    version = about.get("format") if isinstance(about, dict) else None
    if version != FORMAT_VERSION:
        raise _refused(folder, f"It is of version {version}, and this program reads version {FORMAT_VERSION}.")
    return about  # type: ignore[no-any-return]


def _weights(folder: Path, sha256: str) -> dict[str, Tensor]:
    """The tensors of the file with this hash, which a kill while saving may have left under its new name."""
    try:
        raw = (folder / WEIGHTS_NAME).read_bytes() if (folder / WEIGHTS_NAME).is_file() else None
        if raw is None or hashlib.sha256(raw).hexdigest() != sha256:
            left = folder / (WEIGHTS_NAME + _NEW)
            raw = left.read_bytes() if left.is_file() else raw
        if raw is None:
            raise _refused(folder, f"There is no {WEIGHTS_NAME} in it.")
        if hashlib.sha256(raw).hexdigest() != sha256:
            raise _refused(folder, f"Its {WEIGHTS_NAME} is truncated or another model's.")
        return safetensors.torch.load(raw)
    except (OSError, SafetensorError) as error:
        raise _refused(folder, f"Its {WEIGHTS_NAME} is damaged.", error) from error


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _not_finite(tensors: Mapping[str, Tensor]) -> str | None:
    """The first tensor with a NaN or an infinity, by its name."""
    return next((name for name, value in tensors.items() if not bool(torch.isfinite(value).all())), None)


def _write(path: Path, raw: bytes) -> None:
    with path.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def _refused(folder: Path, why: str, cause: BaseException | None = None) -> KnownError:
    return KnownError(
        f"The model in {display_path(folder)} cannot be used. {why}",
        remedy=_RETRAIN,
        cause="" if cause is None else repr(cause),
        code="model",
    )
