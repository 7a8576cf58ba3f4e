# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects, videos, jobs and settings make the round trip."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from needledrop.core.cue import Cue, Ducking, Piece
from needledrop.core.job import JobRecord, JobState, JobStore
from needledrop.library.library import Library

Add = Callable[..., int]


def test_cues_come_back_as_they_were(library: Library, add: Add) -> None:
    track_id = add("a.mp3")
    project = library.open_project("video-1", Path("/v/film.mp4"))
    cues = [
        Cue(track_id, 0.0, (Piece(1.5, 9.25), Piece(3.0, 4.0)), -3.0, 0.1, 1.5, ducking=Ducking(((1.0, 2.0),), -12.0)),
        Cue(track_id, 20.0, (Piece(0.0, 1.0),), 0.0, 0.0, 0.0, stretch=1.0206),
    ]
    library.save_cues(project.id, cues)
    assert library.cues(project.id) == cues
    library.save_cues(project.id, cues[1:])
    assert library.cues(project.id) == cues[1:]


def test_a_cue_kept_before_there_was_a_stretch_is_played_at_its_own_speed(library: Library, add: Add) -> None:
    project = library.open_project("video-1", Path("/v/film.mp4"))
    cue = Cue(add("a.mp3"), 0.0, (Piece(0.0, 1.0),), 0.0, 0.0, 0.0)
    library.save_cues(project.id, [cue])
    with library.connection.decision():
        library.connection.write("UPDATE cues SET cue = json_remove(cue, '$.stretch')")
    assert "stretch" not in library.connection.rows("SELECT cue FROM cues")[0][0]
    assert library.cues(project.id) == [cue]


def test_a_project_follows_its_video(library: Library) -> None:
    first = library.open_project("video-1", Path("/v/film.mp4"))
    moved = library.open_project("video-1", Path("/w/film.mp4"))
    assert moved.id == first.id and moved.path == b"/w/film.mp4"
    assert library.project_of("video-1") == moved and library.project_of("video-2") is None
    assert library.projects() == [moved]


def test_used_tracks(library: Library, add: Add) -> None:
    a, b = add("a.mp3"), add("b.mp3")
    one = library.open_project("video-1", Path("/v/1.mp4"))
    two = library.open_project("video-2", Path("/v/2.mp4"))
    library.record_uses(one.id, [a])
    library.record_uses(two.id, [a, b])
    library.record_uses(two.id, [b])
    assert library.used_track_ids() == {a, b}
    assert library.used_track_ids(except_project_id=two.id) == {a}


def test_a_video_seen_before_is_known_without_reading_it(library: Library) -> None:
    path = Path("/v/film.mp4")
    library.put_video(path, "hash", size=5, mtime_ns=6, sets={"shots": (1, b"s"), "motion": (1, b"m")})
    assert library.video_hash(path, size=5, mtime_ns=6) == "hash"
    assert library.video_hash(path, size=5, mtime_ns=7) is None
    assert library.video_features("hash", {"shots": 1, "motion": 2, "colour": 1}) == {"shots": b"s"}
    library.put_video(Path("/w/film.mp4"), "hash", size=5, mtime_ns=6, sets={"motion": (2, b"new")})
    assert library.video_features("hash", {"shots": 1, "motion": 2}) == {"shots": b"s", "motion": b"new"}


def test_jobs_are_a_job_store(library: Library) -> None:
    store: JobStore = library
    store.save_job(JobRecord("1", "scan", 10.0, JobState.RUNNING, 0, None))
    store.save_job(JobRecord("2", "export", 20.0, JobState.FAILED, 1, 2, "disk full"))
    store.save_job(JobRecord("1", "scan", 10.0, JobState.DONE, 5, 5))
    assert library.jobs() == [
        JobRecord("2", "export", 20.0, JobState.FAILED, 1, 2, "disk full"),
        JobRecord("1", "scan", 10.0, JobState.DONE, 5, 5),
    ]


def test_settings(library: Library) -> None:
    assert library.setting("target_lufs", "-16") == "-16"
    library.save_setting("target_lufs", "-14")
    assert library.setting("target_lufs") == "-14"
