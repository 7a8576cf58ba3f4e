# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings: defaults, what the user types, files of other versions, damage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from needledrop.core.errors import KnownError
from needledrop.core.settings import SETTINGS, Settings


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path / "nowhere")
    assert {setting.name: settings.value(setting.name) for setting in SETTINGS} == {
        setting.name: setting.default for setting in SETTINGS
    }


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("commercial-project", "On", True), ("commercial-project", "no", False), ("music-lufs", "-20", -20.0),
     ("workers", "3", 3)],
)  # fmt: skip
def test_what_was_typed_is_kept(tmp_path: Path, name: str, text: str, value: object) -> None:
    Settings.load(tmp_path).change(name, text)
    assert Settings.load(tmp_path).value(name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [("commercial-project", "perhaps"), ("music-lufs", "loud"), ("music-lufs", "5"), ("music-lufs", "nan"),
     ("music-lufs", "inf"), ("workers", "1.5"), ("workers", "-1"), ("no-such", "1")],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_nothing_is_written(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(KnownError) as caught:
        Settings.load(tmp_path).change(name, text)
    assert caught.value.remedy
    assert not (tmp_path / "settings.json").exists()


def test_unknown_names_survive_and_wrong_types_fall_back(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text(json.dumps({"from-the-future": [1], "workers": "many", "music-lufs": -20}))
    settings = Settings.load(tmp_path)
    assert (settings.value("workers"), settings.value("music-lufs")) == (0, -20.0)
    settings.change("workers", "2")
    assert json.loads((tmp_path / "settings.json").read_text())["from-the-future"] == [1]


@pytest.mark.parametrize("text", ["", "{", "[1]", "\udcff"])
def test_a_damaged_file_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(KnownError, match=r"settings\.json cannot be read"):
        Settings.load(tmp_path)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KnownError, match=r"could not be saved|cannot be read"):
        Settings.load(tmp_path / "file" / "config").change("workers", "2")
