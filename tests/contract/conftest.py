# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One scan over every kind of bad file for the whole suite, and ways to run the program as its users do."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from contract.broken_media import write_broken, write_links, write_oddly_named, write_unusual
from contract.scanning import World, command, profile_with_models, quiet_scan
from needledrop.core.paths import Profile
from needledrop.workflows.words import open_model


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The converted sentence model, made once, where its extra is installed."""
    profile = Profile.at(tmp_path_factory.mktemp("models"))
    open_model(profile)
    return profile.cache_dir / "models"


@pytest.fixture
def profile(tmp_path: Path, models_dir: Path) -> Profile:
    """A fresh profile that need not convert the sentence model again."""
    return profile_with_models(tmp_path / "profile", models_dir)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> World:
    """Every bad, odd and unusual file in one folder, scanned once. Tests must leave it as it is."""
    base = tmp_path_factory.mktemp("world")
    folder, profile = base / "music", profile_with_models(base / "profile", models_dir)
    folder.mkdir()
    wanted = write_broken(folder / "broken")
    write_unusual(folder / "unusual")
    odd = write_oddly_named(folder / "odd")
    write_links(folder / "links")
    return World(folder, profile, wanted, odd, quiet_scan(profile, folder, workers=2))


@pytest.fixture
def needledrop(profile: Profile) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the program in a process of its own, on the test's profile."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command(profile, arguments), capture_output=True, text=True, check=False, timeout=300)

    return run
