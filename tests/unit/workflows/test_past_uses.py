# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was used on footage like this comes back, with a word why; what was used on other footage does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import media_factory
from needledrop.core.cue import Cue, Piece
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.workflows.profiles import write_library
from needledrop.workflows.suggest import Answer, Wish, suggest_music
from needledrop.workflows.videos import analysed_video
from unit.workflows.made_library import add_track

TRACKS = 12


def clip(folder: Path, name: str, seed: int, first: int, last: int) -> Path:
    """Some frames of the footage that a seed stands for."""
    frames = list(media_factory.shot_frames((), 150, seed=seed))[first:last]
    return media_factory.write_video(folder / name, frames)


def used(profile: Profile, video: Path, track_id: int) -> None:
    """Lay a track under the whole of a video, as `needledrop use` keeps it."""
    seen = analysed_video(profile, video, ignore_progress, CancelToken())
    cue = Cue(track_id, 0.0, (Piece(0.0, seen.features.duration_s),), 0.0, 0.1, 0.1)
    with write_library(profile, "test") as library:
        library.save_cues(library.open_project(seen.content_hash, video).id, [cue])


def suggested(profile: Profile, video: Path) -> Answer:
    return suggest_music(profile, video, Wish(count=TRACKS), ignore_progress, CancelToken())


@pytest.fixture
def filled(profile: Profile) -> Profile:
    with write_library(profile, "test") as library:
        for number in range(1, TRACKS + 1):
            add_track(library, number)
    return profile


def place_of(answer: Answer, track_id: int) -> int:
    return [one.track_id for one in answer.suggestions].index(track_id)


def test_what_was_used_on_footage_like_this_is_lifted_and_said(filled: Profile, tmp_path: Path) -> None:
    later = clip(tmp_path, "harbour-2.mp4", 1, 75, 150)
    before = suggested(filled, later)
    last = before.suggestions[-1].track_id
    assert "used" not in before.suggestions[0].parts
    used(filled, clip(tmp_path, "harbour-1.mp4", 1, 0, 75), last)
    used(filled, clip(tmp_path, "forest.mp4", 5, 0, 75), before.suggestions[-2].track_id)
    after = suggested(filled, later)
    assert place_of(after, last) < place_of(before, last)
    one = after.suggestions[place_of(after, last)]
    assert one.parts["used"] > 0.3
    assert any("under pictures like these: 'harbour-1.mp4' at 0:00" in reason.text for reason in one.reasons)
    other = after.suggestions[place_of(after, before.suggestions[-2].track_id)]
    assert other.parts["used"] == 0.0 and not any("pictures like these" in reason.text for reason in other.reasons)


def test_the_video_s_own_cues_are_no_news_and_lost_features_no_fault(filled: Profile, tmp_path: Path) -> None:
    video = clip(tmp_path, "harbour.mp4", 1, 0, 75)
    used(filled, video, 3)
    assert "used" not in suggested(filled, video).suggestions[0].parts
    with write_library(filled, "test") as library:
        gone = library.open_project("no such video", tmp_path / "gone.mp4")
        library.save_cues(gone.id, [Cue(3, 0.0, (Piece(0.0, 3.0),), 0.0, 0.1, 0.1)])
    like = suggested(filled, clip(tmp_path, "harbour-2.mp4", 1, 75, 150))
    assert "under pictures like these: 'harbour.mp4'" in str(like.suggestions[place_of(like, 3)].reasons)


def test_a_damaged_cache_is_made_anew(filled: Profile, tmp_path: Path) -> None:
    used(filled, clip(tmp_path, "harbour-1.mp4", 1, 0, 75), 3)
    later = clip(tmp_path, "harbour-2.mp4", 1, 75, 150)
    first = suggested(filled, later)
    kept = list((filled.cache_dir / "footage").glob("*.npy"))
    assert len(kept) == 1 and np.load(kept[0]).shape[1] > 50
    whole = kept[0].read_bytes()
    for damaged in (whole[:90], b""):
        kept[0].write_bytes(damaged)
        assert suggested(filled, later).suggestions == first.suggestions
    assert np.load(kept[0]).shape[1] > 50


def test_a_project_without_cues_costs_nothing(filled: Profile, tmp_path: Path) -> None:
    other = analysed_video(filled, clip(tmp_path, "other.mp4", 1, 75, 150), ignore_progress, CancelToken())
    with write_library(filled, "test") as library:
        library.open_project(other.content_hash, other.path)
    assert "used" not in suggested(filled, clip(tmp_path, "harbour.mp4", 1, 0, 75)).suggestions[0].parts
    assert not (filled.cache_dir / "footage").exists()
