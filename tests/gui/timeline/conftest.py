# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real widget in a window of known size, and what it says."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from needledrop.gui import theme
from needledrop.gui.widgets.timeline.timeline import Timeline
from timeline_stage import Stage

WIDTH, HEIGHT = 1096, 328


@pytest.fixture
def stage(qtbot: QtBot, qapp: QApplication) -> Stage:
    theme.install(qapp).use("dark")
    timeline = Timeline()
    qtbot.addWidget(timeline)
    timeline.resize(WIDTH, HEIGHT)
    timeline.show()
    qtbot.waitExposed(timeline)
    stage = Stage(timeline)
    timeline.cue_edited.connect(stage.take_edit)
    timeline.cue_selected.connect(lambda cue: stage.said.append(("selected", cue)))
    timeline.cue_removed.connect(lambda cue: stage.said.append(("removed", cue)))
    timeline.seek_requested.connect(lambda time_s: stage.said.append(("seek", round(time_s, 3))))
    timeline.range_edited.connect(lambda range_s: stage.said.append(("range", range_s)))
    timeline.cue_previewed.connect(lambda _, cue: stage.previews.append(cue))
    return stage
