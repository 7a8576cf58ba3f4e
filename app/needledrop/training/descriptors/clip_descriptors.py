# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A track or video as seven clips of 4 s: descriptors, rhythm, flow, and what the Conformers are shown.

Source of the clips, of the padding and of the rhythm triple: Mao et al., "Unified pretraining target based
video-music retrieval with music rhythm and video optical flow information", ICASSP 2024 (arXiv 2309.09421). The
clip vectors are ours: measured by the program's own analysis, nothing learned.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import CLIP_DESCRIPTORS, CLIP_S, FloatArray, MusicFeatures, Rhythm
from needledrop.core.picture import PictureRows
from needledrop.features.clip_rows import clip_rows
from needledrop.features.course import STEPS_HZ, music_steps, picture_steps
from needledrop.features.music import MusicAnalyser
from needledrop.features.onsets import LOG_RANGE, as_codes
from needledrop.features.picture_rows import Pictures
from needledrop.features.spectrum import Resampler
from needledrop.training.descriptors import music_statistics
from needledrop.training.descriptors.spectra import chroma_bank, slaney_mel_bank, spectra

CLIPS = 7
LONGEST_S = CLIPS * CLIP_S
MEL_RATE, MEL_FRAME, MEL_HOP, MEL_BANDS, MEL_FRAMES = 16_000, 400, 160, 80, 398
PICTURES_PER_CLIP = 4
_CLIP_SAMPLES = round(CLIP_S * MEL_RATE)
_WIDE_BANDS = 20
_TONAL_SIZE = 4096
MUSIC_CLIP_SIZE = len(CLIP_DESCRIPTORS) + 2 * _WIDE_BANDS + 12 + 6 + PICTURES_PER_CLIP
_DECIBELS_A_NEPER = 10 / np.log(10)
_NEAR_BEAT = 3
_MEL_FLOOR = np.float32(np.exp(-LOG_RANGE))


@dataclass(frozen=True)
class MusicClips:
    """clips float32 [7, MUSIC_CLIP_SIZE]; rhythm [7, 3]: beats, their mean strength, mean interval in s (0 with fewer
    than two); mel uint8 [7, 398, 80]; mask bool [7]: clips with sound of their own; steps [56, 3]:
    features.course.music_steps, 0 behind the end."""

    clips: FloatArray
    rhythm: FloatArray
    mel: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    steps: FloatArray


@dataclass(frozen=True)
class VideoClips:
    """clips float32 [7, 2 * ROW_SIZE]; flow [7]: mean optical flow in pixels a frame of 1/25 s at FLOW_SIZE; frames
    uint8 [7, 4, side, side]; mask bool [7]: clips with pictures of their own; steps [56, 7]:
    features.course.picture_steps, 0 behind the end."""

    clips: FloatArray
    flow: FloatArray
    frames: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    steps: FloatArray


def heard(stereo: FloatArray, rate: int) -> MusicFeatures:
    """The program's own analysis of samples [n, 2]."""
    analyser = MusicAnalyser(rate)
    analyser.feed(stereo)
    return analyser.finish()


def resampled(mono: FloatArray, rate: int, to_rate: int) -> FloatArray:
    """Mono samples at another rate."""
    return Resampler(rate, to_rate).feed(mono.astype(np.float32, copy=False), last=True)


def music_clips(stereo: FloatArray, rate: int, features: MusicFeatures) -> MusicClips:
    """An excerpt of at most 28 s, samples [n >= 1, 2] with what was `heard` in them, as clips: the last is filled with
    silence, a short excerpt begins anew."""
    mono = np.asarray(stereo.mean(axis=1), np.float32)
    count = min(CLIPS, max(1, int(np.ceil(len(mono) / rate / CLIP_S - 1e-6))))
    nepers = [_log_mel(part) for part in _cut(resampled(mono, rate, MEL_RATE), _CLIP_SAMPLES, count)]
    tonal_rate = music_statistics.RATE
    tonal = _cut(resampled(mono, rate, tonal_rate), round(CLIP_S * tonal_rate), count)
    clips = [
        _clip_vector(features.clips.values[min(index, len(features.clips.values) - 1)], nepers[index], tonal[index])
        for index in range(count)
    ]
    rhythm = [_clip_rhythm(features.rhythm, nepers[index], index * CLIP_S) for index in range(count)]
    order = np.arange(CLIPS) % count
    return MusicClips(
        np.asarray(clips, np.float32)[order],
        np.asarray(rhythm, np.float32)[order],
        np.stack([as_codes(level) for level in nepers])[order],
        np.arange(CLIPS) < count,
        _first_steps(music_steps(features.rhythm, features.loudness)),
    )


def _first_steps(steps: FloatArray) -> FloatArray:
    """Those of the first 28 s [56, n], 0 behind the end."""
    wanted = round(LONGEST_S * STEPS_HZ)
    return np.pad(steps[:wanted], ((0, max(0, wanted - len(steps))), (0, 0)))


