# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of segment vectors: written in blocks, opened by mapping, replaced whole or not at all.

One file holds a header of HEADER_BYTES (JSON), the vectors as int8 [n, D], and columns that say what the segments are.
The file `CURRENT_NAME` beside it names the valid one and is replaced atomically. It must not know models or database.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray

# Raise when the layout or the quantisation changes: old files are then built anew.
FORMAT_VERSION = 1
HEADER_BYTES = 4096
CURRENT_NAME = "segments-current"
_MAGIC = "needledrop-segments"
_FULL_SCALE = 127.0
# A vector without a larger value than this points nowhere that could be told, and would overflow the scale.
_LEAST_VALUE = 1e-30
_ALIGNMENT = 64
# What is kept of each segment behind the vectors, in this order.
_COLUMNS = (("inverse_norms", "<f4"), ("track_ids", "<i8"), ("start_s", "<f4"), ("end_s", "<f4"))


@dataclass(frozen=True)
class Origin:
    """From what the vectors were computed: where it differs, they have to be computed again."""

    model_id: str
    library_revision: str


@dataclass(frozen=True)
class SegmentArrays:
    """n segments of dimension D, mapped from `path`.

    vectors: int8 [n, D], each row scaled so that its largest value is 127. inverse_norms: float32 [n], one over the
    length of each stored row, 0 for the zero vector. track_ids: int64 [n]. start_s and end_s: float32 [n], where in the
    track the segment lies.
    """

    path: Path
    origin: Origin
    vectors: NDArray[np.int8]
    inverse_norms: FloatArray
    track_ids: NDArray[np.int64]
    start_s: FloatArray
    end_s: FloatArray


class SegmentWriter:
    """Writes a new file block by block; leaving the `with` block without an error makes it the current one.

    Args:
        folder: Where the files lie; made if need be.
        dimension: D of every vector.

    Raises:
        OSError: the disk is full or the folder not writable; the file before stays valid.
    """

    def __init__(self, folder: Path, origin: Origin, dimension: int) -> None:
        if dimension < 1:
            raise ValueError(f"vectors of dimension {dimension}")
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._origin, self._dimension = folder, origin, dimension
        self._scratch = folder / f"segments-{secrets.token_hex(6)}.part"
        self._file = self._scratch.open("wb")
        self._file.write(bytes(HEADER_BYTES))
        self._count = 0
        self._columns: dict[str, list[NDArray[Any]]] = {name: [] for name, _ in _COLUMNS}

    def add(self, vectors: FloatArray, track_ids: NDArray[np.int64], start_s: FloatArray, end_s: FloatArray) -> None:
        """Append segments: vectors float [m, D] of any length, and m values in each column.

        Raises:
            ValueError: other shapes, or a vector that holds NaN or infinity: nothing of the block is taken then.
        """
        rows = quantised(vectors, self._dimension)
        columns = {"track_ids": track_ids, "start_s": start_s, "end_s": end_s, "inverse_norms": inverse_norms(rows)}
        if any(np.asarray(column).shape != (len(rows),) for column in columns.values()):
            raise ValueError("the columns have another length than the vectors")
        self._file.write(rows.tobytes())
        self._count += len(rows)
        for name, dtype in _COLUMNS:
            self._columns[name].append(np.array(columns[name], dtype))

    def __enter__(self) -> SegmentWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            with self._file:
                if error is None:
                    self._finish()
            if error is None:
                final = self._scratch.with_suffix(".bin")
                self._scratch.rename(final)
                _point_at(self._folder, final.name)
        finally:
            self._scratch.unlink(missing_ok=True)

    def _finish(self) -> None:
        for name, dtype in _COLUMNS:
            self._file.write(bytes(-self._file.tell() % _ALIGNMENT))
            self._file.write(np.concatenate([np.zeros(0, dtype), *self._columns[name]]).tobytes())
        header = {
            "magic": _MAGIC,
            "format": FORMAT_VERSION,
            "model_id": self._origin.model_id,
            "library_revision": self._origin.library_revision,
            "dimension": self._dimension,
            "count": self._count,
            "size": self._file.tell(),
        }
        text = json.dumps(header).encode()
        if len(text) > HEADER_BYTES:
            raise ValueError("the names of model and library do not fit into the header")
        self._file.seek(0)
        self._file.write(text.ljust(HEADER_BYTES))
        self._file.flush()
        os.fsync(self._file.fileno())


