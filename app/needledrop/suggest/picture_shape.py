# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What music has to answer to: cuts, accents, energy and mood of one stretch of a video. Values in, values out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from needledrop.core.music import FloatArray, TimeArray
from needledrop.core.picture import COLOUR_RATE_HZ, MOTION_RATE_HZ, VideoFeatures
from needledrop.core.times import TimeRange

CURVE_RATE_HZ = 2.0
CUT_WEIGHT = 1.0
DISSOLVE_WEIGHT = 0.5
ACCENT_WEIGHT = 0.3
# The in-point is heard as an event too: music that enters on a beat sounds meant.
ENTRY_WEIGHT = 0.3
# An accent this near to a cut is the cut.
_SAME_EVENT_S = 0.2
# A cut this near to an end of the range is the end of the range.
_EDGE_S = 0.08
# A rise must stand this far (in robust deviations) above the curve's ordinary rises to be a turning point.
_TURN_PROMINENCE = 1.0
_TURN_SPAN_S = 4.0
_FLAT_MOTION_PX = 0.03

# Monotone, piecewise linear: mean flow (pixels per frame at 160x90) and cuts a minute to arousal. The knots are a
# locked-off interview, a walk, hand-held sport, racing; and 0, the average film (12), a music video (30), a trailer.
_MOTION_KNOTS = ((0.0, 0.1, 0.4, 1.2, 3.0, 8.0), (0.05, 0.2, 0.4, 0.6, 0.8, 1.0))
_CUT_RATE_KNOTS = ((0.0, 4.0, 12.0, 30.0, 60.0, 120.0), (0.1, 0.25, 0.45, 0.7, 0.9, 1.0))


@dataclass(frozen=True)
class PictureShape:
    """One stretch of picture; times in seconds from its in-point.

    cuts_s [K] with cut_weights [K]; accents_s [A] with accent_weights [A]; energy float32 at CURVE_RATE_HZ, in robust
    deviations, all zero for a picture without movement; turning_s where the energy rises most, None without a clear
    rise. arousal in 0..1; valence in 0..1 or None without colour; brightness, saturation in 0..1, warmth -1..1.
    """

    start_s: float
    duration_s: float
    cuts_s: TimeArray
    cut_weights: FloatArray
    accents_s: TimeArray
    accent_weights: FloatArray
    energy: FloatArray
    turning_s: float | None
    arousal: float
    valence: float | None
    brightness: float
    saturation: float
    warmth: float
    motion_px: float

    @property
    def cuts_per_minute(self) -> float:
        """How fast the stretch is cut."""
        return 60.0 * len(self.cuts_s) / self.duration_s

    @property
    def shot_s(self) -> float:
        """Median distance between cuts, the ends of the range left out where two cuts are there; 0 without a cut."""
        if len(self.cuts_s) == 0:
            return 0.0
        return float(np.median(np.diff(self.cuts_s))) if len(self.cuts_s) > 1 else self.duration_s / 2.0

    @property
    def has_movement(self) -> bool:
        """False where the energy curve says nothing."""
        return bool(self.energy.any())

    @cached_property
    def events(self) -> tuple[TimeArray, FloatArray]:
        """Everything beats may fall on, the entry of the music included: times and weights."""
        times = np.concatenate([[0.0], self.cuts_s, self.accents_s])
        weights = np.concatenate([[ENTRY_WEIGHT], self.cut_weights, self.accent_weights])
        return times, weights.astype(np.float32)


