# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths that plugins name."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from needledrop.bridge.media_paths import folder_path, media_path, project_path
from needledrop.core.errors import KnownError


def refusal(value: object) -> KnownError:
    with pytest.raises(KnownError) as refused:
        media_path("media", value)
    assert refused.value.sentence and refused.value.remedy
    return refused.value


@pytest.mark.parametrize(
    "tricky",
    [
        "film.mp4",
        "./film.mp4",
        "~/film.mp4",
        "/films/../../etc/passwd",
        "/films/..",
        "/films/..\\secret.mp4",
        "//server/share/film.mp4",
        "\\\\server\\share\\film.mp4",
        "\\\\?\\C:\\film.mp4",
        "\\\\.\\pipe\\film",
        "\\\\?\\UNC\\server\\film.mp4",
        "file:///films/film.mp4",
        "/films/film\0.mp4",
        "/films/\ud800.mp4",
    ],
)
def test_tricks_are_refused_without_a_look_at_the_disk(tricky: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def look(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        raise AssertionError("looked")

    monkeypatch.setattr(Path, "stat", look)
    assert refusal(tricky).code == "bad-path"


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "link.mp4").symlink_to(tmp_path / "pipe.mp4")
    (tmp_path / "null.mp4").symlink_to("/dev/null")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.fsencode(tmp_path / "socket.mp4"))
        for name in ("pipe.mp4", "folder.mp4", "link.mp4", "null.mp4", "socket.mp4"):
            assert refusal(str(tmp_path / name)).code == "bad-path"
    assert refusal("/dev/zero").code == "bad-path"


def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    (tmp_path / "dangling.mp4").symlink_to(tmp_path / "gone.mp4")
    (tmp_path / "loop.mp4").symlink_to(tmp_path / "loop.mp4")
    for name in ("gone.mp4", "dangling.mp4", "loop.mp4", "x" * 300 + ".mp4"):
        assert refusal(str(tmp_path / name)).code == "missing"


def test_files_in_linked_folders_and_with_odd_names_are_taken(tmp_path: Path) -> None:
    films = tmp_path / "films"
    films.mkdir()
    odd = Path(os.fsdecode(os.fsencode(films) + b"/caf\xe9 \xe2\x82\xac.mp4"))
    odd.touch()
    (tmp_path / "linked").symlink_to(films)
    assert media_path("media", str(odd)) == odd
    assert media_path("media", str(tmp_path / "linked" / odd.name)) == tmp_path / "linked" / odd.name


def test_a_link_is_refused_with_the_name_of_the_file(tmp_path: Path) -> None:
    film, link = tmp_path / "film.mp4", tmp_path / "link.mp4"
    film.touch()
    link.symlink_to(film)
    refused = refusal(str(link))
    assert refused.code == "bad-path" and "is a link" in refused.sentence and str(film) in refused.remedy


def test_a_bundle_is_a_folder_or_a_file_other_projects_are_files(tmp_path: Path) -> None:
    bundle, otio = tmp_path / "cut.fcpxmld", tmp_path / "cut.otio"
    bundle.mkdir()
    otio.mkdir()
    assert project_path("project", str(bundle)) == bundle
    with pytest.raises(KnownError, match="is no file"):
        project_path("project", str(otio))


def test_a_folder_is_one(tmp_path: Path) -> None:
    assert folder_path("folder", str(tmp_path)) == tmp_path
    file = tmp_path / "file"
    file.touch()
    for wrong in (str(file), str(tmp_path / "gone"), "relative", str(tmp_path / "..")):
        with pytest.raises(KnownError):
            folder_path("folder", wrong)
