# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop config`: show and change the settings of the profile."""

from __future__ import annotations

import argparse

from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE
from needledrop.cli.output import print_json, print_table
from needledrop.core.settings import SETTINGS, Value


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("config", parents=[shared], help="show or change settings")
    parser.add_argument("name", nargs="?", help="the setting (default: all)")
    parser.add_argument("value", nargs="?", help="its new value")
    parser.set_defaults(run=run)


def run(context: Context) -> int:
    """Show all settings or one of them, or change one."""
    settings, name = context.settings(), context.options.name
    if context.options.value is not None:
        settings.change(name, context.options.value)
    if name is not None:
        settings.value(name)  # An unknown name is refused here.
    shown = [setting for setting in SETTINGS if name in (None, setting.name)]
    if context.is_json:
        print_json({setting.name: settings.value(setting.name) for setting in shown})
    else:
        rows = [(setting.name, _text(settings.value(setting.name)), setting.meaning) for setting in shown]
        print_table(("setting", "value", "meaning"), rows)
    return DONE


def _text(value: Value) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)
