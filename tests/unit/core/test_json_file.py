# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small JSON files: whole or not at all, and what is broken is moved aside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.core.json_file import read_json, write_json


def test_what_is_written_is_read_and_nothing_else_lies_about(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.json"
    write_json(path, {"name": "Zoë \udcff", "values": [1, 2.5, None]})
    assert read_json(path) == {"name": "Zoë \udcff", "values": [1, 2.5, None]}
    assert [file.name for file in path.parent.iterdir()] == ["state.json"]


def test_a_write_that_fails_half_way_leaves_the_old_value(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_json(path, {"old": True})
    with pytest.raises(TypeError):
        write_json(path, {"new": True, "unwritable": object()})
    assert read_json(path) == {"old": True}


def test_a_file_that_is_not_there_is_nothing(tmp_path: Path) -> None:
    assert read_json(tmp_path / "none.json") is None


def test_a_broken_file_is_moved_aside_not_deleted(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text('{"half": ')
    assert read_json(path) is None
    assert (tmp_path / "state.json.broken").read_text() == '{"half": '
    assert not path.exists()


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KnownError, match="could not be saved") as caught:
        write_json(tmp_path / "file" / "state.json", {})
    assert caught.value.code == "disk-full"
    assert json.dumps(caught.value.remedy)
