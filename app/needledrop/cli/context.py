# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every command is given: the profile, its options, where progress goes, and the token that stops it."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from typing import TypeAlias

from needledrop.cli.output import ProgressLine
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken
from needledrop.core.settings import Settings

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


@dataclass(frozen=True)
class Context:
    """One run of one command."""

    profile: Profile
    options: argparse.Namespace
    progress: ProgressLine
    cancel: CancelToken

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
