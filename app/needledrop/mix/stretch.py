# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound made a little longer or shorter at the same pitch: a phase vocoder that can be asked for any stretch of itself.

After Puckette, "Phase-locked vocoder" (WASPAA 1995): each output frame takes the spectrum at its place in the source
and turns it so that it continues the frame before, which is compared with a second spectrum one hop earlier in the
source. Bins around a peak turn as one (Laroche and Dolson, "Improved phase vocoder", 1999) and both channels alike, so
the stereo image stays. Where energy has just risen nothing is continued: attacks stay sharp (Röbel, DAFx 2003).

Meant for a few percent. Knows no files and no cues.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray
from needledrop.mix.reader import SampleReader

Spectrum = NDArray[np.complex64]

# 43 ms at 48 kHz: on drums, chords and real music shorter frames blur low notes, longer ones attacks.
FRAME = 2048
HOP = FRAME // 4
# How far beyond both of its ends the source is listened to, at a ratio of 0.5 too.
MARGIN = 3 * FRAME
# The first frames begin before position 0, so that all four that cover it are there.
_LEAD = FRAME // 2 + 3 * HOP
_GROUP = 64
GROUP_FRAMES = _GROUP * HOP
_KEPT_GROUPS = 4
_GROUPS_A_CHECKPOINT = 16
# An attack: the energy around a peak is this many times that of one hop before.
_ATTACK_RISE = 4.0
# A peak is higher than so many bins to each side.
_PEAK_REACH = 2
_SILENCE = 1e-20


@dataclass(frozen=True)
class _State:
    """Where rendering stands before a group: the last spectrum put out [2, bins], and what its frames left over."""

    turned: Spectrum | None
    tail: FloatArray


