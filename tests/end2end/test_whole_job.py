# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A user's first hour, as processes: scan, suggest, use, preview, export; what comes out is decoded and measured."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import media_factory
from needledrop.media.audio import read_audio
from needledrop.media.probe import probe_video

# Frames at 25 fps that lie on beats of a 120 BPM grid (half a second, 12.5 frames: every other beat is a whole frame).
CUTS = (50, 100, 150, 200, 225, 250, 275, 300, 350, 400, 450, 475, 500, 525, 575)
FRAMES = 625


class Home:
    """One user's folders, and their command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.music = folder / "music"
        self.video = folder / "cut.mp4"

    def run(self, *arguments: str | Path, status: int = 0) -> str:
        command = [sys.executable, "-m", "needledrop", "--profile", self.folder / "profile", *arguments]
        result = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=self.folder)
        assert result.returncode == status, result.stdout + result.stderr
        assert "Traceback" not in result.stderr
        return result.stdout

    def json(self, *arguments: str | Path, status: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", status=status))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A scanned library of six tracks of different tempo, and a video of 25 s cut on the beat of 120 BPM."""
    home = Home(tmp_path_factory.mktemp("home"))
    home.music.mkdir()
    for index, bpm in enumerate((92.0, 101.0, 110.0, 120.0, 131.0, 149.0)):
        sound = media_factory.music(45, bpm=bpm, seed=index, first_beat_s=0.31 + 0.05 * index)
        media_factory.write_audio(home.music / f"track {bpm:.0f}.flac", sound)
    speech_free = np.zeros((25 * 48000, 2), np.float32)
    frames = media_factory.shot_frames(CUTS, FRAMES)
    media_factory.write_video(home.video, frames, sound=speech_free)
    home.run("scan", home.music)
    return home


def test_every_track_is_in_the_library_with_its_tempo(home: Home) -> None:
    tracks = home.json("library", "list")["tracks"]
    measured = {track["tags"]["title"]: track["tempo_bpm"] for track in tracks}
    assert len(measured) == 6
    for title, tempo in measured.items():
        assert tempo == pytest.approx(float(title.split()[1]), rel=0.01)


def test_a_second_scan_finds_nothing_to_do(home: Home) -> None:
    report = home.json("scan")
    assert (report["files"], report["unchanged"], report["analysed"]) == (6, 6, 0)


def test_the_track_the_video_was_cut_to_hits_nearly_every_cut(home: Home) -> None:
    answer = home.json("suggest", home.video, "-n", "6")
    assert len(answer["cuts_s"]) == len(CUTS)
    by_title = {one["track"]["tags"]["title"]: one for one in answer["suggestions"]}
    best = by_title["track 120"]
    assert best["cut_hits"] >= len(CUTS) - 1
    assert abs(best["mean_offset_s"]) < 0.02
    assert best["cut_hits"] == max(one["cut_hits"] for one in answer["suggestions"])
    assert answer["suggestions"][0]["track_id"] == best["track_id"]


def test_the_same_question_gets_the_same_answer(home: Home) -> None:
    assert home.json("suggest", home.video) == home.json("suggest", home.video)


def test_a_range_gets_a_cue_of_its_length(home: Home) -> None:
    answer = home.json("suggest", home.video, "--in", "4", "--out", "0:14.5", "-n", "1")
    cue = answer["suggestions"][0]["cue"]
    assert cue["record_in_s"] == 4.0
    assert sum(piece["source_out_s"] - piece["source_in_s"] for piece in cue["pieces"]) == pytest.approx(10.5, abs=1e-6)


def test_filters_leave_out_what_does_not_fit(home: Home) -> None:
    answer = home.json("suggest", home.video, "--bpm", "100-125")
    assert {round(one["track"]["tempo_bpm"]) for one in answer["suggestions"]} == {101, 110, 120}
    assert home.json("suggest", home.video, "--licence", "CC-BY-4.0", status=4)["suggestions"] == []


