# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop words` and the options of `suggest` that are about words and references, as they are typed."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

import media_factory

Program = Callable[..., tuple[int, str, str]]


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A film in a folder that says nothing."""
    folder = tmp_path / "test" / "DCIM"
    folder.mkdir(parents=True)
    return media_factory.write_video(folder / "Sunrise_Hike v2.mp4", media_factory.shot_frames((20,), 40))


def test_each_word_is_shown_with_its_source_and_as_a_line_to_edit(program: Program, film: Path) -> None:
    status, out, _ = program("words", film)
    assert status == 0
    assert [line.split() for line in out.splitlines()[:3]] == [
        ["word", "from"],
        *([w, "file", "name"] for w in ("Sunrise", "Hike")),
    ]
    (line,) = [line for line in out.splitlines() if line.startswith("Edit them: ")]
    typed = shlex.split(line.removeprefix("Edit them: "))
    assert typed == ["needledrop", "suggest", str(film), "--text", "Sunrise Hike"]


def test_json_holds_the_same(program: Program, film: Path) -> None:
    status, out, _ = program("words", film, "--json")
    facts = json.loads(out)
    assert (status, facts["text"], facts["notes"]) == (0, "Sunrise Hike", [])
    assert facts["words"][0] == {"word": "Sunrise", "source": "file name"}


def test_nothing_found_is_said(program: Program, film: Path) -> None:
    plain = film.rename(film.with_name("MVI_0012.mp4"))
    status, out, _ = program("words", plain)
    assert status == 4 and out.startswith("Nothing was found")


def test_a_missing_film_is_named(program: Program, tmp_path: Path) -> None:
    status, _, said = program("words", tmp_path / "nowhere.mp4")
    assert status == 3 and "nowhere.mp4" in said


def test_suggest_shows_the_words_and_takes_several_references(
    program: Program, film: Path, track: str, drone: str
) -> None:
    status, out, _ = program("suggest", film, "--json")
    facts = json.loads(out)
    assert status == 0 and facts["words"][0] == {"word": "Sunrise", "source": "file name"}
    assert any("Sunrise Hike" in note for note in facts["notes"])
    status, out, _ = program(
        "suggest", film, "--no-words", "--like", track, "--like", drone, "--offer-reference", "--json"
    )
    facts = json.loads(out)
    assert status == 0 and facts["words"] == []
    assert all("like" in one["parts"] and "picture" in one["parts"] for one in facts["suggestions"])
    status, out, _ = program("suggest", film, "--like-temp", "--json")
    assert status == 3 and json.loads(out)["error"]["code"] == "no-temp-music"
