# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on inside real Blenders: laid on a real cut, mixed down by Blender, measured.

Needs `blender` (Debian: blender), and for other versions Pythons with `bpy`, named in NEEDLEDROP_BPY_PYTHONS
(separated by colons). Run: pytest -m editors tests/plugin/test_blender_mixdown.py
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from media_factory import music as made_music
from media_factory import shot_frames, write_audio, write_video
from needledrop.core.edit import ClipKind
from needledrop.export.interchange.otio_reader import read_otio
from stand_in_bridge import StandInBridge, suggestion

pytestmark = pytest.mark.editors

REPOSITORY = Path(__file__).resolve().parent.parent.parent
ADDON = REPOSITORY / "plugin" / "blender" / "needledrop_vse"
STORY = Path(__file__).with_name("blender_story.py")
SAMPLE_RATE = 48_000
SETTLED_S = 0.05
# Blender reaches a frame's volume at the end of that frame, whoever set its keyframes: measured in 3.4, 4.5 and 5.0.
LATE_S = 0.04
Wave = NDArray[np.float64]


def programs() -> list[list[str]]:
    """The commands of all Blenders here, the story's file still missing."""
    blender = shutil.which("blender")
    found = [[blender, "-b", "--factory-startup", "-P", str(STORY), "--"]] if blender else []
    pythons = filter(None, os.environ.get("NEEDLEDROP_BPY_PYTHONS", "").split(":"))
    return [*found, *([python, str(STORY)] for python in pythons)]


@pytest.fixture(params=programs() or [None], ids=lambda command: Path(command[0]).parts[-3] if command else "none")
def blender(request: pytest.FixtureRequest) -> list[str]:
    """The command of one Blender."""
    if "editors" not in request.config.getoption("-m"):
        pytest.skip("asks other programs: run with -m editors")
    if request.param is None:
        pytest.skip("Blender is not installed (Debian: apt-get install blender)")
    return list(request.param)


