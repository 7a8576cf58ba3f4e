# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two pretrained Conformers on disk, beside the set they described: so that another set can be described by the same.

No pickle is read or written. What a kill while saving leaves behind is refused, never read as something else.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path

if TYPE_CHECKING:
    from needledrop.training.conformers import Conformers, ConformerState

FORMAT_VERSION = 1
WEIGHTS_NAME, CONFIG_NAME = "conformers.safetensors", "conformers.json"
_SIDES = ("music", "video")
# Mean and spread of the codes, among the weights, so that the SHA-256 is of all that decides a feature.
_SCALE = "scale"


def save_conformers(conformers: Conformers, folder: Path) -> None:
    """Write them into the folder, made if need be; other files in it stay. What is needed to train on is not kept.

    Raises:
        KnownError: "disk": the folder cannot be written.
    """
    raw = _as_bytes(conformers)
    about = {
        "format": FORMAT_VERSION,
        "sha256": hashlib.sha256(raw).hexdigest(),
        "is_unified": conformers.is_unified,
        **{side: _described(getattr(conformers, side)) for side in _SIDES},
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in ((WEIGHTS_NAME, raw), (CONFIG_NAME, json.dumps(about, indent=1).encode())):
            new = folder / f"{name}.new"
            new.write_bytes(data)
            new.replace(folder / name)
    except OSError as error:
        raise KnownError(
            f"The Conformers could not be saved in {display_path(folder)}.",
            remedy="See that the disk has room and the folder can be written.",
            cause=repr(error),
            code="disk",
        ) from error


def load_conformers(folder: Path) -> Conformers:
    """What save_conformers wrote.

    Raises:
        KnownError: "model": files are missing, truncated, damaged, of another version or another architecture, or hold
            values that are no numbers.
    """
    import safetensors.torch
    from safetensors import SafetensorError

    from needledrop.training.conformers import Conformers

    about = _read_config(folder)
    try:
        raw = (folder / WEIGHTS_NAME).read_bytes()
        if hashlib.sha256(raw).hexdigest() != about["sha256"]:
            raise _refused(folder, f"{WEIGHTS_NAME} is truncated or of others.")
        tensors = safetensors.torch.load(raw)
        states = {side: _state(about[side], tensors, side) for side in _SIDES}
        return Conformers(**states, is_unified=bool(about["is_unified"]))
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise _refused(folder, "Their files are missing, damaged or of another architecture.", error) from error


def key_of(conformers: Conformers) -> str:
    """What the features of these Conformers are told apart by: the first of the weights' SHA-256."""
    return f"conformers/{hashlib.sha256(_as_bytes(conformers)).hexdigest()[:16]}"


def _as_bytes(conformers: Conformers) -> bytes:
    import safetensors.torch
    import torch

    tensors: dict[str, Any] = {}
    for side in _SIDES:
        state: ConformerState = getattr(conformers, side)
        tensors |= {f"{side}.{name}": value.cpu().contiguous() for name, value in state.model.items()}
        tensors[f"{side}.{_SCALE}"] = torch.tensor([state.mean, state.spread], dtype=torch.float64)
    return safetensors.torch.save(tensors)


def _described(state: ConformerState) -> dict[str, Any]:
    return {"size": asdict(state.size), "classes": state.classes, "steps": state.steps}


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        about = json.loads((folder / CONFIG_NAME).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _refused(folder, f"There is no {CONFIG_NAME} in it.", error) from error
    except (OSError, ValueError) as error:
        raise _refused(folder, f"{CONFIG_NAME} is damaged.", error) from error
    version = about.get("format") if isinstance(about, dict) else None
    if version != FORMAT_VERSION:
        raise _refused(folder, f"They are of version {version}, and this program reads version {FORMAT_VERSION}.")
    return dict(about)


def _state(about: dict[str, Any], tensors: dict[str, Any], side: str) -> ConformerState:
    """One of the two.

    Raises:
        ValueError: the weights are not those of its size, or no numbers. KeyError, TypeError: something is missing.
    """
    import torch

    from needledrop.crossmodal.conformer import Conformer, ConformerSize
    from needledrop.training.conformers import ConformerState

    own = {name.removeprefix(f"{side}."): value for name, value in tensors.items() if name.startswith(f"{side}.")}
    mean, spread = (float(value) for value in own.pop(_SCALE))
    size, classes = ConformerSize(**about["size"]), int(about["classes"])
    with torch.device("meta"):
        wanted = {name: value.shape for name, value in Conformer(size, classes).state_dict().items()}
    if {name: value.shape for name, value in own.items()} != wanted:
        raise ValueError(f"{side}: other weights than a Conformer of this size has")
    if not all(bool(torch.isfinite(value).all()) for value in (*own.values(), torch.tensor([mean, spread]))):
        raise ValueError(f"{side}: weights that are no numbers")
    return ConformerState(size, classes, mean, spread, own, steps=int(about["steps"]))


def _refused(folder: Path, why: str, cause: BaseException | None = None) -> KnownError:
    return KnownError(
        f"The Conformers in {display_path(folder)} cannot be used. {why}",
        remedy="Name the folder that `needledrop pretrain` wrote, or pretrain again.",
        cause="" if cause is None else repr(cause),
        code="model",
    )
