# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killing the writer at any moment costs at most the batch it was in, and never the library."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.library.library import Library

WRITER = Path(__file__).with_name("writer_process.py")
BATCH = 20


def start_writer(folder: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, str(WRITER), str(folder)], stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"ready\n"
    return process


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def test_a_killed_writer_leaves_a_sound_library_of_whole_batches(tmp_path: Path) -> None:
    profile = Profile.at(tmp_path)
    delays = random.Random(5)
    previous = 0
    for _ in range(6):
        process = start_writer(tmp_path)
        time.sleep(delays.uniform(0.0, 0.25))
        kill(process)
        with Library.open(profile.library_path, backups_dir=profile.backups_dir) as reader:
            reader.connection.check_integrity()
            files = len(reader.known_files(reader.roots()[0].id))
            assert files % BATCH == 0 and files >= previous
            assert reader.count() == files == len(reader.track_ids())
            rated = [entry for entry in reader.decisions() if entry["field"] == "rating"]
            assert files // BATCH - 1 <= len(rated) + 6
            previous = files
    assert previous > 0


def test_another_process_is_refused_and_a_dead_one_is_not(tmp_path: Path) -> None:
    profile = Profile.at(tmp_path)
    process = start_writer(tmp_path)
    try:
        with pytest.raises(KnownError, match=f"needledrop scan.*{process.pid}") as caught:
            Library.open(profile.library_path, backups_dir=profile.backups_dir, write=True)
        assert caught.value.code == "locked"
    finally:
        kill(process)
    with Library.open(profile.library_path, backups_dir=profile.backups_dir, write=True) as library:
        assert library.roots()[0].path == os.fsencode(tmp_path / "Music")
