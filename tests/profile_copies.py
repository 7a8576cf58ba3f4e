# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles copied for tests that write into them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from needledrop.core.paths import Profile

_WRITTEN_ONCE = ".onnx"


def copied_profile(source: Path, target: Path) -> Profile:
    """A copy of the profile in a folder. The sentence model, 88 MB that the program only ever replaces, is linked."""
    shutil.copytree(source, target, copy_function=_copied)
    return Profile.at(target)


def _copied(source: str, target: str) -> str:
    if source.endswith(_WRITTEN_ONCE):
        os.link(source, target)
        return target
    return shutil.copy2(source, target)
