# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that belong together have one name, and no file that is there is replaced."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import cast

import pytest

from needledrop.core.cue import Cue
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile, shipped_dir
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.core.times import TimeRange
from needledrop.workflows.deliver import (
    PROJECTS,
    Deliverable,
    Delivery,
    deliver,
    file_name,
    free_name,
    proposed_folder,
)
from needledrop.workflows.markers import MarkerFormat
from needledrop.workflows.output import Kind
from needledrop.workflows.project import Selection
from needledrop.workflows.videos import AnalysedVideo


def test_every_kind_has_an_ending_of_its_own() -> None:
    names = {file_name("film", wanted) for wanted in Deliverable}
    assert len(names) == len(Deliverable) == len(Kind) + len(MarkerFormat) + len(PROJECTS)


def test_a_set_gets_a_number_where_one_of_its_files_is_there(tmp_path: Path) -> None:
    wanted = (Deliverable.FILM, Deliverable.CUE_SHEET)
    assert free_name(tmp_path, "film", wanted) == "film"
    (tmp_path / "film cue sheet.csv").touch()
    assert free_name(tmp_path, "film", (Deliverable.FILM,)) == "film"
    assert free_name(tmp_path, "film", wanted) == "film 2"
    (tmp_path / file_name("film 2", Deliverable.FILM)).touch()
    assert free_name(tmp_path, "film", wanted) == "film 3"


def test_a_place_is_proposed_beside_the_film_where_that_is_one(tmp_path: Path) -> None:
    beside, videos, documents = tmp_path / "film", tmp_path / "Videos", tmp_path / "Documents"
    for folder in (beside, documents):
        folder.mkdir()
    others = [videos, documents]
    assert proposed_folder(beside, others) == beside
    assert proposed_folder(shipped_dir("resources") / "demo", others) == documents
    videos.mkdir()
    assert proposed_folder(shipped_dir("resources") / "demo", others) == videos
    assert proposed_folder(tmp_path / "unplugged", others) == videos
    assert proposed_folder(tmp_path / "unplugged", [tmp_path / "nowhere"]) == tmp_path / "unplugged"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="may write everywhere")
def test_nothing_is_proposed_in_a_folder_that_may_only_be_read(tmp_path: Path) -> None:
    beside = tmp_path / "film"
    beside.mkdir(0o555)
    assert proposed_folder(beside, [tmp_path]) == tmp_path


def test_the_music_of_projects_is_not_written_over_either(tmp_path: Path) -> None:
    (tmp_path / "film project music.wav").touch()
    assert free_name(tmp_path, "film", (Deliverable.FILM,)) == "film"
    assert free_name(tmp_path, "film", (Deliverable.KDENLIVE_PROJECT,)) == "film 2"


def test_nothing_to_write_is_said(profile: Profile, tmp_path: Path) -> None:
    span = TimeRange(Fraction(0), Fraction(1))
    empty = Selection(cast(AnalysedVideo, None), span, (), {})
    with pytest.raises(KnownError, match="no music to export"):
        delivery = Delivery(frozenset({Deliverable.MUSIC}), tmp_path, "film")
        deliver(profile, empty, delivery, ignore_progress, CancelToken())
    cue = Cue(1, 0.0, (), 0.0, 0.0, 0.0)
    with pytest.raises(KnownError, match="Nothing is chosen"):
        selection = Selection(cast(AnalysedVideo, None), span, (cue,), {})
        deliver(profile, selection, Delivery(frozenset(), tmp_path, "film"), ignore_progress, CancelToken())