def picture_shape(video: VideoFeatures, time_range: TimeRange) -> PictureShape:
    """Condense a stretch of a video. Curves shorter than the range, or absent, count as still and grey."""
    start, duration = float(time_range.start_s), float(time_range.duration_s)
    cuts, cut_weights = _cuts(video, start, duration)
    accents, accent_weights = _accents(video, start, duration, cuts)
    motion = _window(video.motion.curve, MOTION_RATE_HZ, start, duration)
    motion_px = float(motion.mean()) if len(motion) else 0.0
    energy = _energy(video, start, duration, cuts, cut_weights)
    colours = [
        _window(curve, COLOUR_RATE_HZ, start, duration)
        for curve in (video.colour.brightness, video.colour.saturation, video.colour.warmth)
    ]
    brightness, saturation, warmth = (float(curve.mean()) if len(curve) else 0.0 for curve in colours)
    return PictureShape(
        start_s=start,
        duration_s=duration,
        cuts_s=cuts,
        cut_weights=cut_weights,
        accents_s=accents,
        accent_weights=accent_weights,
        energy=energy,
        turning_s=_turning_point(energy),
        arousal=picture_arousal(motion_px, 60.0 * len(cuts) / duration),
        valence=picture_valence(brightness, saturation, warmth) if len(colours[0]) else None,
        brightness=brightness,
        saturation=saturation,
        warmth=warmth,
        motion_px=motion_px,
    )


def picture_arousal(motion_px: float, cuts_per_minute: float) -> float:
    """Arousal 0..1 from movement and editing pace, on the scale of index.summary.arousal (see the knots above).

    Both raise it (Detenber, Simons & Bennett 1998 for motion; Lang et al. 1999 for pacing).
    """
    return float(0.6 * np.interp(motion_px, *_MOTION_KNOTS) + 0.4 * np.interp(cuts_per_minute, *_CUT_RATE_KNOTS))


def picture_valence(brightness: float, saturation: float, warmth: float) -> float:
    """Valence 0..1 from colour: pleasure = 0.69 brightness + 0.22 saturation (Valdez & Mehrabian 1994), plus a little
    for warmth; centred on an ordinary picture (brightness 0.42, saturation 0.3, neutral)."""
    pleasure = 0.69 * (brightness - 0.42) + 0.22 * (saturation - 0.3) + 0.1 * warmth
    return float(np.clip(0.5 + 1.6 * pleasure, 0.0, 1.0))


def energy_of_video(video: VideoFeatures) -> FloatArray:
    """The energy curve of the whole video at CURVE_RATE_HZ, in robust deviations."""
    cuts, weights = _cuts(video, 0.0, video.duration_s)
    return _energy(video, 0.0, video.duration_s, cuts, weights)


def _cuts(video: VideoFeatures, start: float, duration: float) -> tuple[TimeArray, FloatArray]:
    shots = video.shots
    times = shots.cuts_s - start
    inside = (times > _EDGE_S) & (times < duration - _EDGE_S)
    kind = np.where(shots.is_dissolve, DISSOLVE_WEIGHT, CUT_WEIGHT)
    weights = kind * (0.5 + 0.5 * np.clip(shots.strength, 0.0, 1.0))
    return times[inside], weights[inside].astype(np.float32)


def _accents(video: VideoFeatures, start: float, duration: float, cuts: TimeArray) -> tuple[TimeArray, FloatArray]:
    times = video.motion.accents_s - start
    inside = (times > _EDGE_S) & (times < duration - _EDGE_S)
    if len(cuts):
        inside &= np.abs(times[:, None] - cuts[None, :]).min(axis=1) > _SAME_EVENT_S
    weights = ACCENT_WEIGHT * np.clip(video.motion.accent_strength, 0.0, 1.0)
    return times[inside], weights[inside].astype(np.float32)


def _window(curve: FloatArray, rate_hz: float, start: float, duration: float) -> FloatArray:
    first = int(start * rate_hz)
    return curve[first : max(first + 1, round((start + duration) * rate_hz))]


