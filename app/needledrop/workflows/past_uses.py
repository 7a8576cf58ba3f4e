# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user laid under footage that looks like this: the cues of other projects, found by their pictures.

How alike two stretches of footage are is learned from the user's own videos, here, whenever it is asked. The videos
need not be there any more: what analysis saw of them is enough.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from needledrop.core.music import FloatArray
from needledrop.core.paths import Profile, display_path
from needledrop.core.query import PastUse
from needledrop.core.times import TimeRange
from needledrop.crossmodal.base_towers import BaseTowers
from needledrop.features.picture import VIDEO_FEATURE_VERSIONS
from needledrop.index.own_footage import FootageMeasure, likeness
from needledrop.library.library import Library
from needledrop.library.projects import Project
from needledrop.workflows.videos import AnalysedVideo, kept_features

# The newest projects: footage of years ago is seldom what is being cut now.
_MOST_PROJECTS = 100


def past_uses(
    profile: Profile, library: Library, video: AnalysedVideo, time_range: TimeRange, model: BaseTowers
) -> Mapping[int, PastUse]:
    """Of each track that lies under footage like this range in another project, where it fits best."""
    others = [one for one in library.projects() if one.video_hash != video.content_hash][:_MOST_PROJECTS]
    cued = [(project, cues) for project in others if (cues := library.cues(project.id))]
    seen = {project.id: _seconds(profile, library, project.video_hash) for project, _ in cued}
    known = [seconds for seconds in seen.values() if len(seconds)]
    if not known:
        return {}
    own = video.features.rows.seconds
    measure = FootageMeasure.taught_by([*known, own], *model.second_scale)
    wanted = measure.direction(_between(own, float(time_range.start_s), float(time_range.end_s)))
    uses: dict[int, PastUse] = {}
    for project, cues in cued:
        for cue in cues if len(seen[project.id]) else ():
            shown = _between(seen[project.id], cue.record_in_s, cue.record_out_s)
            use = _use(likeness(measure.direction(shown), wanted), project, cue.record_in_s)
            before = uses.get(cue.track_id)
            if use is not None and (before is None or use.likeness > before.likeness):
                uses[cue.track_id] = use
    return uses


def _use(alike: float, project: Project, start_s: float) -> PastUse | None:
    name = display_path(Path(os.fsdecode(project.path)).name)
    return PastUse(round(alike, 4), name, start_s) if alike > 0.0 else None


def _between(seconds: FloatArray, start_s: float, end_s: float) -> FloatArray:
    """The rows of a stretch: at least one, inside the video."""
    first = min(max(round(start_s), 0), len(seconds) - 1)
    return seconds[first : max(first + 1, min(round(end_s), len(seconds)))]


def _seconds(profile: Profile, library: Library, video_hash: str) -> FloatArray:
    """The rows of a video by the second, [seconds, ROW_SIZE], kept in the cache: to read all features takes longer;
    empty where nothing is kept of it."""
    path = profile.cache_dir / "footage" / f"{video_hash}-{VIDEO_FEATURE_VERSIONS['rows']}.npy"
    with contextlib.suppress(OSError, EOFError, ValueError):
        kept: FloatArray = np.load(path, allow_pickle=False)
        if kept.ndim == 2 and len(kept):
            return kept
    features = kept_features(profile, library, video_hash)
    if features is None:
        return np.zeros((0, 0), np.float32)
    with contextlib.suppress(OSError):  # A cache that cannot be written costs time, nothing else.
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(f".{os.getpid()}.part")
        with scratch.open("wb") as sink:
            np.save(sink, features.rows.seconds, allow_pickle=False)
        scratch.replace(path)
    return features.rows.seconds
