# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a listener does to judge beats, a click track over the music: ten real tracks, the ear's questions as numbers.

The onsets are computed here, from the decoded sound, by other means than the tracker's. The tracks are chosen by rule:
of each source the first, by name, in which the tracker claims a pulse.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import media_factory
from needledrop.core.music import Rhythm
from needledrop.features.music import MusicAnalyser
from needledrop.features.rhythm import LEAST_CONFIDENCE
from needledrop.media.audio import AudioSource, read_audio

RATE = 48_000
# The first ten sources of the folder, by name.
SOURCES = (
    "0ad",
    "asc",
    "cdogs-sdl",
    "extremetuxracer",
    "frozen-bubble",
    "hedgewars",
    "megaglest",
    "shattered-pixel-dungeon",
    "singularity",
    "supertux",
)
HOP_S = 0.005
_HOP = round(HOP_S * RATE)
# The bass needs long windows, what ticks short ones.
_BANDS = ((2048, 30.0, 220.0), (512, 220.0, 16_000.0))
# An onset belongs to a click that is this near, as wide as listeners and mir_eval allow for half of it.
_NEAR_S = 0.035
_SHIFTS = (-1 / 2, -1 / 3, -1 / 4, 1 / 4, 1 / 3, 1 / 2)
_WRONG_TEMPO = 1.07
_LAG_REACH_S, _MOST_LAG_S = 0.05, 0.02
_CLEARLY = 1.15
_STEADY, _MOSTLY = 0.1, 0.95


@dataclass(frozen=True)
class Listened:
    """A track, stereo at RATE, its rhythm by the tracker, and this module's onset strength [frames, bands]."""

    name: str
    sound: NDArray[np.float32]
    rhythm: Rhythm
    onsets: NDArray[np.float64]


