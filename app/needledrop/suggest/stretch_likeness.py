# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tracks hold what a reference plays: clip by clip, over every clip of a gallery. Exact; only arithmetic.

The mean of a whole track need not sound like an excerpt of it; the clips that the excerpt was taken from do. Each clip
of the reference is compared with its nearest in the track, and the mean of these is what counts (the "MaxSim" of
Khattab and Zaharia, "ColBERT", SIGIR 2020, equation 3, divided by the number of clips).
"""

from __future__ import annotations

import numpy as np

from needledrop.core.music import FloatArray
from needledrop.index.gallery import Gallery
from needledrop.suggest.experts import sounding

# Clips of a reference that are compared, spread over it: more of them tell no more.
_MOST_CLIPS = 16
# Tracks worked through at a time: their clips stay in the processor's cache.
_TRACKS = 128


def stretch_likeness(gallery: Gallery, clips: FloatArray) -> FloatArray:
    """The mean cosine of the clips of a reference [n, D] with the nearest clip of each track, float32 [T], -1..1; -1
    for a track without clips, and for all of them where the reference has none."""
    found = np.full(gallery.track_count, -1.0, np.float32)
    rows = np.flatnonzero(np.diff(gallery.clip_offsets) > 0)
    if not len(clips) or not len(rows):
        return found
    asked = _directions(gallery, clips[:: -(-len(clips) // _MOST_CLIPS)])
    for first in range(0, len(rows), _TRACKS):
        own = rows[first : first + _TRACKS]
        begin, end = gallery.clip_offsets[own[0]], gallery.clip_offsets[own[-1] + 1]
        cosines = asked @ _directions(gallery, np.asarray(gallery.clips[begin:end])).T
        found[own] = np.maximum.reduceat(cosines, gallery.clip_offsets[own] - begin, axis=1).mean(axis=0)
    return found


def _directions(gallery: Gallery, clips: FloatArray) -> FloatArray:
    heard = sounding(gallery, clips)
    squares = np.square(heard) @ np.ones(heard.shape[1], np.float32)
    return np.asarray(heard / np.sqrt(np.maximum(squares, 1e-12))[:, None], np.float32)
