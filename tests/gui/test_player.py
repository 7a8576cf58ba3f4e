# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The player with its real engine, on whatever device there is: none in most test runs, which is one of the cases."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from media_factory import music, shot_frames, write_audio, write_video
from needledrop.core.cue import Cue, Piece
from needledrop.gui.player import Player, ShownFrame

WAIT_MS = 30_000
CUE = Cue(1, 0.0, (Piece(1.0, 4.0),), -6.0, 0.1, 0.1)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    own = music(3.0, rate=48_000) * np.float32(0.3)
    return write_video(tmp_path / "video.mp4", shot_frames([30], 75, width=160, height=96), sound=own)


@pytest.fixture
def tracks(tmp_path: Path) -> dict[int, Path]:
    return {1: write_audio(tmp_path / "track.wav", music(8.0))}


@pytest.fixture
def silent_player(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Player]:
    """A player on a machine without any sound device."""
    monkeypatch.setattr("needledrop.gui.sound_output._Output._choice", lambda self: None)
    player = Player()
    try:
        with qtbot.waitSignal(player.device_changed, timeout=WAIT_MS) as said:
            player.start()
        assert said.args == [""]
        yield player
    finally:
        player.close()


def opened(qtbot: QtBot, player: Player, video: Path, tracks: dict[int, Path]) -> list[ShownFrame]:
    shown: list[ShownFrame] = []
    player.frame_ready.connect(shown.append)
    with qtbot.waitSignals([player.opened, player.frame_ready], timeout=WAIT_MS):
        player.load(video, [CUE], tracks)
    return shown


def test_without_a_device_it_plays_silently_and_says_so(
    qtbot: QtBot, silent_player: Player, video: Path, tracks: dict[int, Path]
) -> None:
    shown = opened(qtbot, silent_player, video, tracks)
    assert silent_player.state.device == ""
    qtbot.waitUntil(lambda: silent_player.engine is not None and silent_player.engine.is_ready, timeout=WAIT_MS)
    silent_player.play()
    assert silent_player.state.is_playing
    with qtbot.waitSignal(silent_player.levels_changed, timeout=WAIT_MS, check_params_cb=_is_loud):
        pass
    qtbot.waitUntil(lambda: not silent_player.state.is_playing, timeout=WAIT_MS)  # It came to the end.
    assert silent_player.position_s == pytest.approx(3.0, abs=0.1)
    starts = [frame.start_s for frame in shown]
    assert starts == sorted(starts)
    assert len(starts) > 40
    assert starts[-1] == pytest.approx(2.96)


def _is_loud(levels: object) -> bool:
    return getattr(levels, "momentary_lufs") > -50  # noqa: B009  the signal carries an object


def test_pausing_stands_where_it_was_heard_and_steps_go_on_from_there(
    qtbot: QtBot, silent_player: Player, video: Path, tracks: dict[int, Path]
) -> None:
    shown = opened(qtbot, silent_player, video, tracks)
    silent_player.play()
    qtbot.waitUntil(lambda: silent_player.position_s > 0.5, timeout=WAIT_MS)
    silent_player.toggle()
    stood_s = silent_player.position_s
    assert not silent_player.state.is_playing
    qtbot.waitUntil(lambda: shown[-1].start_s <= stood_s + 1e-3 < shown[-1].end_s, timeout=WAIT_MS)
    before = shown[-1]
    silent_player.step(1)
    qtbot.waitUntil(lambda: shown[-1].start_s == before.end_s, timeout=WAIT_MS)
    silent_player.step(-1)
    qtbot.waitUntil(lambda: shown[-1].start_s == before.start_s, timeout=WAIT_MS)


def test_keys_of_the_shuttle(qtbot: QtBot, silent_player: Player, video: Path, tracks: dict[int, Path]) -> None:
    opened(qtbot, silent_player, video, tracks)
    silent_player.seek(1.5)
    speeds = []
    for key in (1, 1, -1, 0, -1):
        silent_player.shuttle(key)
        speeds.append(silent_player.state.speed)
    assert speeds == [1.0, 2.0, 1.0, 0.0, -1.0]


def test_auditioning_keeps_the_picture_running(
    qtbot: QtBot, silent_player: Player, video: Path, tracks: dict[int, Path]
) -> None:
    opened(qtbot, silent_player, video, tracks)
    player = silent_player
    player.set_candidates([[Cue(1, 0.0, (Piece(3.0, 6.0),), -6.0, 0.1, 0.1)]], tracks)
    player.set_loop((0.5, 2.5))
    player.seek(0.5)
    player.play()
    assert player.engine is not None
    for index in (0, None, 0):
        player.switch(index)
        assert player.state.candidate == index
        qtbot.waitUntil(lambda: player.engine is not None and not player.engine.is_switching, timeout=WAIT_MS)
        assert player.state.is_playing
    player.set_original(True)
    assert player.state.is_original
    player.set_original(False)
    player.switch(7)  # Nobody is there: nothing changes.
    assert (player.state.candidate, player.state.is_original, player.state.loop_s) == (0, False, (0.5, 2.5))


def test_a_killed_decoder_is_told_and_survived(
    qtbot: QtBot, silent_player: Player, video: Path, tracks: dict[int, Path]
) -> None:
    shown = opened(qtbot, silent_player, video, tracks)
    assert silent_player.engine is not None
    assert silent_player.engine.decoder_pid is not None
    with qtbot.waitSignal(silent_player.failed, timeout=WAIT_MS) as told:
        os.kill(silent_player.engine.decoder_pid, signal.SIGKILL)
    assert told.args is not None
    assert "started again" in told.args[0].sentence
    count = len(shown)
    silent_player.seek(2.0)
    qtbot.waitUntil(lambda: len(shown) > count and shown[-1].start_s == pytest.approx(2.0), timeout=WAIT_MS)


def test_a_file_that_is_gone_is_named(qtbot: QtBot, silent_player: Player, tmp_path: Path) -> None:
    with qtbot.waitSignal(silent_player.failed, timeout=WAIT_MS) as told:
        silent_player.load(tmp_path / "gone.mp4", [], {})
    assert told.args is not None
    assert told.args[0].code == "missing"
    silent_player.unload()
    assert not silent_player.state.is_loaded


def test_commands_without_a_video_do_nothing(silent_player: Player) -> None:
    silent_player.play()
    silent_player.step(1)
    silent_player.switch(0)
    silent_player.set_cues([])
    assert silent_player.state.is_playing is False
    assert silent_player.position_s == 0.0


def test_the_windows_process_loads_no_decoder_and_no_filter() -> None:
    code = (
        "import sys, needledrop.gui.player, needledrop.gui.widgets.level_meter, needledrop.preview.engine\n"
        "print(sorted({'av', 'scipy', 'cv2', 'torch', 'librosa', 'numba'} & sys.modules.keys()))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
