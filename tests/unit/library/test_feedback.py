# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts are kept with all that was known when they were given, and go for good when they are deleted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from needledrop.core.cue import Cue, Piece
from needledrop.library.feedback import VERDICTS
from needledrop.library.library import Library

Add = Callable[..., int]


def test_feedback_is_kept_with_what_was_offered(library: Library, add: Add) -> None:
    a, b = add("a.mp3"), add("b.mp3")
    project = library.open_project("video-1", Path("/v/1.mp4"))
    cue = Cue(b, 1.0, (Piece(2.0, 6.0),), -3.0, 0.1, 0.5)
    entry_id = library.give_feedback(project.id, b, "accept", range_s=(1.0, 5.0), offered=[a, b], cue=cue)
    library.give_feedback(project.id, a, "audition", range_s=(1.0, 5.0), offered=[a, b], listened_s=31.5)
    first, second = library.feedback()
    assert (first["id"], first["content_hash"], first["verdict"]) == (entry_id, "b.mp3", "accept")
    assert (first["video_hash"], first["offered"], first["start_s"], first["end_s"]) == ("video-1", [a, b], 1.0, 5.0)
    assert first["cue"]["pieces"] == [dataclasses.asdict(piece) for piece in cue.pieces]
    assert (second["verdict"], second["cue"], second["listened_s"]) == ("audition", None, 31.5)
    with pytest.raises(ValueError, match="maybe"):
        library.give_feedback(project.id, b, "maybe", range_s=(1.0, 5.0), offered=[])


def test_every_verdict_is_taken(library: Library, add: Add) -> None:
    track_id, project = add("a.mp3"), library.open_project("video-1", Path("/v/1.mp4"))
    for verdict in VERDICTS:
        library.give_feedback(project.id, track_id, verdict, range_s=(0.0, 1.0), offered=[])
    assert tuple(entry["verdict"] for entry in library.feedback()) == VERDICTS


def test_feedback_is_deleted_one_by_one_and_as_a_whole(library: Library, add: Add) -> None:
    track_id, project = add("a.mp3"), library.open_project("video-1", Path("/v/1.mp4"))
    ids = [library.give_feedback(project.id, track_id, "accept", range_s=(0.0, 1.0), offered=[]) for _ in range(4)]
    assert library.delete_feedback([ids[1], 9999]) == 1
    assert [entry["id"] for entry in library.feedback()] == [ids[0], ids[2], ids[3]]
    assert library.delete_feedback([]) == 0
    assert library.delete_feedback() == 3
    assert library.feedback() == []


def test_feedback_on_a_track_that_was_taken_out_says_so(library: Library, add: Add) -> None:
    track_id, project = add("a.mp3"), library.open_project("video-1", Path("/v/1.mp4"))
    library.give_feedback(project.id, track_id, "reject", range_s=(0.0, 1.0), offered=[track_id])
    library.delete_tracks([track_id])
    (entry,) = library.feedback()
    assert (entry["state"], entry["content_hash"]) == ("deleted", "a.mp3")
