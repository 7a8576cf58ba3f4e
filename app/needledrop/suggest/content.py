# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content matcher: ranks every track of the gallery by features alone, without anything learned.

Implements core.query.Ranker. Works on whole arrays over all tracks; looks at single tracks only for its answer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.core.query import Query, RankedSegment
from needledrop.index.gallery import Gallery
from needledrop.index.summary import ENERGY_RATE_HZ
from needledrop.suggest.experts import Expert, product_of_experts, wish_experts
from needledrop.suggest.filters import allowed_rows
from needledrop.suggest.picture_shape import CURVE_RATE_HZ, PictureShape, picture_shape
from needledrop.suggest.windows import WindowSearch, WindowWeights

# A shape of fewer seconds than this is no shape; and the energy of music is alike over some seconds.
_SHORTEST_SHAPE_S = 8.0
_ALIKE_S = 4.0
# From which confidence on a tempo is worth comparing.
_SURE_TEMPO = 0.15
# Onsets a second that suit an editing pace, in cuts a minute: the calm end of ambient music to drum and bass.
_PACE_KNOTS = ((0.0, 5.0, 12.0, 25.0, 50.0, 100.0), (1.5, 2.2, 3.0, 4.0, 5.0, 6.5))
# A grid of tempi fine enough that a grid point is off by < 10 ms after a minute.
_TEMPO_STEP_BPM = 0.01
_GRID_TEMPI_BPM = (40.0, 240.0)
_GRID_STRETCH_S = 90.0
_FEWEST_GRID_CUTS = 5

# The least deviation of what is seen that means anything, as for words: it tells little on real pairs, and must not
# shout.
_PICTURE_SPREAD = 0.25
# What a part counts where the picture says little of it: one that does not move has only a level, one without cuts no
# pace.
_VAGUE_SHARE = 0.5


@dataclass(frozen=True)
class ContentWeights:
    """What each part of what is seen counts; parts that a query does not have are left out of the mean."""

    energy: float = 1.0
    pace: float = 0.8
    mood: float = 0.5
    # Added to the mean, by the share of what is seen: evidence that few tracks have must not lower the others.
    grid: float = 0.35


@dataclass(frozen=True)
class SeenScores:
    """How the tracks suit what is seen: parts of the score over all tracks, each [T] in 0..1, their mean, and how sure
    it is (an expert's precision). search: where in the tracks the energy goes as the picture does, None where that
    does not move."""

    parts: dict[str, FloatArray]
    total: FloatArray
    precision: float
    search: WindowSearch | None

    @property
    def expert(self) -> Expert:
        """What is seen as one opinion among others."""
        return Expert("picture", self.total, self.precision, _PICTURE_SPREAD)


