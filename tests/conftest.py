# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures every test may use: a throw-away profile, and the folder of real media where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from needledrop.core.paths import Profile

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_MEDIA = REPOSITORY.parent / "shared" / "media"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, visibly, what needs real media where there are none."""
    if SHARED_MEDIA.is_dir():
        return
    skip = pytest.mark.skip(reason=f"no folder of real media at {SHARED_MEDIA}")
    for item in items:
        if item.get_closest_marker("shared_media"):
            item.add_marker(skip)


@pytest.fixture
def shared_media() -> Path:
    """The folder of real music and video beside the checkout."""
    return SHARED_MEDIA


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    """A profile of its own for one test."""
    return Profile.at(tmp_path / "profile")
