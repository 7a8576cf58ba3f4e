# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Kdenlive and Shotcut make of our projects: opened on a screen of their own, saved, read again, and equal.

Needs the programs named in editor_programs.py. Run: pytest -m editors tests/unit/export/interchange
Pictures of the screens are written to the folder in NEEDLEDROP_SCREENS, where it is set.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edit_factory import made_edit
from editor_programs import Screen, kdenlive_window, missing, running, screen, wait_for
from media_factory import shot_frames, write_video
from needledrop.core.edit import ClipKind, EditClip, ProjectEdit
from needledrop.export.interchange.read import read_edit
from needledrop.export.interchange.write import EditFormat, write_edit

pytestmark = pytest.mark.editors
RATE = Fraction(25)
REPOSITORY = Path(__file__).resolve().parents[4]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Screen]:
    lacking = missing("kdenlive", "shotcut")
    assert not lacking, f"not installed: {', '.join(lacking)}"
    with screen(tmp_path / "desk") as made:
        yield made


def project(folder: Path, target: EditFormat, name: str) -> Path:
    """The edit with all that writers hold, of media that can be played."""
    edit = made_edit(folder, RATE)
    film = folder / "Übung & film #1.mp4"
    hum = 0.1 * np.sin(np.arange(64 * 48_000) * 0.02).astype(np.float32)
    write_video(film, shot_frames([500, 1000], 1600), sound=np.stack([hum, hum], 1))
    soundfile.write(folder / "the song.wav", 0.1 * np.sin(np.arange(160 * 48_000) * 0.05), 48_000, subtype="PCM_24")
    path = folder / name
    write_edit(edit, target, path)
    return path


def take_picture(desk: Screen, window: str, name: str) -> None:
    desk.fill(window)
    time.sleep(3)  # It paints its waveforms by and by.
    if folder := os.environ.get("NEEDLEDROP_SCREENS"):
        desk.picture(Path(folder) / f"{name}.png")


def facts(edit: ProjectEdit) -> dict[str, object]:
    """What must survive, in frames; markers by time and name, for programs name them by their own kinds."""
    clips = sorted(map(clip_facts, edit.clips))
    return {"clips": clips, "markers": [(edit.frame_of(marker.time_s), marker.label) for marker in edit.markers]}


def clip_facts(clip: EditClip) -> tuple[object, ...]:
    frames = [
        round(time_s * RATE)
        for time_s in (
            clip.record_in_s, clip.record_out_s, clip.source_in_s, clip.source_out_s, clip.fade_in_s, clip.fade_out_s
        )
    ]  # fmt: skip
    levels = tuple((round(point.time_s * RATE), round(point.level_db, 1)) for point in clip.levels)
    return (clip.kind is ClipKind.SOUND, clip.track, *frames, round(clip.gain_db, 1), levels)


def test_kdenlive_keeps_all_of_it(tmp_path: Path, desk: Screen) -> None:
    path = project(tmp_path, EditFormat.KDENLIVE_22, "kd.kdenlive")
    before, written_at = facts(read_edit(path)), path.stat().st_mtime_ns
    with running(desk, "kdenlive", path) as kdenlive:
        service = kdenlive_window(desk, kdenlive, "kd / ")
        action = ("/kdenlive/MainWindow_1/actions/file_save", "org.qtproject.Qt.QAction.trigger")
        wait_for(lambda: desk.call(service, *action) and path.stat().st_mtime_ns != written_at, "saving")
        take_picture(desk, desk.windows("kd / ")[0], "kdenlive")
    assert "22.12" in path.read_text() or "kdenliveversion" in path.read_text()
    assert facts(read_edit(path)) == before
    assert any(clip[-1] for clip in before["clips"])  # type: ignore[attr-defined]


def test_shotcut_keeps_all_of_it(tmp_path: Path, desk: Screen) -> None:
    path = project(tmp_path, EditFormat.MLT, "sc.mlt")
    before, written_at = facts(read_edit(path)), path.stat().st_mtime_ns
    with running(desk, "shotcut", "--noupgrade", path):
        wait_for(lambda: desk.windows("sc.mlt"), "a window of Shotcut")
        window = desk.windows("sc.mlt")[0]

        def saved() -> bool:
            desk.press(window, "ctrl+s")
            return path.stat().st_mtime_ns != written_at

        wait_for(saved, "saving")
        for _ in range(3):
            desk.press(window, "ctrl+minus")  # Lower tracks, so that the music is seen.
        take_picture(desk, window, "shotcut")
    assert facts(read_edit(path)) == before


def test_kdenlive_lays_a_wav_at_its_playhead(tmp_path: Path, desk: Screen) -> None:
    """By the script that `needledrop plugin install kdenlive` puts there, in a new project, which has target tracks."""
    script, video = installed_script(tmp_path, "kdenlive"), tmp_path / "film.mp4"
    write_video(video, shot_frames([], 25))
    saved = tmp_path / "saved.kdenlive"
    with running(desk, "kdenlive") as kdenlive:
        kdenlive_window(desk, kdenlive, "Untitled / ")
        command = [sys.executable, script, video, "--insert", "--pick", "1"]
        done = subprocess.run(command, env=desk.environment, input="\n", text=True, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        wait_for(lambda: desk.windows(r"Untitled\*"), "a change of the project")
        take_picture(desk, desk.windows(r"Untitled\*")[0], "kdenlive-insert")
        desk.press(desk.windows(r"Untitled\*")[0], "ctrl+s")
        wait_for(lambda: desk.windows("Save"), "the dialog that asks for a name")
        desk.type(desk.windows("Save")[0], str(saved))
        wait_for(saved.is_file, "saving")
    (clip,) = read_edit(saved).clips
    assert clip.source is not None and clip.source.path == tmp_path / "film music.wav"
    # Kdenlive 22.12 leaves the last frame of what it lays out.
    assert (clip.kind, clip.record_in_s, clip.duration_s) == (ClipKind.SOUND, 0, Fraction(24, 25))


def installed_script(folder: Path, host: str) -> Path:
    """The script beside what it needs, with a stand-in of the command that finds and mixes."""
    installed = folder / "installed"
    for part in (host, "handoff"):
        shutil.copytree(REPOSITORY / "plugin" / part, installed, dirs_exist_ok=True)
    program = shutil.copy(REPOSITORY / "tests/plugin/stand_in_needledrop.py", installed)
    facts = {"schema": 1, "bridge_dir": str(folder), "launch": [], "command": [sys.executable, str(program)]}
    (installed / "needledrop_install.json").write_text(json.dumps(facts))
    return installed / f"needledrop_{host}.py"