class ContentMatcher:
    """Ranks by energy curve, pace and mood, joined with the text line and the references by a product of experts."""

    def __init__(self, gallery: Gallery, weights: ContentWeights | None = None) -> None:
        self._gallery = gallery
        self._weights = weights or ContentWeights()

    @property
    def name(self) -> str:
        """The name under which results are stored."""
        return "content-2"

    def rank(self, query: Query, limit: int) -> list[RankedSegment]:
        """The best `limit` tracks, one a recording, best first, ties by track id."""
        rows = np.flatnonzero(allowed_rows(self._gallery, query.filters))
        if len(rows) == 0 or limit <= 0:
            return []
        shape = picture_shape(query.video, query.time_range)
        seen = self.seen(shape)
        wishes = wish_experts(query, self._gallery)
        total = product_of_experts([seen.expert, *wishes]) if wishes else seen.total
        parts = seen.parts | {wish.name: wish.shown for wish in wishes}
        if wishes:
            parts["picture"] = seen.total
        # Rounded so that differences below what a platform's FFT agrees on do not decide an order.
        total = np.round(total, 5).astype(np.float32)
        chosen = best_recordings(self._gallery, rows, total, limit)
        return [self._segment(int(row), shape, seen, parts, float(total[row])) for row in chosen]

    def seen(self, shape: PictureShape) -> SeenScores:
        """How the tracks suit the picture alone."""
        search, energy = self._energy(shape)
        parts = {"energy": energy, "pace": pace_fit(self._gallery.tracks, shape)}
        if shape.valence is not None:
            parts["mood"] = mood_fit(self._gallery.tracks["valence"], shape.valence)
        weights = dataclasses.asdict(self._weights)
        total = sum((weights[name] * part for name, part in parts.items()), np.zeros(self._gallery.track_count))
        grid = grid_fit(self._gallery.tracks, shape)
        total = np.minimum(total / sum(weights[name] for name in parts) + weights["grid"] * grid, 1.0)
        vague = {"energy": search is None, "pace": len(shape.cuts_s) == 0}
        precision = sum(weights[name] * (_VAGUE_SHARE if vague.get(name) else 1.0) for name in parts)
        return SeenScores(parts | {"grid": grid}, total.astype(np.float32), precision, search)

    def _energy(self, shape: PictureShape) -> tuple[WindowSearch | None, FloatArray]:
        """Fit of the energy curve: shape over every start, and level."""
        tracks = self._gallery.tracks
        step = round(CURVE_RATE_HZ / ENERGY_RATE_HZ)
        count = len(shape.energy) // step
        weights = WindowWeights()
        if not shape.has_movement or count < _SHORTEST_SHAPE_S * ENERGY_RATE_HZ:
            return None, level_fit(tracks["arousal"], shape.arousal, weights.level_span)
        query = shape.energy[: count * step].reshape(count, step).mean(axis=1)
        search = WindowSearch(self._gallery.energy, self._gallery.energy_offsets, query, shape.arousal, weights)
        chance = chance_correlation(np.diff(self._gallery.energy_offsets), count)
        return search, np.clip(search.total + weights.shape * (0.5 - chance), 0.0, 1.0).astype(np.float32)

    def _segment(
        self, row: int, shape: PictureShape, seen: SeenScores, parts: Mapping[str, FloatArray], score: float
    ) -> RankedSegment:
        track = self._gallery.tracks[row]
        start_s, found = seen_window(seen, row)
        found = {name: float(part[row]) for name, part in parts.items()} | found
        end_s = min(start_s + shape.duration_s, float(track["duration_s"]))
        return RankedSegment(int(track["track_id"]), start_s, end_s, score, found)


def seen_window(seen: SeenScores, row: int) -> tuple[float, dict[str, float]]:
    """Where in a track, in s, its energy goes best with the picture, and how well; 0 where the picture has none."""
    if seen.search is None:
        return 0.0, {}
    window = seen.search.window(row)
    shape = 0.5 + 0.5 * float(np.clip(window.correlation, -1.0, 1.0))
    return window.start / ENERGY_RATE_HZ, {"shape": shape, "level": window.level}


def best_recordings(gallery: Gallery, rows: NDArray[np.int64], total: FloatArray, limit: int) -> NDArray[np.int64]:
    """Of these rows the best `limit`, one a recording, best first, ties by track id."""
    tracks = gallery.tracks
    order = rows[np.lexsort((tracks["track_id"][rows], -total[rows]))]
    _, first_of_recording = np.unique(tracks["recording_id"][order], return_index=True)
    chosen: NDArray[np.int64] = order[np.sort(first_of_recording)[:limit]]
    return chosen


def chance_correlation(lengths: NDArray[np.int64], query_length: int) -> FloatArray:
    """The best correlation expected of unrelated curves when every start may be tried, [T].

    The expected maximum of M independent standard normals, sqrt(2 ln M), through Fisher's z-transform; neighbouring
    seconds are alike, so both the starts and the degrees of freedom count once every few seconds.
    """
    alike = _ALIKE_S * ENERGY_RATE_HZ
    used = np.minimum(lengths, query_length)
    freedom = np.maximum(used / alike - 1.0, 1.0)
    starts = np.maximum((lengths - used) / alike, 1.0)
    fit: FloatArray = np.tanh(np.sqrt(2.0 * np.log(starts) / freedom)).astype(np.float32)
    return fit


def level_fit(arousal: FloatArray, wanted: float, span: float) -> FloatArray:
    """1 where the arousal of music and picture agree, 0 where they are `span` apart or more."""
    fit: FloatArray = np.maximum(0.0, 1.0 - np.abs(arousal - wanted) / span).astype(np.float32)
    return fit


def mood_fit(valence: FloatArray, wanted: float) -> FloatArray:
    """1 where valence agrees, 0 at opposite ends; little is made of small differences, neither scale being exact."""
    distance = np.abs(valence - wanted)
    fit: FloatArray = (1.0 - np.minimum(distance / 0.7, 1.0) ** 1.5).astype(np.float32)
    return fit