def _cut(mono: FloatArray, samples: int, count: int) -> list[FloatArray]:
    padded = np.pad(mono[: count * samples], (0, max(0, count * samples - len(mono))))
    return list(padded.reshape(count, samples))


@cache
def _mel_bank() -> FloatArray:
    bank = slaney_mel_bank(MEL_RATE, 512, MEL_BANDS)
    return np.asarray(bank / np.maximum(bank.sum(axis=0), 1e-9), np.float32)


def _log_mel(mono: FloatArray) -> FloatArray:
    """Natural logarithms of mel power [398, 80] of one clip: frames of 25 ms, 10 ms apart, wholly inside the clip."""
    from scipy.fft import rfft

    window = np.hanning(MEL_FRAME + 1)[:-1]
    frames = np.lib.stride_tricks.sliding_window_view(mono, MEL_FRAME)[::MEL_HOP]
    values = rfft(frames * (window * 2 / window.sum()).astype(np.float32), 512, axis=1)
    power = np.square(values.real) + np.square(values.imag)
    return np.asarray(np.log(power @ _mel_bank() + _MEL_FLOOR), np.float32)


def _rises(nepers: FloatArray) -> FloatArray:
    """Rise of each band from frame to frame in dB, [398, 80]; the published onset strength is its mean over bands."""
    rises = np.maximum(np.diff(nepers, axis=0, prepend=nepers[:1]), 0.0)
    return np.asarray(rises * _DECIBELS_A_NEPER, np.float32)


def _clip_vector(described: FloatArray, nepers: FloatArray, tonal: FloatArray) -> FloatArray:
    wide = nepers.reshape(len(nepers), _WIDE_BANDS, -1).mean(axis=2) * _DECIBELS_A_NEPER
    bands = np.split(_rises(nepers), (16, 48), axis=1)
    onsets = [figure for band in bands for figure in (band.mean(), band.mean(axis=1).std())]
    chroma = (np.abs(spectra(tonal, _TONAL_SIZE, _TONAL_SIZE // 2)) @ _chroma_bank()).sum(axis=0)
    quarters = [part.mean() for part in np.array_split(wide, PICTURES_PER_CLIP)]
    chroma = chroma / max(float(chroma.sum()), 1e-9)
    return np.concatenate([described, wide.mean(axis=0), wide.std(axis=0), chroma, onsets, quarters]).astype(np.float32)


@cache
def _chroma_bank() -> FloatArray:
    return chroma_bank(music_statistics.RATE, _TONAL_SIZE)


def _clip_rhythm(rhythm: Rhythm, nepers: FloatArray, start_s: float) -> tuple[float, float, float]:
    """Beats, their mean onset strength on the published scale (dB a band, 0 to about 48), their mean interval in s."""
    beats_s = rhythm.beats_s[(rhythm.beats_s >= start_s) & (rhythm.beats_s < start_s + CLIP_S)] - start_s
    if not len(beats_s):
        return 0.0, 0.0, 0.0
    strength = _rises(nepers).mean(axis=1)
    near = np.round(beats_s * MEL_RATE / MEL_HOP).astype(np.intp)[:, None] + np.arange(-_NEAR_BEAT, _NEAR_BEAT + 1)
    on_beats = strength[np.clip(near, 0, len(strength) - 1)].max(axis=1)
    interval_s = float(np.diff(beats_s).mean()) if len(beats_s) > 1 else 0.0
    return float(len(beats_s)), float(on_beats.mean()), interval_s


def video_clips(pictures: Pictures, rows: PictureRows, side: int) -> VideoClips:
    """The first 28 s of pictures [n, h, w, 3], described by `rows`, as clips with grey frames of side x side.

    The last clip of a short video is repeated, and so is the last picture of a clip that is not full.
    """
    import cv2

    described = clip_rows(rows)[:CLIPS]
    seconds = rows.seconds[: CLIPS * PICTURES_PER_CLIP]
    count = min(CLIPS, -(-len(seconds) // PICTURES_PER_CLIP))
    at = np.minimum(np.arange(count * PICTURES_PER_CLIP), len(seconds) - 1)
    shown = [pictures[min(round(second * rows.rate_hz), len(pictures) - 1)] for second in at]
    greys = [
        cv2.resize(cv2.cvtColor(one, cv2.COLOR_RGB2GRAY), (side, side), interpolation=cv2.INTER_AREA) for one in shown
    ]
    flow = [_clip_flow(rows, index) for index in range(count)]
    order = np.minimum(np.arange(CLIPS), count - 1)
    return VideoClips(
        described[order],
        np.asarray(flow, np.float32)[order],
        np.asarray(greys, np.uint8).reshape(count, PICTURES_PER_CLIP, side, side)[order],
        np.arange(CLIPS) < count,
        _first_steps(picture_steps(rows)),
    )


def _clip_flow(rows: PictureRows, index: int) -> float:
    first, last = (round(at * CLIP_S * rows.rate_hz) for at in (index, index + 1))
    flow = rows.flow[first:last][~rows.is_break[first:last]]
    return float(flow.mean()) if len(flow) else 0.0
