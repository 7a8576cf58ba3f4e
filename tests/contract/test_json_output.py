# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command with --json prints one JSON document, for success and for failure, and its exit status says which."""

from __future__ import annotations

import json
import logging
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.scanning import command, profile_with_models, quiet_scan
from media_factory import music, shot_frames, write_audio, write_video
from needledrop.cli.main import run
from needledrop.core.paths import Profile


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Take back what a run of the program sets for its process."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)
    root = logging.getLogger("needledrop")
    for handler in list(root.handlers):
        handler.close()
        root.removeHandler(handler)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Path:
    """A folder with a film, music in odd folders, a broken file, and a profile that knows them."""
    home = tmp_path_factory.mktemp("json")
    folder = home / "music \udcff\n"
    folder.mkdir()
    for seed in range(3):
        write_audio(folder / f"{seed} \udcff\n.flac", music(12.0, seed=seed, bpm=100.0 + 10 * seed))
    (folder / "broken \udcff\n.mp3").write_bytes(b"")
    write_video(home / "film.mp4", shot_frames([30, 60, 90], 125))
    quiet_scan(profile_with_models(home / "profile", models_dir), folder)
    return home


def answer(home: Path, capsys: pytest.CaptureFixture[str], *words: str | Path, status: int = 0) -> Any:
    """Run in this process; the JSON that came out."""
    assert run(command(Profile.at(home / "profile"), words)[3:]) == status, capsys.readouterr()
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    "words",
    [
        "scan",
        "library list",
        "library list --sort=-tempo --bpm 60-180 --limit 1",
        "library search 1",
        "library show 1",
        "library edit 1 title=Dawn licence=CC0-1.0",
        "library edit 1 title=",
        "library beats 1",
        "library beats 1 --double --shift 1",
        "library beats 1 --reset",
        "library remove 1",
        "library unremove 1",
        "library problems",
        "library folders",
        "library backup",
        "library backup --list",
        "library restore",
        "library export",
        "config",
        "config workers 2",
        "suggest film.mp4",
        "suggest film.mp4 --text calm --like 2 -n 2 --in 1 --out 4",
        "use film.mp4",
        "inspect film.mp4",
        "cues film.mp4",
        "export film.mp4",
        "preview film.mp4 -o preview.mp4",
        "cues film.mp4 --drop",
    ],
)
def test_success_is_json(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.chdir(home)
    assert answer(home, capsys, *words.split(), "--json") is not None


def test_an_empty_result_is_json_with_its_own_status(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(home, capsys, "library", "search", "nowhere-to-be-found", "--json", status=4)
    assert found == {"total": 0, "tracks": []}


@pytest.mark.parametrize(
    "words",
    ["scan nowhere", "library show 99", "library beats 99", "library beats 1 --bpm 1", "library beats 1 --metre 9",
     "library edit 1 colour=red", "library edit 1 nonsense", "suggest nowhere.mp4",
     "library search x --sort beauty", "config nothing", "library restore nowhere", "library folders --forget nowhere",
     "suggest film.mp4 --in 1000", "suggest film.mp4 --like 99", "use film.mp4 --pick 99", "cues film.mp4 --drop 9",
     "words nowhere.mp4", "suggest film.mp4 --like-temp"],
)  # fmt: skip
def test_failure_is_json(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.chdir(home)
    error = answer(home, capsys, *words.split(), "--json", status=3)["error"]
    assert error["code"] and error["sentence"].endswith(".") and error["remedy"]
