# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A taste as one safetensors file and one JSON beside it. Checked before anything of them is used; never pickled."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.models import tensors_from
from needledrop.core.music import FloatArray
from needledrop.core.paths import display_path
from needledrop.suggest.taste import Taste
from needledrop.suggest.taste_space import TasteSpace

FORMAT = "needledrop-taste-1"
# The base's experts whose precision a taste may change (suggest.learned.LearnedWeights), and by how much at most.
FACTORS = ("picture", "course")
_MOST_FACTOR = 10.0
_TENSORS = {"space.mean", "space.gain", "common", "adapter", "keys", "values"}
# A taste is some hundred kilobytes; a file of this size is none.
_MOST_BYTES = 64_000_000
_MOST_PRECISION = 1000.0


@dataclass(frozen=True)
class KeptTaste:
    """A taste with what is known of it: plain values for JSON (version, made_at, form, figures, data, model...)."""

    taste: Taste
    about: Mapping[str, Any]


def write_taste(path: Path, kept: KeptTaste) -> None:
    """Write PATH (.safetensors) and the JSON beside it, whole or not at all; the JSON last, for it names the other.

    Raises:
        KnownError: "disk-full": a file cannot be written.
    """
    taste = kept.taste
    data = packed_tensors(
        {
            "space.mean": taste.space.mean,
            "space.gain": taste.space.gain,
            "common": taste.common,
            "adapter": taste.adapter,
            "keys": taste.keys,
            "values": taste.values,
        }
    )
    about = dict(kept.about) | {
        "format": FORMAT,
        "names": list(taste.space.names),
        "precision": taste.precision,
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    text = json.dumps(about, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data)
        _replace(json_of(path), text.encode())
    except OSError as error:
        raise KnownError(
            f"The taste could not be written to {display_path(path)}.",
            remedy="Free some space there, or check that the folder can be written. What was learned before is kept.",
            cause=str(error),
            code="disk-full",
        ) from error


def read_taste(path: Path) -> KeptTaste:
    """The taste in PATH (.safetensors) and the JSON beside it.

    Raises:
        KnownError: "missing", or "corrupt": the files are not what they should be.
    """
    try:
        if path.stat().st_size > _MOST_BYTES or json_of(path).stat().st_size > _MOST_BYTES:
            raise ValueError("larger than any taste")
        data = path.read_bytes()
        about = json.loads(json_of(path).read_text(encoding="utf-8"))
        return KeptTaste(_checked(data, about), about)
    except FileNotFoundError as error:
        raise KnownError(
            f"A file of the taste is missing: {display_path(error.filename or path)}.",
            remedy="A taste is two files, NAME.safetensors and NAME.json; keep them together.",
            code="missing",
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise KnownError(
            f"{display_path(path)} is no taste of Needledrop, or it is damaged.",
            remedy="Export it again where it was learned, and bring both files.",
            cause=repr(error),
            code="corrupt",
        ) from error


def json_of(path: Path) -> Path:
    """The JSON that belongs to a taste's safetensors file."""
    return path.with_suffix(".json")


def packed_tensors(tensors: Mapping[str, FloatArray]) -> bytes:
    """Float32 tensors as the safetensors format has them: length, JSON header, plain little-endian data."""
    header, blobs, start = {}, [], 0
    for name, tensor in sorted(tensors.items()):
        blob = np.ascontiguousarray(tensor, "<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [start, start + len(blob)]}
        blobs.append(blob)
        start += len(blob)
    text = json.dumps(header, sort_keys=True).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(blobs)


def _checked(data: bytes, about: Any) -> Taste:
    """Raise ValueError, KeyError, TypeError or struct.error unless all fits together."""
    if about["format"] != FORMAT or hashlib.sha256(data).hexdigest() != about["sha256"]:
        raise ValueError("another format or checksum")
    names = about["names"]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise ValueError("names")
    precision = float(about["precision"])
    if not 0.0 <= precision <= _MOST_PRECISION:
        raise ValueError("precision")
    factors = about.get("weights") or {}
    are_fit = all(1.0 / _MOST_FACTOR <= float(factor) <= _MOST_FACTOR for factor in factors.values())
    if set(factors) - set(FACTORS) or not are_fit:
        raise ValueError("weights")
    tensors = tensors_from(data)
    if set(tensors) != _TENSORS or not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise ValueError("tensors")
    size, width = len(names), sum(name.startswith("whole_") for name in names)
    count = len(tensors["keys"])
    shapes = {
        "space.mean": (size,), "space.gain": (size,), "common": (size,), "adapter": (width, size),
        "keys": (count, width), "values": (count, size),
    }  # fmt: skip
    wrong = [name for name, shape in shapes.items() if tensors[name].shape != shape]
    if wrong:
        raise ValueError(f"the shape of {wrong[0]}")
    space = TasteSpace(tuple(names), tensors["space.mean"], tensors["space.gain"])
    return Taste(space, tensors["common"], tensors["adapter"], tensors["keys"], tensors["values"], precision)


def _replace(path: Path, data: bytes) -> None:
    scratch = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with scratch.open("wb") as sink:
            sink.write(data)
            sink.flush()
            os.fsync(sink.fileno())
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
