# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cue: which stretch of one track goes under a stretch of picture, chosen over every start in the track.

A track is judged here against one picture; comparing tracks with each other is the engine's business.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.cue import Cue, MixTargets
from needledrop.core.music import FloatArray, TimeArray
from needledrop.core.picture import Soundtrack
from needledrop.suggest.align import (
    AFTER_CUT_S,
    GRID_S,
    HIT_S,
    Chance,
    ChanceHits,
    beat_offsets,
    beat_signal,
    chance_hits,
    chance_of,
    kernel,
    refine_start,
    start_scores,
)
from needledrop.suggest.details import TrackDetails
from needledrop.suggest.levels import fade_in_s, fade_out_s, music_gain_db, speech_ducking
from needledrop.suggest.picture_shape import CURVE_RATE_HZ, PictureShape, rise_curve
from needledrop.suggest.unrolled import EARLY_S, Unrolled, unroll

_STEPS = round(1.0 / (CURVE_RATE_HZ * GRID_S))
_RISE_SPAN = round(4.0 * CURVE_RATE_HZ)
# A rise of the music smaller than this (arousal units) is none, however much it is the track's largest.
_LEAST_RISE = 0.08
_NATURAL_S = 0.35
# An ending is worth the more, the more came before it: a range this long wants one, a one-second range none.
_ENDING_FULL_S = 20.0
_SHORTEST_SHAPE = 8
_FLAT = 0.02
# Starts are rounded to a sample at this rate, so that a cue is the same on every machine.
_SAMPLE_RATE = 48000


@dataclass(frozen=True)
class StartWeights:
    """What decides where in a track the music starts. Of 10 cuts, one more on a beat weighs as 0.4 of correlation."""

    cuts: float = 1.0
    energy: float = 0.12
    rise: float = 0.06
    ending: float = 0.08
    silence: float = 2.0


@dataclass(frozen=True)
class FitWeights:
    """What decides how well the placed track fits, for comparison with other tracks."""

    cuts: float = 0.6
    energy: float = 0.25
    rise: float = 0.08
    ending: float = 0.07
    no_pulse: float = 0.25


@dataclass(frozen=True)
class Placement:
    """A track placed under a picture.

    start_s is on the track's unrolled line. cut_offsets_s [K] is the nearest beat minus each cut, infinite without
    beats; on_downbeat [K]. correlation of the energy curves, None where nothing can be said; rise_s, from the in-point,
    where the music's rise meets the picture's turning point, or None. early_s is how long before the out-point the
    music ends. parts are in 0..1, score their weighted mean with the penalties taken off.
    """

    cue: Cue
    line: Unrolled
    start_s: float
    cut_offsets_s: TimeArray
    on_downbeat: NDArray[np.bool_]
    correlation: float | None
    rise_s: float | None
    ends_naturally: bool
    early_s: float
    bar_s: float
    parts: dict[str, float]
    score: float

    @property
    def hits(self) -> NDArray[np.bool_]:
        """Which cuts have a beat within HIT_S."""
        mask: NDArray[np.bool_] = np.abs(self.cut_offsets_s) <= HIT_S
        return mask

    @property
    def beat_s(self) -> float:
        """The median beat of the stretch itself, whatever the tempo elsewhere in the track; 0 with fewer than three."""
        beats_s = self.line.beats_s
        inside = beats_s[(beats_s >= self.start_s) & (beats_s <= self.start_s + self.cue.duration_s)]
        return float(np.median(np.diff(inside))) if len(inside) > 2 else 0.0

    @property
    def mean_offset_s(self) -> float:
        """Mean signed distance beat minus cut over the hits, 0 without hits."""
        return float(self.cut_offsets_s[self.hits].mean()) if self.hits.any() else 0.0


@dataclass(frozen=True)
class _Terms:
    """What each start is worth, [starts] at GRID_S apart; cuts is None without a pulse or without events."""

    total: FloatArray
    cuts: FloatArray | None
    chance: Chance | None
    correlation: FloatArray | None
    rise: FloatArray | None


def place_track(
    track: TrackDetails,
    shape: PictureShape,
    soundtrack: Soundtrack,
    mix: MixTargets | None = None,
    weights: StartWeights | None = None,
) -> Placement:
    """Find the best stretch of a track for a picture and make the cue of it."""
    line = unroll(track, shape.duration_s)
    bar_s = _bar_s(track)
    highest_s = max(0.0, line.end_s - shape.duration_s)
    lowest_s = min(line.first_s, highest_s)
    terms = _terms(line, shape, highest_s, bar_s, weights or StartWeights())
    first = int(np.ceil(lowest_s / GRID_S - 1e-6)) if lowest_s < highest_s else len(terms.total) - 1
    index = min(first, len(terms.total) - 1) + int(terms.total[first:].argmax()) if first < len(terms.total) else 0
    start_s = min(index * GRID_S, highest_s)
    if terms.cuts is not None:
        events_s = shape.cuts_s if len(shape.cuts_s) else shape.events[0]
        start_s = refine_start(line.beats_s, events_s, start_s, lowest_s, highest_s)
    start_s = round(start_s * _SAMPLE_RATE) / _SAMPLE_RATE
    return _placement(track, line, shape, soundtrack, mix or MixTargets(), terms, index, start_s, bar_s)


