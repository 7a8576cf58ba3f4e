# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of the video that is open. A plain value: it is replaced when more of it becomes known."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from needledrop.core.picture import AudioStream, VideoFeatures


@dataclass(frozen=True)
class OpenVideo:
    """The video that is open. size is (width, height) as shown, after rotation.

    features and content_hash ("") are filled in when the video has been watched: `media_changed` says so.
    """

    path: Path
    duration_s: float
    frame_rate: Fraction
    is_variable_frame_rate: bool
    size: tuple[int, int]
    rotation_deg: int
    start_timecode: str
    audio_streams: tuple[AudioStream, ...]
    content_hash: str = ""
    features: VideoFeatures | None = None

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def cuts_s(self) -> tuple[float, ...]:
        """The cuts that were found; none before the video has been watched."""
        return tuple(self.features.shots.cuts_s.tolist()) if self.features is not None else ()