def onset_strength(mono: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rise of the logarithmic spectrum within 30 ms, [frames, bands], each band scaled to the same power.

    A logarithm rises as soon as an attack enters its window; looking back delays it until the attack is heard.
    """
    frames = len(mono) // _HOP
    rises = np.zeros((frames, len(_BANDS)))
    for band, (size, low_hz, high_hz) in enumerate(_BANDS):
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(mono, (size // 2, size)), size)[::_HOP][:frames]
        first, last = (round(hz * size / RATE) for hz in (low_hz, high_hz))
        level = np.concatenate([_log_spectra(part, first, last) for part in np.array_split(windows, 16)])
        rises[6:, band] = np.maximum(level[6:] - level[:-6], 0.0).sum(axis=1)
    return rises / np.maximum(np.sqrt((rises**2).mean(axis=0)), 1e-9)


def _log_spectra(windows: NDArray[np.float64], first: int, last: int) -> NDArray[np.float64]:
    power = np.abs(np.fft.rfft(windows * np.hanning(windows.shape[1]), axis=1)[:, first:last]) ** 2
    return np.log1p(power * 10.0)


def strength_at(onsets: NDArray[np.float64], times_s: NDArray[np.float64]) -> float:
    """The strongest onset within _NEAR_S of each time, on average, over that of random instants."""
    reach = round(_NEAR_S / HOP_S)
    near = np.lib.stride_tricks.sliding_window_view(np.pad(onsets, reach), 2 * reach + 1).max(axis=1)
    frames = np.round(times_s / HOP_S).astype(np.intp)
    return float(near[frames[(frames >= 0) & (frames < len(near))]].mean() / near.mean())


def shifted(beats_s: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Every beat moved by a share of its own step."""
    return beats_s + share * np.append(np.diff(beats_s), np.diff(beats_s)[-1])


def at_tempo(beats_s: NDArray[np.float64], ratio: float) -> NDArray[np.float64]:
    """The same first beat, another tempo."""
    return beats_s[0] + (beats_s - beats_s[0]) / ratio


def lag_s(onsets: NDArray[np.float64], times_s: NDArray[np.float64]) -> float:
    """How much later than the clicks the strongest onsets near them are, in the median, where there are such."""
    reach = round(_LAG_REACH_S / HOP_S)
    frames = np.round(times_s / HOP_S).astype(np.intp)
    frames = frames[(frames >= 0) & (frames < len(onsets))]
    near = np.pad(onsets, reach)[frames[:, None] + np.arange(2 * reach + 1)]
    clear = near.max(axis=1) > 2 * onsets.mean()
    return float(np.median(near.argmax(axis=1)[clear] - reach) * HOP_S) if clear.any() else math.inf


def steady_share(beats_s: NDArray[np.float64]) -> float:
    """The share of steps between beats within a tenth of the median of their nine neighbours."""
    steps = np.diff(beats_s)
    local = np.array([np.median(steps[max(0, index - 4) : index + 5]) for index in range(len(steps))])
    return float(np.mean(np.abs(steps / local - 1) <= _STEADY))


def faults(onsets: NDArray[np.float64], beats_s: NDArray[np.float64]) -> list[str]:
    """What a listener would say against clicks at these times, with the numbers; nothing if they are well.

    Clicks are in the wrong place where as much sounds elsewhere in the beat both over all bands and in the bass:
    either alone is the hi-hat between the beats, or a bass that pushes.
    """
    total, bass = onsets.sum(axis=1), onsets[:, 0]
    on, bass_on = strength_at(total, beats_s), strength_at(bass, beats_s)
    found = []
    for share in _SHIFTS:
        clearly = 1.0 if abs(share) == 1 / 2 else _CLEARLY
        other, bass_other = (strength_at(band, shifted(beats_s, share)) for band in (total, bass))
        if on <= clearly * other and bass_on <= clearly * bass_other:
            found.append(f"{share:+.2f} beat away {other:.2f}, bass {bass_other:.2f}; here {on:.2f}, {bass_on:.2f}")
    for ratio in (_WRONG_TEMPO, 1 / _WRONG_TEMPO):
        if on <= _CLEARLY * (other := strength_at(total, at_tempo(beats_s, ratio))):
            found.append(f"at {ratio:.2f} times the tempo {other:.2f}; here {on:.2f}")
    if abs(lag := lag_s(total, beats_s)) > _MOST_LAG_S:
        found.append(f"onsets {lag * 1000:+.0f} ms from the clicks")
    if (steady := steady_share(beats_s)) < _MOSTLY:
        found.append(f"only {steady:.2f} of the steps are steady")
    return found


def beats_double(onsets: NDArray[np.float64], beats_s: NDArray[np.float64]) -> bool:
    """Whether about as much sounds between the beats as on them, and clicks on both pass: where all bands say one thing
    and the bass another, which of the two is the beat is then a matter of taste."""
    between_s = shifted(beats_s, 1 / 2)
    bands = (onsets.sum(axis=1), onsets[:, 0])
    on, between = (sum(strength_at(band, times_s) for band in bands) for times_s in (beats_s, between_s))
    return on <= _CLEARLY * between and faults(onsets, np.sort(np.concatenate([beats_s, between_s]))) == []


def clicks(times_s: NDArray[np.float64], frames: int) -> NDArray[np.float32]:
    """Bursts of 3 kHz of 8 ms, [frames], that begin at the samples nearest to these times."""
    times = np.arange(round(0.008 * RATE)) / RATE
    burst = np.sin(2 * np.pi * 3000 * times) * np.exp(-400 * times)
    track = np.zeros(frames + len(burst), np.float32)
    for start in np.round(times_s * RATE).astype(int):
        track[start : start + len(burst)] += burst
    return track[:frames]


def clicks_found(mono: NDArray[np.float32], near_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where within 30 ms of each time the sound is most like a click."""
    burst = clicks(np.zeros(1), round(0.008 * RATE))
    reach = round(0.03 * RATE)
    padded = np.pad(mono, (reach, reach + len(burst)))
    found = []
    for at in np.round(near_s * RATE).astype(int):
        likeness = np.correlate(padded[at : at + 2 * reach + len(burst)], burst, mode="valid")
        found.append((at + int(likeness.argmax()) - reach) / RATE)
    return np.array(found)


@functools.cache
def _listened(path: Path) -> Listened | None:
    """The track as a scan hears it, or None where the tracker claims no pulse."""
    with AudioSource(path) as source:
        analyser = MusicAnalyser(source.sample_rate)
        for block in source.blocks():
            analyser.feed(block)
    features = analyser.finish()
    if features.rhythm.confidence < LEAST_CONFIDENCE:
        return None
    sound = read_audio(path, 0, features.duration_s, RATE)
    return Listened(path.stem, sound, features.rhythm, onset_strength(sound.mean(axis=1).astype(np.float64)))


def _track(music: Path, source: str) -> Listened:
    """The first of the source in which the tracker claims a pulse."""
    return next(heard for path in sorted(music.glob(f"{source}__*.opus")) if (heard := _listened(path)) is not None)


@pytest.mark.shared_media
@pytest.mark.parametrize("source", SOURCES)
def test_a_listener_has_nothing_to_say_against_the_clicks(shared_media: Path, source: str) -> None:
    heard = _track(shared_media / "music", source)
    assert faults(heard.onsets, heard.rhythm.beats_s) == []


@pytest.mark.shared_media
@pytest.mark.parametrize("source", SOURCES)
def test_clicks_at_another_tempo_do_not_pass(shared_media: Path, source: str) -> None:
    heard = _track(shared_media / "music", source)
    total, beats_s = heard.onsets.sum(axis=1), heard.rhythm.beats_s
    for ratio in (_WRONG_TEMPO, 1 / _WRONG_TEMPO):
        elsewhere_s = at_tempo(beats_s, ratio)
        assert strength_at(total, elsewhere_s) < strength_at(total, beats_s)
        assert faults(heard.onsets, elsewhere_s)


@pytest.mark.shared_media
@pytest.mark.parametrize("source", SOURCES)
def test_clicks_between_the_beats_do_not_pass(shared_media: Path, source: str) -> None:
    heard = _track(shared_media / "music", source)
    beats_s = heard.rhythm.beats_s
    for share in (-1 / 3, -1 / 4, 1 / 4, 1 / 3):
        assert faults(heard.onsets, shifted(beats_s, share)), share
    is_offered_double = 2 * heard.rhythm.tempo_bpm in heard.rhythm.tempo_alternatives_bpm
    assert faults(heard.onsets, shifted(beats_s, 1 / 2)) or (is_offered_double and beats_double(heard.onsets, beats_s))


@pytest.mark.shared_media
@pytest.mark.parametrize("source", SOURCES)
def test_clicks_mixed_over_the_track_are_found_where_the_beats_are(
    shared_media: Path, source: str, tmp_path: Path
) -> None:
    heard = _track(shared_media / "music", source)
    beats_s = heard.rhythm.beats_s
    mixed = 0.5 * heard.sound + 0.4 * clicks(beats_s, len(heard.sound))[:, None]
    path = media_factory.write_audio(tmp_path / "mixed.flac", mixed, RATE)
    found_s = clicks_found(read_audio(path, 0, len(mixed) / RATE, RATE).mean(axis=1), beats_s)
    assert np.abs(found_s - beats_s).max() <= 0.005


def test_the_ear_of_this_test_hears_a_metronome_as_it_is() -> None:
    beats_s = np.arange(0.5, 20.0, 0.5)
    onsets = onset_strength(clicks(beats_s, 20 * RATE).astype(np.float64))
    assert abs(lag_s(onsets.sum(axis=1), beats_s)) <= HOP_S
    assert faults(onsets, beats_s) == []
    assert "steady" in " ".join(faults(onsets, np.delete(beats_s, np.arange(3, 36, 3))))
    assert "ms from the clicks" in " ".join(faults(onsets, beats_s - 0.03))


def test_the_ear_of_this_test_tells_half_a_beat_unless_the_halves_are_alike() -> None:
    beats_s = np.arange(0.5, 20.0, 0.5)
    for level, is_double in ((0.0, False), (0.25, False), (1.0, True)):
        mono = clicks(beats_s, 20 * RATE) + level * clicks(beats_s + 0.25, 20 * RATE)
        onsets = onset_strength(mono.astype(np.float64))
        assert beats_double(onsets, beats_s) == is_double
        assert is_double or faults(onsets, beats_s + 0.25)
