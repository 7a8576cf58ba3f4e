# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each section of a track does in it: leads in, rises, is the height, steps back, leads out.

Decided from how full a section is beside the others (loudness and onsets), whether it rises, where it stands, and which
sections sound alike. Where that does not decide, the role is SECTION: a name is never made up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import LOUDNESS_RATE_HZ, ONSET_RATE_HZ, SECTION, SECTION_ROLES, FloatArray, TimeArray
from needledrop.features.sections import STEP_S

# The columns of a table of scores, in the order of SECTION_ROLES without its first.
_INTRO, _BUILD, _DROP, _BREAK, _OUTRO = range(5)
LEAST_ROLE_CONFIDENCE = 0.5
# Fullness: loudness in LU, and this many LU for each doubling of the mean flux. Music has 1 to 7 nepers a frame, the
# ripple of a drone hundredths: below half a neper it says nothing.
_LU_A_DOUBLING, _LEAST_FLUX = 3.0, 0.5
_FAINTEST_LUFS = -45.0
# LU below the height of the track down to which a section belongs to it, and from which on it is sparse; the sparsest
# one must lie so far below, or nothing stands out as high; the width of doubt at these borders.
_FULL_WITHIN_LU, _SPARSE_BELOW_LU, _LEAST_SPREAD_LU, _DOUBT_LU = 1.8, 3.0, 3.0, 0.6
_HEIGHT_SHARE = 0.8
# A rise (first to last third of a section) that makes a build, and a fall that makes an outro.
_RISE_LU, _FALL_LU = 3.0, 6.0
_LONGEST_EDGE_SHARE = 0.3
_LONGEST_BUILD_S = 35.0
_ALIKE, _LENT_SHARE = 0.8, 0.8


@dataclass(frozen=True)
class RolesInput:
    """Curves of one track: loudness of 100 ms steps in LUFS, total onset flux [frames at 100 Hz], timbre [steps, n]
    and chroma [steps, 12] STEP_S apart; section starts and where the music ends, in seconds."""

    step_lufs: NDArray[np.float64]
    flux: FloatArray
    timbre: FloatArray
    chroma: FloatArray
    sections_s: TimeArray
    ending_s: float


@dataclass(frozen=True)
class _Sections:
    """Fullness [S] in LU above the mean, its rise [S] from the first to the last third, starts and ends [S]."""

    fullness: NDArray[np.float64]
    rise: NDArray[np.float64]
    starts_s: TimeArray
    ends_s: TimeArray


def find_roles(given: RolesInput) -> tuple[tuple[str, ...], FloatArray]:
    """A role of SECTION_ROLES for each section, and how sure it is, 0..1 (at least LEAST_ROLE_CONFIDENCE where named,
    0 for SECTION)."""
    sections = _measured(given)
    count = len(sections.starts_s)
    if count < 2:
        return (SECTION,) * count, np.zeros(count, np.float32)
    scores = _scores(sections)
    scores = _shared(scores, _likeness(given, sections))
    best = scores.argmax(axis=1)
    sure = scores[np.arange(count), best]
    named = sure >= LEAST_ROLE_CONFIDENCE
    roles = tuple(SECTION_ROLES[1 + role] if is_named else SECTION for role, is_named in zip(best, named, strict=True))
    return roles, np.where(named, sure, 0.0).astype(np.float32)


def _measured(given: RolesInput) -> _Sections:
    """How full each section is, and whether it rises."""
    full = _fullness(given)
    starts_s = given.sections_s
    ends_s = np.append(starts_s[1:], max(given.ending_s, starts_s[-1] + STEP_S) if len(starts_s) else 0.0)
    bounds = zip(starts_s / STEP_S, ends_s / STEP_S, strict=True)
    parts = [full[round(low) : max(round(high), round(low) + 1)] for low, high in bounds]
    means = np.array([float(part.mean()) if len(part) else 0.0 for part in parts])
    return _Sections(means, np.array([_rise(part) for part in parts]), starts_s, ends_s)


def _rise(fullness: NDArray[np.float64]) -> float:
    """By medians: a section that was cut a bar late ends in its neighbour."""
    third = len(fullness) // 3
    return float(np.median(fullness[-third:]) - np.median(fullness[:third])) if third else 0.0


