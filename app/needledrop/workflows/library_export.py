# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole library as plain values: every track with its features, and the user's decisions."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from needledrop.core.music import LOUDNESS_RATE_HZ, Loudness, Rhythm, Tonality
from needledrop.core.paths import Profile
from needledrop.library.library import Library
from needledrop.library.rows import TrackRow
from needledrop.media.output_file import written_whole
from needledrop.workflows.profiles import read_library
from needledrop.workflows.rhythms import effective_rhythms
from needledrop.workflows.stored_features import unpacked

FORMAT = "needledrop-library-1"
_CHUNK = 200


def export_library(profile: Profile) -> dict[str, Any]:
    """Every track with its beats in seconds as "beats", tempo, key, loudness and licence; and all decisions."""
    from needledrop.features.music import FEATURE_VERSIONS

    with read_library(profile) as library:
        return {
            "format": FORMAT,
            "feature_versions": dict(FEATURE_VERSIONS),
            "tracks": list(_tracks(library)),
            "decisions": library.decisions(),
            "collections": library.collected(),
            "feedback": library.feedback(),
        }


def write_library_export(profile: Profile, path: Path, *, overwrite: bool) -> int:
    """Write the export to a file, whole or not at all; returns the number of tracks.

    Raises:
        KnownError: the file exists (without `overwrite`) or cannot be written.
    """
    document = export_library(profile)
    with written_whole(path, overwrite=overwrite) as scratch:
        scratch.write_text(json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return len(document["tracks"])


def _tracks(library: Library) -> Iterator[dict[str, Any]]:
    ids = library.track_ids()
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        rhythm = effective_rhythms(library, chunk)
        tonality = unpacked(library, chunk, Tonality, "tonality")
        loudness = unpacked(library, chunk, Loudness, "loudness")
        for track_id, row in library.tracks(chunk).items():
            yield track_facts(row) | {
                **_rhythm_facts(rhythm.get(track_id)),
                **_tonal_facts(tonality.get(track_id)),
                **_loudness_facts(loudness.get(track_id)),
            }


def track_facts(row: TrackRow) -> dict[str, Any]:
    """One track as JSON shows it, without its curves."""
    return {
        "id": row.id,
        "content_hash": row.content_hash,
        "recording_id": row.recording_id,
        "state": row.state,
        "path": row.display_path,
        "duration_s": round(row.duration_s, 3),
        "codec": row.codec,
        "sample_rate": row.sample_rate,
        "channels": row.channels,
        "tags": dataclasses.asdict(row.tags),
        "licence": dataclasses.asdict(row.licence),
        "rating": row.rating,
        "is_favourite": row.is_favourite,
        "tempo_bpm": row.facts.tempo_bpm,
        "key": row.facts.key_name,
        "integrated_lufs": row.facts.integrated_lufs,
        "true_peak_dbtp": row.facts.true_peak_dbtp,
    }


def _rhythm_facts(rhythm: Rhythm | None) -> dict[str, Any]:
    if rhythm is None:
        return {}
    return {
        "beats": np.round(rhythm.beats_s, 4).tolist(),
        "downbeats": np.round(rhythm.downbeats_s, 4).tolist(),
        "beats_per_bar": rhythm.beats_per_bar,
        "tempo_alternatives_bpm": list(rhythm.tempo_alternatives_bpm),
        "tempo_confidence": round(rhythm.confidence, 4),
        "onset_density_hz": round(rhythm.onset_density_hz, 3),
        "tempo_map": [
            {"start_s": round(start_s, 3), "bpm": round(bpm, 3)} for start_s, bpm in rhythm.tempo_map.tolist()
        ],
        "sections": np.round(rhythm.sections_s, 3).tolist(),
        "section_roles": list(rhythm.section_roles),
        "section_novelty": np.round(rhythm.section_novelty.astype(float), 3).tolist(),
        "ending_s": round(rhythm.ending_s, 3),
    }


def tempo_map_facts(rhythm: Rhythm) -> list[dict[str, float]]:
    """Where each stretch of steady tempo starts, and its beats a minute."""
    return [{"start_s": round(start_s, 3), "bpm": round(bpm, 3)} for start_s, bpm in rhythm.tempo_map.tolist()]


def _tonal_facts(tonality: Tonality | None) -> dict[str, Any]:
    return {} if tonality is None else {"key_confidence": round(tonality.confidence, 4)}


def _loudness_facts(loudness: Loudness | None) -> dict[str, Any]:
    if loudness is None:
        return {}
    return {
        "loudness_range_lu": round(loudness.range_lu, 2),
        "loudness_curve_lufs": np.round(loudness.curve_lufs.astype(float), 1).tolist(),
        "loudness_curve_rate_hz": LOUDNESS_RATE_HZ,
    }
