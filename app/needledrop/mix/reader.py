# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the mixer asks of a source of sound. Knows no files: whoever opens them hands readers in."""

from __future__ import annotations

from typing import Protocol

from needledrop.core.music import FloatArray


class SampleReader(Protocol):
    """Random access to stereo sound at the mixer's sample rate."""

    def read(self, start_frame: int, frames: int) -> FloatArray:
        """Float32 [frames, 2] from `start_frame` >= 0; fewer rows or none where the sound has ended.

        The same position gives the same samples, however it was reached.
        """
        ...
