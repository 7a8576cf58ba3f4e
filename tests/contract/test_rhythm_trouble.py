# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input of rhythm: each gives its own beats or a low confidence and none, and a cue that says what it went by."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from contract import troubled_rhythms as made
from contract.troubled_rhythms import RATE, Played, Sound
from needledrop.core.music import Licence, MusicFeatures, Rhythm
from needledrop.core.picture import MOTION_RATE_HZ
from needledrop.core.query import Suggestion
from needledrop.features.music import MusicAnalyser
from needledrop.features.rhythm import LEAST_CONFIDENCE
from needledrop.suggest.details import TrackDetails
from needledrop.suggest.engine import suggest
from retrieval.synthetic_gallery import make_library, make_query, make_video

NEAR_S = 0.07
LEAST_F = 0.9
PICTURE_S = 20.0
MOVING = np.repeat([0.1, 3.0], round(PICTURE_S / 2 * MOTION_RATE_HZ))
CUTS_S = [3.1, 5.3, 8.2, 9.9, 13.4, 16.0, 17.7]
WITHOUT_BEATS = {
    "speech": made.speech_like,
    "drone": made.drone,
    "rain": made.rain,
    "random clicks": made.random_clicks,
}
WITH_BEATS: dict[str, Callable[[int], Played]] = {
    "rubato": made.rubato,
    "people": made.by_people,
    "a change of tempo": made.change_of_tempo,
    "3/4": lambda seed: made.in_metre(3, 126, seed),
    "5/4": lambda seed: made.in_metre(5, 138, seed),
    "7/8": made.seven_eight,
    "swing": made.swing,
    "silence in the middle": made.with_silence,
    "five seconds": made.five_seconds,
}


def analysed(sound: Sound) -> MusicFeatures:
    analyser = MusicAnalyser(RATE)
    analyser.feed(np.repeat(sound[:, None], 2, axis=1).astype(np.float32))
    return analyser.finish()


def f_measure(true_s: NDArray[np.float64], found_s: NDArray[np.float64]) -> float:
    """Twice the beats that have a partner within NEAR_S over all of both."""
    if not len(true_s) or not len(found_s):
        return 0.0
    hits = sum(bool(np.abs(found_s - one).min() <= NEAR_S) for one in true_s)
    return 2 * hits / (len(true_s) + len(found_s))


def rightness(played: Played, rhythm: Rhythm) -> float:
    """F against the beats, every second of them, or twice as many: another octave is no made-up grid."""
    beats_s = played.beats_s
    between = np.sort(np.concatenate([beats_s, (beats_s[1:] + beats_s[:-1]) / 2]))
    return max(f_measure(one, rhythm.beats_s) for one in (beats_s, beats_s[::2], beats_s[1::2], between))


def claims_nothing(rhythm: Rhythm) -> bool:
    return (
        rhythm.confidence < LEAST_CONFIDENCE
        and len(rhythm.beats_s) == len(rhythm.downbeats_s) == len(rhythm.beat_strength) == 0
        and rhythm.tempo_bpm == 0
        and rhythm.tempo_alternatives_bpm == ()
    )


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", WITHOUT_BEATS)
def test_where_nothing_beats_no_beats_are_claimed(kind: str, seed: int) -> None:
    assert claims_nothing(analysed(WITHOUT_BEATS[kind](seed)).rhythm)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", WITH_BEATS)
def test_uncommon_beats_are_found_or_none_are_claimed(kind: str, seed: int) -> None:
    played = WITH_BEATS[kind](seed)
    rhythm = analysed(played.sound).rhythm
    assert claims_nothing(rhythm) or rightness(played, rhythm) >= LEAST_F


def test_silence_has_no_beats() -> None:
    beats_s = analysed(made.with_silence(0).sound).rhythm.beats_s
    first_s, last_s = made.SILENCE_S
    assert np.count_nonzero((beats_s > first_s + 0.5) & (beats_s < last_s - 0.5)) == 0


@pytest.mark.parametrize("kind", ["3/4", "5/4", "7/8", "swing", "a change of tempo", "five seconds"])
def test_bars_begin_where_they_begin(kind: str) -> None:
    played = WITH_BEATS[kind](0)
    rhythm = analysed(played.sound).rhythm
    assert f_measure(played.beats_s[played.downbeats], rhythm.downbeats_s) >= LEAST_F


def test_a_tempo_that_changes_is_followed_through_the_change() -> None:
    beats_s = analysed(made.change_of_tempo(0).sound).rhythm.beats_s
    steps = np.diff(beats_s)
    assert np.median(steps[beats_s[1:] < 18]) == pytest.approx(0.6, rel=0.02)
    assert np.median(steps[beats_s[1:] > 22]) == pytest.approx(60 / 140, rel=0.02)


def test_a_plain_beat_is_not_doubted() -> None:
    # Without this, a tracker that never claims anything would pass all of the above but the bars.
    for kind in ("3/4", "swing", "people", "a change of tempo", "five seconds"):
        played = WITH_BEATS[kind](3)
        rhythm = analysed(played.sound).rhythm
        assert rhythm.confidence > 0.5
        assert f_measure(played.beats_s, rhythm.beats_s) >= LEAST_F


def suggested(features: MusicFeatures, motion: NDArray[np.float64], cuts_s: list[float]) -> Suggestion:
    """The cue of a library of this one track for a picture that moves so."""
    names = {"title": "one", "artist": "", "album": "", "words": "", "licence": Licence("CC-BY-4.0")}
    track = TrackDetails(
        track_id=1, duration_s=features.duration_s, rhythm=features.rhythm, tonality=features.tonality,
        loudness=features.loudness, clips=features.clips, **names,
    )  # fmt: skip
    library = make_library([track])
    query = make_query(make_video(len(motion) / MOTION_RATE_HZ, cuts_s, motion=motion))
    (one,) = suggest(query, library.ranker, library.gallery, library.details, 1)
    return one


@pytest.mark.parametrize("kind", WITHOUT_BEATS)
def test_a_cue_without_beats_goes_by_energy_and_says_so(kind: str) -> None:
    one = suggested(analysed(WITHOUT_BEATS[kind](0)), MOVING, CUTS_S)
    assert "no steady beat: placed by energy alone" in [reason.text for reason in one.reasons]
    assert (one.has_pulse, one.cut_hits, one.mean_offset_s) == (False, 0, 0.0)
    (piece,) = one.cue.pieces
    assert 0 <= piece.source_in_s < piece.source_out_s <= made.LENGTH_S
    assert one.cue.duration_s == pytest.approx(PICTURE_S, abs=1e-3)
    assert np.isfinite(one.cue.gain_db) and 0 < one.cue.fade_out_s < PICTURE_S / 2


def test_the_swell_of_a_drone_falls_where_the_picture_wakes() -> None:
    swell_s, wakes_s = 25.0, 6.0
    times_s = np.arange(round(made.LENGTH_S * RATE)) / RATE
    sound = made.drone(1) * np.where(times_s < swell_s, 0.05, 1.0)
    one = suggested(analysed(sound), np.repeat([0.1, 3.0], round(wakes_s * MOTION_RATE_HZ)), [])
    assert one.cue.pieces[0].source_in_s + wakes_s == pytest.approx(swell_s, abs=1.0)
