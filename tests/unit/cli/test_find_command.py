# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding by ear on the command line: one list for a script, a conversation for a person, nothing kept of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from media_factory import shot_frames, write_video
from needledrop.cli.main import run as run_command
from needledrop.core.paths import Profile
from needledrop.workflows.feedback import list_feedback
from unit.workflows.made_library import make_taste

TRACKS = 30
Run = Callable[..., str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A profile with made tracks, and a film."""
    folder = tmp_path_factory.mktemp("find")
    make_taste(Profile.at(folder / "profile"), TRACKS, 1)
    film = write_video(folder / "film.mp4", shot_frames((20, 45), 75, width=96, height=64))
    return folder / "profile", film


@pytest.fixture
def find(place: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> Run:
    def found(*words: str, status: int = 0) -> str:
        profile, film = place
        assert run_command(["--profile", str(profile), "find", str(film), "--quiet", *words]) == status
        return capsys.readouterr().out

    return found


def test_a_script_gives_all_answers_and_gets_the_next_list(find: Run, place: tuple[Path, Path]) -> None:
    first = json.loads(find("--json"))
    shown = [one["id"] for one in first["next"]]
    assert first["heard"] == 0 and len(set(shown)) == 4
    again = json.loads(find("--json", "--answer", f"{shown[0]}:warmer", "--answer", f"{shown[1]}:slower", "-n", "3"))
    assert again["heard"] == 2 and len(again["next"]) == 3
    assert not {shown[0], shown[1]} & {one["id"] for one in again["next"]}
    # The tempo of a made track is 90 and its id.
    assert min(one["id"] for one in again["next"]) < shown[1]
    assert len(list_feedback(Profile.at(place[0]))) == 1


def test_what_is_no_answer_is_refused(find: Run) -> None:
    with pytest.raises(SystemExit):
        find("--answer", "5:greener")
    find("--answer", "9999:warmer", status=3)


def test_a_person_answers_line_by_line(find: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = iter(["", "7 warmer", "8 greener", "undo", "9 slower", "done"])
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda prompt: next(lines))
    text = find()
    assert text.count("track  bpm") == 5 and "like" not in text and "`undo` takes" in text
    assert next(lines, None) is None


def test_every_track_can_be_passed_over(find: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda prompt: "")
    assert find("-n", "10").rstrip().endswith("Every track has been heard.")
