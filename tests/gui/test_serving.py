# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The open window answers plugins of editors, unless an engine without a window does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.conftest import WAIT_MS, MadeWorld
from needledrop.bridge.engine import Engine
from needledrop.bridge.folder import BridgeFolder
from needledrop.core.paths import Profile
from needledrop.gui.application import Shell
from unit.bridge.plugin_client import PluginClient


class Serving:
    """The application as `needledrop gui` opens it; closed at the latest when the test ends."""

    def __init__(self, application: QApplication, qtbot: QtBot) -> None:
        self._application, self._qtbot = application, qtbot
        self._shell: Shell | None = None

    def open(self, profile: Profile) -> None:
        """Open it and wait until nothing more happens."""
        shell = self._shell = Shell(self._application, profile, None, lambda profile: Engine.start(profile).close)
        shell.start()
        self._qtbot.waitUntil(lambda: shell.player is not None and shell.background.is_idle(), timeout=WAIT_MS)

    def close(self) -> None:
        """Put it away."""
        if self._shell is not None:
            self._shell.window.close()
            self._shell.end()
            self._shell.window.deleteLater()
            self._shell.deleteLater()
            self._shell = None
            self._application.processEvents()


@pytest.fixture
def serving(qtbot: QtBot, qapp: QApplication) -> Iterator[Serving]:
    serving = Serving(qapp, qtbot)
    yield serving
    serving.close()


def test_the_window_serves_while_it_is_open(serving: Serving, watched_profile: Profile, made_world: MadeWorld) -> None:
    serving.open(watched_profile)
    folder = BridgeFolder(watched_profile.bridge_dir)
    endpoint = folder.endpoint()
    assert endpoint is not None
    with PluginClient(endpoint) as plugin:
        assert plugin.result("status")["tracks"] == 4
        job, listed = plugin.made_list(media=str(made_world.film))
        assert len(listed["suggestions"]) == 4
        assert Path(plugin.result("use", job=job, number=1)["wav"]).is_file()
    serving.close()
    assert folder.endpoint() is None


def test_where_an_engine_serves_already_it_goes_on(serving: Serving, library_profile: Profile) -> None:
    engine = Engine.start(library_profile)
    try:
        serving.open(library_profile)
        serving.close()
        with PluginClient(engine.endpoint) as plugin:
            assert plugin.result("status")["tracks"] == 4
    finally:
        engine.close()
