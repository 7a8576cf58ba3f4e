# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where in a video's own sound there may be music alone, and whether there is: temp music that an editor laid in.

Looks at what analysis measured; it must not read files. Music under speech is not found: speech would colour it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import CLIP_DESCRIPTORS, LOUDNESS_RATE_HZ, MusicFeatures, TimeArray
from needledrop.core.picture import Soundtrack

# Less does not tell what music is like; and what is this far below the whole is a room, not music.
SHORTEST_S = 5.0
_BELOW_LU = 20.0
_FLOOR_LUFS = -55.0
# A rest this short belongs to the music around it.
_LONGEST_REST_S = 1.0
# Speech leaves breath and reverberation beside what was found of it.
_SPEECH_MARGIN_S = 0.3
# Set on 28 excerpts of music and 34 of noise, rain, hum, machines, nature and speech.
_SURE_PULSE = 0.3
_TONAL, _MOVING = 0.67, 0.15


def without_speech(soundtrack: Soundtrack, start_s: float, end_s: float) -> TimeArray:
    """The stretches [n, 2] of a range that sound and in which nobody speaks, in seconds of the video, longest first."""
    if not soundtrack.has_sound or len(soundtrack.curve_lufs) == 0:
        return np.zeros((0, 2))
    curve = soundtrack.curve_lufs
    is_on = curve > max(_FLOOR_LUFS, soundtrack.integrated_lufs - _BELOW_LU)
    is_on = _bridged(is_on, round(_LONGEST_REST_S * LOUDNESS_RATE_HZ))
    times_s = np.arange(len(curve)) / LOUDNESS_RATE_HZ
    is_on &= (times_s >= start_s) & (times_s < end_s)
    for first_s, last_s in soundtrack.speech_s.reshape(-1, 2):
        is_on &= (times_s < first_s - _SPEECH_MARGIN_S) | (times_s > last_s + _SPEECH_MARGIN_S)
    stretches = _runs(is_on) / LOUDNESS_RATE_HZ
    lengths = stretches[:, 1] - stretches[:, 0]
    order = np.lexsort((stretches[:, 0], -lengths))
    longest_first: TimeArray = stretches[order[lengths[order] >= SHORTEST_S]]
    return longest_first


def is_music(features: MusicFeatures) -> bool:
    """Whether a stretch of sound is music: it has a steady pulse, or a clear key in which the harmony moves."""
    if features.rhythm.confidence >= _SURE_PULSE:
        return True
    if len(features.clips.values) == 0:
        return False
    mean = np.nan_to_num(features.clips.values).mean(axis=0)
    tonal, moving = (float(mean[CLIP_DESCRIPTORS.index(name)]) for name in ("tonal_clarity", "harmonic_change"))
    return tonal >= _TONAL and moving >= _MOVING


def _bridged(is_on: NDArray[np.bool_], longest: int) -> NDArray[np.bool_]:
    """The same with rests of up to `longest` steps filled, but not the silence at the ends."""
    bridged = is_on.copy()
    for first, last in _runs(~is_on).astype(int):
        if first > 0 and last < len(is_on) and last - first <= longest:
            bridged[first:last] = True
    return bridged


def _runs(is_on: NDArray[np.bool_]) -> TimeArray:
    """First and one past the last index of each run [n, 2]."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_on, [False]]).astype(np.int8)))
    runs: TimeArray = edges.reshape(-1, 2).astype(np.float64)
    return runs
