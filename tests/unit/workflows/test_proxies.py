# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proxies: the same pictures at the same times, the same sound, small; under a budget, made whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from media_factory import music, shot_frames, write_video
from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, Progress
from needledrop.media.audio import read_audio
from needledrop.media.probe import probe_video
from needledrop.media.proxy import GROUP_FRAMES
from needledrop.media.viewer_frames import ViewerFrames
from needledrop.workflows.proxies import proxies_dir, proxy_for, stored_proxy, trim

TIMES = [0, 40, 100, 110, 300, 310, 320, 400, 480, 500, 620, 700, 760, 800, 900, 1000]


@pytest.fixture
def video(tmp_path: Path) -> Path:
    pictures = shot_frames([8], len(TIMES), width=1280, height=720)
    return write_video(tmp_path / "video.mkv", pictures, sound=music(1.0, rate=48_000) * np.float32(0.3), pts=TIMES)


def test_a_proxy_shows_and_sounds_like_its_source(video: Path, profile: Profile) -> None:
    seen: list[Progress] = []
    path = proxy_for(profile, video, "abc", seen.append, duration_s=1.0, is_wanted=True)
    assert path is not None
    probe = probe_video(path)
    assert (probe.width, probe.height) == (960, 540)
    assert np.array_equal(read_audio(path, 0.0, 0.9), read_audio(video, 0.0, 0.9))
    with ViewerFrames(video) as source, ViewerFrames(path) as proxy:
        for at_ms in TIMES:
            ours, theirs = proxy.next(), source.next()
            assert ours is not None
            assert theirs is not None
            assert ours.start_s == pytest.approx(theirs.start_s, abs=2e-5)
            assert ours.start_s == pytest.approx(at_ms / 1000, abs=1e-3)
            pictures = [np.zeros((90, 160, 4), np.uint8) for _ in range(2)]
            proxy.paint(ours, pictures[0])
            source.paint(theirs, pictures[1])
            assert np.abs(pictures[0].astype(int) - pictures[1])[..., :3].mean() < 6
        assert proxy.next() is None


def test_its_groups_are_short(video: Path, profile: Profile) -> None:
    import av

    path = proxy_for(profile, video, "abc", is_wanted=True)
    assert path is not None
    with av.open(str(path)) as container:
        keys = [packet.is_keyframe for packet in container.demux(container.streams.video[0]) if packet.size]
    assert [index for index, is_key in enumerate(keys) if is_key] == list(range(0, len(TIMES), GROUP_FRAMES))


def test_a_video_that_plays_well_gets_none_and_is_not_tried_again(
    tmp_path: Path, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = write_video(tmp_path / "small.mp4", shot_frames([], 100, width=64, height=48))
    assert proxy_for(profile, small, "small") is None
    monkeypatch.setattr("needledrop.workflows.proxies._made", lambda *_: pytest.fail("it was tried again"))
    assert proxy_for(profile, small, "small") is None


def test_the_least_recently_used_goes_first(profile: Profile) -> None:
    folder = proxies_dir(profile)
    folder.mkdir(parents=True)
    for number, name in enumerate("abcd"):
        path = folder / f"{name}.mov"
        path.write_bytes(bytes(1000))
        os.utime(path, ns=(number, number))
    assert stored_proxy(profile, "a") is not None  # Used just now.
    trim(profile, 2500, kept=(folder / "b.mov",))
    assert sorted(path.name for path in folder.iterdir()) == ["a.mov", "b.mov"]
    assert stored_proxy(profile, "c") is None


def test_a_cancelled_or_failed_proxy_leaves_nothing(video: Path, profile: Profile, tmp_path: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        proxy_for(profile, video, "abc", cancel=cancel, is_wanted=True)
    raw = tmp_path / "clip.r3d"
    raw.write_bytes(bytes(100))
    with pytest.raises(KnownError, match="REDCODE") as caught:
        proxy_for(profile, raw, "raw", is_wanted=True)
    assert "proxy" in caught.value.remedy
    assert list(proxies_dir(profile).iterdir()) == []
