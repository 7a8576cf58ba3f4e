# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Feature sets of tracks as packed bytes with the version that computed them, and embeddings of texts.

A set of another version than the one asked for is never handed out.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping

from needledrop.library.connection import Part
from needledrop.library.rows import TrackFacts
from needledrop.library.texts import text_key

_FACTS = tuple(field.name for field in dataclasses.fields(TrackFacts))
_KEYS_AT_ONCE = 500

# A file that failed is not tried again until it changes or its problem is cleared.
_HAS_USABLE_FILE = """EXISTS (
    SELECT 1 FROM files WHERE files.track_id = tracks.id AND files.state = 'present' AND NOT EXISTS (
        SELECT 1 FROM problems WHERE problems.path = files.path
        AND problems.size = files.size AND problems.mtime_ns = files.mtime_ns))"""


class Features(Part):
    """The part of the library that holds what analysis computed."""

    def put_features(
        self, track_id: int, sets: Mapping[str, tuple[int, bytes]], facts: TrackFacts | None = None
    ) -> None:
        """Keep feature sets, {name: (version, packed)}, and the facts that lists and filters need."""
        with self.connection.recomputable():
            self.connection.write_many(
                "INSERT INTO features (track_id, feature_set, version, packed) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (track_id, feature_set) DO UPDATE SET version = excluded.version, "
                "packed = excluded.packed",
                [(track_id, name, version, packed) for name, (version, packed) in sets.items()],
            )
            if facts is not None:
                self.connection.write(
                    f"UPDATE track_facts SET {', '.join(f'{name} = ?' for name in _FACTS)} WHERE track_id = ?",
                    (*(getattr(facts, name) for name in _FACTS), track_id),
                )
            self.connection.bump_revision()

    def features(self, track_ids: Iterable[int], feature_set: str, version: int) -> dict[int, bytes]:
        """The packed set of each track that has it in this version, in the order asked for."""
        ids = list(track_ids)
        found = self.connection.rows(
            "SELECT track_id, packed FROM features WHERE feature_set = ? AND version = ? "
            "AND track_id IN (SELECT value FROM json_each(?))",
            (feature_set, version, json.dumps(ids)),
        )
        by_id = {row[0]: row[1] for row in found}
        return {track_id: by_id[track_id] for track_id in ids if track_id in by_id}

    def stale_tracks(self, current_versions: Mapping[str, int]) -> list[int]:
        """Present tracks that lack a set in its current version, in order of id; those that failed are left out."""
        # An index covers this; reading `version` beside the blobs of 10,000 tracks would take half a second.
        lacks = "NOT EXISTS (SELECT 1 FROM features WHERE feature_set = ? AND version = ? AND track_id = tracks.id)"
        found = self.connection.rows(
            f"SELECT id FROM tracks WHERE state = 'present' AND ({' OR '.join([lacks] * len(current_versions))}) "
            f"AND {_HAS_USABLE_FILE} ORDER BY id",
            [part for pair in current_versions.items() for part in pair],
        )
        return [row[0] for row in found]

    def put_text_embeddings(self, model_id: str, vectors: Mapping[str, bytes]) -> None:
        """Keep the vectors of texts that a model (id with weight hash) computed."""
        with self.connection.recomputable():
            self.connection.write_many(
                "INSERT OR REPLACE INTO text_embeddings (model_id, text_hash, vector) VALUES (?, ?, ?)",
                [(model_id, text_key(text), vector) for text, vector in vectors.items()],
            )

    def text_embeddings(self, model_id: str, texts: Iterable[str]) -> dict[str, bytes]:
        """The vectors of those texts that the model has seen."""
        by_key = {text_key(text): text for text in texts}
        keys = list(by_key)
        vectors = {}
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            chunk = keys[start : start + _KEYS_AT_ONCE]
            found = self.connection.rows(
                "SELECT text_hash, vector FROM text_embeddings WHERE model_id = ? "
                f"AND text_hash IN ({', '.join('?' * len(chunk))})",
                (model_id, *chunk),
            )
            vectors.update({by_key[row[0]]: row[1] for row in found})
        return vectors
