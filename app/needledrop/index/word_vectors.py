# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentence embeddings of the tracks' own words as one memory-mapped file beside the gallery."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray

_NAME = "words.npz"


@dataclass(frozen=True)
class WordVectors:
    """Unit vectors float32 [T, D] of the words of tracks track_ids int64 [T], of one library revision and model."""

    library_revision: str
    model_id: str
    track_ids: NDArray[np.int64]
    vectors: FloatArray

    def save(self, folder: Path) -> None:
        """Replace the file in `folder`.

        Raises:
            OSError: the disk is full or the folder not writable; the file before stays.
        """
        folder.mkdir(parents=True, exist_ok=True)
        scratch = folder / f"{_NAME}.{os.getpid()}.part"
        try:
            with scratch.open("wb") as file:
                np.savez(
                    file,
                    origin=np.array([self.library_revision, self.model_id]),
                    track_ids=self.track_ids,
                    vectors=self.vectors,
                )
            os.replace(scratch, folder / _NAME)  # noqa: PTH105  the atomic replace is the point
        finally:
            scratch.unlink(missing_ok=True)

    @staticmethod
    def open(folder: Path, *, library_revision: str, model_id: str) -> WordVectors | None:
        """The saved vectors; None where there are none of this revision and model, or the file is damaged."""
        from zipfile import BadZipFile

        try:
            # Opened here: np.load leaves the file of a broken archive open.
            with (folder / _NAME).open("rb") as file, np.load(file, allow_pickle=False) as saved:
                if saved["origin"].tolist() != [library_revision, model_id]:
                    return None
                track_ids, vectors = saved["track_ids"], saved["vectors"]
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return None
        if vectors.ndim != 2 or track_ids.shape != vectors.shape[:1]:
            return None
        return WordVectors(library_revision, model_id, track_ids, vectors)
