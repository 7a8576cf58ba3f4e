# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cuts are kept with what their shots look like, and come back as they were."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from media_factory import shot_frames, write_video
from needledrop.core.edit import ClipKind, EditClip, MediaSource, ProjectEdit
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.core.work import WorkState
from needledrop.features.edited_picture import edited_features
from needledrop.workflows.conform import conform
from needledrop.workflows.kept_cuts import edit_key, keep_cut, kept_cut
from needledrop.workflows.videos import AnalysedVideo, analysed_video


def edit_of(*stretches: tuple[int, int]) -> ProjectEdit:
    at, clips = Fraction(0), []
    for first, last in stretches:
        source = MediaSource("/film/a.mov")
        clips.append(EditClip("a", ClipKind.PICTURE, 0, source, Fraction(first), Fraction(last), at, at + last - first))
        at += last - first
    return ProjectEdit("cut", Fraction(25), tuple(clips), duration_s=at)


def test_a_videos_prints_are_kept_and_read_back(profile: Profile, tmp_path: Path) -> None:
    film = write_video(tmp_path / "film.mp4", shot_frames((30,), 60, width=160, height=96))
    video = analysed_video(profile, film, ignore_progress, CancelToken())
    made = keep_cut(profile, video, ignore_progress, CancelToken())
    read = kept_cut(profile, video.content_hash)
    assert read is not None and made.prints is not None and read.prints is not None
    assert len(read.prints.prints) == 60
    assert np.array_equal(read.prints.prints, made.prints.prints)
    assert [round(cut_s * 25) for cut_s in read.cuts_s] == [30]
    film.unlink()
    assert keep_cut(profile, video, ignore_progress, CancelToken()).prints is not None


def test_a_projects_clips_are_kept_and_read_back(profile: Profile, tmp_path: Path) -> None:
    film = write_video(tmp_path / "film.mp4", shot_frames((30,), 60, width=160, height=96))
    known = {"/film/a.mov": analysed_video(profile, film, ignore_progress, CancelToken()).features}
    edit = edit_of((3, 5), (10, 14))
    video = AnalysedVideo(tmp_path / "cut.otio", "project-1", edited_features(edit, known), edit)
    keep_cut(profile, video, ignore_progress, CancelToken())
    read = kept_cut(profile, edit_key(edit))
    assert read is not None
    clips = [shown.clip for shown in read.shown]
    assert [(clip.source_in_s, clip.record_in_s, clip.record_out_s) for clip in clips if clip is not None] == [
        (3, 0, 2),
        (10, 2, 6),
    ]


def test_another_cut_has_another_key_and_the_same_cut_the_same() -> None:
    assert edit_key(edit_of((3, 5))) == edit_key(edit_of((3, 5)))
    assert edit_key(edit_of((3, 5))) != edit_key(edit_of((3, 6)))


def test_a_damaged_file_counts_as_none(profile: Profile) -> None:
    file = profile.data_dir / "cuts" / "film.prints"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"no prints")
    assert kept_cut(profile, "film") is None


def test_a_cut_that_is_not_known_cannot_be_followed(profile: Profile, tmp_path: Path) -> None:
    with pytest.raises(KnownError, match=r"before 'film\.mp4' is not known"):
        conform(profile, tmp_path / "film.mp4", WorkState(laid_on="never kept"), ignore_progress, CancelToken())