def chance_of_hits(placement: Placement, shape: PictureShape) -> ChanceHits | None:
    """How many hits the same search reaches for cuts scattered at random; None without beats or cuts."""
    line = placement.line
    if not line.has_pulse or len(shape.cuts_s) < 2:
        return None
    starts = int(max(0.0, line.end_s - shape.duration_s) / GRID_S) + 1
    signal = beat_signal(line.beats_s, np.ones(len(line.beats_s), np.float32), line.end_s)
    hits = int(placement.hits.sum())
    return chance_hits(line.beats_s, signal, len(shape.cuts_s), shape.duration_s, starts, hits)


def _bar_s(track: TrackDetails) -> float:
    tempo, per_bar = track.rhythm.tempo_bpm, max(track.rhythm.beats_per_bar, 1)
    return float(np.clip(60.0 / tempo * per_bar, 0.5, 8.0)) if tempo > 0 else 2.0


def _terms(line: Unrolled, shape: PictureShape, highest_s: float, bar_s: float, weights: StartWeights) -> _Terms:
    starts = int(highest_s / GRID_S + 1e-6) + 1
    correlation = _correlations(line, shape, highest_s)
    rise = _rises(line, shape, highest_s)
    slow = -weights.silence * _silent_shares(line, shape, highest_s)
    if correlation is not None:
        slow = slow + weights.energy * correlation
    if rise is not None:
        slow = slow + weights.rise * rise
    total = _to_grid(slow, starts)
    if line.end_s >= shape.duration_s:
        near = min(starts, int(_NATURAL_S / GRID_S) + 1)
        worth = weights.ending * _ending_share(shape.duration_s)
        total[starts - near :] += worth * np.linspace(0.3, 1.0, near, dtype=np.float32)
    cuts, chance = None, None
    times, event_weights = shape.events
    if line.has_pulse:
        signal = beat_signal(line.beats_s, line.beat_weights, line.end_s + AFTER_CUT_S)
        cuts = start_scores(signal, times, event_weights, starts)
        chance = chance_of(signal, event_weights, starts, bar_s)
        total += np.float32(weights.cuts) * cuts
    return _Terms(total, cuts, chance, correlation, rise)


def _slow_starts(highest_s: float) -> int:
    """Starts at CURVE_RATE_HZ, one more than fit so that the grid between can be interpolated."""
    return int(highest_s * CURVE_RATE_HZ) + 2


def _stretches(curve: FloatArray, length: int, starts: int) -> FloatArray:
    """The curve lengthened by its last value so that every start has a full stretch."""
    return np.pad(curve, (0, max(0, starts + length - 1 - len(curve))), mode="edge")[: starts + length - 1]


def _correlations(line: Unrolled, shape: PictureShape, highest_s: float) -> FloatArray | None:
    """Correlation of the energy curves at each slow start, [starts]; None for a still or very short picture."""
    query = shape.energy
    if len(query) < _SHORTEST_SHAPE or not shape.has_movement:
        return None
    starts, length = _slow_starts(highest_s), len(query)
    curve = _stretches(line.energy, length, starts).astype(np.float64)
    centred = query - query.mean(dtype=np.float64)
    products = _sliding_products(curve, centred)
    total = np.concatenate([[0.0], np.cumsum(curve)])
    squares = np.concatenate([[0.0], np.cumsum(curve * curve)])
    mean = (total[length:] - total[:-length]) / length
    deviation = np.sqrt(np.maximum((squares[length:] - squares[:-length]) / length - mean * mean, _FLAT**2))
    correlation: FloatArray = (products / (length * deviation * query.std(dtype=np.float64))).astype(np.float32)
    return correlation


def _sliding_products(curve: TimeArray, query: TimeArray) -> TimeArray:
    """Sums of products of the query with every full stretch of the curve; by FFT where that is quicker."""
    starts = len(curve) - len(query) + 1
    if starts * len(query) < 1 << 19:
        return np.correlate(curve, query, mode="valid")
    size = 1 << (len(curve) - 1).bit_length()
    return np.fft.irfft(np.fft.rfft(curve, size) * np.conj(np.fft.rfft(query, size)), size)[:starts]


def _rises(line: Unrolled, shape: PictureShape, highest_s: float) -> FloatArray | None:
    """How much of the track's largest rise falls on the picture's turning point, 0..1 at each slow start."""
    if shape.turning_s is None:
        return None
    rise = rise_curve(line.energy, _RISE_SPAN)
    relative = np.clip(rise / max(float(rise.max(initial=0.0)), _LEAST_RISE), 0.0, 1.0)
    starts, shift = _slow_starts(highest_s), round(shape.turning_s * CURVE_RATE_HZ)
    reach = relative[shift : shift + starts]
    return np.pad(reach, (0, starts - len(reach))).astype(np.float32)