def _energy(
    video: VideoFeatures, start: float, duration: float, cuts: TimeArray, cut_weights: FloatArray
) -> FloatArray:
    """Movement 0.6, density of cuts 0.3, change of brightness 0.1, smoothed over about 3 s."""
    count = max(1, int(np.ceil(duration * CURVE_RATE_HZ)))
    grid: TimeArray = (np.arange(count, dtype=np.float64) + 0.5) / CURVE_RATE_HZ
    motion = _resampled(_window(video.motion.curve, MOTION_RATE_HZ, start, duration), MOTION_RATE_HZ, grid)
    density = np.zeros(count)
    np.add.at(density, np.minimum((cuts * CURVE_RATE_HZ).astype(np.int64), count - 1), cut_weights)
    brightness = _resampled(_window(video.colour.brightness, COLOUR_RATE_HZ, start, duration), COLOUR_RATE_HZ, grid)
    change = np.abs(np.diff(brightness, prepend=brightness[:1]))
    parts = (
        0.6 * _robust(_smooth(np.log1p(motion / 0.3), 6), floor=_FLAT_MOTION_PX),
        0.3 * _robust(_smooth(density, 12), floor=0.02),
        0.1 * _robust(_smooth(change, 6), floor=0.005),
    )
    return sum(parts, np.zeros(count)).astype(np.float32)


def _resampled(curve: FloatArray, rate_hz: float, grid: TimeArray) -> TimeArray:
    """Means of the curve around the grid points; zeros without a curve."""
    if len(curve) == 0:
        return np.zeros(len(grid))
    total = np.concatenate([[0.0], np.cumsum(np.nan_to_num(curve), dtype=np.float64)])
    position = np.arange(len(total)) / rate_hz
    edges = np.clip(np.stack([grid - 0.5 / CURVE_RATE_HZ, grid + 0.5 / CURVE_RATE_HZ]), 0.0, position[-1])
    covered = np.diff(edges, axis=0)[0] * rate_hz
    sums = np.diff(np.interp(edges, position, total), axis=0)[0]
    return np.where(covered > 1e-6, sums / np.maximum(covered, 1e-6), float(curve[-1]))


def _smooth(curve: TimeArray, width: int) -> TimeArray:
    """A Hann-weighted running mean that divides by the weight it really has at the edges."""
    kernel = np.hanning(width + 3)[1:-1]
    weight = np.convolve(np.ones(len(curve)), kernel, mode="full")
    offset = (len(kernel) - 1) // 2
    smooth = np.convolve(curve, kernel, mode="full") / weight
    return smooth[offset : offset + len(curve)]


def _robust(curve: TimeArray, floor: float) -> TimeArray:
    """Deviations from the median in units of the central spread, clipped at 3; zeros where the spread is < floor."""
    low, middle, high = np.percentile(curve, (15.0, 50.0, 85.0))
    spread = max((high - low) / 2.0, float(curve.std()))
    return np.clip((curve - middle) / spread, -3.0, 3.0) if spread > floor else np.zeros(len(curve))


def _turning_point(energy: FloatArray) -> float | None:
    """Where the mean of the next seconds exceeds that of the last seconds most, if it does so clearly."""
    span = int(_TURN_SPAN_S * CURVE_RATE_HZ)
    if len(energy) < 3 * span or not energy.any():
        return None
    rise = rise_curve(energy, span)
    inner = rise[span:-span]
    best = int(np.argmax(inner))
    return (best + span) / CURVE_RATE_HZ if inner[best] > _TURN_PROMINENCE else None


def rise_curve(curve: FloatArray, span: int) -> FloatArray:
    """Mean of the next `span` values minus mean of the last `span`, at each boundary i before value i; [n]."""
    total = np.concatenate([[0.0], np.cumsum(curve, dtype=np.float64)])
    position = np.arange(len(curve))
    before, after = np.maximum(position - span, 0), np.minimum(position + span, len(curve))
    last = (total[position] - total[before]) / np.maximum(position - before, 1)
    following = (total[after] - total[position]) / np.maximum(after - position, 1)
    rise: FloatArray = (following - last).astype(np.float32)
    rise[:1] = 0.0
    return rise
