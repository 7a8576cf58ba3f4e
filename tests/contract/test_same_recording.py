# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same recording in several encodings is one recording to the library; other recordings stay apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from contract.scanning import all_tracks, quiet_scan
from media_factory import music, write_audio
from needledrop.core.paths import Profile
from needledrop.media.audio import read_audio

REAL = (
    "0ad__Alba_Longa_Burns.opus",
    "cdogs-sdl__Battle_2.opus",
    "asc__frontiers.opus",
)
REAL_S = 40.0


def recordings(profile: Profile) -> set[frozenset[str]]:
    """Names of files by the recording the library takes them for."""
    groups: dict[int, set[str]] = {}
    for track in all_tracks(profile):
        groups.setdefault(track.recording_id, set()).add(track.file_path.name)
    return {frozenset(names) for names in groups.values()}


def test_encodings_of_made_music_join(tmp_path: Path, profile: Profile) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    for name, seed in (("one", 1), ("two", 2)):
        rng = np.random.default_rng(seed)
        sound = music(12.0, seed=seed, bpm=100.0 + 15 * seed)
        melody = np.repeat(rng.uniform(200, 1500, 80), 44100 // 4)[: len(sound)]
        sound += 0.2 * np.sin(np.cumsum(2 * np.pi * melody / 44100)).astype(np.float32)[:, None]
        for suffix in (".flac", ".opus", ".mp3"):
            write_audio(folder / f"{name}{suffix}", sound * 0.7)
    first = quiet_scan(profile, folder)
    assert recordings(profile) == {
        frozenset(f"{name}{suffix}" for suffix in (".flac", ".opus", ".mp3")) for name in ("one", "two")
    }
    assert first.duplicates > 0
    again = quiet_scan(profile, folder)
    assert (again.duplicates, again.analysed) == (0, 0)


@pytest.mark.shared_media
def test_encodings_of_real_music_join_and_the_rest_stays_apart(
    tmp_path: Path, profile: Profile, shared_media: Path
) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    wanted = set()
    for name in REAL:
        sound = read_audio(shared_media / "music" / name, 10.0, 10.0 + REAL_S, 44100)
        stem = name.removesuffix(".opus")
        write_audio(folder / f"{stem}.flac", sound)
        write_audio(folder / f"{stem}.mp3", sound, bit_rate=128_000)
        write_audio(folder / f"{stem}.opus", sound, bit_rate=64_000)
        wanted.add(frozenset(f"{stem}{suffix}" for suffix in (".flac", ".mp3", ".opus")))
    assert quiet_scan(profile, folder).failed == 0
    assert recordings(profile) == wanted
