# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fills a library with made-up tracks, videos and choices that have every feature set; nothing is decoded."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from needledrop.core.music import Fingerprint, Licence, Peaks, TrackTags
from needledrop.core.packing import pack
from needledrop.core.paths import Profile
from needledrop.features.music import FEATURE_VERSIONS
from needledrop.features.picture import VIDEO_FEATURE_VERSIONS
from needledrop.library.library import Library
from needledrop.library.rows import FoundFile, ScanBatch, TrackFacts
from needledrop.workflows.profiles import write_library
from needledrop.workflows.videos import VideoLength
from retrieval.synthetic_gallery import make_track, make_video


def add_track(library: Library, number: int, *, is_analysed: bool = True, **tags: str) -> int:
    """Add track `number` as a scan would; its id."""
    root = library.add_root(Path("/music"))
    path = os.fsencode(f"/music/album/{number:03}.flac")
    said = TrackTags(**({"title": f"Title {number}", "artist": "Ada", "album": "Album"} | tags))
    found = FoundFile(path, 1, 1, 1, 1, f"content {number}", said, Licence("CC0-1.0"), 60.0, "flac", 44100, 2)
    library.apply_scan(ScanBatch(root.id, (found,)))
    track = library.track_with_content(f"content {number}")
    assert track is not None
    if is_analysed:
        analyse(library, track.id)
    return track.id


def analyse(library: Library, track_id: int) -> None:
    """Give a track every feature set in its current version."""
    made = make_track(track_id, duration_s=60.0, tempo_bpm=90.0 + track_id)
    rng = np.random.default_rng(track_id)
    hashes, frames = rng.integers(0, 1 << 28, 300).astype(np.uint32), np.arange(300, dtype=np.uint32)
    sets = {
        "rhythm": made.rhythm,
        "tonality": made.tonality,
        "loudness": made.loudness,
        "clips": made.clips,
        "fingerprint": Fingerprint(hashes, frames, 0.016),
        "peaks": Peaks(100.0, np.zeros((0, 2), np.int8), np.zeros(1, np.int64)),
    }
    packed = {name: (FEATURE_VERSIONS[name], pack(value)) for name, value in sets.items()}
    library.put_features(track_id, packed, TrackFacts.of(made.rhythm, made.tonality, made.loudness))


def add_video(library: Library, number: int) -> str:
    """A video that was analysed; its hash."""
    motion = np.abs(np.cumsum(np.random.default_rng(number).normal(0, 0.2, 200)))
    features = make_video(16.0, [3.0, 7.5 + number % 3, 12.0], motion=motion, brightness=0.2 + 0.02 * number)
    sets = {name: (version, pack(getattr(features, name))) for name, version in VIDEO_FEATURE_VERSIONS.items()}
    sets["length"] = (1, pack(VideoLength(features.duration_s)))
    library.put_video(Path(f"/films/{number}.mp4"), f"video-{number}", size=1, mtime_ns=1, sets=sets)
    return f"video-{number}"


def make_taste(profile: Profile, tracks: int, projects: int) -> None:
    """A library whose owner takes the fastest of every list; the tempo of a made track is 90 and its id."""
    rng = np.random.default_rng(0)
    with write_library(profile, "test") as library:
        ids = [add_track(library, number) for number in range(1, tracks + 1)]
        for number in range(projects):
            project = library.open_project(add_video(library, number), Path(f"/films/{number}.mp4"))
            offered = sorted(rng.choice(ids, 8, replace=False).tolist())
            library.give_feedback(project.id, offered[-1], "accept", range_s=(0.0, 12.0), offered=offered)
