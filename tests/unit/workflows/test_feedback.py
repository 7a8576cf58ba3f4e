# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Feedback through its workflow: given, read as text, deleted; an entry that is not there costs none of the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.workflows.feedback import delete_feedback, export_feedback, give_feedback, list_feedback
from needledrop.workflows.profiles import write_library
from unit.workflows.made_library import add_track


@pytest.fixture
def track_id(profile: Profile) -> int:
    with write_library(profile, "test") as library:
        return add_track(library, 1, is_analysed=False)


def give(profile: Profile, track_id: int, verdict: str) -> int:
    return give_feedback(
        profile, Path("/v/film.mp4"), "video", track_id, verdict, range_s=(1.0, 9.0), offered=[track_id], listened_s=4.5
    )


def test_what_is_given_is_listed_with_its_names(profile: Profile, track_id: int) -> None:
    entry_id = give(profile, track_id, "more")
    (entry,) = list_feedback(profile)
    assert (entry["id"], entry["verdict"], entry["track"], entry["video"]) == (
        entry_id,
        "more",
        "Title 1",
        "/v/film.mp4",
    )
    assert (entry["start_s"], entry["end_s"], entry["listened_s"]) == (1.0, 9.0, 4.5)
    with pytest.raises(ValueError, match="perhaps"):
        give(profile, track_id, "perhaps")


def test_it_is_exported_as_text_whole_or_not_at_all(profile: Profile, track_id: int, tmp_path: Path) -> None:
    ids = [give(profile, track_id, verdict) for verdict in ("skip", "audition")]
    target = tmp_path / "feedback.json"
    export_feedback(profile, target, overwrite=False)
    written = json.loads(target.read_text(encoding="utf-8"))
    assert [entry["id"] for entry in written["feedback"]] == ids
    with pytest.raises(KnownError):
        export_feedback(profile, target, overwrite=False)


def test_deleting_what_is_not_there_deletes_nothing(profile: Profile, track_id: int) -> None:
    first, second = give(profile, track_id, "skip"), give(profile, track_id, "reject")
    with pytest.raises(KnownError, match="no feedback 99"):
        delete_feedback(profile, [first, 99])
    assert len(list_feedback(profile)) == 2
    assert delete_feedback(profile, [first]) == 1
    assert [entry["id"] for entry in list_feedback(profile)] == [second]
    assert delete_feedback(profile) == 1 and list_feedback(profile) == []
