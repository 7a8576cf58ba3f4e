# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is painted: from pixels, not from the code that paints."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest

from media_factory import shot_frames
from needledrop.gui import theme
from needledrop.gui.widgets.timeline.cue_story import cue_story, precise_time
from needledrop.gui.widgets.timeline.data import CueState, TimelineCue
from needledrop.gui.widgets.timeline.view_state import BeatsShown
from needledrop.media.pictures import encode_jpeg
from needledrop.workflows.timeline_media import Thumbnail
from timeline_factory import CUTS_S, SPEECH_S, cue, data, track
from timeline_stage import Stage


def grabbed(stage: Stage) -> NDArray[np.int64]:
    """RGB [height, width, 3] as painted now, at one device pixel a logical one."""
    image = stage.timeline.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(np.int64)


def is_near(pixels: NDArray[np.int64], color: QColor, most: int = 40) -> NDArray[np.bool_]:
    return np.abs(pixels - np.array([color.red(), color.green(), color.blue()])).sum(axis=-1) <= most


@pytest.mark.parametrize("appearance", ["dark", "light"])
def test_cuts_are_amber_hairlines_at_their_pixel(stage: Stage, appearance: str) -> None:
    theme.current().use("light" if appearance == "light" else "dark")
    stage.show(data())
    pixels, band = grabbed(stage), stage.timeline.view.layout.picture
    amber = is_near(pixels[round(band.top) + 8 : round(band.bottom) - 8], theme.current().color("cuts")).all(axis=0)
    assert np.flatnonzero(amber).tolist() == [stage.x(cut_s) for cut_s in CUTS_S]
    theme.current().use("dark")


def test_speech_is_underlined(stage: Stage) -> None:
    stage.show(data())
    pixels, band = grabbed(stage), stage.timeline.view.layout.sound
    line = is_near(pixels[round(band.bottom) - 1], theme.current().color("voice"))
    shown = [line[stage.x(t)] for t in (SPEECH_S[0][0] + 0.5, SPEECH_S[1][0] + 0.5, 15.0)]
    assert shown == [True, True, False]


def test_the_waveform_is_silent_before_the_fade_and_loud_after_it(stage: Stage) -> None:
    stage.show(data(replace(cue(2.0), fade_in_s=8.0), peaks_seed=1))
    pixels, layout = grabbed(stage), stage.timeline.view.layout
    wave = is_near(pixels[round(layout.music.top) + 24 : round(layout.music.bottom) - 12], _blend("accent", 0.72), 60)

    def height(time_s: float) -> int:
        return int(wave[:, stage.x(time_s) - 6 : stage.x(time_s) + 6].any(axis=1).sum())

    assert height(1.0) == 0
    assert 0 < height(3.0) < height(6.0) < height(12.0)


def test_thumbnails_fill_their_shots_and_no_others(stage: Stage) -> None:
    (frame,) = shot_frames([], 1, width=320, height=180, seed=4)
    red = np.zeros_like(frame)
    red[..., 0] = 220
    pictured = replace(data(), thumbnails=(Thumbnail(8.0, encode_jpeg(red)),))
    stage.show(pictured)
    stage.timeline.grab()
    while stage.timeline._images.is_waiting:
        stage.timeline._go_on_with_thumbnails()
        stage.timeline.grab()
    band = stage.timeline.view.layout.picture
    row = grabbed(stage)[round(band.top + band.height / 2)]
    is_red = (row[:, 0] > 150) & (row[:, 1] < 90)
    assert is_red[stage.x(5.0) + 3 : stage.x(12.3) - 3].all()
    assert not is_red[: stage.x(5.0) - 1].any()
    assert not is_red[stage.x(12.3) + 2 :].any()