def open_segments(folder: Path, origin: Origin, dimension: int) -> SegmentArrays | None:
    """Map the current file of a folder.

    None where there is none, where it is damaged, cut short or of another format, or where it was made by another
    model, from another revision of the library or with another dimension: then it must be built again.
    """
    try:
        path = folder / (folder / CURRENT_NAME).read_text(encoding="ascii").strip()
        with path.open("rb") as file:
            header: Mapping[str, Any] = json.loads(file.read(HEADER_BYTES))
        wanted = (_MAGIC, FORMAT_VERSION, origin.model_id, origin.library_revision, dimension, path.stat().st_size)
        names = ("magic", "format", "model_id", "library_revision", "dimension", "size")
        if tuple(header[name] for name in names) != wanted:
            return None
        return _mapped(path, origin, int(header["count"]), dimension)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def quantised(vectors: FloatArray, dimension: int) -> NDArray[np.int8]:
    """Rows float [m, D] as int8 [m, D], each scaled by its own largest value: cosines do not change by a scale.

    Raises:
        ValueError: another shape, NaN or infinity.
    """
    values = np.asarray(vectors, np.float32)
    if values.ndim != 2 or values.shape[1] != dimension:
        raise ValueError(f"vectors of shape {values.shape} where [m, {dimension}] was expected")
    largest = np.abs(values).max(axis=1, initial=0.0)
    if not np.isfinite(largest).all():
        raise ValueError("a vector holds values that are no numbers")
    scale = np.divide(_FULL_SCALE, largest, out=np.zeros_like(largest), where=largest > _LEAST_VALUE)
    rows: NDArray[np.int8] = np.rint(values * scale[:, None]).astype(np.int8)
    return rows


def inverse_norms(rows: NDArray[np.int8]) -> FloatArray:
    """One over the length of each row of int8 [m, D], float32 [m]; 0 for the zero vector."""
    wide = rows.astype(np.float32)
    norms = np.sqrt(np.einsum("md,md->m", wide, wide))
    inverse: FloatArray = np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0.0)
    return inverse


def _mapped(path: Path, origin: Origin, count: int, dimension: int) -> SegmentArrays:
    """The arrays of a file whose header was found right.

    Raises:
        ValueError: it is too short for what its header says.
    """
    if count == 0:
        columns = {name: np.zeros(0, dtype) for name, dtype in _COLUMNS}
        return SegmentArrays(path, origin, np.zeros((0, dimension), np.int8), **columns)
    data = np.memmap(path, np.uint8, "r")
    end = HEADER_BYTES + count * dimension
    vectors = data[HEADER_BYTES:end].view(np.int8).reshape(count, dimension)
    columns = {}
    for name, dtype in _COLUMNS:
        start = end + -end % _ALIGNMENT
        end = start + count * np.dtype(dtype).itemsize
        columns[name] = data[start:end].view(dtype)
    if end != len(data):
        raise ValueError("the file has another length than its header says")
    return SegmentArrays(path, origin, vectors, **columns)


def _point_at(folder: Path, name: str) -> None:
    pointer = folder / f"{name}.pointer"
    pointer.write_text(name, encoding="ascii")
    os.replace(pointer, folder / CURRENT_NAME)  # noqa: PTH105  the atomic replace is the point
    for old in folder.glob("segments-*.*"):
        # A reader that still maps an old file keeps it alive on POSIX; on Windows the removal fails and waits.
        if not old.name.startswith(name.removesuffix(".bin")) and old.suffix in {".bin", ".hnsw", ".json"}:
            try:
                old.unlink()
            except OSError:
                continue
