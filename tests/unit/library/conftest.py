# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A library on the disk with one music folder, and made-up files to put into it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from needledrop.core.music import Licence, TrackTags
from needledrop.core.paths import Profile
from needledrop.library.library import Library
from needledrop.library.rows import FoundFile, Root, ScanBatch

FoundFactory = Callable[..., FoundFile]


@dataclass(frozen=True)
class Opener:
    """Opens the library of the test's profile."""

    profile: Profile

    def __call__(self, *, write: bool = False, verb: str = "") -> Library:
        return Library.open(self.profile.library_path, backups_dir=self.profile.backups_dir, write=write, verb=verb)


@pytest.fixture
def open_library(profile: Profile) -> Opener:
    return Opener(profile)


@pytest.fixture
def library(open_library: Opener) -> Iterator[Library]:
    """A library opened for writing."""
    with open_library(write=True, verb="test") as opened:
        yield opened


@pytest.fixture
def music_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "Music"
    folder.mkdir()
    return folder


@pytest.fixture
def root(library: Library, music_dir: Path) -> Root:
    return library.add_root(music_dir)


@pytest.fixture
def found(music_dir: Path) -> FoundFactory:
    """Make what a scan would say of a file; `content` stands for its sound."""

    def make(
        name: str | bytes,
        content: str = "",
        *,
        tags: TrackTags | None = None,
        licence: Licence | None = None,
        duration_s: float = 180.0,
        mtime_ns: int = 1_000,
    ) -> FoundFile:
        return FoundFile(
            path=os.path.join(os.fsencode(music_dir), os.fsencode(name)),  # noqa: PTH118 - bytes
            size=1000,
            mtime_ns=mtime_ns,
            inode=(1 << 64) - 1,
            device=7,
            content_hash=content or os.fsdecode(name),
            tags=tags or TrackTags(title=content or os.fsdecode(name)),
            licence=licence or Licence(),
            duration_s=duration_s,
            codec="mp3",
            sample_rate=44100,
            channels=2,
        )

    return make


@pytest.fixture
def add(library: Library, root: Root, found: FoundFactory) -> Callable[..., int]:
    """Put one track into the library; returns its id."""

    def add_track(name: str | bytes, content: str = "", **values: object) -> int:
        file = found(name, content, **values)
        library.apply_scan(ScanBatch(root.id, (file,)))
        track = library.track_with_content(file.content_hash)
        assert track is not None
        return track.id

    return add_track
