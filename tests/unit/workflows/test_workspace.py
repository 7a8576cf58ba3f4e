# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of the work on a video: in a file at once, in the library when it is free."""

from __future__ import annotations

from pathlib import Path

import pytest

from needledrop.core.cue import Cue, Ducking, Piece
from needledrop.core.paths import Profile
from needledrop.core.work import TimelineMarker, Verdict, WorkState
from needledrop.workflows import workspace
from needledrop.workflows.profiles import read_library, write_library
from unit.workflows.made_library import add_track

FILM = Path("/films/storm.mp4")
HASH = "hash of the film"


@pytest.fixture
def track_id(profile: Profile) -> int:
    with write_library(profile, "test") as library:
        return add_track(library, 1)


def state_with(track_id: int) -> WorkState:
    cue = Cue(track_id, 1.5, (Piece(2.0, 5.0), Piece(9.0, 12.25)), -4.5, 0.1, 0.5, 0.02, Ducking(((1.0, 2.0),)), 1.01)
    verdict = Verdict(track_id, "accept", (0.0, 10.0), (track_id, 7))
    return WorkState((cue,), 0, (1.0, 9.0), (verdict,), (TimelineMarker(2.5, "turn"), TimelineMarker(4.0)), "cut-1")


def test_a_state_comes_back_as_it_was(profile: Profile, track_id: int) -> None:
    assert workspace.keep_state(profile, FILM, HASH, state_with(track_id))
    assert workspace.kept_state(profile, FILM, HASH) == (state_with(track_id), False)


def test_a_busy_library_does_not_keep_the_work_from_the_disk(profile: Profile, track_id: int) -> None:
    with write_library(profile, "scan"):
        assert not workspace.keep_state(profile, FILM, HASH, state_with(track_id))
    assert workspace.kept_state(profile, FILM, HASH) == (state_with(track_id), True)
    assert workspace.keep_state(profile, FILM, HASH, state_with(track_id))
    with read_library(profile) as library:
        project = library.project_of(HASH)
        assert project is not None and tuple(library.cues(project.id)) == state_with(track_id).cues


def test_cues_changed_by_the_command_line_count(profile: Profile, track_id: int) -> None:
    workspace.keep_state(profile, FILM, HASH, state_with(track_id))
    other = Cue(track_id, 4.0, (Piece(0.0, 2.0),), -9.0, 0.0, 0.0)
    with write_library(profile, "use") as library:
        library.save_cues(library.open_project(HASH, FILM).id, [other])
    state, _ = workspace.kept_state(profile, FILM, HASH)
    assert (state.cues, state.range_s) == ((other,), (1.0, 9.0))


def test_a_selection_of_a_cue_that_is_gone_is_dropped(profile: Profile, track_id: int) -> None:
    workspace.keep_state(profile, FILM, HASH, state_with(track_id))
    with write_library(profile, "cues") as library:
        library.save_cues(library.open_project(HASH, FILM).id, [])
    state, _ = workspace.kept_state(profile, FILM, HASH)
    assert (state.cues, state.selected) == ((), None)


def test_a_video_the_library_has_not_met_is_kept_in_its_file(profile: Profile, track_id: int) -> None:
    assert not workspace.keep_state(profile, FILM, "", state_with(track_id))
    assert workspace.kept_state(profile, FILM, "")[0] == state_with(track_id)


def test_verdicts_reach_the_library_once(profile: Profile, track_id: int) -> None:
    workspace.settle_verdicts(profile, FILM, HASH, state_with(track_id))
    kept, _ = workspace.kept_state(profile, FILM, HASH)
    assert kept.verdicts == ()
    workspace.settle_verdicts(profile, FILM, HASH, kept)
    with read_library(profile) as library:
        assert [(one["track_id"], one["verdict"]) for one in library.feedback()] == [(track_id, "accept")]


def test_a_file_of_a_newer_program_counts_as_none_and_stays(profile: Profile) -> None:
    workspace.keep_state(profile, FILM, "", WorkState())
    (file,) = (profile.data_dir / "window").glob("work-*.json")
    file.write_text('{"format": 99, "cues": "of another kind"}')
    assert workspace.kept_state(profile, FILM, "") == (WorkState(), False)
    assert "99" in file.read_text()


def test_recent_videos_are_few_and_latest_first(profile: Profile) -> None:
    for number in range(30):
        workspace.remember_video(profile, Path(f"/films/{number}.mp4"))
    workspace.remember_video(profile, Path("/films/20.mp4"))
    recent = workspace.recent_videos(profile)
    assert recent[:3] == [Path("/films/20.mp4"), Path("/films/29.mp4"), Path("/films/28.mp4")]
    assert len(recent) == len(set(recent)) == 20


def test_an_open_video_is_known_until_it_is_closed(profile: Profile) -> None:
    assert workspace.interrupted_video(profile) is None
    workspace.remember_video(profile, FILM)
    assert workspace.interrupted_video(profile) == FILM
    workspace.note_closed(profile)
    assert workspace.interrupted_video(profile) is None
    workspace.forget_videos(profile)
    assert workspace.recent_videos(profile) == []


def test_what_is_dropped_is_told_apart(tmp_path: Path) -> None:
    for name in ("film.mp4", "tune.FLAC", "odd.xyz"):
        (tmp_path / name).write_text("")
    names = (".", "film.mp4", "tune.FLAC", "odd.xyz", "none.mp4")
    kinds = [workspace.kind_of(tmp_path / name) for name in names]
    assert kinds == ["folder", "video", "music", "video", "missing"]
