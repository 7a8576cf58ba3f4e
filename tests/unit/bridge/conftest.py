# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine on an empty profile, and a plugin that talks to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from needledrop.bridge.engine import Engine
from needledrop.core.paths import Profile
from unit.bridge.plugin_client import PluginClient


@pytest.fixture
def engine(profile: Profile) -> Iterator[Engine]:
    """An engine that listens."""
    engine = Engine.start(profile)
    yield engine
    engine.close()


@pytest.fixture
def plugin(engine: Engine) -> Iterator[PluginClient]:
    """A plugin with the engine's token."""
    with PluginClient(engine.endpoint) as client:
        yield client
