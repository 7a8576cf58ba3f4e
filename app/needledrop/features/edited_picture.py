# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The features of a timeline, laid together from those of the files its clips are of. Looks at no picture again.

Cuts are the timeline's own. Only where it has none, as with a finished film laid on a timeline, those count that were
detected in its files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from needledrop.core.edit import ClipKind, EditClip, ProjectEdit, Shown, SoundRole, cuts_of, shown_pictures
from needledrop.core.music import CLIP_S, LOUDNESS_RATE_HZ, FloatArray, TimeArray
from needledrop.core.picture import (
    COLOUR_RATE_HZ,
    MOTION_RATE_HZ,
    ROWS_RATE_HZ,
    Colour,
    Motion,
    PictureRows,
    Shots,
    Soundtrack,
    VideoFeatures,
)
from needledrop.features.picture_rows import ROW_SIZE

_SILENCE_LUFS = -70.0
_INAUDIBLE_DB = -50.0
_PALETTE_SIZE = 5
_NO_SPEECH = {SoundRole.MUSIC, SoundRole.EFFECTS}

Known = Mapping[str, VideoFeatures]


def edited_features(edit: ProjectEdit, known: Known) -> VideoFeatures:
    """What analysis would have found in the rendered timeline, as far as its files say.

    Args:
        known: The features of the files, by what the project calls them; where one is missing the picture is black.
    """
    shown = shown_pictures(edit)
    place = _Place(shown, known, float(edit.duration_s))
    shots = _shots(shown, place)
    return VideoFeatures(
        duration_s=float(edit.duration_s),
        is_every_frame=all(features.is_every_frame for features in known.values()),
        shots=shots,
        motion=_motion(place),
        colour=_colour(place),
        rows=_rows(place, shots.cuts_s),
        soundtrack=_soundtrack(edit, known),
    )


class _Place:
    """Where each moment of the timeline is in which file."""

    def __init__(self, shown: Sequence[Shown], known: Known, duration_s: float) -> None:
        self.duration_s = duration_s
        self.parts = [
            (float(one.start_s), float(one.end_s), one.clip, known[one.clip.source.named])
            for one in shown
            if one.clip is not None and one.clip.source is not None and one.clip.source.named in known
        ]

    def gathered(
        self, count: int, rate_hz: float, pick: Callable[[VideoFeatures], NDArray[np.float32]], *, phase: float = 0.5
    ) -> FloatArray:
        """A curve of `count` values at rate_hz, each from where its moment is in its file; 0 where nothing is."""
        first = next((pick(features) for _, _, _, features in self.parts), np.zeros(0, np.float32))
        laid = np.zeros((count, *first.shape[1:]), np.float32)
        times = (np.arange(count) + phase) / rate_hz
        for start_s, end_s, clip, features in self.parts:
            here = np.flatnonzero((times >= start_s) & (times < end_s))
            curve = pick(features)
            if len(here) and len(curve):
                source_s = float(clip.source_in_s) + (times[here] - float(clip.record_in_s)) * float(clip.speed)
                laid[here] = curve[np.clip((source_s * rate_hz).astype(np.intp), 0, len(curve) - 1)]
        return laid

    def moments(self, pick: Callable[[VideoFeatures], TimeArray]) -> tuple[TimeArray, NDArray[np.intp], list[int]]:
        """Moments of files that are on, in timeline seconds; the index of each in its file; how many a part has."""
        times: list[float] = []
        indices: list[int] = []
        counts = []
        for start_s, end_s, clip, features in self.parts:
            found = pick(features)
            speed = float(clip.speed)
            laid = float(clip.record_in_s) + (found - float(clip.source_in_s)) / speed if speed > 0 else found[:0]
            inside = np.flatnonzero((laid > start_s + 1e-3) & (laid < end_s - 1e-3))
            times += laid[inside].tolist()
            indices += inside.tolist()
            counts.append(len(inside))
        return np.array(times, np.float64), np.array(indices, np.intp), counts


def _shots(shown: Sequence[Shown], place: _Place) -> Shots:
    cuts = np.array([float(cut_s) for cut_s in cuts_of(shown)], np.float64)
    if len(cuts):
        return Shots(cuts, np.zeros(len(cuts), bool), np.ones(len(cuts), np.float32))
    times, indices, counts = place.moments(lambda features: features.shots.cuts_s)
    whose = [shots for (_, _, _, f), count in zip(place.parts, counts, strict=True) for shots in [f.shots] * count]
    dissolves = [bool(shots.is_dissolve[index]) for shots, index in zip(whose, indices, strict=True)]
    strength = [float(shots.strength[index]) for shots, index in zip(whose, indices, strict=True)]
    return Shots(times, np.array(dissolves, bool), np.array(strength, np.float32))


def _motion(place: _Place) -> Motion:
    count = max(1, int(np.ceil(place.duration_s * MOTION_RATE_HZ - 1e-6)))
    curve = place.gathered(count, MOTION_RATE_HZ, lambda features: features.motion.curve, phase=0.0)
    seconds = max(1, int(np.ceil(place.duration_s)))
    # A file's mean direction is known for every CLIP_S only.
    heading = place.gathered(seconds, 1.0, lambda features: np.repeat(features.motion.clips, round(CLIP_S), axis=0))
    clips = np.zeros((max(1, int(np.ceil(place.duration_s / CLIP_S - 1e-6))), 4), np.float32)
    width, step = round(CLIP_S * MOTION_RATE_HZ), round(CLIP_S)
    for index in range(len(clips)):
        part, drift = curve[index * width : (index + 1) * width], heading[index * step : (index + 1) * step]
        clips[index] = (part.mean(), part.std(), drift[:, 2].mean(), drift[:, 3].mean()) if len(part) else 0.0
    times, indices, counts = place.moments(lambda features: features.motion.accents_s)
    whose = [motion for (_, _, _, f), count in zip(place.parts, counts, strict=True) for motion in [f.motion] * count]
    strength = [float(motion.accent_strength[index]) for motion, index in zip(whose, indices, strict=True)]
    methods = {features.motion.method for _, _, _, features in place.parts}
    method = methods.pop() if len(methods) == 1 else "dis"
    return Motion(method, curve, times, np.array(strength, np.float32), clips)


