# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store of embeddings: what an extractor made of a track or a video, kept by the extractor's key and the content.

Rows of two extractors never meet: no question can be asked without saying whose. All of it can be computed again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import numpy as np

from needledrop.core.extractor import ExtractorCard
from needledrop.core.music import FloatArray
from needledrop.library.connection import Part


class Embeddings(Part):
    """The part of the library that holds embeddings of tracks and videos, both named by their content's hash."""

    def put_embeddings(self, extractor: ExtractorCard, vectors: Mapping[str, FloatArray]) -> None:
        """Keep the vectors of contents, {hash: float32 [steps, dimension]}; those kept before are replaced.

        Raises:
            ValueError: an array is not float [steps, extractor.dimension], or holds what is no number. None is kept.
        """
        rows = [(extractor.key, name, *_packed(extractor, name, array)) for name, array in vectors.items()]
        with self.connection.recomputable():
            self.connection.write_many(
                "INSERT OR REPLACE INTO embeddings (extractor, content_hash, steps, dimension, vectors) "
                "VALUES (?, ?, ?, ?, ?)",
                rows,
            )

    def embeddings(self, extractor: ExtractorCard, content_hashes: Iterable[str]) -> dict[str, FloatArray]:
        """The vectors, float32 [steps, dimension], of those contents this extractor has seen, in the order given."""
        wanted = list(content_hashes)
        found = self.connection.rows(
            "SELECT content_hash, steps, dimension, vectors FROM embeddings WHERE extractor = ? "
            "AND content_hash IN (SELECT value FROM json_each(?))",
            (extractor.key, json.dumps(wanted)),
        )
        arrays = {row[0]: np.frombuffer(row[3], "<f4").reshape(row[1], row[2]) for row in found}
        return {name: arrays[name] for name in wanted if name in arrays}

    def missing_embeddings(self, extractor: ExtractorCard, content_hashes: Iterable[str]) -> list[str]:
        """Those contents that this extractor has not seen, each once, in the order given."""
        found = self.connection.rows(
            "SELECT value FROM json_each(?) WHERE value NOT IN "
            "(SELECT content_hash FROM embeddings WHERE extractor = ?)",
            (json.dumps(list(content_hashes)), extractor.key),
        )
        return list(dict.fromkeys(row[0] for row in found))

    def drop_embeddings(self, extractor: ExtractorCard) -> int:
        """Forget all this extractor made; returns how many contents that were."""
        with self.connection.recomputable():
            return self.connection.write("DELETE FROM embeddings WHERE extractor = ?", (extractor.key,)).rowcount


def _packed(extractor: ExtractorCard, name: str, array: FloatArray) -> tuple[int, int, bytes]:
    if array.ndim != 2 or array.shape[1] != extractor.dimension or not np.isfinite(array).all():
        raise ValueError(f"{extractor.key} of {name}: {array.shape} is not [steps, {extractor.dimension}] of numbers")
    return (*array.shape, np.ascontiguousarray(array, "<f4").tobytes())
