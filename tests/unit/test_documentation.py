# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents keep up with the program: commands, options, settings and codes stand in them, links work."""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from needledrop.cli import exit_codes
from needledrop.cli.main import build_parser
from needledrop.core.errors import BrokenMedia
from needledrop.core.settings import SETTINGS
from needledrop.library import errors as library_errors

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND_LINE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
TROUBLESHOOTING = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
EVERY_COMMAND = "options-of-every-command"
BEFORE_THE_COMMAND = "options-before-the-command"
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def anchor(heading: str) -> str:
    """The name under which a heading can be linked to."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def sections(document: str) -> dict[str, str]:
    """The text below each heading, by the heading's anchor."""
    parts = re.split(r"^#+ +(.+)$", FENCE.sub("", document), flags=re.MULTILINE)
    return {anchor(heading): text for heading, text in zip(parts[1::2], parts[2::2], strict=True)}


SECTIONS = sections(COMMAND_LINE)


def commands(
    parser: argparse.ArgumentParser, name: str = "needledrop"
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command of a parser that does something, with its full name."""
    verbs = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not verbs:
        yield name, parser
    for action in verbs:
        for verb, below in action.choices.items():
            yield from commands(below, f"{name} {verb}")


def described(name: str) -> str:
    """What the page says of a command: its section, and those that the section refers to."""
    own = SECTIONS[anchor(name)]
    return own + "".join(SECTIONS[link] for link in re.findall(r"\(#([\w-]+)\)", own)) + SECTIONS[EVERY_COMMAND]


COMMANDS = dict(commands(build_parser()))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_described(name: str) -> None:
    assert anchor(name) in SECTIONS, f"docs/command-line.md has no section '{name}'"
    options = [option for action in COMMANDS[name]._actions for option in action.option_strings]
    text = described(name)
    assert [option for option in options if not re.search(rf"`{re.escape(option)}\b", text)] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_no_option_is_described_that_is_not_there(name: str) -> None:
    options = {option for action in COMMANDS[name]._actions for option in action.option_strings}
    rows = re.findall(r"^\| (`-[^|]+) \|", SECTIONS[anchor(name)], flags=re.MULTILINE)
    assert {option for row in rows for option in re.findall(r"`(-{1,2}[\w-]+)", row)} - options == set()


def test_options_before_the_command_exit_codes_and_settings_are_described() -> None:
    options = [option for action in build_parser()._actions for option in action.option_strings]
    assert [option for option in options if f"`{option}" not in SECTIONS[BEFORE_THE_COMMAND]] == []
    codes = {value for name, value in vars(exit_codes).items() if name.isupper()}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", SECTIONS["exit-codes"], flags=re.MULTILINE)} == codes
    assert [one.name for one in SETTINGS if f"| `{one.name}` | {_shown(one.default)} |" not in COMMAND_LINE] == []


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value
    return ("on" if value else "off") if isinstance(value, bool) else f"{value:g}"


def test_every_error_code_is_explained() -> None:
    table = TROUBLESHOOTING.split("## Codes")[1]
    explained = {
        code for cell in re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE) for code in re.findall(r"`([^`]+)`", cell)
    }
    assert known_codes() == explained - {"code"}


def known_codes() -> set[str]:
    """Every code that the program gives to a known error."""
    codes = {BrokenMedia("").code, *library_errors._SENTENCES}
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                values = [word.value for word in node.keywords if word.arg == "code"]
                codes |= {value.value for value in values if isinstance(value, ast.Constant)}
    return codes


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    dead = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not leads_somewhere(document, link)]
    assert dead == []


def leads_somewhere(document: Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return True
    path, _, fragment = link.partition("#")
    target = document.parent / path if path else document
    if not target.exists():
        return False
    return not fragment or fragment in sections(target.read_text(encoding="utf-8"))