def test_the_sound_of_one_track_finds_that_track(home: Home) -> None:
    track_id = next(t["id"] for t in home.json("library", "list")["tracks"] if t["tags"]["title"] == "track 149")
    file = home.music / "track 149.flac"
    others = home.json("suggest", home.video, "--like", file)
    assert len(others["suggestions"]) == 5 and track_id not in {one["track_id"] for one in others["suggestions"]}
    answer = home.json("suggest", home.video, "--like", file, "--offer-reference")
    by_likeness = sorted(answer["suggestions"], key=lambda one: -one["parts"]["like"])
    assert by_likeness[0]["track_id"] == track_id


def test_the_preview_carries_picture_and_music_on_the_beat(home: Home) -> None:
    home.run("preview", home.video, "--pick", "1", "-o", home.folder / "film.mp4")
    probe = probe_video(home.folder / "film.mp4")
    assert probe.duration_s == pytest.approx(25.0, abs=0.05)
    sound = read_audio(home.folder / "film.mp4", 0, 25)
    onset = np.abs(sound).max(axis=1)
    # Each bar's kick is the loudest thing: around a cut that a beat falls on, sound is louder after than before.
    rises = [
        float(np.sqrt((onset[round((cut / 25 - 0.03) * 48000) :][:4800] ** 2).mean()))
        / float(np.sqrt((onset[round((cut / 25 - 0.18) * 48000) :][:4800] ** 2).mean()) + 1e-6)
        for cut in CUTS
    ]
    assert np.median(rises) > 1.5


def test_exported_sound_is_exact_and_the_same_twice(home: Home) -> None:
    for name in ("one.wav", "two.wav"):
        home.run("export", home.video, "--pick", "1", "--in", "1", "--out", "21.02", "--wav", home.folder / name)
    first, second = ((home.folder / name).read_bytes() for name in ("one.wav", "two.wav"))
    assert first == second
    import soundfile

    assert soundfile.info(home.folder / "one.wav").frames == round(Fraction("20.02") * 48000)


def test_what_is_used_is_kept_credited_and_left_out_elsewhere(home: Home) -> None:
    picked = home.json("suggest", home.video, "-n", "1")["suggestions"][0]["track_id"]
    cues = home.json("use", home.video, "--pick", "1")
    assert [cue["track_id"] for cue in cues] == [picked]
    feedback = home.json("library", "export")["feedback"]
    assert (feedback[-1]["track_id"], feedback[-1]["verdict"]) == (picked, "accept")
    assert len(feedback[-1]["offered"]) == 6 and feedback[-1]["offered"][0] == picked
    credits, sheet = home.folder / "credits.txt", home.folder / "cues.csv"
    home.run("export", home.video, "--attribution", credits, "--cue-sheet", sheet)
    assert "track 120" in credits.read_text(encoding="utf-8")
    assert "track 120" in sheet.read_text(encoding="utf-8-sig")
    other = home.folder / "other.mp4"
    media_factory.write_video(other, media_factory.shot_frames((30, 60), 100, seed=9))
    left = home.json("suggest", other, "--exclude-used")["suggestions"]
    assert picked not in {one["track_id"] for one in left}
    assert home.json("cues", home.video, "--drop") == []


def test_a_missing_video_is_a_sentence_with_a_remedy(home: Home) -> None:
    error = home.json("suggest", home.folder / "nowhere.mp4", status=3)["error"]
    assert error["code"] == "missing" and error["remedy"]


def test_suggest_loads_neither_torch_nor_librosa(home: Home) -> None:
    code = (
        "import sys\n"
        "from needledrop.cli.main import run\n"
        f"status = run(['--profile', {str(home.folder / 'profile')!r}, 'suggest', {str(home.video)!r}, '--json'])\n"
        "assert status == 0\n"
        "assert not {'torch', 'librosa', 'numba', 'cv2'} & set(sys.modules), 'heavy modules loaded'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
