# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole list: order, ranks, diversity, determinism, odd libraries, and explanations whose numbers are true."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from needledrop.core.music import Licence
from needledrop.core.picture import VideoFeatures
from needledrop.core.query import Suggestion
from needledrop.suggest import engine
from needledrop.suggest.engine import suggest
from retrieval.synthetic_gallery import (
    Library,
    edit_gallery,
    hidden_edit,
    make_library,
    make_query,
    make_track,
    make_video,
)

TRACKS = edit_gallery(40, seed=12)
LIBRARY = make_library(TRACKS)


def suggestions(library: Library, video: VideoFeatures, count: int = 10, **fields: object) -> list[Suggestion]:
    return suggest(make_query(video, **fields), library.ranker, library.gallery, library.details, count)  # type: ignore[arg-type]


def texts(suggestion: Suggestion) -> str:
    return " | ".join(reason.text for reason in suggestion.reasons)


def test_the_list_is_ranked_from_one_and_repeats_itself() -> None:
    edit = hidden_edit(TRACKS, seed=1)
    first = suggestions(LIBRARY, edit.video)
    assert [one.rank for one in first] == list(range(1, 11))
    assert len({one.track_id for one in first}) == 10
    assert first == suggestions(LIBRARY, edit.video)


def test_the_explained_hits_are_the_real_ones() -> None:
    edit = hidden_edit(TRACKS, seed=2)
    for one in suggestions(LIBRARY, edit.video, 5):
        rhythm = LIBRARY.tracks[one.track_id].rhythm
        start_s = one.cue.pieces[0].source_in_s
        lags = rhythm.beats_s[None, :] - (edit.video.shots.cuts_s[:, None] + start_s)
        nearest = lags[np.arange(len(lags)), np.abs(lags).argmin(axis=1)]
        hits = np.abs(nearest) <= 0.07
        assert one.cut_hits == int(hits.sum())
        assert one.cuts == len(edit.video.shots.cuts_s)
        assert one.mean_offset_s == pytest.approx(nearest[hits].mean(), abs=1e-6)
        found = re.search(r"(\d+) of (\d+) cuts fall on beats", texts(one))
        assert found is not None
        assert (int(found[1]), int(found[2])) == (one.cut_hits, one.cuts)
        reason = next(reason for reason in one.reasons if "fall on beats" in reason.text)
        np.testing.assert_allclose(reason.times_s, edit.video.shots.cuts_s[hits], atol=1e-3)


def test_reasons_speak_in_timeline_seconds_of_the_whole_video() -> None:
    from fractions import Fraction

    from needledrop.core.query import Query
    from needledrop.core.times import TimeRange

    video = make_video(200.0, np.arange(3.0, 198.0, 4.0))
    query = Query(video, TimeRange(Fraction(100), Fraction(150)))
    for one in suggest(query, LIBRARY.ranker, LIBRARY.gallery, LIBRARY.details, 3):
        assert one.cue.record_in_s == 100.0
        assert one.cue.record_out_s == pytest.approx(150.0)
        assert all(100.0 <= instant <= 150.0 for reason in one.reasons for instant in reason.times_s)


@pytest.mark.parametrize("count", [0, 1])
def test_an_empty_library_and_a_single_track(count: int) -> None:
    library = make_library(TRACKS[:count])
    assert len(suggestions(library, make_video(30.0, [10.0]))) == count
    assert suggestions(library, make_video(30.0, [10.0]), 0) == []


@pytest.mark.parametrize("duration_s", [0.4, 1.0, 10_800.0])
def test_a_second_and_three_hours(duration_s: float) -> None:
    small = make_library(TRACKS[:4])
    out = suggestions(small, make_video(duration_s, np.arange(5.0, duration_s, 7.0)), 3)
    assert len(out) == 3
    for one in out:
        assert one.cue.duration_s == pytest.approx(duration_s, abs=1e-4) or one.warnings


def test_tracks_that_vanished_are_left_out() -> None:
    lost = Library(LIBRARY.gallery, {key: track for key, track in LIBRARY.tracks.items() if key != 1})
    found = {one.track_id for one in suggestions(lost, make_video(30.0, [10.0]), 40)}
    assert 1 not in found
    assert len(found) == 39


