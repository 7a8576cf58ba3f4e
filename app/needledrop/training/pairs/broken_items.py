# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Items whose numbers are not finite: each costs itself, never the training."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from needledrop.core import log
from needledrop.training.pairs.pair_set import MusicItems, PairSet, VideoItems

_MUSIC, _VIDEO = ("vector", "clips", "rhythm"), ("vector", "clips", "flow", "text")
Items = TypeVar("Items", MusicItems, VideoItems)


def without_broken(pairs: PairSet) -> PairSet:
    """The set with the videos taken out of every split whose numbers, or whose track's numbers, are not finite."""
    whole_track, whole_video = _whole(pairs.music, _MUSIC), _whole(pairs.video, _VIDEO)
    if whole_track.all() and whole_video.all():
        return pairs
    usable = whole_video & whole_track[pairs.track_of_video]
    log.worker.warning(
        "%s: left out %d tracks and %d videos whose numbers are not finite: %s",
        pairs.name,
        int((~whole_track).sum()),
        int((~whole_video).sum()),
        ", ".join([pairs.track_names[i] for i in np.flatnonzero(~whole_track)[:5]]
                  + [pairs.video_names[i] for i in np.flatnonzero(~whole_video)[:5]]),
    )  # fmt: skip
    return replace(
        pairs,
        split=tuple(name if ok else "" for name, ok in zip(pairs.split, usable, strict=True)),
        # Left standing, a broken number would spoil whatever is computed on all items at once.
        music=_blanked(pairs.music, _MUSIC, whole_track),
        video=_blanked(pairs.video, _VIDEO, whole_video),
    )


def _whole(items: MusicItems | VideoItems, names: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which items [n] are finite throughout."""
    matrices = [np.asarray(getattr(items, name)) for name in names]
    finite = [np.isfinite(matrix.reshape(len(matrix), -1)).all(axis=1) for matrix in matrices]
    return np.asarray(np.logical_and.reduce(finite), np.bool_)


def _blanked(items: Items, names: tuple[str, ...], whole: NDArray[np.bool_]) -> Items:
    """The items with zeros in place of everything that is known of the broken ones."""
    blanked = {name: np.array(getattr(items, name)) for name in names}
    for values in blanked.values():
        values[~whole] = 0
    return replace(items, **blanked)
