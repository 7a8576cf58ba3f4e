# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cue: which stretch of one track goes under a stretch of picture, chosen over every start in the track.

A track is judged here against one picture; comparing tracks with each other is the engine's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from needledrop.core.cue import Cue, MixTargets
from needledrop.core.music import TimeArray
from needledrop.core.picture import Soundtrack
from needledrop.suggest.align import GRID_S, HIT_S, beat_offsets, chance_of, refine_start
from needledrop.suggest.details import TrackDetails
from needledrop.suggest.levels import fade_in_s, fade_out_s, music_gain_db, speech_ducking
from needledrop.suggest.picture_shape import PictureShape
from needledrop.suggest.start_terms import (
    NATURAL_S,
    STEPS,
    StartTerms,
    StartWeights,
    ending_share,
    highest_start_s,
    start_terms,
)
from needledrop.suggest.unrolled import EARLY_S, Unrolled, unroll

# Starts are rounded to a sample at this rate, so that a cue is the same on every machine.
_SAMPLE_RATE = 48000


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
    """A track placed under a picture; what follows from the place is computed when it is asked for.

    start_s is on the track's unrolled line. correlation of the energy curves, None where nothing can be said; rise_s,
    from the in-point, where the music's rise meets the picture's turning point, or None. parts are in 0..1, score their
    weighted mean with the penalties taken off.
    """

    track: TrackDetails
    shape: PictureShape
    soundtrack: Soundtrack
    mix: MixTargets
    line: Unrolled
    start_s: float
    correlation: float | None
    rise_s: float | None
    parts: dict[str, float]
    score: float

    @cached_property
    def cue(self) -> Cue:
        """The cue to play: pieces of the track, its gain, fades and ducking."""
        length_s = min(self.shape.duration_s, self.line.file_end_s - self.start_s)
        pieces = self.line.pieces(self.start_s, length_s)
        record_in_s, end_s = self.shape.start_s, self.start_s + length_s
        return Cue(
            track_id=self.track.track_id,
            record_in_s=record_in_s,
            pieces=pieces,
            gain_db=music_gain_db(self.track.loudness, pieces, self.mix.music_lufs),
            fade_in_s=fade_in_s(self.start_s, self.line.beats_s, length_s),
            fade_out_s=fade_out_s(end_s, self.line.downbeats_s, self.bar_s, length_s, self.ends_naturally),
            ducking=speech_ducking(self.soundtrack, record_in_s, record_in_s + length_s, self.mix.ducking_db),
        )

    @property
    def by_energy_alone(self) -> bool:
        """True where the track has no pulse to be trusted: loudness and movement decided, no beat did."""
        return not self.line.has_pulse

    @cached_property
    def cut_offsets_s(self) -> TimeArray:
        """The nearest beat minus each cut, [K]; infinite without beats."""
        return beat_offsets(self.line.beats_s, self.shape.cuts_s + self.start_s)

    @property
    def hits(self) -> NDArray[np.bool_]:
        """Which cuts have a beat within HIT_S, [K]."""
        mask: NDArray[np.bool_] = np.abs(self.cut_offsets_s) <= HIT_S
        return mask

    @property
    def on_downbeat(self) -> NDArray[np.bool_]:
        """Which cuts have a downbeat within HIT_S, [K]."""
        offsets_s = beat_offsets(self.line.downbeats_s, self.shape.cuts_s + self.start_s)
        mask: NDArray[np.bool_] = np.abs(offsets_s) <= HIT_S
        return mask

    @property
    def mean_offset_s(self) -> float:
        """Mean signed distance beat minus cut over the hits, 0 without hits."""
        return float(self.cut_offsets_s[self.hits].mean()) if self.hits.any() else 0.0

    @property
    def early_s(self) -> float:
        """How long before the out-point the music ends."""
        return _early_s(self.line, self.shape, self.start_s)

    @property
    def ends_naturally(self) -> bool:
        """True where the music's own ending falls on the out-point, or comes before it."""
        return _ends_naturally(self.line, self.shape, self.start_s)

    @property
    def bar_s(self) -> float:
        """The length of a bar by the track's tempo; 2 s without one."""
        return self.line.bar_s

    @property
    def beat_s(self) -> float:
        """The median beat of the stretch itself, whatever the tempo elsewhere in the track; 0 with fewer than three."""
        beats_s = self.line.beats_s
        inside = beats_s[(beats_s >= self.start_s) & (beats_s <= self.start_s + self.cue.duration_s)]
        return float(np.median(np.diff(inside))) if len(inside) > 2 else 0.0


