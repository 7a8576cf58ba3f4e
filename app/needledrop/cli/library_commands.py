# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop library ...`: look at the music and at what is known of it, edit, back up, restore, export."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

from needledrop.cli import beats_command
from needledrop.cli.arguments import bpm_range, licence_names
from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE, NOTHING_FOUND
from needledrop.cli.output import counted, print_json, print_table
from needledrop.core.paths import display_path
from needledrop.core.times import format_time
from needledrop.library.rows import SearchFilters, TrackRow
from needledrop.workflows import browse
from needledrop.workflows.library_export import export_library, track_facts, write_library_export


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the commands to the parser."""
    library = commands.add_parser("library", help="look at the music and change what is known of it")
    verbs = library.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, meaning in (("list", "list tracks"), ("search", "find tracks by words")):
        parser = verbs.add_parser(name, parents=[shared], help=meaning)
        if name == "search":
            parser.add_argument("words", nargs="+", metavar="WORD")
        _add_filters(parser)
        parser.set_defaults(run=_list)
    show = verbs.add_parser("show", parents=[shared], help="everything known of one track")
    show.add_argument("track", type=int, metavar="TRACK", help="its id, as `library list` shows it")
    show.add_argument("--cover", type=Path, metavar="FILE", help="also write its cover to FILE")
    show.add_argument("--overwrite", action="store_true", help="replace a file of that name")
    show.set_defaults(run=_show)
    edit = verbs.add_parser("edit", parents=[shared], help="correct tags and licence (files are never written)")
    edit.add_argument("track", type=int, metavar="TRACK", help="its id, as `library list` shows it")
    edit.add_argument("changes", nargs="+", metavar="FIELD=VALUE", help='such as title="Dawn" licence=CC-BY-4.0')
    edit.set_defaults(run=_edit)
    beats_command.register(verbs, shared)
    for name, meaning in (("remove", "take tracks out (files stay)"), ("unremove", "bring them back")):
        parser = verbs.add_parser(name, parents=[shared], help=meaning)
        parser.add_argument("tracks", nargs="+", type=int, metavar="TRACK")
        parser.set_defaults(run=_remove, is_undo=name == "unremove")
    verbs.add_parser("problems", parents=[shared], help="files that failed, and why").set_defaults(run=_problems)
    folders = verbs.add_parser("folders", parents=[shared], help="the music folders")
    folders.add_argument("--forget", type=Path, metavar="FOLDER", help="take a folder out of the library")
    folders.set_defaults(run=_folders)
    backup = verbs.add_parser("backup", parents=[shared], help="back the library up, or list backups")
    backup.add_argument("--list", action="store_true", dest="is_list", help="list the backups, newest first")
    backup.set_defaults(run=_backup)
    restore = verbs.add_parser("restore", parents=[shared], help="go back to a backup")
    restore.add_argument("backup", nargs="?", type=Path, help="default: the newest sound one")
    restore.set_defaults(run=_restore)
    export = verbs.add_parser("export", parents=[shared], help="every track with its features, as JSON")
    export.add_argument("--output", "-o", type=Path, metavar="FILE", help="default: standard output")
    export.add_argument("--overwrite", action="store_true", help="replace a file of that name")
    export.set_defaults(run=_export)


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--bpm", type=bpm_range, metavar="LOW-HIGH", help="such as 90-120")
    parser.add_argument("--licence", type=licence_names, default=frozenset(), metavar="NAME,...", help="only these")
    parser.add_argument(
        "--sort", default="relevance", metavar="ORDER", help="title, artist, tempo, ...; --sort=-tempo for descending"
    )
    parser.add_argument("--limit", type=int, default=50, metavar="N", help="how many (default 50)")
    parser.add_argument("--offset", type=int, default=0, metavar="N", help="leave out the first N")


def _list(context: Context) -> int:
    options = context.options
    filters = SearchFilters(bpm_range=options.bpm, licences=options.licence)
    text = " ".join(getattr(options, "words", ()))
    page = browse.list_tracks(
        context.profile, text, filters, sort=options.sort, limit=options.limit, offset=options.offset
    )
    if context.is_json:
        print_json({"total": page.total, "tracks": [track_facts(track) for track in page.tracks]})
    elif page.tracks:
        headings = ("id", "length", "bpm", "key", "LUFS", "licence", "state", "title")
        print_table(headings, [_row(track) for track in page.tracks], right=frozenset({0, 1, 2, 4}))
        print(f"{len(page.tracks):,} of {counted(page.total, 'track')}")
    elif text or options.bpm or options.licence:
        print("No track fits. Try fewer words or wider limits.")
    else:
        print("The library is empty. Add music: needledrop scan ~/Music")
    return DONE if page.tracks else NOTHING_FOUND


def _row(track: TrackRow) -> tuple[str, ...]:
    facts = track.facts
    return (
        str(track.id),
        format_time(track.duration_s),
        f"{facts.tempo_bpm:.0f}" if facts.tempo_bpm else "-",
        facts.key_name or "-",
        f"{facts.integrated_lufs:.1f}" if facts.integrated_lufs is not None else "-",
        track.licence.name or "unknown",
        track.state,
        track.name,
    )


def _show(context: Context) -> int:
    options = context.options
    if options.cover is not None:
        browse.save_cover(context.profile, options.track, options.cover, overwrite=options.overwrite)
    _print_sheet(context, browse.show_track(context.profile, options.track))
    return DONE


def _edit(context: Context) -> int:
    _print_sheet(context, browse.edit_track(context.profile, context.options.track, context.options.changes))
    return DONE


def _print_sheet(context: Context, sheet: browse.TrackSheet) -> None:
    facts = track_facts(sheet.track)
    files = [{"path": display_path(file.path), "state": file.state} for file in sheet.files]
    if context.is_json:
        print_json(facts | {"files": files, "edits": dict(sheet.edits)})
        return
    flat = {name: value for name, value in facts.items() if not isinstance(value, dict)}
    tags = {name: value for name, value in facts["tags"].items() if value not in ("", None, False)}
    licence = {f"licence {name}": value for name, value in facts["licence"].items() if value}
    rows = [(name, str(value)) for name, value in (flat | tags | licence).items() if value is not None]
    rows += [(f"file ({file['state']})", file["path"]) for file in files]
    rows += [(f"edited {name}", value) for name, value in sheet.edits.items()]
    print_table(("field", "value"), rows)


def _remove(context: Context) -> int:
    options = context.options
    browse.remove_tracks(context.profile, options.tracks, is_undo=options.is_undo)
    what = "back in the library" if options.is_undo else "out of the library; no file was touched"
    if context.is_json:
        print_json({"tracks": options.tracks, "is_removed": not options.is_undo})
    else:
        number = len(options.tracks)
        print(f"{number:,} {'track is' if number == 1 else 'tracks are'} {what}.")
    return DONE


def _problems(context: Context) -> int:
    problems = browse.list_problems(context.profile)
    if context.is_json:
        names = ("display", "code", "sentence", "remedy", "cause")
        print_json([{name: getattr(problem, name) for name in names} for problem in problems])
        return DONE
    for problem in problems:
        print(f"{problem.display}\n    {problem.sentence} {problem.remedy}".rstrip())
    print(f"{counted(len(problems), 'file')} with problems." if problems else "No problems.")
    return DONE


def _folders(context: Context) -> int:
    if context.options.forget is not None:
        browse.forget_folder(context.profile, context.options.forget)
    folders = browse.list_folders(context.profile)
    if context.is_json:
        print_json([{"path": root.display, "scanned_at": root.scanned_at} for root in folders])
    else:
        print("\n".join(root.display for root in folders) or "No music folder yet: needledrop scan ~/Music")
    return DONE


def _backup(context: Context) -> int:
    if context.options.is_list:
        backups = [dataclasses.asdict(backup) for backup in browse.list_library_backups(context.profile)]
        if context.is_json:
            print_json([{name: str(value) for name, value in backup.items()} for backup in backups])
        else:
            print("\n".join(str(backup["path"]) for backup in backups) or "No backups yet.")
        return DONE
    path = browse.back_up(context.profile)
    if context.is_json:
        print_json({"backup": str(path)})
    else:
        print(f"Backed up to {path}")
    return DONE


def _restore(context: Context) -> int:
    used, aside = browse.restore(context.profile, context.options.backup)
    if context.is_json:
        print_json({"restored": str(used), "moved_aside": str(aside) if aside else None})
    else:
        print(f"Restored from {used}." + (f" The library before is kept as {aside}." if aside else ""))
    return DONE


def _export(context: Context) -> int:
    output: Path | None = context.options.output
    if output is None:
        print_json(export_library(context.profile))
        return DONE
    count = write_library_export(context.profile, output, overwrite=context.options.overwrite)
    print(f"{counted(count, 'track')} written to {output}", file=sys.stderr)
    return DONE
