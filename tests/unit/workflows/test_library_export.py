# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The library as JSON: beats in seconds, tempo, key, loudness, licence, decisions; whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.workflows.library_export import export_library, write_library_export
from needledrop.workflows.profiles import write_library
from retrieval.synthetic_gallery import make_track
from unit.workflows.made_library import add_track


@pytest.fixture
def filled(profile: Profile) -> Profile:
    """An analysed track with an edit, and one that is not analysed."""
    with write_library(profile, "test") as library:
        first = add_track(library, 1)
        add_track(library, 2, is_analysed=False)
        library.edit_track(first, {"title": "Dawn"})
    return profile


def test_every_feature_stands_in_its_unit(filled: Profile) -> None:
    track, bare = export_library(filled)["tracks"]
    made = make_track(track["id"], duration_s=60.0, tempo_bpm=90.0 + track["id"])
    assert track["beats"] == pytest.approx(made.rhythm.beats_s.tolist(), abs=1e-4)
    assert set(track["downbeats"]) <= set(track["beats"])
    assert track["tempo_bpm"] == pytest.approx(made.rhythm.tempo_bpm)
    assert track["key"] == made.tonality.key_name
    assert track["integrated_lufs"] == pytest.approx(made.loudness.integrated_lufs)
    assert len(track["loudness_curve_lufs"]) == len(made.loudness.curve_lufs)
    assert (track["licence"]["name"], track["tags"]["title"]) == ("CC0-1.0", "Dawn")
    assert "beats" not in bare and bare["tempo_bpm"] is None


def test_decisions_are_in_it(filled: Profile) -> None:
    (decision,) = export_library(filled)["decisions"]
    assert (decision["content_hash"], decision["field"], decision["value"]) == ("content 1", "title", "Dawn")


def test_the_file_is_the_document_and_is_not_overwritten_unasked(filled: Profile, tmp_path: Path) -> None:
    target = tmp_path / "library.json"
    assert write_library_export(filled, target, overwrite=False) == 2
    first = target.read_bytes()
    assert json.loads(first) == json.loads(json.dumps(export_library(filled)))
    with pytest.raises(KnownError):
        write_library_export(filled, target, overwrite=False)
    write_library_export(filled, target, overwrite=True)
    assert target.read_bytes() == first
