# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives a playback engine as a sound device would, without one: blocks are asked for as fast as they come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from needledrop.core.music import FloatArray
from needledrop.preview.engine import PlaybackEngine

PATIENCE_S = 30.0
BLOCK = 256


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.005)


@contextmanager
def opened(video: Path, *values: Any, **options: Any) -> Iterator[PlaybackEngine]:
    """An engine whose file is open and whose sound at the beginning is ready."""
    engine = PlaybackEngine(video, *values, is_hardware_tried=False, **options)
    try:

        def is_open() -> bool:
            assert not [str(error) for error in engine.poll()]
            return engine.info is not None

        wait_until(is_open, "the file is open")
        settle(engine)
        yield engine
    finally:
        engine.close()


def settle(engine: PlaybackEngine) -> None:
    """Wait until what was asked for last is heard."""

    def is_settled() -> bool:
        engine.render(BLOCK)
        return engine.is_ready and not engine.is_switching

    wait_until(is_settled, "the lane is ready")


def played(engine: PlaybackEngine, frames: int, block: int = BLOCK) -> FloatArray:
    """So many frames that were heard while the playhead moved: a block that had to wait is asked for again."""
    parts: list[FloatArray] = []
    while frames > 0:
        # Faster than real time: a device would leave the decoder the time it takes to hear a block.
        wait_until(lambda: engine.is_switching or engine.is_ready or not engine.is_playing, "sound is there")
        parts.append(engine.render(min(block, frames)))
        frames -= len(parts[-1])
    return np.concatenate(parts)


def picture_at(engine: PlaybackEngine, at_s: float) -> Any:
    wait_until(lambda: engine.picture(at_s) is not None, f"the picture at {at_s} s is there")
    picture = engine.picture(at_s)
    assert picture is not None
    return picture
