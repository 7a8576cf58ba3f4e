# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find by ear: which track an editor has in mind, from "warmer", "colder" and "like this, but slower". Only arithmetic.

A posterior over the tracks of a gallery, for one session. With d(t, a) the distance of tracks in units of the gallery's
usual one, "a is warmer than b" has, if t is what is sought, the likelihood

    p(warmer | t) = slip + (1 - 2 slip) s(k (d(t, b) - d(t, a))),

the comparison of PicHunter (Cox et al., "The Bayesian image retrieval system, PicHunter", 2000, section IV) with slips.
What is shown next is chosen one by one for what it is expected to come near to what is sought, and for how much its
answer is expected to tell: their mutual information.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray

SLOWER, FASTER, QUIETER, LOUDER = "slower", "faster", "quieter", "louder"
# Which fact each wish is about, and which way.
WISHES: Mapping[str, tuple[str, float]] = {
    SLOWER: ("tempo", -1.0),
    FASTER: ("tempo", 1.0),
    QUIETER: ("loudness", -1.0),
    LOUDER: ("loudness", 1.0),
}
_SLIP = 0.2
_SHARPNESS = 8.0
# Tracks among which the next is sought, and which stand for the posterior: the likeliest, and a spread.
_CANDIDATES = 300
_SUPPORT = 500
_INFORMATION = 0.5
_NEAR = 1.0
# How far in deviations a "slower" track has to be slower to be surely meant.
_STEP = 0.5
_TINY = 1e-12


