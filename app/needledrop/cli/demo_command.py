# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop demo`: the whole job on the bundled media, without touching the user's own library."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE
from needledrop.cli.output import counted, print_json
from needledrop.cli.suggest_command import answer_facts, print_answer
from needledrop.core.paths import Profile
from needledrop.workflows.demo import run_demo
from needledrop.workflows.suggest import Wish


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("demo", parents=[shared], help="try everything on the bundled video and music")
    parser.add_argument("--text", default="", metavar="WORDS", help="what the music should be like")
    parser.add_argument(
        "--output", "-o", type=Path, default=Path("needledrop-demo.mp4"), metavar="FILE", help="the film to write"
    )
    parser.add_argument("--workers", type=int, metavar="N", help="worker processes (default: one per core)")
    parser.set_defaults(run=run)


def run(context: Context) -> int:
    """Scan, suggest, render, print; in a profile that is thrown away."""
    options = context.options
    with tempfile.TemporaryDirectory(prefix="needledrop-demo-") as scratch:
        result = run_demo(
            Profile.at(Path(scratch)),
            options.output.absolute(),
            workers=context.workers(),
            wish=Wish(text=options.text),
            progress=context.progress,
            cancel=context.cancel,
        )
    context.progress.clear()
    if context.is_json:
        print_json(answer_facts(result.answer) | {"film": str(result.film.path)})
        return DONE
    print(f"{counted(result.scan.analysed, 'track')} analysed in {result.scan.elapsed_s:.1f} s.")
    print_answer(result.answer, reasons=3)
    print(f"\nWatch the first suggestion: {result.film.path}")
    print("Your own music: needledrop scan ~/Music, then needledrop suggest VIDEO")
    return DONE
