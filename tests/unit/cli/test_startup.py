# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program does not load: decoders and numerics cost nothing where nothing is decoded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from needledrop.core.paths import Profile
from needledrop.workflows.profiles import write_library

HEAVY = ("torch", "av", "scipy", "cv2", "onnxruntime", "soxr", "mutagen", "sqlite_utils", "watchfiles", "librosa")
CODE = """
import sys
from needledrop.cli.main import run
try:
    run(sys.argv[1:])
except SystemExit:
    pass
print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""


@pytest.mark.parametrize("words", [("--help",), ("library", "list"), ("scan",), ("library", "problems"), ("config",)])
def test_nothing_heavy_is_loaded_for_little_work(profile: Profile, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "music").mkdir()
    write_library(profile, "test").close()
    arguments = ["--profile", str(tmp_path / "profile"), *words]
    if words == ("scan",):
        arguments += ["--quiet", str(tmp_path / "music")]
    command = [sys.executable, "-c", CODE.format(heavy=HEAVY), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == "[]"
