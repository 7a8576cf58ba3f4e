# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import shutil
from pathlib import Path

import mutagen
import pytest

from media_factory import music, shot_frames, write_audio, write_video
from needledrop.core.errors import KnownError
from needledrop.media.identity import content_hash


@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".ogg", ".opus", ".m4a", ".wma"])
def test_renaming_and_tagging_keep_the_identity(tmp_path: Path, suffix: str) -> None:
    path = write_audio(tmp_path / f"a{suffix}", music(3))
    before = content_hash(path)
    moved = tmp_path / f"moved{suffix}"
    shutil.copy(path, moved)
    tagged = mutagen.File(moved, easy=True)
    if tagged.tags is None:
        tagged.add_tags()
    tagged["Title" if suffix == ".wma" else "title"] = "Another name" * 300
    tagged.save()
    assert moved.read_bytes() != path.read_bytes()
    assert content_hash(moved) == before
    assert len(before) == 32


def test_recordings_differ(tmp_path: Path) -> None:
    hashes = {content_hash(write_audio(tmp_path / f"{seed}.mp3", music(3, seed=seed))) for seed in range(3)}
    assert len(hashes) == 3


def test_videos_differ_and_stay_the_same(tmp_path: Path) -> None:
    first = write_video(tmp_path / "a.mp4", shot_frames([5], 20), sound=music(0.8, rate=48000))
    second = write_video(tmp_path / "b.mp4", shot_frames([6], 20), sound=music(0.8, rate=48000))
    copy = tmp_path / "c.mp4"
    shutil.copy(first, copy)
    assert content_hash(first) == content_hash(copy) != content_hash(second)
    silent = write_video(tmp_path / "d.mp4", shot_frames([6], 20))
    assert content_hash(silent) != content_hash(second)


def test_broken_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.mp3"
    path.write_bytes(b"")
    with pytest.raises(KnownError) as caught:
        content_hash(path)
    assert caught.value.code == "empty"