def test_ten_tracks_of_one_album_do_not_fill_the_list() -> None:
    album = [make_track(100 + index, seed=index, tempo_bpm=120, album="Same", artist="One") for index in range(12)]
    others = [make_track(200 + index, seed=50 + index, tempo_bpm=119.0) for index in range(12)]
    library = make_library([*album, *others])
    out = suggestions(library, make_video(40.0, np.arange(2.0, 39.0, 2.0)))
    assert sum(one.track_id < 200 for one in out) <= 6


def test_an_early_end_is_announced() -> None:
    library = make_library([make_track(1, duration_s=30.0, has_pulse=False)])
    (one,) = suggestions(library, make_video(60.0, [10.0, 20.0]))
    assert any("ends 0:31 before the picture does" in warning for warning in one.warnings)
    assert not one.has_pulse
    assert "no steady beat: placed by" in texts(one)
    assert one.cut_hits == 0


def test_only_the_head_of_a_long_list_is_compared_with_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    monkeypatch.setattr(engine, "shuffled_chance", compared.append)
    assert len(suggestions(LIBRARY, hidden_edit(TRACKS, seed=1).video, 20)) == 20
    assert len(compared) == 12


def test_a_loop_is_explained() -> None:
    library = make_library([make_track(1, duration_s=45.0)])
    (one,) = suggestions(library, make_video(80.0, [10.0, 20.0]))
    assert "shorter than the range" in texts(one)
    assert not any("ends" in warning for warning in one.warnings)


def test_no_cuts_is_said() -> None:
    (one,) = suggestions(make_library([make_track(1)]), make_video(30.0))
    assert "no cuts in the range: placed by" in texts(one)
    (accented,) = suggestions(make_library([make_track(1)]), make_video(30.0, accents_s=[3.0, 9.0, 20.0]))
    assert "beats fall on accents" in texts(accented)


@pytest.mark.parametrize(
    ("name", "word"), [("CC-BY-SA-4.0", "share-alike"), ("CC-BY-NC-4.0", "non-commercial"), ("CC-BY-4.0", None)]
)
def test_licences_warn(name: str, word: str | None) -> None:
    library = make_library([make_track(1, licence=Licence(name))])
    (one,) = suggestions(library, make_video(30.0, [10.0]))
    assert any(word in warning for warning in one.warnings) if word else not one.warnings


def test_words_of_the_text_line_are_named() -> None:
    library = make_library([make_track(1, title="Sunrise over Oslo"), make_track(2, words="ambient calm")])
    out = suggestions(library, make_video(30.0, [10.0]), text="calm sunrise", text_scores={1: 0.6, 2: 0.5})
    by_id = {one.track_id: texts(one) for one in out}
    assert "matches 'sunrise' in title" in by_id[1]
    assert "matches 'calm' in genre and mood" in by_id[2]


def test_empty_words_are_no_match() -> None:
    library = make_library([make_track(1, title="Beyond the Ridge")])
    (one,) = suggestions(library, make_video(30.0, [10.0]), text="through the night", text_scores={1: 0.1})
    assert "matches" not in texts(one)


def test_what_the_user_asks_for_outvotes_beats_on_cuts() -> None:
    video = hidden_edit(TRACKS, seed=3).video
    best = suggestions(LIBRARY, video)[0]
    assert best.cut_hits >= best.cuts - 1
    wanted = next(track.track_id for track in TRACKS if track.track_id != best.track_id)
    assert suggestions(LIBRARY, video, text="night", text_scores={wanted: 1.0})[0].track_id == wanted


def test_plain_tempo_ratios_are_told() -> None:
    track = make_track(1, tempo_bpm=120.0, drift=0.0)
    (one,) = suggestions(make_library([track]), make_video(60.0, np.arange(1.0, 59.0, 1.0)))
    assert "tempo 120 fits 2.0 cuts per bar" in texts(one)
    assert one.cut_hits == one.cuts


def test_there_is_no_unexplained_percentage() -> None:
    for one in suggestions(LIBRARY, hidden_edit(TRACKS, seed=3).video):
        assert "%" not in texts(one)


def test_a_renamed_copy_does_not_change_the_cue() -> None:
    edit = hidden_edit(TRACKS, seed=4)
    renamed = make_library([replace(track, title="x") for track in TRACKS])
    assert [one.cue for one in suggestions(renamed, edit.video)] == [
        one.cue for one in suggestions(LIBRARY, edit.video)
    ]
