# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of installed models: tables come and go, and what the user wrote beside them stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.workflows.pack_registry import drop_entry, put_entry, read_registry

BY_HAND = '# mine\n[raft-small]\nsha256 = "ab"\n\n[raft-small.note]\ntext = "by hand"\n\n[other]\nnumbers = [1, 2]\n'


def test_tables_come_and_go(tmp_path: Path) -> None:
    assert read_registry(tmp_path) == {}
    put_entry(tmp_path, "a", {"version": 1, "licence": 'the "best"', "files": {"model.safetensors": "00"}})
    put_entry(tmp_path, "b", {"version": 2})
    put_entry(tmp_path, "a", {"version": 3})
    assert read_registry(tmp_path) == {"b": {"version": 2}, "a": {"version": 3}}
    drop_entry(tmp_path, "b")
    drop_entry(tmp_path, "unknown")
    assert read_registry(tmp_path) == {"a": {"version": 3}}
    assert [path.name for path in tmp_path.iterdir()] == ["registry.toml"]


def test_what_the_user_wrote_stays(tmp_path: Path) -> None:
    (tmp_path / "registry.toml").write_text(BY_HAND, encoding="utf-8")
    put_entry(tmp_path, "raft-small", {"version": 1, "files": {"model.safetensors": "cd"}})
    text = (tmp_path / "registry.toml").read_text(encoding="utf-8")
    assert text.startswith("# mine\n")
    assert read_registry(tmp_path) == {
        "other": {"numbers": [1, 2]},
        "raft-small": {"version": 1, "files": {"model.safetensors": "cd"}},
    }


def test_a_damaged_list_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "registry.toml"
    path.write_text("[a\n", encoding="utf-8")
    for act in (
        lambda: read_registry(tmp_path),
        lambda: put_entry(tmp_path, "b", {}),
        lambda: drop_entry(tmp_path, "b"),
    ):
        with pytest.raises(KnownError, match="cannot be read"):
            act()
    assert path.read_text(encoding="utf-8") == "[a\n"