@dataclass(frozen=True)
class ByEar:
    """A session. tracks float32 [T, P], unit usual distance (see `started`); facts: name to float32 [T] in deviations;
    beliefs are log posteriors float64 [T], one more after each answer, the last one counts; heard are rows in order;
    best is the row that was warmest so far, None before anything was heard."""

    tracks: FloatArray
    facts: Mapping[str, FloatArray]
    beliefs: tuple[NDArray[np.float64], ...]
    heard: tuple[tuple[int, ...], ...] = ((),)
    best: tuple[int | None, ...] = (None,)

    @classmethod
    def started(cls, tracks: FloatArray, prior: FloatArray, facts: Mapping[str, FloatArray]) -> ByEar:
        """A session over tracks [T, P]. prior [T]: log-likelihood of each by the list the session starts from."""
        every = tracks[:: max(1, len(tracks) // _SUPPORT)]
        distances = _distances(every, every)
        usual = float(np.median(distances[distances > 0])) if (distances > 0).any() else 1.0
        return cls(tracks / np.float32(usual), facts, (_normalised(prior.astype(np.float64)),))

    @property
    def posterior(self) -> NDArray[np.float64]:
        """How likely each track is what is sought, [T]; sums to 1."""
        found: NDArray[np.float64] = np.exp(self.beliefs[-1])
        return found

    def compared(self, row: int, *, is_warmer: bool, than: int | None = None) -> ByEar:
        """The session after "this is warmer (or colder) than" another, by default the warmest so far.

        The first track that is heard has nothing to be compared with: it only becomes the warmest.
        """
        other = than if than is not None else self.best[-1]
        if other is None or other == row:
            return self._grown(self.beliefs[-1], row, row)
        nearer = self._distance(other) - self._distance(row)
        warmer = _SLIP + (1.0 - 2.0 * _SLIP) * _logistic(_SHARPNESS * nearer)
        belief = self.beliefs[-1] + np.log(warmer if is_warmer else 1.0 - warmer)
        return self._grown(belief, row, row if is_warmer else other)

    def wished(self, row: int, wish: str) -> ByEar:
        """The session after "like this, but ...": near to a track, and a step away from it in one fact (see WISHES).

        Raises:
            KeyError: there is no such wish.
        """
        fact, sign = WISHES[wish]
        away = sign * (self.facts[fact] - self.facts[fact][row]) / _STEP
        fits = _SLIP + (1.0 - 2.0 * _SLIP) * _logistic(_SHARPNESS * (away.astype(np.float64) - 0.5))
        near = _SLIP + (1.0 - 2.0 * _SLIP) * _logistic(_SHARPNESS * (1.0 - self._distance(row)))
        return self._grown(self.beliefs[-1] + np.log(fits) + np.log(near), row, row)

    def passed(self, row: int) -> ByEar:
        """The session after a track that nothing was said of: it is not shown again."""
        return self._grown(self.beliefs[-1], row, self.best[-1])

    def undone(self) -> ByEar:
        """The session before the last answer."""
        if len(self.beliefs) == 1:
            return self
        return ByEar(self.tracks, self.facts, self.beliefs[:-1], self.heard[:-1], self.best[:-1])

    def next_rows(self, count: int) -> list[int]:
        """What to hear next, at most `count` rows, none that was heard; the first is the likeliest."""
        unheard = np.setdiff1d(np.arange(len(self.tracks)), self.heard[-1])
        if not len(unheard):
            return []
        belief = self.posterior
        support = np.argsort(-belief, kind="stable")[:_SUPPORT]
        weights = belief[support] / belief[support].sum()
        likely = unheard[np.argsort(-belief[unheard], kind="stable")]
        candidates = likely[:_CANDIDATES]
        distances = _distances(self.tracks[candidates], self.tracks[support])
        near = np.exp(-0.5 * np.square(distances / _NEAR))
        told = self._information(distances, support, weights)
        reached, chosen = np.zeros(len(support)), [0]
        while len(chosen) < min(count, len(candidates)):
            reached = np.maximum(reached, near[chosen[-1]])
            gains = np.maximum(near - reached, 0.0) @ weights
            worth = gains / max(float(gains.max()), _TINY) + _INFORMATION * told / max(float(told.max()), _TINY)
            worth[chosen] = -1.0
            chosen.append(int(worth.argmax()))
        return [int(candidates[place]) for place in chosen]

    def _information(self, distances: FloatArray, support: NDArray[np.intp], weights: FloatArray) -> FloatArray:
        """Mutual information of the answer to each candidate and what is sought, [candidates], in nats."""
        best = self.best[-1]
        if best is None:
            return np.zeros(len(distances), np.float32)
        than = self._distance(best)[support]
        warmer = _SLIP + (1.0 - 2.0 * _SLIP) * _logistic(_SHARPNESS * (than[None] - distances))
        return np.asarray(_entropy(warmer @ weights) - _entropy(warmer) @ weights, np.float32)

    def _distance(self, row: int) -> NDArray[np.float64]:
        return np.asarray(np.linalg.norm(self.tracks - self.tracks[row], axis=1), np.float64)

    def _grown(self, belief: NDArray[np.float64], row: int, best: int | None) -> ByEar:
        beliefs = (*self.beliefs, _normalised(belief))
        heard = (*self.heard, (*self.heard[-1], row))
        return ByEar(self.tracks, self.facts, beliefs, heard, (*self.best, best))


def _distances(first: FloatArray, second: FloatArray) -> FloatArray:
    squares = np.square(first).sum(axis=1)[:, None] + np.square(second).sum(axis=1)[None] - 2.0 * first @ second.T
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)), np.float32)


def _normalised(belief: NDArray[np.float64]) -> NDArray[np.float64]:
    if not len(belief):
        return belief
    top = float(belief.max())
    found: NDArray[np.float64] = belief - (top + np.log(np.exp(belief - top).sum()))
    return found


def _logistic(values: NDArray[np.float64] | FloatArray) -> NDArray[np.float64]:
    found: NDArray[np.float64] = 0.5 + 0.5 * np.tanh(0.5 * values)
    return found


def _entropy(chance: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = -(chance * np.log(chance) + (1.0 - chance) * np.log(1.0 - chance))
    return found
