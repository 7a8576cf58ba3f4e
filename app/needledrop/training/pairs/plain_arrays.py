# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numpy files of published data sets, of objects too, without letting a stranger's file run code.

A .npy of objects is a pickle, and a pickle may call anything. Here it may build arrays, lists and plain values, and
nothing else.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError

_HARMLESS = {
    (f"numpy.{core}.multiarray", name) for core in ("core", "_core") for name in ("_reconstruct", "scalar")
} | {("numpy", "ndarray"), ("numpy", "dtype")}

Read = TypeVar("Read")


class _ArraysOnly(pickle.Unpickler):
    """Builds what _HARMLESS names."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _HARMLESS:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a file of numbers")
        # Numpy 2 calls `_core` what files of before call `core`.
        return super().find_class(module.replace(".core.", "._core."), name)


def load_numbers(path: Path, columns: int | None = None) -> NDArray[Any]:
    """A matrix of finite or not finite numbers [n, columns], mapped rather than read.

    Raises:
        KnownError: "missing", "unreadable": the file is not there or holds something else.
    """

    def opened() -> NDArray[Any]:
        matrix: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
        if matrix.ndim != 2 or matrix.dtype.kind not in "fiu" or columns not in (None, matrix.shape[1]):
            raise ValueError(f"shape {matrix.shape} of {matrix.dtype}")
        return matrix

    return _read(path, opened)


def load_column(path: Path) -> NDArray[Any]:
    """Numbers [n], finite or not, one a row.

    Raises:
        KnownError: "missing", "unreadable": the file is not there or holds something else.
    """

    def opened() -> NDArray[Any]:
        column: NDArray[Any] = np.load(path, allow_pickle=False)
        if column.size != len(np.atleast_1d(column)) or column.dtype.kind not in "fiu":
            raise ValueError(f"shape {column.shape} of {column.dtype}")
        return column.reshape(-1)

    return _read(path, opened)


def load_rows(path: Path) -> list[list[Any]]:
    """The rows of a list of records, of plain numbers or of objects; each row a list of its columns.

    Raises:
        KnownError: "missing", "unreadable": the file is not there, holds something else, or wants to run code.
    """

    def opened() -> list[list[Any]]:
        with path.open("rb") as stream:
            array = _array(stream)
        if array.ndim == 3 and 1 in array.shape[1:]:  # Lists were also saved as [n, 1, columns].
            array = array.reshape(len(array), -1)
        if array.ndim != 2:
            raise ValueError(f"shape {array.shape}")
        return [list(row) for row in array]

    return _read(path, opened)


def _array(stream: BinaryIO) -> NDArray[Any]:
    version = np.lib.format.read_magic(stream)
    header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}.get(version)
    if header is None:
        raise ValueError(f"version {version}")
    shape, is_fortran, dtype = header(stream)
    if not dtype.hasobject:
        stream.seek(0)
        return np.asarray(np.lib.format.read_array(stream, allow_pickle=False))
    made = _ArraysOnly(stream).load()
    if not isinstance(made, np.ndarray) or made.size != int(np.prod(shape)):
        raise ValueError("no array")
    return made.reshape(shape, order="F" if is_fortran else "C")


def _read(path: Path, opened: Callable[[], Read]) -> Read:
    try:
        return opened()
    except FileNotFoundError as error:
        raise KnownError(
            f"'{path.name}' is not in {path.parent}.",
            remedy="Name the folder with all files of the data set.",
            cause=str(error),
            code="missing",
        ) from error
    except (OSError, ValueError, EOFError, TypeError, AttributeError, IndexError, pickle.UnpicklingError) as error:
        raise KnownError(
            f"'{path.name}' holds no such numbers as the data set should have there.",
            remedy="Download it again.",
            cause=str(error),
            code="unreadable",
        ) from error
