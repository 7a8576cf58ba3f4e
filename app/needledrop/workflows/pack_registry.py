# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which models the user installed: registry.toml in the profile's models folder, one table a model.

A table is added or taken out as text, so that what the user wrote beside it stays. Nothing here touches weights.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from needledrop.core.errors import KnownError
from needledrop.core.paths import display_path

REGISTRY_NAME = "registry.toml"


def read_registry(models_dir: Path) -> dict[str, dict[str, Any]]:
    """The tables of registry.toml by the model's name; empty where there is none.

    Raises:
        KnownError: "model": it cannot be understood.
    """
    path = models_dir / REGISTRY_NAME
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise KnownError(
            f"The list of your models {display_path(path)} cannot be read.",
            remedy="Repair the file, or delete it and fetch the models again.",
            cause=repr(error),
            code="model",
        ) from error
    return {name: table for name, table in tables.items() if isinstance(table, dict)}


def put_entry(models_dir: Path, name: str, values: Mapping[str, str | int | Mapping[str, str]]) -> None:
    """Write the table of one model, in place of the one it had.

    Raises:
        KnownError: see read_registry. OSError: it cannot be written.
    """
    lines = [f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in values.items())]
    text = _without(models_dir, name)
    _write(models_dir, f"{text.rstrip()}\n\n" if text.strip() else "", "\n".join(lines) + "\n")


def drop_entry(models_dir: Path, name: str) -> None:
    """Take the table of one model out, if it is there.

    Raises:
        KnownError: see read_registry. OSError: it cannot be written.
    """
    if name in read_registry(models_dir):
        _write(models_dir, _without(models_dir, name), "")


def _without(models_dir: Path, name: str) -> str:
    if name not in read_registry(models_dir):
        path = models_dir / REGISTRY_NAME
        return path.read_text(encoding="utf-8") if path.is_file() else ""
    text = (models_dir / REGISTRY_NAME).read_text(encoding="utf-8")
    table = re.compile(rf"^\[\s*\"?{re.escape(name)}\"?\s*(\.[^\]]*)?\].*?(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
    return table.sub("", text)


def _write(models_dir: Path, before: str, table: str) -> None:
    path = models_dir / REGISTRY_NAME
    new = path.with_name(f"{REGISTRY_NAME}.new")
    with new.open("w", encoding="utf-8") as file:
        file.write(before + table)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _toml(value: str | int | Mapping[str, str]) -> str:
    """A JSON string without escapes beyond TOML's is a TOML string."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(key)} = {json.dumps(one)}" for key, one in value.items()) + " }"
    return json.dumps(value)
