# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of the video that is open. A plain value: it is replaced when more of it becomes known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from needledrop.core.edit import ProjectEdit
    from needledrop.core.picture import AudioStream, VideoFeatures
    from needledrop.workflows.workspace import OpenedWork


@dataclass(frozen=True)
class OpenVideo:
    """The video that is open, or the editor's project in its place. size is (width, height) as shown, after rotation.

    Attributes:
        content_hash: Who it is; "" until it has been watched, if the library has not met it (`media_changed` says so).
        features: None until it has been watched, likewise.
        edit: The timeline, where it is a project.
        play_path: The file that is played; None while the timeline of a project is being laid together.
        cut: What its cut is called; "" as long as it has no content_hash.
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
    edit: ProjectEdit | None = None
    play_path: Path | None = None
    cut: str = ""

    @classmethod
    def of(cls, opened: OpenedWork) -> OpenVideo:
        """What is known of a video as it is opened."""
        probe = opened.probe
        return cls(
            opened.path,
            probe.duration_s,
            probe.frame_rate,
            probe.is_variable_frame_rate,
            (probe.width, probe.height),
            probe.rotation_deg,
            probe.start_timecode,
            probe.audio_streams,
            opened.content_hash,
            edit=opened.edit,
            play_path=opened.path if opened.edit is None else None,
            cut=opened.cut,
        )

    def watched(self, features: VideoFeatures, content_hash: str) -> OpenVideo:
        """The same video after it has been watched."""
        cut = self.cut if self.edit is not None else content_hash
        return replace(self, duration_s=features.duration_s, content_hash=content_hash, features=features, cut=cut)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def cuts_s(self) -> tuple[float, ...]:
        """The cuts that were found; none before the video has been watched."""
        return tuple(self.features.shots.cuts_s.tolist()) if self.features is not None else ()
