# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One engine to a profile: how it is found, who may have it, when it ends, what it leaves behind."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from pathlib import Path

import pytest

from needledrop import __version__
from needledrop.bridge.engine import Engine
from needledrop.bridge.folder import BridgeFolder
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from unit.bridge.plugin_client import PluginClient, ask_by_file, talk


def test_the_endpoint_says_how_it_is_reached_and_only_to_its_user(profile: Profile, engine: Engine) -> None:
    path = profile.bridge_dir / "endpoint.json"
    stored = json.loads(path.read_text())
    assert stored == {
        "schema": 1,
        "port": engine.endpoint.port,
        "token": engine.endpoint.token,
        "pid": os.getpid(),
        "version": __version__,
    }
    assert len(stored["token"]) == 43
    assert path.stat().st_mode & 0o777 == 0o600
    for folder in (path.parent, *(path.parent / name for name in ("requests", "answers", "exports"))):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_it_listens_on_loopback_only(engine: Engine) -> None:
    own = socket.gethostbyname(socket.gethostname())
    if own.startswith("127."):
        own = "127.0.0.2"  # Another address of the same machine: not ours either.
    with pytest.raises(OSError), socket.create_connection((own, engine.endpoint.port), timeout=2):
        pass


def test_a_second_engine_says_where_the_first_one_listens(profile: Profile, engine: Engine) -> None:
    with pytest.raises(KnownError, match=f"127.0.0.1:{engine.endpoint.port}") as refused:
        Engine.start(profile)
    assert refused.value.code == "serving"
    with PluginClient(engine.endpoint) as plugin:
        assert plugin.ask("status")["ok"]


def test_its_end_takes_everything_back_and_the_next_one_has_another_token(profile: Profile) -> None:
    tokens = set()
    for _ in range(2):
        engine = Engine.start(profile)
        tokens.add(engine.endpoint.token)
        with PluginClient(engine.endpoint) as plugin:
            assert plugin.ask("status")["ok"]
            engine.close()  # With a connection that is kept.
        assert not (profile.bridge_dir / "endpoint.json").exists()
        with pytest.raises(ConnectionError):
            socket.create_connection(("127.0.0.1", engine.endpoint.port), timeout=2)
    assert len(tokens) == 2


def test_an_announcement_that_someone_holds_is_left_and_no_failure(
    profile: Profile, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(path)

    folder = BridgeFolder(profile.bridge_dir)
    with monkeypatch.context() as held:
        held.setattr(Path, "unlink", refuse)
        folder.withdraw(engine.endpoint)
    assert folder.endpoint() == engine.endpoint


def test_what_a_killed_engine_left_is_replaced(profile: Profile, tmp_path: Path) -> None:
    profile.bridge_dir.mkdir(parents=True)
    precious = tmp_path / "precious"
    precious.write_text("keep")
    (profile.bridge_dir / "endpoint.json").symlink_to(precious)
    engine = Engine.start(profile)
    try:
        assert json.loads((profile.bridge_dir / "endpoint.json").read_text())["port"] == engine.endpoint.port
        assert precious.read_text() == "keep"
    finally:
        engine.close()


@pytest.mark.parametrize("inside", ["", "requests", "answers", "exports"])
def test_a_folder_that_is_a_link_is_refused(profile: Profile, tmp_path: Path, inside: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = profile.bridge_dir / inside
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(elsewhere)
    with pytest.raises(KnownError, match="is a link") as refused:
        Engine.start(profile)
    assert refused.value.code == "unsafe-folder"
    assert list(elsewhere.iterdir()) == []


def test_an_open_folder_is_closed_to_others(profile: Profile) -> None:
    profile.bridge_dir.mkdir(parents=True)
    profile.bridge_dir.chmod(0o777)
    engine = Engine.start(profile)
    engine.close()
    assert profile.bridge_dir.stat().st_mode & 0o777 == 0o700


def test_idle_it_ends_by_itself_and_not_while_it_is_asked(profile: Profile) -> None:
    engine = Engine.start(profile, idle_s=1.0)
    with PluginClient(engine.endpoint) as plugin:
        for _ in range(4):
            assert plugin.ask("status")["ok"]
            assert not engine.wait(0.4)
        assert engine.wait(10.0)
    assert not (profile.bridge_dir / "endpoint.json").exists()
    engine.close()


def test_a_stranger_does_not_keep_it_awake(profile: Profile) -> None:
    engine = Engine.start(profile, idle_s=1.0)
    end = time.monotonic() + 10
    while not engine.wait(0.1) and time.monotonic() < end:
        with contextlib.suppress(ConnectionError):  # It has just ended.
            talk(engine.endpoint, b"POST /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert engine.wait(0.0)
    engine.close()


def test_each_request_leaves_one_line_without_the_token(profile: Profile, engine: Engine, plugin: PluginClient) -> None:
    plugin.ask("status")
    plugin.ask("suggest", media="/nowhere/secret film.mp4")
    ask_by_file(profile.bridge_dir, {"verb": "status"})
    plugin.send("/v1/status", headers={"Authorization": "Bearer wrong"})
    lines = (profile.cache_dir / "bridge.log").read_text().splitlines()
    said = [line.split()[2:5] for line in lines]
    assert said == [
        ["http", "status", "ok"],
        ["http", "suggest", "missing"],
        ["file", "status", "ok"],
        ["http", "-", "unauthorised"],
    ]
    assert all(line.endswith(" ms") for line in lines)
    assert not any(word in "\n".join(lines) for word in (engine.endpoint.token, "wrong", "secret"))
