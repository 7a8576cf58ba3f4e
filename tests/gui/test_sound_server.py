# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sound server that dies is noticed before Qt is asked again, which would abort the process."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from needledrop.gui.sound_server import SoundServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="PulseAudio's socket is asked for on Linux alone")


def listening(path: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(path))
    server.listen(8)
    return server


def test_a_server_that_died_is_not_trusted_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "native"
    monkeypatch.setenv("PULSE_SERVER", f"unix:{path}")
    with listening(path):
        server = SoundServer()
        assert server.answers()
        assert server.answers()
    path.unlink()
    assert not server.answers()
    with listening(path):
        assert not server.answers()


def test_where_there_was_none_none_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'native'}")
    assert SoundServer().answers()
    monkeypatch.delenv("PULSE_SERVER")
    monkeypatch.delenv("PULSE_RUNTIME_PATH", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert SoundServer().answers()


def test_the_runtime_folder_is_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULSE_SERVER", raising=False)
    monkeypatch.delenv("PULSE_RUNTIME_PATH", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "pulse").mkdir()
    path = tmp_path / "pulse" / "native"
    with listening(path):
        server = SoundServer()
    path.unlink()
    assert not server.answers()
