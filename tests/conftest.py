# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures every test may use: a throw-away profile, and the folder of real media where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from needledrop.core.paths import Profile

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_MEDIA = REPOSITORY.parent / "shared" / "media"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip, visibly, what needs real media where there are none, and what takes long unless asked for (-m slow)."""
    lacks_media = pytest.mark.skip(reason=f"no folder of real media at {SHARED_MEDIA}")
    is_long = pytest.mark.skip(reason="takes long: run with -m slow")
    for item in items:
        if item.get_closest_marker("shared_media") and not SHARED_MEDIA.is_dir():
            item.add_marker(lacks_media)
        if item.get_closest_marker("slow") and "slow" not in config.getoption("-m"):
            item.add_marker(is_long)


@pytest.fixture
def shared_media() -> Path:
    """The folder of real music and video beside the checkout."""
    return SHARED_MEDIA


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    """A profile of its own for one test."""
    return Profile.at(tmp_path / "profile")