def place_track(
    track: TrackDetails,
    shape: PictureShape,
    soundtrack: Soundtrack,
    mix: MixTargets | None = None,
    weights: StartWeights | None = None,
) -> Placement:
    """Find the best stretch of a track for a picture."""
    weights = weights or StartWeights()
    line = unroll(track, shape.duration_s)
    terms = start_terms(line, shape, weights)
    index = terms.best(terms.cuts, weights)
    start_s = _refined(line, shape, terms, index)
    correlation = float(terms.correlation[index // STEPS]) if terms.correlation is not None else None
    rise = float(terms.rise[index // STEPS]) if terms.rise is not None else None
    parts = _parts(line, shape, terms, start_s)
    if correlation is not None:
        parts["energy"] = 0.5 + 0.5 * float(np.clip(correlation, -1.0, 1.0))
    if rise is not None:
        parts["rise"] = rise
    return Placement(
        track=track,
        shape=shape,
        soundtrack=soundtrack,
        mix=mix or MixTargets(),
        line=line,
        start_s=start_s,
        correlation=correlation,
        rise_s=shape.turning_s if rise is not None and rise > 0.5 else None,
        parts=parts,
        score=_score(parts, _early_s(line, shape, start_s) / shape.duration_s, line),
    )


def _refined(line: Unrolled, shape: PictureShape, terms: StartTerms, index: int) -> float:
    """The start between the points of the grid that centres the beats on the cuts, on a sample."""
    highest_s = highest_start_s(line, shape)
    start_s = min(index * GRID_S, highest_s)
    if terms.cuts is not None:
        events_s = shape.cuts_s if len(shape.cuts_s) else shape.events[0]
        start_s = refine_start(line.beats_s, events_s, start_s, min(line.first_s, highest_s), highest_s)
    return round(start_s * _SAMPLE_RATE) / _SAMPLE_RATE


def _early_s(line: Unrolled, shape: PictureShape, start_s: float) -> float:
    return max(0.0, shape.duration_s - (line.end_s - start_s))


def _ends_naturally(line: Unrolled, shape: PictureShape, start_s: float) -> bool:
    return line.end_s - (start_s + shape.duration_s) <= NATURAL_S


def _parts(line: Unrolled, shape: PictureShape, terms: StartTerms, start_s: float) -> dict[str, float]:
    """Fit of the cuts, where there are enough events, and of the ending."""
    parts: dict[str, float] = {}
    times, weights = shape.events
    if len(times) > 2:
        parts["cuts"] = FitWeights.no_pulse
        if terms.signal is not None and terms.cuts is not None:
            chance = chance_of(terms.signal, weights, len(terms.cuts), line.bar_s)
            excess = chance.excess(float(line.worth(times + start_s, weights)))
            parts["cuts"] = float(1.0 - np.exp(-max(excess, 0.0) / 3.0))
    ends = _ends_naturally(line, shape, start_s) and _early_s(line, shape, start_s) <= EARLY_S
    parts["ending"] = ending_share(shape.duration_s) if ends else 0.0
    return parts


def _score(parts: dict[str, float], early_share: float, line: Unrolled) -> float:
    """Weighted mean of the parts there are; less for music that ends early or is repeated."""
    weights = FitWeights()
    total = sum(getattr(weights, name) * value for name, value in parts.items())
    mean = total / sum(getattr(weights, name) for name in parts)
    repeated = 0.04 * min(line.loop.times, 5) if line.loop else 0.0
    return float(mean * (1.0 - repeated) * max(0.2, 1.0 - 1.5 * early_share))