class StretchedSound:
    """A `SampleReader` over another, `ratio` times as long; frame n of the source sounds at n * ratio.

    What sounds at a position does not depend on what was read before. Reading on costs about a hundredth of the time
    it takes to hear; a jump back goes to a checkpoint, at most 11 s before. Memory grows by 2 kB for each second.

    Args:
        source: Also read MARGIN frames before its position 0 and after its end; it gives zeros where nothing is.
        ratio: New length by old length, 0.5 to 2.
    """

    def __init__(self, source: SampleReader, ratio: float) -> None:
        if not 0.5 <= ratio <= 2.0:
            raise ValueError(f"a stretch of {ratio} is none this is meant for")
        self._source = source
        self._ratio = ratio
        self._window = np.hanning(FRAME + 1)[:-1].astype(np.float32)
        power = np.square(self._window.astype(np.float64)).reshape(-1, HOP).sum(axis=0)
        self._level = np.tile(power, _GROUP).astype(np.float32)[:, np.newaxis]
        self._checkpoints: dict[int, _State] = {0: _State(None, np.zeros((FRAME, 2), np.float32))}
        self._kept: dict[int, FloatArray] = {}
        self._next = 0
        self._state = self._checkpoints[0]
        self._heard: FloatArray = np.zeros((0, 2), np.float32)
        self._heard_from = 0

    def read(self, start_frame: int, frames: int) -> FloatArray:
        """Float32 [frames, 2] from `start_frame` >= 0."""
        begin = start_frame + _LEAD
        first, last = begin // GROUP_FRAMES, (begin + max(frames, 1) - 1) // GROUP_FRAMES
        sound = np.concatenate([self._group(index) for index in range(first, last + 1)])
        return sound[begin - first * GROUP_FRAMES :][:frames]

    def _group(self, index: int) -> FloatArray:
        if index not in self._kept:
            if index != self._next:
                self._jump(index)
            while self._next <= index:
                self._render_next()
        return self._kept[index]

    def _jump(self, index: int) -> None:
        known = max(at for at in self._checkpoints if at <= index)
        if not known <= self._next <= index:
            self._next, self._state = known, self._checkpoints[known]

    def _render_next(self) -> None:
        index = self._next
        now, before = self._spectra(index)
        turned = _turned(now, before, self._state.turned)
        out = np.zeros((GROUP_FRAMES + FRAME, 2), np.float32)
        out[:FRAME] = self._state.tail
        for number, frame in enumerate(self._sounds(turned)):
            out[number * HOP : number * HOP + FRAME] += frame
        self._state = _State(turned[-1], out[GROUP_FRAMES:].copy())
        self._next = index + 1
        if self._next % _GROUPS_A_CHECKPOINT == 0:
            self._checkpoints.setdefault(self._next, self._state)
        while len(self._kept) >= _KEPT_GROUPS:
            del self._kept[next(iter(self._kept))]
        self._kept[index] = out[:GROUP_FRAMES] / self._level

    def _sounds(self, spectra: Spectrum) -> FloatArray:
        """Windowed sound [frames, FRAME, 2] of spectra [frames, 2, bins]."""
        from scipy.fft import irfft

        sounds = np.asarray(irfft(spectra, FRAME), np.float32)
        sounds *= self._window
        return sounds.transpose(0, 2, 1)

    def _spectra(self, group: int) -> tuple[Spectrum, Spectrum]:
        """Spectra [_GROUP, 2, bins] of the source at the places of a group's frames, and one hop before each."""
        from scipy.fft import rfft

        numbers = np.arange(group * _GROUP, (group + 1) * _GROUP) - (_LEAD - FRAME // 2) // HOP
        places = np.round(numbers * (HOP / self._ratio)).astype(np.int64) - FRAME // 2
        begin, end = int(places[0]) - HOP, int(places[-1]) + FRAME
        sound = self._listen(begin, end)
        frames = np.lib.stride_tricks.sliding_window_view(sound, FRAME, axis=0)
        now, before = frames[places - begin], frames[places - begin - HOP]
        return np.asarray(rfft(now * self._window)), np.asarray(rfft(before * self._window))

    def _listen(self, begin: int, end: int) -> FloatArray:
        """Frames of the source; those heard last are not asked for again, for a step back may cost a seek."""
        kept_to = self._heard_from + len(self._heard)
        if self._heard_from <= begin < kept_to <= end:
            fresh = self._source.read(kept_to, end - kept_to)
            self._heard = np.concatenate([self._heard[begin - self._heard_from :], fresh])
        else:
            self._heard = self._source.read(begin, end - begin)
        self._heard_from = begin
        return self._heard


def stretched(sound: FloatArray, ratio: float) -> FloatArray:
    """A whole sound, float32 [frames, 2], made round(frames * ratio) long."""
    return StretchedSound(_Padded(sound), ratio).read(0, round(len(sound) * ratio))


class _Padded:
    """A sound in memory with silence before and after it."""

    def __init__(self, sound: FloatArray) -> None:
        self._sound = sound

    def read(self, start_frame: int, frames: int) -> FloatArray:
        out = np.zeros((frames, 2), np.float32)
        part = self._sound[max(0, start_frame) : max(0, start_frame + frames)]
        skip = max(0, -start_frame)
        out[skip : skip + len(part)] = part
        return out


def _turned(now: Spectrum, before: Spectrum, last: Spectrum | None) -> Spectrum:
    """Spectra [frames, 2, bins] that follow one another, the first following `last`, as `now` followed `before`."""
    power, past = _power(now), _power(before)
    is_peak = _is_peak(power)
    before = before.conj()
    out = np.empty_like(now)
    for frame in range(len(now)):
        if last is None:
            out[frame] = now[frame]
        else:
            bounds = _region_bounds(is_peak[frame])
            follow = np.add.reduceat((last * before[frame]).sum(axis=0), bounds)
            is_attack = np.add.reduceat(power[frame], bounds) > _ATTACK_RISE * np.add.reduceat(past[frame], bounds)
            size = np.abs(follow)
            follow[is_attack | (size < _SILENCE)] = size[is_attack | (size < _SILENCE)] = 1.0
            out[frame] = now[frame] * np.repeat(follow / size, np.diff(bounds, append=power.shape[1]))
        last = out[frame]
    return out


def _power(spectra: Spectrum) -> FloatArray:
    """Of both channels together [frames, bins]."""
    return np.asarray((np.square(spectra.real) + np.square(spectra.imag)).sum(axis=1), np.float32)


def _is_peak(power: FloatArray) -> NDArray[np.bool_]:
    """Where bins [frames, bins] are higher than their neighbours."""
    bins = power.shape[1]
    middle = power[:, _PEAK_REACH:-_PEAK_REACH]
    is_peak = np.zeros(power.shape, np.bool_)
    is_peak[:, _PEAK_REACH:-_PEAK_REACH] = True
    for step in range(1, _PEAK_REACH + 1):
        is_peak[:, _PEAK_REACH:-_PEAK_REACH] &= middle > power[:, _PEAK_REACH - step : bins - _PEAK_REACH - step]
        is_peak[:, _PEAK_REACH:-_PEAK_REACH] &= middle >= power[:, _PEAK_REACH + step : bins - _PEAK_REACH + step]
    return is_peak


def _region_bounds(is_peak: NDArray[np.bool_]) -> NDArray[np.intp]:
    """First bins of the regions around peaks; they meet half-way between the peaks."""
    peaks = np.flatnonzero(is_peak)
    return np.append(0, (peaks[:-1] + peaks[1:]) // 2 + 1) if len(peaks) else np.zeros(1, np.intp)
