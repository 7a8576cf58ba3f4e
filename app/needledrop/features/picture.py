# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every feature of a video's pictures in one pass: shots, motion, colour, and the rows the learned matcher is fed with.

Pure: it takes frames and gives values, knows no file, and keeps only a short window of frames.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.picture import Colour, Motion, PictureRows, Shots
from needledrop.features.colour import ColourMeter
from needledrop.features.motion import FlowMethod, MotionMeter
from needledrop.features.picture_rows import PictureRowsMeter
from needledrop.features.shots import ShotDetector

# Raised whenever the values change; what another version computed is stale.
VIDEO_FEATURE_VERSIONS = {"shots": 2, "motion": 1, "colour": 1, "rows": 1, "soundtrack": 2}


class PictureAnalyser:
    """Takes frames in order, as analysis_frames yields them; not for two threads at once.

    `flow` replaces the CPU's optical flow; Motion by another method is another feature set, kept under
    a name of its own ("motion-raft"), so that the two never meet in one ranking.
    """

    def __init__(self, flow: FlowMethod | None = None) -> None:
        self._shots = ShotDetector()
        self._motion = MotionMeter(flow)
        self._colour = ColourMeter()
        self._rows = PictureRowsMeter()
        self._end_s = 0.0

    def feed(self, t_s: float, rgb: NDArray[np.uint8]) -> None:
        """Take the next frame: its time in seconds and uint8 [h, w, 3] that fits FLOW_SIZE."""
        import cv2

        ycrcb = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb), np.uint8)
        grey = np.ascontiguousarray(ycrcb[:, :, 0])
        self._shots.feed(t_s, grey, ycrcb)
        self._motion.feed(t_s, grey)
        self._colour.feed(t_s, rgb)
        self._rows.feed(t_s, rgb)
        self._end_s = t_s

    def finish(self, duration_s: float | None = None) -> tuple[Shots, Motion, Colour, PictureRows]:
        """The features. Curves reach from 0 to `duration_s`; without it, to the last frame."""
        length_s = duration_s if duration_s is not None and duration_s > 0 else self._end_s + 0.04
        shots = self._shots.finish()
        motion = self._motion.finish(length_s, shots.cuts_s[~shots.is_dissolve], shots.cuts_s[shots.is_dissolve])
        return shots, motion, self._colour.finish(length_s), self._rows.finish()
