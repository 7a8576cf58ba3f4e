# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures for a viewer out of real files: wherever one looks, the picture is the one whose time it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from needledrop.core.errors import KnownError
from needledrop.media.pictures import read_frame
from needledrop.media.probe import probe_video
from needledrop.media.viewer_frames import ViewerFrames

LARGEST = 6_000_000


@pytest.mark.slow
@pytest.mark.shared_media
def test_real_videos_show_the_same_picture_as_a_thumbnail_does(shared_media: Path) -> None:
    looked_at = 0
    for path in sorted((shared_media / "videos").glob("*.*")):
        if path.stat().st_size > LARGEST:
            continue
        try:
            probe = probe_video(path)
        except KnownError:
            continue
        with ViewerFrames(path, is_hardware_tried=False) as frames:
            assert frames.size == (probe.width, probe.height)
            at_s = 0.6 * probe.duration_s
            frames.seek(at_s)
            frame = frames.next()
            while frame is not None and frame.end_s <= at_s:
                frame = frames.next()
            assert frame is not None, path.name
            assert frame.start_s <= at_s, path.name
            height = 48
            expected = read_frame(path, at_s, height)
            target = np.zeros((*expected.shape[:2], 4), np.uint8)
            frames.paint(frame, target)
            assert np.abs(target[..., 2::-1].astype(int) - expected).mean() < 12, path.name
        looked_at += 1
    assert looked_at >= 10
