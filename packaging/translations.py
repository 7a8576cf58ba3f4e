#!/usr/bin/env python3
# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Translations of the window, by hand: `python3 packaging/translations.py` after a text of the window has changed.

It reads every text for translation out of the source, brings resources/translations/*.ts up to date (what is new stands
there unfinished, what is gone is taken out), compiles the .qm beside them, and says what is left to translate. Qt's own
reader of Python cannot be used: it knows `self.tr` only, not texts that are marked in one place and shown in another.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GUI = ROOT / "app" / "needledrop" / "gui"
TRANSLATIONS = ROOT / "resources" / "translations"
Messages = dict[str, list[str]]  # Context to texts, both in the order they are found in.


def main() -> int:
    """Bring every translation up to date; 1 where something is left to translate."""
    found = messages()
    left = 0
    for path in sorted(TRANSLATIONS.glob("*.ts")):
        known = read_ts(path)
        write_ts(path, found, known)
        open_texts = untranslated(found, known)
        for context, text in open_texts:
            print(f"{path.name}: {context}: {text!r}")
        left += len(open_texts)
        compile_ts(path)
    print(f"{sum(map(len, found.values()))} texts, {left} left to translate")
    return int(left > 0)


def messages() -> Messages:
    """Every text for translation, by the context it is translated in."""
    found: Messages = {}
    for path in sorted(GUI.rglob("*.py")):
        for context, text in texts_of(path):
            _note(found, context, text)
    for context, text in _declared():
        _note(found, context, text)
    return {context: found[context] for context in sorted(found)}


def texts_of(path: Path) -> Iterator[tuple[str, str]]:
    """The context and text of every call that translates a text, or marks one, in a module.

    Raises:
        ValueError: a text is not written out where it is marked.
    """
    module = ast.parse(path.read_text(encoding="utf-8"))
    contexts = {"_tr": _context_of_tr(module), "_later": _context_of_later(module)}
    for call, class_name in _calls(module, ""):
        function = call.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name == "tr" and isinstance(function, ast.Attribute):
            yield class_name, _written(path, call.args[0])
        elif name == "_later" or (name == "_tr" and isinstance(call.args[0], ast.Constant)):
            context = contexts[name]
            if context is None:
                raise ValueError(f"{path}:{call.lineno}: {name} does not say its context")
            yield context, _written(path, call.args[0])
        elif ast.unparse(function) == "QCoreApplication.translate" and isinstance(call.args[1], ast.Constant):
            yield _written(path, call.args[0]), _written(path, call.args[1])


def _declared() -> Iterator[tuple[str, str]]:
    """Texts of declarations that are translated where they are shown."""
    sys.path.insert(0, str(ROOT / "app"))
    from needledrop.core.settings import SETTINGS
    from needledrop.gui.actions import CATEGORIES
    from needledrop.gui.shortcuts import PRESET_NAMES
    from needledrop.gui.translation import LANGUAGE_NAMES

    for category in CATEGORIES:
        yield "Actions", category
    for setting in SETTINGS:
        yield from (("Settings", text) for text in _shown(setting))
        names = (one for one in setting.choices if one not in PRESET_NAMES and one not in LANGUAGE_NAMES)
        yield from (("Settings", name.capitalize()) for name in names)


def _shown(setting: object) -> Iterator[str]:
    texts = (getattr(setting, name) for name in ("category", "title", "meaning", "unit"))
    return (text for text in texts if text)


def read_ts(path: Path) -> dict[tuple[str, str], str]:
    """The finished translations of a file, by context and text."""
    if not path.exists():
        return {}
    found = {}
    for context in ET.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            if translation is not None and translation.get("type") is None and translation.text:
                found[context.findtext("name", ""), message.findtext("source", "")] = translation.text
    return found


def write_ts(path: Path, found: Messages, known: Mapping[tuple[str, str], str]) -> None:
    """Write a file with a message for each text; those without a translation are marked unfinished."""
    root = ET.Element("TS", version="2.1", language=path.stem.rpartition("_")[2], sourcelanguage="en")
    for name, texts in found.items():
        context = ET.SubElement(root, "context")
        ET.SubElement(context, "name").text = name
        for text in texts:
            message = ET.SubElement(context, "message")
            ET.SubElement(message, "source").text = text
            translation = ET.SubElement(message, "translation")
            if (name, text) in known:
                translation.text = known[name, text]
            else:
                translation.set("type", "unfinished")
    ET.indent(root, "  ")
    body = ET.tostring(root, encoding="unicode")
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8")


def untranslated(found: Messages, known: Mapping[tuple[str, str], str]) -> list[tuple[str, str]]:
    """The texts, with their contexts, that have no translation."""
    return [(context, text) for context, texts in found.items() for text in texts if (context, text) not in known]


def places(text: str) -> list[str]:
    """What is put into a text when it is shown, sorted: "%1", "%s", "{count}"."""
    return sorted(re.findall(r"%\d|%s|\{\w+\}", text))


def compile_ts(path: Path) -> None:
    """Make the .qm that the program loads."""
    tool = Path(sys.executable).parent / "pyside6-lrelease"
    subprocess.run([tool, "-silent", path, "-qm", path.with_suffix(".qm")], check=True)


def _note(found: Messages, context: str, text: str) -> None:
    texts = found.setdefault(context, [])
    if text not in texts:
        texts.append(text)


def _calls(node: ast.AST, class_name: str) -> Iterator[tuple[ast.Call, str]]:
    for child in ast.iter_child_nodes(node):
        inside = child.name if isinstance(child, ast.ClassDef) else class_name
        if isinstance(child, ast.Call):
            yield child, inside
        yield from _calls(child, inside)


def _context_of_tr(module: ast.Module) -> str | None:
    """`_tr` is a module's own short name for translating in one context."""
    function = _function(module, "_tr")
    calls = [call for call, _ in _calls(function, "")] if function is not None else []
    named = [call.args[0] for call in calls if ast.unparse(call.func) == "QCoreApplication.translate"]
    return str(named[0].value) if named and isinstance(named[0], ast.Constant) else None


def _context_of_later(module: ast.Module) -> str | None:
    """`_later` marks a text; its docstring says in which context the text is translated."""
    function = _function(module, "_later")
    said = re.search(r'in the context "(\w+)"', (function and ast.get_docstring(function)) or "")
    return said.group(1) if said else None


def _function(module: ast.Module, name: str) -> ast.FunctionDef | None:
    return next((one for one in module.body if isinstance(one, ast.FunctionDef) and one.name == name), None)


def _written(path: Path, node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise ValueError(f"{path}:{node.lineno}: '{ast.unparse(node)}' is no text that a translator could see")


if __name__ == "__main__":
    sys.exit(main())
