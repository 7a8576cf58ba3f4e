# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop models`: list, fetch and remove what others published, and name tracks and videos by it. Nothing is
fetched without a yes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import CANCELLED, DONE
from needledrop.cli.output import counted, print_json, print_table
from needledrop.core.errors import KnownError
from needledrop.workflows.pack_catalogue import LEAST_DIGITS, Pack


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the commands to the parser."""
    parser = commands.add_parser("models", help="published models that can be added")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listed = verbs.add_parser("list", parents=[shared], help="what can be added, and what is installed")
    _add_non_commercial(listed)
    listed.set_defaults(run=run_list)
    fetched = verbs.add_parser("fetch", parents=[shared], help="add a model, after asking")
    fetched.add_argument("name", help="the model, as `models list` has it")
    fetched.add_argument(
        "--from-file", type=Path, metavar="PATH", help="its published file, or a folder with its files"
    )
    _add_non_commercial(fetched)
    _add_yes(fetched)
    fetched.set_defaults(run=run_fetch)
    removed = verbs.add_parser("remove", parents=[shared], help="delete an installed model, after asking")
    removed.add_argument("name", help="the model, as `models list` has it")
    _add_yes(removed)
    removed.set_defaults(run=run_remove)
    named = verbs.add_parser("tag", parents=[shared], help="name what is heard in the library, by the semantic pack")
    named.add_argument("videos", nargs="*", type=Path, metavar="VIDEO", help="also name what is seen in these")
    named.set_defaults(run=run_tag)


def _add_non_commercial(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--non-commercial", action="store_true", help="also models whose licence forbids commercial use"
    )


def _add_yes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run_list(context: Context) -> int:
    """Show the packs."""
    from needledrop.workflows.model_packs import installed_packs, offered_packs

    installed = installed_packs(context.profile)
    packs = offered_packs(with_non_commercial=context.options.non_commercial)
    packs |= {name: one.pack for name, one in installed.items()}
    if context.is_json:
        print_json({name: _facts(pack, is_installed=name in installed) for name, pack in packs.items()})
        return DONE
    rows = [
        (name, _state(pack, is_installed=name in installed), f"{pack.size_mb:,.0f} MB", pack.licence, pack.about)
        for name, pack in packs.items()
    ]
    print_table(("model", "state", "size", "licence", "what it is for"), rows, right=frozenset({2}))
    return DONE


def run_fetch(context: Context) -> int:
    """Ask, fetch or copy, check, put in place."""
    from needledrop.workflows.model_packs import find_pack, install_pack, installed_packs

    options = context.options
    pack = find_pack(options.name, with_non_commercial=options.non_commercial)
    installed = installed_packs(context.profile).get(pack.name)
    if installed is not None and installed.version == pack.version:
        return _said(context, pack, is_installed=True, sentence=f"{pack.name} is installed already.")
    if not _is_agreed(context, [*_terms(pack, options.from_file), "Add it?"]):
        return CANCELLED
    install_pack(context.profile, pack, context.progress, context.cancel, from_path=options.from_file)
    context.progress.clear()
    return _said(context, pack, is_installed=True, sentence=f"{pack.name} is installed. {_checked(pack)}")


def run_remove(context: Context) -> int:
    """Ask, delete."""
    from needledrop.workflows.model_packs import find_pack, remove_pack

    pack = find_pack(context.options.name, with_non_commercial=True)
    if not _is_agreed(context, [f"{pack.name}: {pack.about}", "Delete it?"]):
        return CANCELLED
    remove_pack(context.profile, pack)
    return _said(context, pack, is_installed=False, sentence=f"{pack.name} is removed.")


def run_tag(context: Context) -> int:
    """Name every track that has no tags yet, and the videos."""
    from needledrop.workflows.semantic_tags import name_all

    named = name_all(context.profile, context.options.videos, context.progress, context.cancel)
    context.progress.clear()
    if context.is_json:
        print_json({"tracks": named.tracks, "videos": named.videos, "notes": list(named.notes)})
        return DONE
    print(f"{counted(named.tracks, 'track')} and {counted(named.videos, 'video')} got their tags.")
    for note in named.notes:
        print(note)
    return DONE


def _terms(pack: Pack, from_file: Path | None) -> list[str]:
    """What the user agrees to."""
    source = str(from_file) if from_file is not None else ", ".join(pack.hosts) or pack.home
    use = "" if pack.is_commercial else " Not for commercial use."
    return [
        f"{pack.name}: {pack.about}",
        f"Licence: {pack.licence}.{use} {pack.terms} See {pack.home}",
        f"Size: {pack.size_mb:,.1f} MB, from {source}",
    ]


def _is_agreed(context: Context, lines: list[str]) -> bool:
    """Show what it is about and ask, on standard error; --yes answers.

    Raises:
        KnownError: "usage": nobody can be asked.
    """
    print("\n".join(lines[:-1]), file=sys.stderr)
    if context.options.yes:
        return True
    if not sys.stdin.isatty():
        raise KnownError("Nothing was done: this needs your yes.", remedy="Say it with --yes.", code="usage")
    print(f"{lines[-1]} [y/N]", end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _said(context: Context, pack: Pack, *, is_installed: bool, sentence: str) -> int:
    if context.is_json:
        print_json({pack.name: _facts(pack, is_installed=is_installed)})
    else:
        print(sentence)
    return DONE


def _checked(pack: Pack) -> str:
    """What was held against what its publisher says."""
    known = [len(file.sha256) for file in pack.files]
    if not any(known):
        return "Its publisher gives no checksums: it is as the files you named."
    if 0 in known:
        return "The weights are the published ones by their SHA-256; for the files beside them none is known."
    if min(known) == LEAST_DIGITS:
        return f"Its publisher gives the first {LEAST_DIGITS} digits of the SHA-256 only, and they are right."
    return "Its SHA-256 is right."


def _state(pack: Pack, *, is_installed: bool) -> str:
    return "installed" if is_installed else "can be fetched" if pack.can_download else "from files"


def _facts(pack: Pack, *, is_installed: bool) -> dict[str, Any]:
    facts = {name: value for name, value in vars(pack).items() if name not in ("name", "files")}
    return facts | {"is_installed": is_installed, "can_download": pack.can_download}