def told(blender: list[str], environment: dict[str, str], story: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What one Blender saw in a story; the mixdown is `mix.wav` in the folder."""
    file = folder / "story.json"
    file.write_text(json.dumps({"mix": str(folder / "mix.wav"), **story}))
    ran = subprocess.run(
        [*blender, str(file)], env=environment, capture_output=True, text=True, timeout=180, check=False
    )
    seen = file.with_suffix(".seen.json")
    assert seen.exists(), ran.stdout + ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr, ran.stdout + ran.stderr
    return dict(json.loads(seen.read_text()))


@pytest.fixture
def tell(blender: list[str], tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Have one Blender, which knows nothing but the add-on, tell a story about an engine of the test."""
    scripts, home = tmp_path / "scripts", tmp_path / "home"
    installed = scripts / "addons" / ADDON.name
    shutil.copytree(ADDON, installed, ignore=shutil.ignore_patterns("__pycache__"))
    home.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "BLENDER_USER_SCRIPTS": str(scripts)}

    def run(bridge: StandInBridge, **story: Any) -> dict[str, Any]:
        shutil.copy(bridge.install_file, installed)
        return told(blender, environment, {"module": ADDON.name, **story}, tmp_path)

    return run


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty seconds of picture without sound."""
    path = tmp_path_factory.mktemp("film") / "harbour.mp4"
    return write_video(path, shot_frames([120, 300], 500, width=160, height=90), frame_rate=Fraction(25))


def noise(seconds: float, seed: int = 4) -> Wave:
    """Steady noise below full scale, both channels unlike: every moment of it is like no other."""
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (round(seconds * SAMPLE_RATE), 2))


def level_db(heard: Wave, start_s: float, end_s: float) -> float:
    """RMS of a stretch; -200 for digital silence."""
    part = heard[round(start_s * SAMPLE_RATE) : round(end_s * SAMPLE_RATE)]
    return float(20 * np.log10(max(np.sqrt(np.mean(part**2)), 1e-10)))


def lag_samples(heard: Wave, expected: Wave, around: int) -> int:
    """How many samples later than at `around` a piece of `expected` is heard."""
    reach, piece = 4800, expected[:16384, 0]
    stretch = heard[around - reach : around + len(piece) + reach, 0]
    return int(np.argmax(np.correlate(stretch, piece, "valid"))) - reach


def verbs(
    folder: Path, start_s: float, end_s: float, rate: Fraction, **use: Any
) -> dict[str, Callable[[dict[str, Any]], dict[str, Any]]]:
    """An engine that finds one track, and lays it from `start_s` to `end_s`."""
    first, end = round(start_s * rate), round(end_s * rate)
    answer = {
        "wav": str(folder / "music.wav"), "sample_rate": SAMPLE_RATE, "samples": 0, "start_s": start_s, "end_s": end_s,
        "start_frame": first, "frames": end - first, "frame_rate": str(rate), "original": None,
        "markers": [{"at_s": start_s + 1, "name": "Bar 2", "kind": "downbeat"},
                    {"at_s": start_s + 1.5, "name": "Beat", "kind": "beat"},
                    {"at_s": start_s + 2, "name": "Drop", "kind": "section"}],
        "attribution": '"Tide" by Ana', "title": "Tide",
    } | use  # fmt: skip
    listed = {"state": "done", "progress": None, "notes": [], "suggestions": [suggestion(1, start_s, end_s)]}
    return {"suggest": lambda _: {"job": "j-1"}, "list": lambda _: listed, "use": lambda _: answer}


def read_wave(path: Path) -> Wave:
    samples, rate = soundfile.read(path, always_2d=True)
    assert rate == SAMPLE_RATE
    return np.asarray(samples)


def test_baked_music_is_heard_to_the_sample(tell: Callable[..., dict[str, Any]], film: Path, tmp_path: Path) -> None:
    """A single film from frame 1; the music from 4 s to 16 s, its fades in it."""
    music = noise(12.0)
    ramp = np.clip(np.arange(len(music)) / SAMPLE_RATE, 0, 1) * np.clip(np.arange(len(music))[::-1] / 96_000, 0, 1)
    music *= ramp[:, None]
    soundfile.write(tmp_path / "music.wav", music, SAMPLE_RATE, subtype="PCM_24")
    with StandInBridge(tmp_path, verbs(tmp_path, 4.0, 16.0, Fraction(25))) as bridge:
        seen = tell(
            bridge, levels="BAKED", markers="DOWNBEATS", fps=[25, 1.0], range=[1, 500], words="calm",
            strips=[["film", str(film), 1, 1, 0, 500]],
        )  # fmt: skip
        (asked,) = bridge.arguments_of("suggest")
    expected = {"media": str(film), "in_s": 0.0, "out_s": 20.0, "frame_rate": "25/1", "count": 12, "text": "calm"}
    assert asked == expected
    assert seen["error"] is None
    (strip,) = seen["laid"]
    assert (strip["name"], strip["channel"], strip["first"], strip["end"]) == ("Tide", 2, 101, 401)
    assert seen["channel"] == ["Music"]
    assert seen["markers"] == [[126, "Bar 2"], [151, "Drop"]]
    heard = read_wave(tmp_path / "mix.wav")
    assert lag_samples(heard, music[5 * SAMPLE_RATE :], 9 * SAMPLE_RATE) == 0
    assert level_db(heard, 0.0, 4.0 - SETTLED_S) < -120
    assert level_db(heard, 16.0 + SETTLED_S, 19.9) < -120
    error = heard[4 * SAMPLE_RATE : 16 * SAMPLE_RATE] - music
    assert np.sqrt(np.mean(error**2)) < 1e-4
    assert seen["undone"] == seen["before"] == ["film"]
    assert seen["undone_markers"] == 0


def test_editable_music_has_its_levels(tell: Callable[..., dict[str, Any]], film: Path, tmp_path: Path) -> None:
    """The track from 3.013 s on, at -6 dB with fades, 9 dB less from 6 s to 8 s of the clip."""
    track = noise(60.0)
    soundfile.write(tmp_path / "tide.wav", track, SAMPLE_RATE, subtype="PCM_24")
    in_s, length_s, duck = 3.013, 12.0, [[0.0, 0.0], [5.8, 0.0], [6.0, -9.0], [8.0, -9.0], [8.4, 0.0]]
    original = {
        "path": str(tmp_path / "tide.wav"), "in_s": in_s, "out_s": in_s + length_s, "gain_db": -6.0,
        "fade_in_s": 1.0, "fade_out_s": 2.0, "duck": duck,
    }  # fmt: skip
    with StandInBridge(tmp_path, verbs(tmp_path, 4.0, 16.0, Fraction(25), original=original)) as bridge:
        seen = tell(
            bridge, levels="EDITABLE", markers="NONE", fps=[25, 1.0], range=[1, 500],
            strips=[["film", str(film), 1, 1, 0, 500]],
        )  # fmt: skip
    assert seen["error"] is None
    heard = read_wave(tmp_path / "mix.wav")
    full_db = level_db(track, 0, 60) - 6.0
    half_db = full_db + 20 * np.log10(np.sin(np.pi / 4))
    assert level_db(heard, 0.0, 4.0 - SETTLED_S) < -120
    assert level_db(heard, 4.45 + LATE_S, 4.55 + LATE_S) == pytest.approx(half_db, abs=0.2)
    assert level_db(heard, 5.5, 9.5) == pytest.approx(full_db, abs=0.1)
    assert level_db(heard, 9.88 + LATE_S, 9.92 + LATE_S) == pytest.approx(full_db - 4.5, abs=0.5)
    assert level_db(heard, 10.1, 11.9) == pytest.approx(full_db - 9.0, abs=0.1)
    assert level_db(heard, 12.6, 13.9) == pytest.approx(full_db, abs=0.1)
    assert level_db(heard, 14.95 + LATE_S, 15.05 + LATE_S) == pytest.approx(half_db, abs=0.2)
    assert level_db(heard, 16.0 + SETTLED_S, 19.9) < -120
    lag = lag_samples(heard, track[round((in_s + 2) * SAMPLE_RATE) :], 6 * SAMPLE_RATE)
    version = tuple(int(part) for part in seen["version"].split(".")[:2])
    half_a_frame = SAMPLE_RATE // 50
    assert abs(lag) <= (1 if version >= (4, 4) else half_a_frame)


def test_a_cut_is_handed_over_as_a_timeline(tell: Callable[..., dict[str, Any]], film: Path, tmp_path: Path) -> None:
    """Three clips of a film at 29.97 from frame 101 on, and a preview range: the answer counts from the first clip."""
    rate = Fraction(30000, 1001)
    music = noise(float(300 / rate))
    soundfile.write(tmp_path / "music.wav", music, SAMPLE_RATE, subtype="PCM_24")
    cut = [["a", str(film), 1, 101, 50, 100], ["b", str(film), 1, 201, 300, 120], ["c", str(film), 2, 351, 0, 150]]
    answers = verbs(tmp_path, float(30 / rate), float(330 / rate), rate)
    with StandInBridge(tmp_path, answers) as bridge:
        seen = tell(
            bridge, levels="BAKED", markers="NONE", fps=[30, 1.001], range=[1, 600], preview=[131, 430], strips=cut,
            save_as=str(tmp_path / "my film.blend"),
        )  # fmt: skip
        (asked,) = bridge.arguments_of("suggest")
        (use,) = bridge.arguments_of("use")
    assert seen["error"] is None
    assert (asked["in_s"], asked["out_s"]) == (pytest.approx(float(30 / rate)), pytest.approx(float(330 / rate)))
    assert asked["frame_rate"] == "30000/1001"
    assert use["folder"] == str(tmp_path / "music")
    edit = read_otio(Path(asked["project"]))
    assert edit.frame_rate == rate
    shots = [(clip.name, clip.record_in_s * rate, clip.record_out_s * rate, clip.source_in_s) for clip in edit.clips]
    assert shots == [("a", 0, 100, 50 / rate), ("b", 100, 220, 300 / rate), ("c", 250, 400, 0)]
    assert {clip.kind for clip in edit.clips} == {ClipKind.PICTURE}
    assert all(clip.source is not None and clip.source.path == film for clip in edit.clips)
    (strip,) = seen["laid"]
    assert (strip["first"], strip["end"], strip["channel"]) == (131, 431, 3)
    heard = read_wave(tmp_path / "mix.wav")
    assert abs(lag_samples(heard, music[SAMPLE_RATE:], round(130 / rate * SAMPLE_RATE) + SAMPLE_RATE)) <= 1
    assert seen["undone"] == ["a", "b", "c"]


@pytest.fixture
def silent_bridge(tmp_path: Path) -> Iterator[StandInBridge]:
    """An engine that has gone: what it left behind says where it was."""
    with StandInBridge(tmp_path, {}) as bridge:
        pass
    yield bridge


def test_an_engine_that_cannot_be_started_is_said(
    tell: Callable[..., dict[str, Any]], film: Path, silent_bridge: StandInBridge
) -> None:
    seen = tell(
        silent_bridge, levels="BAKED", markers="NONE", fps=[25, 1.0], range=[1, 500],
        strips=[["film", str(film), 1, 1, 0, 500]],
    )  # fmt: skip
    assert seen["found"] == []
    assert seen["error"].startswith("not-running: /nowhere/needledrop could not be started")


def test_what_is_seen_and_heard_is_read(blender: list[str], film: Path, tmp_path: Path) -> None:
    """Strips inside a meta strip as far as it shows them; nothing that is muted."""
    soundfile.write(tmp_path / "voice.wav", noise(20.0), SAMPLE_RATE)
    scripts = tmp_path / "scripts"
    shutil.copytree(ADDON, scripts / "addons" / ADDON.name, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "BLENDER_USER_SCRIPTS": str(scripts)}
    story = {
        "module": ADDON.name, "levels": "BAKED", "markers": "NONE", "fps": [25, 1.0], "range": [1, 600],
        "strips": [["a", str(film), 1, 11, 50, 140], ["b", str(film), 2, 151, 0, 100], ["c", str(film), 1, 300, 0, 50]],
        "inside": ["a", "b"], "muted": "c", "sound": str(tmp_path / "voice.wav"),
    }  # fmt: skip
    seen = told(blender, environment, story, tmp_path)
    assert sorted(seen["clips"]) == [
        ["a", 5, False, 21, 151, 60 / 25],
        ["b", 5, False, 151, 221, 0.0],
        ["title", 1, False, 260, 290, 0.0],
        ["voice", 3, True, 35, 135, 1.0],
    ]


def version_of(blender: list[str]) -> tuple[int, int]:
    """Of the program, or of the `bpy` of a Python."""
    is_program = "-b" in blender
    asked = [blender[0], "--version"] if is_program else [blender[0], "-c", "import bpy; print(bpy.app.version_string)"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+)\.(\d+)", said)
    assert found is not None, said
    return int(found[1]), int(found[2])


def test_the_whole_way_with_needledrop_itself(blender: list[str], film: Path, tmp_path: Path) -> None:
    """Installed by its own command, started by the add-on: what is heard is the WAV it baked, to the sample."""
    home, profile, music = tmp_path / "home", tmp_path / "profile", tmp_path / "music"
    version = version_of(blender)
    (home / ".config" / "blender" / f"{version[0]}.{version[1]}").mkdir(parents=True)
    music.mkdir()
    for number, bpm in enumerate((84.0, 110.0, 132.0)):
        write_audio(music / f"song {number}.flac", made_music(45.0, bpm=bpm, seed=number))
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "OMP_NUM_THREADS": "1"}
    program = [sys.executable, "-m", "needledrop", "--profile", str(profile)]
    for arguments in (["scan", str(music)], ["plugin", "install", "blender"]):
        subprocess.run([*program, *arguments], env=environment, check=True, capture_output=True, timeout=120)
    story = {
        "module": ADDON.name if version < (4, 2) else f"bl_ext.user_default.{ADDON.name}",
        "levels": "BAKED", "markers": "BEATS", "fps": [25, 1.0], "range": [1, 350],
        "strips": [["a", str(film), 1, 1, 0, 200], ["b", str(film), 1, 201, 300, 150]],
    }  # fmt: skip
    try:
        seen = told(blender, environment, story, tmp_path)
    finally:
        os.kill(json.loads((profile / "data" / "bridge" / "endpoint.json").read_text())["pid"], signal.SIGINT)
    assert seen["error"] is None
    assert [one["title"] for one in seen["found"]]
    (strip,) = seen["laid"]
    baked, heard = read_wave(Path(strip["media"])), read_wave(tmp_path / "mix.wav")
    start = (strip["first"] - 1) * SAMPLE_RATE // 25
    assert len(baked) == (strip["end"] - strip["first"]) * SAMPLE_RATE // 25
    assert np.sqrt(np.mean((heard[start : start + len(baked)] - baked) ** 2)) < 1e-4 < np.sqrt(np.mean(baked**2))
    assert all(strip["first"] <= frame <= strip["end"] for frame, _ in seen["markers"])
    assert seen["undone"] == ["a", "b"]
