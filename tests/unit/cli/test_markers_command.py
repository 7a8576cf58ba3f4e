# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop markers` as its users type it: what it lists, what it writes, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import media_factory
from needledrop.core.cue import Cue, Piece
from needledrop.core.music import RhythmEdit
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.workflows.profiles import write_library
from needledrop.workflows.rhythms import correct_beats
from needledrop.workflows.scan import scan
from needledrop.workflows.videos import analysed_video

Program = Callable[..., tuple[int, str, str]]


@pytest.fixture
def film(profile: Profile, track: str, tmp_path: Path) -> Path:
    """A video under which that track is kept from its third bar on, half a second into the film."""
    path = media_factory.write_video(tmp_path / "film.mp4", media_factory.shot_frames((20,), 40))
    video = analysed_video(profile, path, ignore_progress, CancelToken())
    start_s = 0.4 + 8 * 60 / 91
    with write_library(profile, "test") as library:
        project = library.open_project(video.content_hash, video.path)
        piece = Piece(start_s, start_s + 1.0)
        library.save_cues(project.id, [Cue(int(track), 0.5, (piece,), 0.0, 0.0, 0.0, stretch=1.02)])
    return path


def listed(program: Program, *words: str | Path, status: int = 0) -> Any:
    done, output, _ = program("markers", *words, "--json")
    assert done == status
    return json.loads(output)


def test_a_list_shows_every_beat_with_its_bar(program: Program, track: str) -> None:
    status, output, _ = program("markers", track, "--no-sections")
    lines = output.splitlines()
    assert status == 0 and len(lines) > 80
    assert lines[1].split() == ["0.400", "01:00:00:10", "downbeat", "Bar", "1"]
    assert lines[2].split()[2:] == ["beat", "1.2"]


@pytest.mark.parametrize(
    ("words", "kinds", "step_s"),
    [
        (("--no-sections",), {"beat", "downbeat"}, 60 / 91),
        (("--every", "2", "--no-sections"), {"beat", "downbeat"}, 120 / 91),
        (("--every", "8", "--no-sections"), {"downbeat"}, 480 / 91),
        (("--only", "downbeats"), {"downbeat"}, 240 / 91),
        (("--only", "sections"), {"section"}, None),
    ],
)
def test_filters(program: Program, track: str, words: tuple[str, ...], kinds: set[str], step_s: float | None) -> None:
    markers = listed(program, track, *words)["markers"]
    assert {marker["kind"] for marker in markers} == kinds
    if step_s is not None:
        assert np.diff([marker["time_s"] for marker in markers]) == pytest.approx(step_s, rel=0.01)  # Its tempo sways.


def test_the_users_beats_are_marked(program: Program, profile: Profile, track: str) -> None:
    correct_beats(profile, int(track), [RhythmEdit("double"), RhythmEdit("shift", beats=1)])
    markers = listed(program, track, "--only", "downbeats")["markers"]
    assert markers[0]["time_s"] == pytest.approx(0.4 + 30 / 91, abs=0.002)


def test_rates_and_start(program: Program, track: str) -> None:
    found = listed(program, track, "--fps", "29.97", "--start", "00:59:58:00")
    assert found["frame_rate"] == "30000/1001" and found["start_timecode"] == "00:59:58;00"
    found = listed(program, track, "--fps", "29.97", "--non-drop")
    assert found["start_timecode"] == "01:00:00:00"
    # An hour by non-drop timecode is an hour of frames at 30, which the clock shows 3.6 s later.
    assert listed(program, track, "--fps", "23.976")["markers"][0]["frame"] == round(0.4 * 24000 / 1001)


def test_a_cue_lies_on_the_timeline_of_its_film(program: Program, film: Path) -> None:
    found = listed(program, film, "--no-sections")
    assert found["title"] == "film.mp4" and found["frame_rate"] == "25"
    assert [marker["label"] for marker in found["markers"]] == ["Bar 3", "3.2"]
    assert [marker["time_s"] for marker in found["markers"]] == pytest.approx([0.5, 0.5 + 1.02 * 60 / 91], abs=0.01)
    assert listed(program, film, "--cue", "1", "--no-sections") == found
    assert "no cue 2" in listed(program, film, "--cue", "2", status=3)["error"]["sentence"]


def test_without_a_kept_cue_a_video_has_no_markers(program: Program, tmp_path: Path) -> None:
    path = media_factory.write_video(tmp_path / "bare.mp4", media_factory.shot_frames((20,), 40))
    assert "No cue is kept" in listed(program, path, status=3)["error"]["sentence"]


def test_every_text_format_is_written_once(program: Program, track: str, tmp_path: Path) -> None:
    names = {"csv": "a.csv", "audacity": "a.txt", "resolve": "a.edl", "premiere": "a.xml", "midi": "a.mid"}
    words = [word for name, file in names.items() for word in (f"--{name}", str(tmp_path / file))]
    status, output, _ = program("markers", track, "--every", "4", *words)
    assert status == 0 and output.split() == [str(tmp_path / file) for file in names.values()]
    starts = [(tmp_path / file).read_bytes()[:8] for file in names.values()]
    assert starts[0].startswith(b"\xef\xbb\xbf") and starts[2].startswith(b"TITLE: ") and starts[4][:4] == b"MThd"
    assert b"\t" in starts[1] + (tmp_path / "a.txt").read_bytes() and starts[3].startswith(b"<?xml")
    status, output, _ = program("markers", track, "--csv", tmp_path / "a.csv")
    assert status == 3
    assert program("markers", track, "--csv", tmp_path / "a.csv", "--overwrite")[0] == 0


def test_sound_is_written_with_its_cue_points(program: Program, profile: Profile, tmp_path: Path) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    media_factory.write_audio(folder / "a.flac", media_factory.music(12, bpm=120, seed=3))
    scan(profile, [folder], workers=1, progress=ignore_progress, cancel=CancelToken())
    path = tmp_path / "marked.wav"
    assert program("markers", "1", "--only", "downbeats", "--wav", path)[0] == 0
    sound, rate = soundfile.read(path)
    assert rate == 48_000 and len(sound) == 12 * 48_000 and np.abs(sound).max() > 0.1
    assert path.read_bytes().count(b"labl") == len(listed(program, "1", "--only", "downbeats")["markers"]) > 3


def test_without_beats_there_is_no_tempo_map(program: Program, drone: str, tmp_path: Path) -> None:
    found = listed(program, drone)
    assert {marker["kind"] for marker in found["markers"]} == {"section"}
    assert listed(program, drone, "--only", "downbeats", status=4)["markers"] == []
    refused = listed(program, drone, "--midi", tmp_path / "a.mid", status=3)
    assert "no tempo map" in refused["error"]["sentence"] and not (tmp_path / "a.mid").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--cue 1", "--cue belongs to a video."),
        ("--only sections --every 2", "--only stands alone."),
        ("--start soon", "'soon' is not a time."),
    ],
)
def test_nonsense_gets_a_sentence(program: Program, track: str, words: str, sentence: str) -> None:
    error = listed(program, track, *words.split(), status=3)["error"]
    assert error["sentence"] == sentence and error["remedy"]


def test_no_such_track(program: Program, track: str) -> None:
    assert "no track 99" in listed(program, "99", status=3)["error"]["sentence"]
