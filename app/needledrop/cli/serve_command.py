# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop serve`: answer plugins of editors without a window."""

from __future__ import annotations

import argparse

from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE
from needledrop.cli.output import print_json
from needledrop.core.errors import KnownError

_LOOK_S = 0.2


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "serve",
        parents=[shared],
        help="answer plugins of editors, without a window",
        description="Answer plugins of editors on this machine, until stopped. The open window does so too.",
    )
    parser.add_argument("--for-plugin", action="store_true", help="end after 15 minutes in which nobody asked anything")
    parser.set_defaults(run=run)


def run(context: Context) -> int:
    """Serve until stopped; where another process does already, say so and end."""
    assert context.start_engine is not None, "only the program's start can give it"
    try:
        engine = context.start_engine(context.profile, is_for_plugin=context.options.for_plugin)
    except KnownError as error:
        if error.code != "serving":
            raise
        _tell(context, {"serving": False, "why": error.sentence}, error.sentence)
        return DONE
    try:
        said = f"Serving plugins on 127.0.0.1:{engine.endpoint.port}. Stop with Ctrl-C."
        _tell(context, {"serving": True, "port": engine.endpoint.port, "pid": engine.endpoint.pid}, said)
        while not engine.wait(_LOOK_S) and not context.cancel.is_cancelled:
            pass
    finally:
        engine.close()
    return DONE


def _tell(context: Context, facts: dict[str, object], sentence: str) -> None:
    if context.is_json:
        print_json(facts)
    elif not context.options.quiet:
        print(sentence, flush=True)
