# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Analysed videos are kept by content and version; fast mode and GPU motion never mix with the others."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pytest

import media_factory
from needledrop.core.packing import pack, unpack
from needledrop.core.paths import Profile
from needledrop.core.picture import Motion
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.features import picture
from needledrop.workflows import videos
from needledrop.workflows.profiles import read_library, write_library
from needledrop.workflows.videos import AnalysedVideo, analysed_video


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return media_factory.write_video(tmp_path / "clip.mp4", media_factory.shot_frames((20,), 50))


def _analyse(profile: Profile, path: Path, *, is_every_frame: bool = True) -> AnalysedVideo:
    return analysed_video(profile, path, ignore_progress, CancelToken(), is_every_frame=is_every_frame)


def _forbid_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a worker was asked")

    monkeypatch.setattr(videos, "run_in_worker", refuse)


def test_a_video_is_analysed_once(profile: Profile, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _analyse(profile, clip)
    _forbid_workers(monkeypatch)
    again = _analyse(profile, clip)
    assert again.content_hash == first.content_hash
    np.testing.assert_array_equal(again.features.motion.curve, first.features.motion.curve)
    np.testing.assert_allclose(again.features.shots.cuts_s, [0.8])


def test_a_video_that_moved_is_read_once_more_only(
    profile: Profile, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _analyse(profile, clip)
    moved = clip.rename(clip.with_name("moved.mp4"))
    assert _analyse(profile, moved).content_hash == first.content_hash
    _forbid_workers(monkeypatch)
    assert _analyse(profile, moved).path == moved


def test_a_new_feature_version_is_computed_again(profile: Profile, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _analyse(profile, clip)
    newer = picture.VIDEO_FEATURE_VERSIONS | {"shots": picture.VIDEO_FEATURE_VERSIONS["shots"] + 1}
    monkeypatch.setattr(picture, "VIDEO_FEATURE_VERSIONS", newer)
    _forbid_workers(monkeypatch)
    with pytest.raises(AssertionError, match="a worker was asked"):
        _analyse(profile, clip)


def test_the_fast_mode_is_kept_apart(profile: Profile, clip: Path) -> None:
    assert not _analyse(profile, clip, is_every_frame=False).features.is_every_frame
    assert _analyse(profile, clip).features.is_every_frame


def test_motion_of_a_gpu_is_preferred_and_never_taken_for_the_other(
    profile: Profile, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _analyse(profile, clip)
    weights = profile.models_dir / "raft-small" / "model.safetensors"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    (profile.models_dir / "registry.toml").write_text(f'[raft-small]\nsha256 = "{digest}"\n', encoding="utf-8")
    _forbid_workers(monkeypatch)
    assert _analyse(profile, clip).features.motion.method == "dis"
    versions = {"motion": picture.VIDEO_FEATURE_VERSIONS["motion"]}
    with read_library(profile) as library:
        motion = unpack(Motion, library.video_features(whole.content_hash, versions)["motion"])
    raft = dataclasses.replace(motion, method="raft")
    status = clip.stat()
    with write_library(profile, "test") as library:
        library.put_video(
            clip,
            whole.content_hash,
            size=status.st_size,
            mtime_ns=status.st_mtime_ns,
            sets={"motion-raft": (int(digest[:7], 16), pack(raft))},
        )
    assert _analyse(profile, clip).features.motion.method == "raft"
    weights.unlink()
    assert _analyse(profile, clip).features.motion.method == "dis"


def test_a_busy_library_does_not_stop_the_analysis(profile: Profile, clip: Path) -> None:
    with write_library(profile, "scan"):
        assert len(_analyse(profile, clip).features.shots.cuts_s) == 1
