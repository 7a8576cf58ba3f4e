# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: one parser, one module a command, one place where errors become sentences and exit codes."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from needledrop import __version__
from needledrop.cli import (
    config_command,
    demo_command,
    export_command,
    find_command,
    fit_command,
    inspect_command,
    lab_commands,
    library_commands,
    markers_command,
    models_command,
    plugin_command,
    preview_command,
    project_commands,
    scan_command,
    self_test_command,
    serve_command,
    suggest_command,
    taste_command,
    words_command,
)
from needledrop.cli.context import Context, StartEngine
from needledrop.cli.exit_codes import BUG, CANCELLED, DONE, KNOWN_ERROR
from needledrop.cli.output import ProgressLine, print_error
from needledrop.core import log
from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken

_COMMANDS = (
    scan_command,
    inspect_command,
    suggest_command,
    find_command,
    words_command,
    project_commands,
    fit_command,
    preview_command,
    export_command,
    markers_command,
    taste_command,
    library_commands,
    config_command,
    demo_command,
    models_command,
    plugin_command,
    lab_commands,
    serve_command,
    self_test_command,
)


def build_parser() -> argparse.ArgumentParser:
    """Every command with its options; nothing heavy is imported for it."""
    parser = argparse.ArgumentParser(
        prog="needledrop",
        description="Finds the right track in your own music library for the video you are cutting.",
        epilog="Without a command, or as `needledrop gui [FILE]`, the window opens. Everything runs on this machine. "
        "Exit codes: 0 done, 2 wrong usage, 3 could not be done (the message "
        "says why), 4 nothing found, 130 stopped by you, 1 a bug of ours.",
    )
    parser.add_argument("--version", action="version", version=f"needledrop {__version__}")
    parser.add_argument("--profile", type=Path, metavar="DIR", help="keep library, cache and settings in DIR")
    parser.add_argument("--verbose", action="store_true", help="write more to the log")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="print JSON instead of tables")
    shared.add_argument("--quiet", action="store_true", help="show no progress")
    for module in _COMMANDS:
        module.register(commands, shared)
    return parser


def run(arguments: Sequence[str], start_engine: StartEngine | None = None) -> int:
    """Run one command line; returns the exit status (see exit_codes). `serve` needs `start_engine`."""
    _speak_utf8()
    options = build_parser().parse_args(arguments)
    profile = Profile.at(options.profile) if options.profile is not None else Profile.default()
    log.start(profile.log_path, is_verbose=options.verbose)
    cancel = CancelToken()
    _cancel_on_interrupt(cancel)
    progress = ProgressLine(is_quiet=options.quiet)
    context = Context(profile, options, progress, cancel, start_engine)
    try:
        status: int = options.run(context)
        sys.stdout.flush()  # Here, where a closed pipe is expected, and not while Python shuts down.
    except Cancelled:
        progress.clear()
        print("needledrop: stopped. What was finished is kept.", file=sys.stderr)
        return CANCELLED
    except KnownError as error:
        progress.clear()
        print_error(_as_built(error), as_json=options.json)
        return KNOWN_ERROR
    except BrokenPipeError:  # `needledrop ... | head` closed the pipe: nobody listens any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception:
        progress.clear()
        traceback.print_exc()
        print(f"needledrop: this is a bug of ours. Please report it with {profile.log_path}.", file=sys.stderr)
        return BUG
    progress.clear()
    return status


def _as_built(error: KnownError) -> KnownError:
    """The frozen program has no torch, and none can be installed into it: say where it is."""
    if error.code != "no-torch" or not getattr(sys, "frozen", False):
        return error
    remedy = "PyTorch is not in this build. Install Needledrop with pip and its extra: pip install 'needledrop[learn]'."
    return KnownError(error.sentence, remedy=remedy, cause=error.cause, code=error.code)


def _cancel_on_interrupt(cancel: CancelToken) -> None:
    """The first Ctrl-C asks the work to stop and keep what is done; the second one ends the process."""

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        if cancel.is_cancelled:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.raise_signal(signal.SIGINT)
        cancel.cancel()

    signal.signal(signal.SIGINT, on_interrupt)
    if hasattr(signal, "SIGTERM"):
        signal.signal(signal.SIGTERM, on_interrupt)


def _speak_utf8() -> None:
    """Names of files and tracks may hold anything; a terminal that cannot show a character gets an escape."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
