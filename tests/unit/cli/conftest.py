# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program as its users type it, run in the test's own process."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from needledrop.cli.main import run
from needledrop.core.paths import Profile

Program = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run_at(capsys: pytest.CaptureFixture[str]) -> Iterator[Program]:
    """Run it on the profile in a folder, given first: exit status, output, messages."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def call(folder: Path, *words: str | Path) -> tuple[int, str, str]:
        status = run(["--profile", str(folder), *map(str, words)])
        said = capsys.readouterr()
        return status, said.out, said.err

    yield call
    for number, handler in handlers.items():
        signal.signal(number, handler)
    root = logging.getLogger("needledrop")
    for log_handler in list(root.handlers):
        log_handler.close()
        root.removeHandler(log_handler)


@pytest.fixture
def program(profile: Profile, run_at: Program) -> Program:
    """Run it on the test's profile."""
    return partial(run_at, profile.data_dir.parent)
