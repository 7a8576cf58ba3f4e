# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights that ship with the program, read without any framework. Knows no model by name and runs none."""

from __future__ import annotations

import hashlib
import json
import struct
import tomllib
from functools import lru_cache
from pathlib import Path

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.core.paths import shipped_dir

WEIGHTS_NAME = "model.safetensors"


@lru_cache(maxsize=4)
def shipped_tensors(model: str) -> dict[str, FloatArray]:
    """The float32 tensors of a shipped model, read-only, from its safetensors file.

    Raises:
        KnownError: the file is missing, or not the one whose SHA-256 models/registry.toml names.
    """
    folder = shipped_dir("models")
    try:
        entry = tomllib.loads((folder / "registry.toml").read_text(encoding="utf-8"))[model]
        data = (folder / model / WEIGHTS_NAME).read_bytes()
        if hashlib.sha256(data).hexdigest() != entry["sha256"]:
            raise _damaged(folder / model, "checksum")
        return tensors_from(data)
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise _damaged(folder / model, repr(error)) from error


def _damaged(folder: Path, cause: str) -> KnownError:
    return KnownError(
        f"The model '{folder.name}' that ships with Needledrop is missing or damaged.",
        remedy="Install Needledrop again.",
        cause=cause,
        code="installation",
    )


def tensors_from(data: bytes) -> dict[str, FloatArray]:
    """Float32 tensors by name. Source: the safetensors format, a length, a JSON header and plain little-endian data.

    Raises:
        ValueError, KeyError, struct.error: the bytes are no such file, or hold other types.
    """
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        if entry["dtype"] != "F32":
            raise ValueError(f"{name} is {entry['dtype']}")
        start, stop = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(data[start:stop], "<f4").reshape(entry["shape"])
    return tensors