def _fullness(given: RolesInput) -> NDArray[np.float64]:
    """Fullness [steps] of each STEP_S."""
    levels = _per_step(np.power(10.0, given.step_lufs / 10), round(LOUDNESS_RATE_HZ * STEP_S))
    flux = _per_step(given.flux.astype(np.float64), round(ONSET_RATE_HZ * STEP_S))
    count = min(len(levels), len(flux))
    lufs = np.maximum(10 * np.log10(np.maximum(levels[:count], 1e-9)), _FAINTEST_LUFS)
    return np.asarray(lufs + _LU_A_DOUBLING * np.log2(flux[:count] + _LEAST_FLUX))


def _per_step(values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    starts = np.arange(0, len(values), size)
    return np.add.reduceat(values, starts) / np.diff(np.append(starts, len(values))) if len(values) else values


def _scores(sections: _Sections) -> NDArray[np.float64]:
    """How much speaks for INTRO, BUILD, DROP, BREAK, OUTRO [S, 5] in each section, 0..1."""
    lengths = sections.ends_s - sections.starts_s
    below = _height(sections.fullness, lengths) - sections.fullness
    high = _sigmoid((_FULL_WITHIN_LU - below) / _DOUBT_LU)
    low = _sigmoid((below - _SPARSE_BELOW_LU) / _DOUBT_LU)
    high *= _sigmoid((float(below.max()) - _LEAST_SPREAD_LU) / _DOUBT_LU)
    rises = _sigmoid((sections.rise - _RISE_LU) / _DOUBT_LU) * np.append(high[1:], 0.0)
    rises *= (lengths <= _LONGEST_BUILD_S) & np.append(sections.fullness[1:] > sections.fullness[:-1], False)
    rises[0] = 0.0  # A beginning rises from nothing.
    falls = float(_sigmoid((-sections.rise[-1] - _FALL_LU) / _DOUBT_LU))
    is_short = lengths <= _LONGEST_EDGE_SHARE * sections.ends_s[-1]
    scores = np.zeros((len(lengths), 5))
    scores[1:-1, _BREAK] = (low * (1 - rises))[1:-1]
    scores[:, _BUILD] = rises
    scores[:, _DROP] = high * (1 - rises)
    scores[-1, _DROP] *= 1 - falls
    scores[0, _INTRO] = low[0] * is_short[0]
    scores[-1, _OUTRO] = max(float(low[-1]), falls) * is_short[-1]
    return scores


def _height(fullness: NDArray[np.float64], lengths: NDArray[np.float64]) -> float:
    """The fullness that the fullest fifth of the music reaches."""
    order = np.argsort(fullness)
    share = np.cumsum(lengths[order]) / lengths.sum()
    return float(fullness[order][np.searchsorted(share, _HEIGHT_SHARE).clip(0, len(order) - 1)])


def _likeness(given: RolesInput, sections: _Sections) -> NDArray[np.float64]:
    """Cosine likeness [S, S] of the sections' mean timbre (without level) and harmony, both less the track's mean."""
    steps = min(len(given.timbre), len(given.chroma))
    timbre, chroma = given.timbre[:steps, 1:], given.chroma[:steps]
    spread = np.maximum(timbre.std(axis=0), 1e-3)
    features = np.concatenate([(timbre - timbre.mean(axis=0)) / spread, 6 * (chroma - chroma.mean(axis=0))], axis=1)
    bounds = zip(sections.starts_s / STEP_S, sections.ends_s / STEP_S, strict=True)
    means = np.array([features[round(low) : max(round(high), round(low) + 1)].mean(axis=0) for low, high in bounds])
    unit = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    return np.asarray(unit @ unit.T, np.float64)


def _shared(scores: NDArray[np.float64], likeness: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is clearly a drop or a break lends its name to sections in doubt that sound like it."""
    lent = np.where(likeness >= _ALIKE, likeness, 0.0) - np.eye(len(likeness))
    shared = scores.copy()
    for role in (_DROP, _BREAK):
        borrowed = _LENT_SHARE * (lent * scores[:, role]).max(axis=1)
        shared[1:-1, role] = np.maximum(scores[:, role], borrowed)[1:-1]
    return shared


def _sigmoid(values: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))))
