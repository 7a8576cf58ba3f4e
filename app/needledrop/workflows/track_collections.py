# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Named collections of tracks: what there is, and changes that can be taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from needledrop.core.paths import Profile
from needledrop.workflows.profiles import read_library, write_library


@dataclass(frozen=True)
class CollectionChange:
    """Tracks to take out of collections, then tracks to put in: collection's name to track ids."""

    take_out: Mapping[str, frozenset[int]] = field(default_factory=dict)
    put_in: Mapping[str, frozenset[int]] = field(default_factory=dict)


def list_collections(profile: Profile) -> Sequence[tuple[str, int]]:
    """Every collection with how many tracks it has, by name."""
    with read_library(profile) as library:
        return library.collections()


def collections_of(profile: Profile, track_ids: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
    """For tracks that are in collections, the names of these."""
    with read_library(profile) as library:
        return library.collections_of(track_ids)


def change_collections(profile: Profile, change: CollectionChange) -> CollectionChange:
    """Make a change; returns the one that takes it back.

    Raises:
        KnownError: a name is empty or too long, or another process is writing; then nothing is changed.
    """
    with write_library(profile, "change collections") as library, library.connection.decision():
        taken = {name: library.take_out(name, ids) for name, ids in change.take_out.items()}
        put = {name: library.put_in(name, ids) for name, ids in change.put_in.items()}
    return CollectionChange(take_out=put, put_in=taken)


def rename_collection(profile: Profile, name: str, wanted: str) -> CollectionChange:
    """Call a collection otherwise; where one of that name is there, they become one. Returns what takes it back.

    Raises:
        KnownError: as `change_collections`.
    """
    with read_library(profile) as library:
        ids = library.tracks_in([name])
    return change_collections(profile, CollectionChange({name: ids}, {wanted: ids}))


def forget_collection(profile: Profile, name: str) -> CollectionChange:
    """Take everything out of a collection, which is then gone; its tracks stay. Returns what takes it back.

    Raises:
        KnownError: another process is writing.
    """
    with read_library(profile) as library:
        ids = library.tracks_in([name])
    return change_collections(profile, CollectionChange(take_out={name: ids}))
