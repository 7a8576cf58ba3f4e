# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The timecode below the picture counts as the clock of the file or the project does."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from needledrop.gui.open_video import OpenVideo
from needledrop.gui.transport_text import start_of, timecode_text

NTSC = Fraction(30000, 1001)


@pytest.mark.parametrize(
    ("rate", "start", "frame", "shown"),
    [
        (NTSC, "01:00:00;00", 1800, "01:01:00;02"),
        (NTSC, "01:00:00:00", 1800, "01:01:00:00"),
        (NTSC, "", 1800, "00:01:00;02"),
        (Fraction(24000, 1001), "10:00:00:00", 24, "10:00:01:00"),
        (Fraction(25), "00:59:59:24", 1, "01:00:00:00"),
    ],
)
def test_drop_frame_and_counted_timecode(rate: Fraction, start: str, frame: int, shown: str) -> None:
    video = OpenVideo(Path("film.mov"), 100.0, rate, False, (1920, 1080), 0, start, ())
    assert timecode_text(video, start_of(video), float(frame / rate)) == shown