def _silent_shares(line: Unrolled, shape: PictureShape, highest_s: float) -> FloatArray:
    """The share of each stretch in which nothing sounds; its first second counts three times."""
    starts, length = _slow_starts(highest_s), max(1, round(shape.duration_s * CURVE_RATE_HZ))
    silent = _stretches(line.is_silent, length, starts)
    total = np.concatenate([[0.0], np.cumsum(silent, dtype=np.float64)])
    entry = min(length, round(CURVE_RATE_HZ))
    share = (total[length:] - total[:-length]) / length
    opening = (total[entry : entry + starts] - total[:starts]) / entry
    shares: FloatArray = (0.7 * share + 0.3 * opening).astype(np.float32)
    return shares


def _to_grid(slow: FloatArray, starts: int) -> FloatArray:
    """Linear interpolation from CURVE_RATE_HZ to GRID_S."""
    fraction = (np.arange(_STEPS, dtype=np.float32) / _STEPS)[None, :]
    fine = slow[:-1, None] + (slow[1:] - slow[:-1])[:, None] * fraction
    return fine.ravel()[:starts].astype(np.float32)


def _placement(
    track: TrackDetails,
    line: Unrolled,
    shape: PictureShape,
    soundtrack: Soundtrack,
    mix: MixTargets,
    terms: _Terms,
    index: int,
    start_s: float,
    bar_s: float,
) -> Placement:
    duration_s = shape.duration_s
    slow_index = index // _STEPS
    correlation = float(terms.correlation[slow_index]) if terms.correlation is not None else None
    rise = float(terms.rise[slow_index]) if terms.rise is not None else None
    ends_naturally = line.end_s - (start_s + duration_s) <= _NATURAL_S
    early_s = max(0.0, duration_s - (line.end_s - start_s))
    offsets_s = beat_offsets(line.beats_s, shape.cuts_s + start_s)
    parts = _parts(line, shape, terms, start_s, correlation, rise)
    parts["ending"] = _ending_share(duration_s) if ends_naturally and early_s <= EARLY_S else 0.0
    return Placement(
        cue=_cue(track, line, shape, soundtrack, mix, start_s, bar_s, ends_naturally),
        line=line,
        start_s=start_s,
        cut_offsets_s=offsets_s,
        on_downbeat=np.abs(beat_offsets(line.downbeats_s, shape.cuts_s + start_s)) <= HIT_S,
        correlation=correlation,
        rise_s=shape.turning_s if rise is not None and rise > 0.5 else None,
        ends_naturally=ends_naturally,
        early_s=early_s,
        bar_s=bar_s,
        parts=parts,
        score=_score(parts, early_s / duration_s, line),
    )


def _cue(
    track: TrackDetails,
    line: Unrolled,
    shape: PictureShape,
    soundtrack: Soundtrack,
    mix: MixTargets,
    start_s: float,
    bar_s: float,
    ends_naturally: bool,
) -> Cue:
    length_s = min(shape.duration_s, line.file_end_s - start_s)
    pieces = line.pieces(start_s, length_s)
    return Cue(
        track_id=track.track_id,
        record_in_s=shape.start_s,
        pieces=pieces,
        gain_db=music_gain_db(track.loudness, pieces, mix.music_lufs),
        fade_in_s=fade_in_s(start_s, line.beats_s, length_s),
        fade_out_s=fade_out_s(start_s + length_s, line.downbeats_s, bar_s, length_s, ends_naturally),
        ducking=speech_ducking(soundtrack, shape.start_s, shape.start_s + length_s, mix.ducking_db),
    )


def _ending_share(duration_s: float) -> float:
    return min(1.0, duration_s / _ENDING_FULL_S)


def _parts(
    line: Unrolled,
    shape: PictureShape,
    terms: _Terms,
    start_s: float,
    correlation: float | None,
    rise: float | None,
) -> dict[str, float]:
    parts: dict[str, float] = {}
    times, weights = shape.events
    if len(times) > 2:
        parts["cuts"] = FitWeights.no_pulse
        if terms.chance is not None:
            lags = beat_offsets(line.beats_s, times + start_s)
            nearest = np.searchsorted(line.beats_s, times + start_s + lags - 1e-6)
            worth = line.beat_weights[np.minimum(nearest, len(line.beats_s) - 1)] * kernel(lags)
            excess = terms.chance.excess(float(worth @ weights / weights.sum()))
            parts["cuts"] = float(1.0 - np.exp(-max(excess, 0.0) / 3.0))
    if correlation is not None:
        parts["energy"] = 0.5 + 0.5 * float(np.clip(correlation, -1.0, 1.0))
    if rise is not None:
        parts["rise"] = rise
    return parts


def _score(parts: dict[str, float], early_share: float, line: Unrolled) -> float:
    """Weighted mean of the parts there are; less for music that ends early or is repeated."""
    weights = FitWeights()
    total = sum(getattr(weights, name) * value for name, value in parts.items())
    mean = total / sum(getattr(weights, name) for name in parts)
    repeated = 0.04 * min(line.loop.times, 5) if line.loop else 0.0
    return float(mean * (1.0 - repeated) * max(0.2, 1.0 - 1.5 * early_share))
