# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights that others published, read from a file on the disk and only after its SHA-256 was found right.

A .pth or .bin file is a pickle: it is read by torch's restricted unpickler, which builds tensors and arrays and runs
nothing. Nothing here fetches anything; torch is loaded when the first file is read.
"""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path

PICKLED = (".pth", ".pt", ".bin")
_CHUNK_BYTES = 1 << 20
# Which buffers a version of a library keeps in its files, and what counts batches, change without changing the model.
_HARMLESS = (
    "position_ids",
    "token_type_ids",
    "num_batches_tracked",
    "relative_position_index",
    "relative_coords_table",
)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal.

    Raises:
        OSError: the file cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def read_tensors(path: Path, sha256: str) -> dict[str, Any]:
    """The tensors of a .safetensors, .pth, .pt or .bin file by name, on the CPU.

    Raises:
        KnownError: "model": the file is missing, has another SHA-256, or holds something else than named tensors.
    """
    try:
        found = sha256_of(path)
    except OSError as error:
        raise refused(path, "It cannot be read.", error) from error
    if found != sha256:
        raise refused(path, "It is damaged, or another version.", f"SHA-256 is {found}, wanted {sha256}")
    return _unpickled(path) if path.suffix in PICKLED else _safe(path)


def convert_to_safetensors(source: Path, target: Path) -> None:
    """Write the tensors of a .pth, .pt or .bin file, whose SHA-256 the caller has checked, as a safetensors file.

    Raises:
        KnownError: "model": the source holds something else than named tensors.
        OSError: the target cannot be written.
    """
    import safetensors.torch

    tensors = {name: value.contiguous().clone() for name, value in _unpickled(source).items()}
    with target.open("wb") as file:
        file.write(safetensors.torch.save(tensors))
        file.flush()
        os.fsync(file.fileno())


def check_safetensors(path: Path) -> None:
    """See that a safetensors file is whole: its header can be read, and its data end where the file does.

    Raises:
        KnownError: "model": it is not. OSError: it cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(8)
        length = int.from_bytes(head, "little")
        header = file.read(length) if len(head) == 8 and length <= size else b""
    try:
        entries = json.loads(header)
        end = max(entry["data_offsets"][1] for name, entry in entries.items() if name != "__metadata__")
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise refused(path, "It is no whole safetensors file.", error) from error
    if 8 + length + end != size:
        raise refused(path, "It is no whole safetensors file.", f"{size} bytes, wanted {8 + length + end}")


def load_into(network: Any, tensors: Mapping[str, Any], path: Path, what: str) -> Any:
    """Give a torch module its weights; returns it in evaluation mode.

    A module on the device "meta", which costs no time to make, must name all of its buffers in its state.

    Raises:
        KnownError: "model": a weight is missing, too many, of another shape, or no number.
    """
    import torch

    named = dict(network.state_dict())
    alien = [name for name in tensors if name not in named and not name.endswith(_HARMLESS)]
    absent = [name for name in named if name not in tensors and not name.endswith(_HARMLESS)]
    if alien or absent:
        cause = f"absent: {absent[:3]} of {len(absent)}; unknown: {alien[:3]} of {len(alien)}"
        raise refused(path, f"It does not hold the weights of {what}.", cause)
    broken = [name for name, value in tensors.items() if not bool(torch.isfinite(value).all())]
    if broken:
        raise refused(path, "It holds values that are no numbers.", ", ".join(broken[:3]))
    fitting = {name: value for name, value in tensors.items() if name in named}
    try:
        network.load_state_dict(fitting, strict=False, assign=next(network.parameters()).is_meta)
    except RuntimeError as error:
        raise refused(path, f"It does not hold the weights of {what}.", error) from error
    return network.eval()


def refused(path: Path, why: str, cause: object = "") -> KnownError:
    """The sentence for weights that cannot be used."""
    return KnownError(
        f"The weights {display_path(path)} cannot be used. {why}",
        remedy="Get it anew: needledrop models remove, needledrop models fetch.",
        cause=repr(cause) if isinstance(cause, BaseException) else str(cause),
        code="model",
    )


def _safe(path: Path) -> dict[str, Any]:
    import safetensors.torch
    from safetensors import SafetensorError

    try:
        return dict(safetensors.torch.load(path.read_bytes()))
    except (OSError, SafetensorError) as error:
        raise refused(path, "It is no whole safetensors file.", error) from error


def _unpickled(path: Path) -> dict[str, Any]:
    import torch

    try:
        with torch.serialization.safe_globals(_numpy_globals()), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Of odd protocols in foreign files: what cannot be read is refused below.
            values = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # A damaged archive or pickle ends in any of a dozen, by the byte that is wrong.
        raise refused(path, "It is no whole file of weights, or holds more than weights.", error) from error
    if not isinstance(values, Mapping) or not values:
        raise refused(path, "It holds no named weights.", type(values).__name__)
    tensors = {str(name): torch.as_tensor(value) for name, value in values.items() if _is_array(value)}
    if len(tensors) != len(values):
        raise refused(path, "It holds more than weights.", sorted(set(map(str, values)) - set(tensors))[:3])
    return tensors


def _is_array(value: object) -> bool:
    import torch

    return isinstance(value, torch.Tensor | np.ndarray)


def _numpy_globals() -> list[Any]:
    """What a pickled array of plain numbers is made of, under its name in old and new files."""
    import _codecs

    from numpy._core.multiarray import _reconstruct  # The name inside the files; there is no public one.

    return [
        (_reconstruct, "numpy.core.multiarray._reconstruct"),
        (_reconstruct, "numpy._core.multiarray._reconstruct"),
        np.ndarray,
        np.dtype,
        type(np.dtype(np.float32)),
        type(np.dtype(np.float64)),
        _codecs.encode,
    ]
