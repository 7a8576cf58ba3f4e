# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest

from needledrop.export.interchange.media_paths import MediaFinder, file_address, plain_path


@pytest.mark.parametrize(
    ("named", "plain"),
    [
        ("file:///home/a/My%20film%20%231.mp4", "/home/a/My film #1.mp4"),
        ("file://localhost/home/a/film.mp4", "/home/a/film.mp4"),
        ("file:///C:/Videos/film.mp4", "C:/Videos/film.mp4"),
        ("file://localhost/C:/Videos/film.mp4", "C:/Videos/film.mp4"),
        ("file://nas/share/film.mp4", "//nas/share/film.mp4"),
        ("C:\\Videos\\film.mp4", "C:\\Videos\\film.mp4"),
        ("\\\\nas\\share\\film.mp4", "\\\\nas\\share\\film.mp4"),
        ("media/film.mp4", "media/film.mp4"),
        ("https://example.org/film.mp4", ""),
    ],
)
def test_addresses_become_paths(named: str, plain: str) -> None:
    assert plain_path(named) == plain


def test_media_are_found_by_address_relative_path_and_beside_the_project(tmp_path: Path) -> None:
    film = tmp_path / "media" / "Übung 100%.mp4"
    film.parent.mkdir()
    film.touch()
    beside = tmp_path / "shot.mp4"
    beside.touch()
    finder = MediaFinder(tmp_path / "cut.otio")
    assert finder.source(file_address(film)).path == film
    assert finder.source(file_address(film, "localhost")).path == film
    assert finder.source("media/Übung 100%.mp4").path == film
    assert finder.source("C:\\Users\\ann\\Videos\\shot.mp4").path == beside
    assert finder.source("file:///C:/Users/ann/shot.mp4").path == beside
    assert finder.source("/Volumes/gone/shot.mp4").path == beside


def test_what_is_not_there_is_kept_by_its_name(tmp_path: Path) -> None:
    source = MediaFinder(tmp_path / "cut.otio").source("/gone/film.mp4")
    assert source.path is None
    assert source.named == "/gone/film.mp4"


@pytest.mark.parametrize("named", ["", "\0", "a\0b.mp4", "/", "https://example.org/a.mp4", "x" * 5000])
def test_odd_names_find_nothing(tmp_path: Path, named: str) -> None:
    assert MediaFinder(tmp_path / "cut.otio").source(named).path is None


@pytest.mark.parametrize(
    "named", ["\\\\stranger\\share\\film.mp4", "//stranger/share/film.mp4", "file://stranger/film.mp4"]
)
def test_strange_computers_are_not_asked(tmp_path: Path, named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(Path, "is_file", lambda self: asked.append(str(self)) is not None)
    MediaFinder(tmp_path / "cut.otio").source(named)
    assert asked == [str(tmp_path / "film.mp4")]


def test_a_folder_is_no_media(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").mkdir()
    assert MediaFinder(tmp_path / "cut.otio").source("film.mp4").path is None
