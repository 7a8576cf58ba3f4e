# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening the library of a profile, for reading or as its one writer."""

from __future__ import annotations

from needledrop.core.paths import Profile
from needledrop.library.library import Library


def read_library(profile: Profile) -> Library:
    """The library for reading; an empty one where none exists yet."""
    return Library.open(profile.library_path, backups_dir=profile.backups_dir)


def write_library(profile: Profile, verb: str) -> Library:
    """The library for writing.

    Raises:
        KnownError: "locked" where another process writes; the sentence names it.
    """
    return Library.open(profile.library_path, backups_dir=profile.backups_dir, write=True, verb=verb)
