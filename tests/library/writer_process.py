# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Not a test: a process that writes to a library without end, to be killed. Arguments: the profile's folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from needledrop.core.music import Licence, TrackTags
from needledrop.core.paths import Profile
from needledrop.library.library import Library
from needledrop.library.rows import FoundFile, ScanBatch

BATCH = 20


def main() -> None:
    profile = Profile.at(Path(sys.argv[1]))
    with Library.open(profile.library_path, backups_dir=profile.backups_dir, write=True, verb="scan") as library:
        root = library.add_root(Path(sys.argv[1]) / "Music")
        number = len(library.known_files(root.id))
        print("ready", flush=True)
        while True:
            found = tuple(made_up(os.fsdecode(root.path), number + place) for place in range(BATCH))
            library.apply_scan(ScanBatch(root.id, found))
            number += BATCH
            track_id = library.track_ids()[-1]
            library.put_features(track_id, {"peaks": (1, bytes(50_000))})
            library.rate_track(track_id, 5)


def made_up(folder: str, number: int) -> FoundFile:
    path = os.fsencode(f"{folder}/{number}.mp3")
    return FoundFile(path, 1, 1, 1, 1, f"hash {number}", TrackTags(title=f"{number}"), Licence(), 1.0, "mp3", 1, 1)


if __name__ == "__main__":
    main()
