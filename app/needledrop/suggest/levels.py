# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How loud a cue is, how it fades, and where it steps back under speech. Numbers only; the mixer applies them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from needledrop.core.cue import Ducking, Piece
from needledrop.core.music import LOUDNESS_RATE_HZ, FloatArray, Loudness, TimeArray
from needledrop.core.picture import Soundtrack

CEILING_DBTP = -1.0
_MOST_GAIN_DB = 18.0
_LEAST_GAIN_DB = -30.0
# A pause in speech shorter than this is not worth letting the music up.
_PAUSE_S = 1.0
_RELATIVE_GATE_LU = -10.0
_ABSOLUTE_GATE_LUFS = -69.0
# Fades never take more than this share of a cue.
_FADE_SHARE = 0.25
_UNMEASURED_FADE_S = 3.0
_CLICK_S = 0.01
_NATURAL_FADE_S = 0.05
_ENTRY_FADE_S = 0.25
_ON_BEAT_S = 0.03


def _mean_lufs(level: FloatArray) -> float:
    return float(10.0 * np.log10(np.mean(10.0 ** (level.astype(np.float64) / 10.0))))


def stretch_lufs(loudness: Loudness, pieces: Sequence[Piece]) -> float:
    """Loudness of the chosen stretches from the momentary curve, gated as in BS.1770; -70 where they are silent."""
    curve = loudness.curve_lufs
    parts = [
        curve[int(np.ceil(piece.source_in_s * LOUDNESS_RATE_HZ)) : round(piece.source_out_s * LOUDNESS_RATE_HZ) + 1]
        for piece in pieces
    ]
    level: FloatArray = np.concatenate([np.zeros(0, np.float32), *parts])
    level = level[level > _ABSOLUTE_GATE_LUFS]
    if len(level) == 0:
        return -70.0
    gate = _mean_lufs(level) + _RELATIVE_GATE_LU
    return _mean_lufs(level[level > gate])


def music_gain_db(loudness: Loudness, pieces: Sequence[Piece], target_lufs: float) -> float:
    """Gain that brings the stretch to `target_lufs` without lifting the track's true peak above CEILING_DBTP."""
    level = stretch_lufs(loudness, pieces)
    if level <= -70.0:
        return 0.0
    gain = min(target_lufs - level, CEILING_DBTP - loudness.true_peak_dbtp)
    return round(float(np.clip(gain, _LEAST_GAIN_DB, _MOST_GAIN_DB)), 2)


def speech_ducking(soundtrack: Soundtrack, start_s: float, end_s: float, depth_db: float) -> Ducking:
    """Ducking under the speech inside [start_s, end_s] of the timeline; stretches with short pauses are joined."""
    joined: list[tuple[float, float]] = []
    for first, last in soundtrack.speech_s.reshape(-1, 2).tolist():
        low, high = max(first, start_s), min(last, end_s)
        if high <= low:
            continue
        if joined and low - joined[-1][1] < _PAUSE_S:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return Ducking(speech_s=tuple(joined), depth_db=depth_db)


def fade_in_s(start_s: float, beats_s: TimeArray, length_s: float) -> float:
    """None to speak of at the track's own start or on a beat; a short one where the music is entered between beats."""
    if start_s < _CLICK_S:
        return 0.0
    on_beat = len(beats_s) > 0 and float(np.abs(beats_s - start_s).min()) <= _ON_BEAT_S
    return min(_CLICK_S if on_beat else _ENTRY_FADE_S, _FADE_SHARE * length_s)


def fade_out_s(end_s: float, downbeats_s: TimeArray, bar_s: float, length_s: float, ends_naturally: bool) -> float:
    """One bar, beginning on the bar line nearest to that; a plain fade without bars; none for a real ending."""
    if ends_naturally:
        return min(_NATURAL_FADE_S, _FADE_SHARE * length_s)
    longest = _FADE_SHARE * length_s
    bar_lines = end_s - downbeats_s
    bar_lines = bar_lines[(bar_lines >= 0.6 * bar_s) & (bar_lines <= min(1.6 * bar_s, longest))]
    if len(bar_lines):
        return float(bar_lines[np.abs(bar_lines - bar_s).argmin()])
    return min(bar_s if len(downbeats_s) else _UNMEASURED_FADE_S, longest)
