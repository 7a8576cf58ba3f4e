# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop scan`: put music folders into the library."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from pathlib import Path

from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE
from needledrop.cli.output import counted, error_facts, print_json
from needledrop.workflows.scan import ScanReport, scan, watch


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "scan", parents=[shared], help="analyse the music in folders", description="Analyse the music in folders."
    )
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="default: all known folders")
    parser.add_argument("--workers", type=_positive, metavar="N", help="worker processes (default: one per core)")
    parser.add_argument("--watch", action="store_true", help="stay, and scan again when something changes")
    parser.add_argument("--retry", action="store_true", help="try files again that failed before")
    parser.set_defaults(run=run)


def run(context: Context) -> int:
    """Scan, print what happened; with --watch go on until stopped."""
    options = context.options
    report = scan(
        context.profile,
        options.folders,
        workers=context.workers(),
        progress=context.progress,
        cancel=context.cancel,
        is_retry=options.retry,
    )
    _print_report(context, report)
    if options.watch:
        for report in watch(
            context.profile, workers=context.workers(), progress=context.progress, cancel=context.cancel
        ):
            _print_report(context, report)
    return DONE


def _print_report(context: Context, report: ScanReport) -> None:
    context.progress.clear()
    if context.is_json:
        facts = asdict(replace(report, unreadable=[])) | {
            "unreadable": [error_facts(error) for error in report.unreadable]
        }
        print_json(facts)
        return
    counts = report.counts
    changes = [
        f"{number:,} {word}"
        for number, word in (
            (counts.new, "new"),
            (counts.moved, "moved"),
            (counts.changed, "changed"),
            (counts.returned, "back again"),
            (counts.missing, "missing"),
            (report.duplicates, "in another encoding already there"),
        )
        if number
    ]
    print(f"{counted(report.files, 'file')}: {', '.join(changes) if changes else 'nothing changed'}.")
    if report.analysed:
        print(f"{counted(report.analysed, 'track')} analysed in {report.elapsed_s:.1f} s.")
    for display in report.offline:
        print(f"{display} is offline: plug in its drive; its tracks are kept.")
    for error in report.unreadable:
        print(error)
    if report.problems:
        verb = "has" if report.problems == 1 else "have"
        print(f"{counted(report.problems, 'file')} {verb} problems: needledrop library problems")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number
