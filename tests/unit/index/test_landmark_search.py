# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a sound under chatter to the tracks in it: proposed at every speed, decided by what is left unexplained."""

from __future__ import annotations

import numpy as np
import pytest

from made_melody import RATE, Sound, chatter, fingerprint_of, melody, under
from needledrop.core.errors import Cancelled
from needledrop.core.progress import CancelToken
from needledrop.features.landmark_alignment import SoundMap
from needledrop.features.landmarks import SoundListener, SoundPeaks, fingerprint_peaks, peak_pairs
from needledrop.index.landmark_index import LandmarkIndex, build_index
from needledrop.index.landmark_search import candidates
from needledrop.index.landmark_verdict import Heard, heard_tracks

COUNT = 40
PRINTS = [fingerprint_of(melody(40.0, seed)) for seed in range(COUNT)]


@pytest.fixture(scope="module")
def index() -> LandmarkIndex:
    return build_index("k", enumerate(PRINTS))


def listened(sound: Sound) -> SoundPeaks:
    listener = SoundListener(RATE)
    listener.feed(sound)
    return listener.finish()


def heard(index: LandmarkIndex, sound: Sound, cancel: CancelToken | None = None) -> list[Heard]:
    peaks = listened(sound)
    proposed = candidates(index, peak_pairs(peaks))
    return heard_tracks(SoundMap(peaks), proposed, lambda row: fingerprint_peaks(PRINTS[row]), cancel or CancelToken())


@pytest.mark.parametrize(
    ("speed", "pitch"), [(1.0, 1.0), (0.971, 1.0), (1.03, 1.0), (0.97, 0.97), (1.017, 1.017), (1.03, 1.03)]
)
def test_a_track_is_heard_6_db_under_chatter(index: LandmarkIndex, speed: float, pitch: float) -> None:
    track = melody(40.0 / speed, 5, speed=speed, pitch=pitch)[round(8.0 / speed * RATE) :][: 20 * RATE]
    sound = chatter(30.0, 1)
    sound[5 * RATE : 25 * RATE] = under(track, sound[5 * RATE : 25 * RATE]) * np.abs(sound).max()
    (found,) = heard(index, sound)
    assert found.row == 5 and found.speed == pytest.approx(speed, abs=0.002)
    assert found.track_start_s == pytest.approx(8.0 + (found.start_s - 5.0) * speed, abs=0.06)
    assert found.start_s == pytest.approx(5.0, abs=2.5) and found.end_s == pytest.approx(25.0, abs=2.5)
    assert 0.5 < found.confidence < 1.0


def test_chatter_and_unknown_music_are_no_track(index: LandmarkIndex) -> None:
    assert heard(index, chatter(20.0, 2)) == []
    assert heard(index, melody(20.0, 900)) == []
    assert heard(index, np.zeros(0, np.float32)) == []
    assert candidates(build_index("k", []), peak_pairs(listened(melody(5.0, 1)))) == []


def test_one_after_another_and_one_under_another(index: LandmarkIndex) -> None:
    after = np.concatenate([melody(40.0, 3)[: 15 * RATE], melody(40.0, 4)[5 * RATE : 20 * RATE]])
    found = heard(index, after)
    assert [one.row for one in found] == [3, 4]
    assert found[1].start_s == pytest.approx(15.0, abs=1.0) and found[1].track_start_s == pytest.approx(5.0, abs=1.0)
    both = melody(40.0, 6)[: 20 * RATE] + 0.7 * melody(40.0, 7)[10 * RATE : 30 * RATE]
    assert sorted(one.row for one in heard(index, np.asarray(both, np.float32))) == [6, 7]


def test_one_recording_twice_in_the_library_is_heard_once() -> None:
    twice = build_index("k", enumerate([PRINTS[1], PRINTS[0], PRINTS[1]]))
    peaks = listened(under(melody(40.0, 1)[: 20 * RATE], chatter(20.0, 3)))
    rows = [PRINTS[1], PRINTS[0], PRINTS[1]]
    found = heard_tracks(
        SoundMap(peaks), candidates(twice, peak_pairs(peaks)), lambda row: fingerprint_peaks(rows[row]), CancelToken()
    )
    assert len(found) == 1 and found[0].row in {0, 2}


def test_music_that_stops_for_a_sentence_is_one_use(index: LandmarkIndex) -> None:
    track = melody(40.0, 8)[: 34 * RATE].copy()
    track[14 * RATE : 22 * RATE] = chatter(8.0, 4)
    (found,) = heard(index, track)
    assert found.start_s < 2.0 and found.end_s > 32.0


def test_it_stops_when_asked(index: LandmarkIndex) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        heard(index, melody(40.0, 2)[: 15 * RATE], cancel)
