# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop plugin`: puts the plugins for editors where the editors look for them, and takes them away again."""

from __future__ import annotations

import argparse
from typing import Any

from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE
from needledrop.cli.output import counted, print_json, print_table
from needledrop.workflows.editor_plugin_places import NAMES, Host
from needledrop.workflows.editor_plugins import Change, Installed


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the commands to the parser."""
    parser = commands.add_parser("plugin", help="plugins that suggest music inside your editor")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listed = verbs.add_parser("list", parents=[shared], help="the editors there is a plugin for, and what is installed")
    listed.set_defaults(run=run_list)
    for name, run, meaning in (
        ("install", run_install, "put a plugin into an editor"),
        ("remove", run_remove, "take a plugin out of an editor"),
    ):
        verb = verbs.add_parser(name, parents=[shared], help=meaning)
        verb.add_argument("host", metavar="HOST", help=", ".join(Host))
        verb.set_defaults(run=run)
    updated = verbs.add_parser(
        "update", parents=[shared], help="install what is installed again, as this version has it"
    )
    updated.add_argument("hosts", metavar="HOST", nargs="*", help="only these")
    updated.set_defaults(run=run_update)


def run_list(context: Context) -> int:
    """Show the editors."""
    from needledrop.workflows.editor_plugins import installed_plugins

    installed = installed_plugins(context.profile)
    if context.is_json:
        print_json({host.value: _facts(installed.get(host)) for host in Host})
        return DONE
    rows = [(host.value, NAMES[host], _state(installed.get(host))) for host in Host]
    print_table(("host", "editor", "plugin"), rows)
    return DONE


def run_install(context: Context) -> int:
    """Install one."""
    from needledrop.workflows.editor_plugins import host_named, install_plugin

    return _said(context, [install_plugin(context.profile, host_named(context.options.host))])


def run_remove(context: Context) -> int:
    """Remove one."""
    from needledrop.workflows.editor_plugins import host_named, remove_plugin

    return _said(context, [remove_plugin(context.profile, host_named(context.options.host))])


def run_update(context: Context) -> int:
    """Update those named, or all."""
    from needledrop.workflows.editor_plugins import host_named, update_plugins

    return _said(context, update_plugins(context.profile, [host_named(name) for name in context.options.hosts]))


def _state(installed: Installed | None) -> str:
    if installed is None:
        return "not installed"
    parts = [f"version {installed.version}"]
    if installed.changed:
        parts.append(f"{counted(len(installed.changed), 'file')} changed by you")
    if installed.gone:
        parts.append(f"{counted(len(installed.gone), 'file')} missing")
    return ", ".join(parts)


def _facts(installed: Installed | None) -> dict[str, Any] | None:
    if installed is None:
        return None
    changed, gone = [str(path) for path in installed.changed], [str(path) for path in installed.gone]
    return {"version": installed.version, "files": sorted(installed.files), "changed": changed, "missing": gone}


def _said(context: Context, changes: list[Change]) -> int:
    if context.is_json:
        print_json([_change_facts(change) for change in changes])
        return DONE
    for change in changes:
        print(f"{NAMES[change.host]}: {counted(len(change.written), 'file')} written, {len(change.removed)} removed.")
        for path in change.written:
            print(f"    {path}")
        for path in change.kept:
            print(f"    kept, because you changed it: {path}")
        if change.next_steps:
            print(change.next_steps)
    if not changes:
        print("No plugin is installed: needledrop plugin install HOST")
    return DONE


def _change_facts(change: Change) -> dict[str, Any]:
    paths = {name: [str(path) for path in getattr(change, name)] for name in ("written", "removed", "kept")}
    return paths | {"host": change.host.value, "next": change.next_steps}