def pace_fit(tracks: NDArray[np.void], shape: PictureShape) -> FloatArray:
    """How the editing pace suits the music, [T] in 0..1.

    Faster cutting wants more onsets; and shots want to last a plain number of beats (1, 2, 4, 8, 16).
    """
    wanted = float(np.interp(shape.cuts_per_minute, *_PACE_KNOTS))
    ratio = np.log2(np.maximum(tracks["onset_density_hz"], 0.2) / wanted)
    density: FloatArray = np.exp(-0.5 * ratio**2).astype(np.float32)
    if len(shape.cuts_s) == 0:
        return density
    plain = np.where(_has_tempo(tracks), plain_ratio_fit(_tempo(tracks), shape.shot_s), 0.5)
    fit: FloatArray = (0.7 * density + 0.3 * plain).astype(np.float32)
    return fit


def _has_tempo(tracks: NDArray[np.void]) -> NDArray[np.bool_]:
    sure: NDArray[np.bool_] = (tracks["exact_tempo_bpm"] > 0) & (tracks["rhythm_confidence"] >= _SURE_TEMPO)
    return sure


def _tempo(tracks: NDArray[np.void]) -> NDArray[np.float64]:
    """Tempi within the range of _GRID_TEMPI_BPM, any value for a track without."""
    tempo: NDArray[np.float64] = np.clip(tracks["exact_tempo_bpm"], *_GRID_TEMPI_BPM).astype(np.float64)
    return tempo


def plain_ratio_fit(tempo_bpm: NDArray[np.float64], shot_s: float) -> NDArray[np.float64]:
    """1 where a shot lasts 1, 2, 4, 8 or 16 beats, less between and outside, [T]."""
    doublings = np.log2(np.maximum(shot_s, 0.05) * tempo_bpm / 60.0)
    nearest = np.clip(np.round(doublings), 0.0, 4.0)
    fit: NDArray[np.float64] = np.exp(-0.5 * ((doublings - nearest) / 0.3) ** 2)
    return fit


def grid_fit(tracks: NDArray[np.void], shape: PictureShape) -> FloatArray:
    """Evidence that the cuts were made to a beat of each track's tempo, [T] in 0..1, 0 for most.

    The cuts' beat phases are tested by Rayleigh's statistic, K times the squared mean resultant length; unrelated cuts
    reach ln M of it by chance when M distinguishable tempi are tried. Only the busiest stretch of the cuts is used:
    over minutes no constant grid follows played music. A track that drifts too far gains nothing and loses nothing.
    """
    cuts, weights = _busiest(shape.cuts_s, shape.cut_weights)
    if len(cuts) < _FEWEST_GRID_CUTS:
        return np.zeros(len(tracks), np.float32)
    steps = np.round(_tempo(tracks) / _TEMPO_STEP_BPM).astype(np.int64)
    tempi, inverse = np.unique(steps, return_inverse=True)
    phases = (2.0 * np.pi * _TEMPO_STEP_BPM / 60.0) * tempi[:, None] * cuts[None, :]
    statistic = (np.square(np.cos(phases) @ weights) + np.square(np.sin(phases) @ weights)) / np.square(weights).sum()
    span_s = float(cuts[-1] - cuts[0])
    different = max((_GRID_TEMPI_BPM[1] - _GRID_TEMPI_BPM[0]) / 60.0 * span_s, 1.0)
    evidence = 1.0 - np.exp(-np.maximum(statistic - np.log(different), 0.0) / 3.0)
    fit: FloatArray = np.where(_has_tempo(tracks), evidence[inverse], 0.0).astype(np.float32)
    return fit


def _busiest(cuts: NDArray[np.float64], weights: FloatArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The cuts of the stretch of at most _GRID_STRETCH_S that holds most of them, 64 at most."""
    ends = np.searchsorted(cuts, cuts + _GRID_STRETCH_S, side="right")
    first = int(np.argmax(ends - np.arange(len(cuts)))) if len(cuts) else 0
    span = slice(first, min(int(ends[first]), first + 64)) if len(cuts) else slice(0, 0)
    return cuts[span], weights[span].astype(np.float64)
