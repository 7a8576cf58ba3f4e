# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every command is given: the profile, its options, where progress goes, and the token that stops it."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from needledrop.cli.output import ProgressLine
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken
from needledrop.core.settings import Settings

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


class ServedAt(Protocol):
    """How an engine is reached."""

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        ...

    @property
    def pid(self) -> int:
        """The process it runs in."""
        ...


class ServingEngine(Protocol):
    """What answers plugins of editors. The commands cannot see the bridge, so the program's start hands it in."""

    @property
    def endpoint(self) -> ServedAt:
        """How it is reached."""
        ...

    def wait(self, timeout_s: float) -> bool:
        """Wait for it to end by itself; whether it has ended."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class StartEngine(Protocol):
    """Starts one, or raises KnownError: "serving" where another process serves the profile."""

    def __call__(self, profile: Profile, *, is_for_plugin: bool) -> ServingEngine:
        """An engine that listens."""
        ...


@dataclass(frozen=True)
class Context:
    """One run of one command."""

    profile: Profile
    options: argparse.Namespace
    progress: ProgressLine
    cancel: CancelToken
    start_engine: StartEngine | None = None

    @property
    def is_json(self) -> bool:
        """True where a program reads the output."""
        return bool(self.options.json)

    def settings(self) -> Settings:
        """The profile's settings."""
        return Settings.load(self.profile.config_dir)

    def workers(self) -> int:
        """How many worker processes to use: the option, else the setting, else one per core."""
        chosen = getattr(self.options, "workers", None)
        return int(chosen or self.settings().number("workers") or os.cpu_count() or 1)
