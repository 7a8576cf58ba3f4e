# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop self-test`: does this installation work? One line a part, with a remedy where it does not."""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE, KNOWN_ERROR
from needledrop.cli.output import print_json
from needledrop.core.paths import Profile
from needledrop.workflows.self_test import REINSTALL, Check, self_test

WINDOW_LIMIT_S = 45.0
_WINDOW_REMEDIES = {
    "window": "Install what Qt needs of the system (docs/install.md), or use the command line only.",
    "sound": "Check the system's sound output; without one the film is shown silently.",
}


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("self-test", parents=[shared], help="try every part of this installation")
    parser.set_defaults(run=run)


def run(context: Context) -> int:
    """Print each line as it is known; the status says whether any part failed."""
    found: list[Check] = []
    with tempfile.TemporaryDirectory(prefix="needledrop-self-test-", ignore_cleanup_errors=True) as folder:
        scratch = Path(folder)
        for check in self_test(context.profile, Profile.at(scratch / "profile")):
            _add(context, found, check)
        for check in window_checks(scratch / "window"):
            _add(context, found, check)
    failed = [check for check in found if check.state == "failed"]
    if context.is_json:
        print_json({"ok": not failed, "checks": [dataclasses.asdict(check) for check in found]})
    else:
        elapsed_s = sum(check.elapsed_s for check in found)
        print(f"{len(failed)} of {len(found)} failed." if failed else f"Everything works ({elapsed_s:.0f} s).")
    return KNOWN_ERROR if failed else DONE


def window_checks(folder: Path) -> Iterator[Check]:
    """Try window and sound in a process of their own: where Qt cannot start, it ends its process."""
    if importlib.util.find_spec("PySide6") is None:
        yield Check("window", "skipped", "PySide6 is not installed: this is the command line only")
        return
    start = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "needledrop"]
    try:
        ended = subprocess.run(
            [*start, "gui", "--self-test", str(folder)], capture_output=True, text=True, errors="replace", check=False,
            timeout=WINDOW_LIMIT_S,
        )  # fmt: skip
        said, errors, status = ended.stdout, ended.stderr, str(ended.returncode)
    except subprocess.TimeoutExpired as late:
        said = late.stdout.decode(errors="replace") if isinstance(late.stdout, bytes) else late.stdout or ""
        errors, status = "", f"no end after {WINDOW_LIMIT_S:.0f} s"
    answered = set()
    for line in said.splitlines():
        if line.startswith("{"):
            check = Check(**json.loads(line))
            answered.add(check.name)
            remedy = _WINDOW_REMEDIES[check.name] if check.state == "failed" else ""
            yield dataclasses.replace(check, remedy=remedy)
    for name in _WINDOW_REMEDIES:
        if name not in answered:
            last = next((line for line in reversed(errors.splitlines()) if line.strip()), "")
            yield Check(name, "failed", f"Its process ended with {status}. {last}".strip(), _WINDOW_REMEDIES[name])


def _add(context: Context, found: list[Check], check: Check) -> None:
    found.append(check)
    if context.is_json:
        return
    print(f"{check.state:8}{check.name:16}{check.detail}", flush=True)
    if check.state == "failed":
        print(f"        {'':16}{check.remedy or REINSTALL}", flush=True)