def _colour(place: _Place) -> Colour:
    count = max(1, int(np.ceil(place.duration_s * COLOUR_RATE_HZ - 1e-6)))
    brightness, contrast, saturation, warmth = (
        place.gathered(count, COLOUR_RATE_HZ, pick)
        for pick in (
            lambda features: features.colour.brightness,
            lambda features: features.colour.contrast,
            lambda features: features.colour.saturation,
            lambda features: features.colour.warmth,
        )
    )
    return Colour(brightness, contrast, saturation, warmth, *_palette(place))


def _palette(place: _Place) -> tuple[NDArray[np.uint8], FloatArray]:
    """The largest colours of all that is shown, each file's as long as it is on."""
    shares: dict[tuple[int, ...], float] = {}
    for start_s, end_s, _, features in place.parts:
        for rgb, share in zip(features.colour.palette.tolist(), features.colour.palette_share.tolist(), strict=True):
            shares[tuple(rgb)] = shares.get(tuple(rgb), 0.0) + share * (end_s - start_s)
    largest = sorted(shares, key=lambda rgb: (-shares[rgb], rgb))[:_PALETTE_SIZE]
    total = sum(shares[rgb] for rgb in largest) or 1.0
    palette = np.array(largest, np.uint8).reshape(-1, 3)
    return palette, np.array([shares[rgb] / total for rgb in largest], np.float32)


def _rows(place: _Place, cuts_s: TimeArray) -> PictureRows:
    seconds = max(1, int(np.ceil(place.duration_s)))
    pairs = max(0, int(np.ceil(place.duration_s * ROWS_RATE_HZ - 1e-6)) - 1)
    laid = place.gathered(seconds, 1.0, lambda features: features.rows.seconds)
    flow = place.gathered(pairs, ROWS_RATE_HZ, lambda features: features.rows.flow)
    is_break = np.zeros(pairs, bool)
    at = np.floor(cuts_s * ROWS_RATE_HZ - 1e-6).astype(np.intp)
    is_break[at[(at >= 0) & (at < pairs)]] = True
    return PictureRows(laid.reshape(seconds, ROW_SIZE), np.where(is_break, np.float32(0), flow), is_break, ROWS_RATE_HZ)


def _soundtrack(edit: ProjectEdit, known: Known) -> Soundtrack:
    """Speech where the project or its files have it, but in no music, and how loud everything is together."""
    sounds = [clip for clip in edit.of_kind(ClipKind.SOUND) if clip.gain_db > _INAUDIBLE_DB and clip.source is not None]
    frames = max(1, int(np.ceil(float(edit.duration_s) * LOUDNESS_RATE_HZ - 1e-6)))
    power = np.zeros(frames)
    spoken: list[tuple[float, float]] = []
    for clip in sounds:
        features = known.get(clip.source.named) if clip.source is not None else None
        if features is not None and features.soundtrack.has_sound:
            power += _power(clip, features, frames)
            spoken += [] if clip.role in _NO_SPEECH else _spoken(clip, features)
        elif clip.role is SoundRole.SPEECH:
            spoken.append((float(clip.record_in_s), float(clip.record_out_s)))
    curve = np.maximum(10 * np.log10(np.maximum(power, 1e-12)), _SILENCE_LUFS)
    heard = power[curve > _SILENCE_LUFS]
    integrated = float(10 * np.log10(heard.mean())) if len(heard) else _SILENCE_LUFS
    speech = np.array(_joined(spoken), np.float64).reshape(-1, 2)
    return Soundtrack(bool(sounds), speech, integrated, curve.astype(np.float32))


def _power(clip: EditClip, features: VideoFeatures, frames: int) -> TimeArray:
    """The loudness of a clip over the timeline, as power."""
    times = (np.arange(frames) + 0.5) / LOUDNESS_RATE_HZ
    here = np.flatnonzero((times >= float(clip.record_in_s)) & (times < float(clip.record_out_s)))
    curve, power = features.soundtrack.curve_lufs, np.zeros(frames)
    if len(here) and len(curve):
        source_s = float(clip.source_in_s) + (times[here] - float(clip.record_in_s)) * float(clip.speed)
        values = curve[np.clip((source_s * LOUDNESS_RATE_HZ).astype(np.intp), 0, len(curve) - 1)]
        power[here] = 10 ** ((values.astype(np.float64) + clip.gain_db) / 10)
    return power


def _spoken(clip: EditClip, features: VideoFeatures) -> list[tuple[float, float]]:
    if clip.speed <= 0:
        return []
    begin, end, speed = float(clip.record_in_s), float(clip.record_out_s), float(clip.speed)
    stretches = features.soundtrack.speech_s.reshape(-1, 2)
    laid = begin + (stretches - float(clip.source_in_s)) / speed
    clipped = np.clip(laid, begin, end)
    return [(float(start), float(stop)) for start, stop in clipped if stop > start]


def _joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """In order, those that touch as one."""
    found: list[tuple[float, float]] = []
    for start, stop in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], stop))
        else:
            found.append((start, stop))
    return found