def test_beats_are_filtered_step_by_step(stage: Stage) -> None:
    stage.show(data(cue(2.0)))
    layout = stage.timeline.view.layout
    counts = {}
    for shown in BeatsShown:
        stage.timeline.set_beats_shown(shown)
        pixels = grabbed(stage)[:, stage.x(2.6) : stage.x(21.4)]
        row = round(layout.music.bottom) - 4
        dark = is_near(pixels[row], theme.current().color("beat"), 30)
        clear = is_near(pixels[row], theme.current().color("downbeat"), 30)
        strip = is_near(pixels[round(layout.strip.top) + 2], theme.current().color("raised"), 4)
        counts[shown] = (int(dark.sum()), int(clear.sum()), bool(strip.sum() > 300))
    assert counts[BeatsShown.OFF] == (0, 0, False)
    assert counts[BeatsShown.SECTIONS] == (0, 0, True)
    assert counts[BeatsShown.DOWNBEATS][0] == 0 < counts[BeatsShown.DOWNBEATS][1]
    assert counts[BeatsShown.BEATS][0] >= 25


def test_everything_is_sharp_on_a_dense_screen(stage: Stage) -> None:
    stage.show(data(cue(2.0), peaks_seed=1))
    image = QImage(2 * stage.timeline.width(), 2 * stage.timeline.height(), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(2.0)
    stage.timeline.render(image)
    assert not image.isNull()


def test_a_moving_playhead_paints_no_lane_anew(stage: Stage) -> None:
    stage.show(data(cue(2.0), peaks_seed=1))
    stage.timeline.grab()
    kept = {name: layer.image.cacheKey() for name, layer in stage.timeline._layers._kept.items()}
    stage.timeline.set_playhead(7.0)
    before = grabbed(stage)
    assert {name: layer.image.cacheKey() for name, layer in stage.timeline._layers._kept.items()} == kept
    white = is_near(before[200], theme.current().color("text"), 60)
    assert white[stage.x(7.0) - 2 : stage.x(7.0) + 3].any()
    stage.timeline.set_data(replace(stage.timeline.view.data, cues=()))
    stage.timeline.grab()
    assert stage.timeline._layers._kept["video"].image.cacheKey() == kept["video"]
    assert stage.timeline._layers._kept["music"].image.cacheKey() != kept["music"]


def test_a_candidate_is_shown_in_place_of_the_cue_it_would_replace(stage: Stage) -> None:
    kept, candidate = cue(2.0), cue(5.0, (50.0, 70.0))
    stage.timeline.set_data(
        replace(
            data(kept),
            cues=(
                TimelineCue(kept, track(), CueState.REPLACED),
                TimelineCue(candidate, track(1), CueState.CANDIDATE),
            ),
        )
    )
    stage.timeline.set_selected(0)
    assert stage.timeline.view.selected is None
    pixels, layout = grabbed(stage), stage.timeline.view.layout
    fill = is_near(pixels[round(layout.music.top) + 4], theme.current().color("cue_fill"), 10)
    assert fill[stage.x(21.0)]
    assert not fill[stage.x(3.0)]
    QTest.mouseClick(stage.timeline, *_left_at(stage, 20.0))
    assert stage.timeline.view.selected is None


def test_the_story_of_a_cue() -> None:
    placed = TimelineCue(cue(2.0, (48.2, 58.2), (62.2, 70.0), stretch=100 / 101.5), track())
    assert cue_story(placed) == "from 0:48.2 · +1.5 % · 2 bars removed at 0:12"
    assert cue_story(TimelineCue(cue(2.0), track())) == "from 0:10.0 · +0.0 %"
    assert cue_story(TimelineCue(cue(2.0, (10.0, 20.0), (18.0, 30.0)), track())).endswith("1 bar repeated at 0:12")
    assert precise_time(59.97) == "1:00.0"


def _blend(role: theme.Role, opacity: float) -> QColor:
    over, under = theme.current().color(role), theme.current().color("cue_fill")
    parts = [
        round(opacity * a + (1 - opacity) * b)
        for a, b in zip(over.getRgb()[:3], under.getRgb()[:3], strict=True)  # type: ignore[index]
    ]
    return QColor(*parts)


def _left_at(stage: Stage, time_s: float):  # type: ignore[no-untyped-def]
    from PySide6.QtCore import QPoint, Qt

    place = QPoint(stage.x(time_s), round(stage.timeline.view.layout.music.top) + 12)
    return Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place
