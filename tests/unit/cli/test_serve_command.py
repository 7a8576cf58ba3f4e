# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop serve` as plugins start it: a process of its own, one to a profile, ended by a signal."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from needledrop.bridge.folder import BridgeFolder
from needledrop.core.paths import Profile
from unit.bridge.plugin_client import PluginClient

SERVES_ALONE = """
import sys
from pathlib import Path
from needledrop.bridge.engine import Engine
from needledrop.core.paths import Profile
from unit.bridge.plugin_client import PluginClient

engine = Engine.start(Profile.at(Path(sys.argv[1])))
with PluginClient(engine.endpoint) as plugin:
    assert plugin.ask("status")["ok"]
    assert plugin.ask("suggest", media="/nowhere.mp4")["error"]["code"] == "missing"
engine.close()
print([name for name in ("PySide6", "torch", "librosa", "numba", "cv2", "onnxruntime") if name in sys.modules])
"""


def command(profile: Profile, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "needledrop", "--profile", str(profile.data_dir.parent), "serve", *arguments]


@pytest.fixture
def serving(profile: Profile) -> Iterator[subprocess.Popen[str]]:
    """An engine in a process of its own, which has said that it serves."""
    process = subprocess.Popen(command(profile, "--json", "--for-plugin"), stdout=subprocess.PIPE, text=True)
    with process:
        yield process
        process.kill()


def said(process: subprocess.Popen[str]) -> dict[str, object]:
    """The object that a process prints over several lines."""
    assert process.stdout is not None
    text = ""
    while not text.endswith("}\n"):
        line = process.stdout.readline()
        assert line, "it ended"
        text += line
    found: dict[str, object] = json.loads(text)
    return found


def test_it_serves_until_it_is_stopped(profile: Profile, serving: subprocess.Popen[str]) -> None:
    facts = said(serving)
    endpoint = BridgeFolder(profile.bridge_dir).endpoint()
    assert endpoint is not None
    assert facts == {"serving": True, "port": endpoint.port, "pid": serving.pid}
    with PluginClient(endpoint) as plugin:
        assert plugin.ask("status")["ok"]
    serving.send_signal(signal.SIGTERM)
    assert serving.wait(30) == 0
    assert not (profile.bridge_dir / "endpoint.json").exists()


def test_a_second_one_says_where_and_ends_well(profile: Profile, serving: subprocess.Popen[str]) -> None:
    port = said(serving)["port"]
    second = subprocess.run(command(profile), capture_output=True, text=True, timeout=60)
    assert second.returncode == 0
    assert f"127.0.0.1:{port}" in second.stdout and f"process {serving.pid}" in second.stdout


def test_after_a_kill_the_next_one_serves(profile: Profile, serving: subprocess.Popen[str]) -> None:
    said(serving)
    serving.kill()
    serving.wait()
    assert (profile.bridge_dir / "endpoint.json").exists()
    again = subprocess.Popen(command(profile, "--json"), stdout=subprocess.PIPE, text=True)
    with again:
        try:
            assert said(again)["pid"] == again.pid
            endpoint = BridgeFolder(profile.bridge_dir).endpoint()
            assert endpoint is not None and endpoint.pid == again.pid
            with PluginClient(endpoint) as plugin:
                assert plugin.ask("status")["ok"]
        finally:
            again.terminate()


def test_it_serves_without_a_window_and_without_torch(tmp_path: Path) -> None:
    tests = Path(__file__).resolve().parents[2]
    found = subprocess.run(
        [sys.executable, "-c", SERVES_ALONE, str(tmp_path)], cwd=tests, capture_output=True, text=True, timeout=120
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() == "[]"
