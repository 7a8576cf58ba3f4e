# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other programs make of our files is asked only on request: pytest -m editors tests/unit/export/interchange"""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip, visibly, what needs the programs of others unless it is asked for."""
    if "editors" not in config.getoption("-m"):
        for item in items:
            if item.get_closest_marker("editors"):
                item.add_marker(pytest.mark.skip(reason="asks other programs: run with -m editors"))
