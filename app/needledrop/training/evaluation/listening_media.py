# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions of one video that listeners compare: the same picture with other music, all equally loud.

Names of tracks do not get into the files. The video's own sound is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.core.times import TimeRange
from needledrop.features.loudness import FLOOR_LUFS, LoudnessMeter
from needledrop.features.true_peak import TruePeakMeter
from needledrop.media.audio import read_audio
from needledrop.media.mux import write_movie
from needledrop.media.picture_encoder import MovieQuality
from needledrop.media.probe import probe_video
from needledrop.media.sound_encoder import SOUND_RATE

LONGEST_S = 28.0
TARGET_LUFS = -18.0
CEILING_DBTP = -1.0
# Pictures that every browser plays, and the container for them; others are encoded anew into WebM.
_PLAYED = {"h264": ".mp4"}
_ELSE = ".webm"
_QUALITY = MovieQuality(crf=21, preset="veryfast", sound_bit_rate=192_000)
_FADE_S = 0.5


def write_versions(video: Path, tracks: Sequence[Path], names: Sequence[str], folder: Path) -> list[Path]:
    """Write the first 28 s of a video with the beginning of each track; a file a track, called by `names`.

    Raises:
        KnownError: a file cannot be read or written; "silent": one of the tracks begins with silence only.
    """
    probe = probe_video(video)
    duration_s = min(probe.duration_s, LONGEST_S)
    sounds = matched([_excerpt(track, duration_s) for track in tracks])
    if sounds is None:
        raise KnownError("a track that was chosen is silent.", remedy="Choose another video.", code="silent")
    suffix = _PLAYED.get(probe.codec, _ELSE)
    time_range = TimeRange(Fraction(0), Fraction(duration_s).limit_denominator(1000))
    written: list[Path] = []
    for sound, name in zip(sounds, names, strict=True):
        path = folder / f"{name}{suffix}"
        try:
            write_movie(video, path, time_range, iter([sound]), quality=_QUALITY)
        except BaseException:
            for part in (path, *written):
                part.unlink(missing_ok=True)
            raise
        written.append(path)
    return written


def matched(sounds: Sequence[FloatArray]) -> list[FloatArray] | None:
    """Sounds [n, 2] at SOUND_RATE made equally loud: at TARGET_LUFS, or lower where a peak of one would pass
    CEILING_DBTP; None where one is silent."""
    levels = [_level(sound) for sound in sounds]
    if any(loudness <= FLOOR_LUFS for loudness, _ in levels):
        return None
    target = min(TARGET_LUFS, *(loudness + CEILING_DBTP - peak for loudness, peak in levels))
    return [
        np.asarray(sound * np.float32(10 ** ((target - loudness) / 20)), np.float32)
        for sound, (loudness, _) in zip(sounds, levels, strict=True)
    ]


def _level(stereo: FloatArray) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dBTP."""
    loudness, peak = LoudnessMeter(SOUND_RATE), TruePeakMeter(SOUND_RATE)
    loudness.feed(stereo)
    peak.feed(stereo)
    peak_dbtp = peak.finish()
    return loudness.finish(peak_dbtp).integrated_lufs, peak_dbtp


def _excerpt(track: Path, duration_s: float) -> FloatArray:
    """The beginning of a track, faded out where the picture ends."""
    stereo = read_audio(track, 0.0, duration_s, SOUND_RATE)
    fade = min(len(stereo), round(_FADE_S * SOUND_RATE))
    if fade:
        stereo[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    return stereo
