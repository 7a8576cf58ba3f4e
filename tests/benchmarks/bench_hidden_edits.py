# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""By hand: how often the track that a video was cut to is found among 100, at its place, by the share of cuts off the
beat, beside the best that anyone could do who knew the editor's habits and every beat of every score.

    python tests/benchmarks/bench_hidden_edits.py --folder CACHE [--galleries 11 12] [--edits 40]   pieces that sound
    python tests/benchmarks/bench_hidden_edits.py [--galleries 101 102] [--edits 40]                ideal beats

With --folder the tracks are rendered (fluidsynth, mma), analysed and kept there; edits are made to the beats of the
score and sought by the beats that the analysis heard. Found means among the first three, and with its start within
0.12 beats of the true one modulo a beat or a bar; shares with their 95 % intervals. With --own each edit is placed in
its own track only, and the tracks whose beats and downbeats were heard right (F of both over 0.9) are told apart.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import mir_eval
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from needledrop.suggest.engine import suggest
from needledrop.suggest.picture_shape import picture_shape
from needledrop.suggest.place import place_track
from retrieval.hidden_edits import (
    DURATION_S,
    LEAST_MUSIC_S,
    Edit,
    Habits,
    Judge,
    first_of,
    interval_95,
    is_in_phase,
    make_edit,
)
from retrieval.rendered_gallery import ScoredTrack, rendered_gallery
from retrieval.synthetic_gallery import Library, edit_gallery, make_library, make_query, make_video

TRACKS = 100
Found = tuple[bool, bool, bool]


def main() -> None:
    """Print one row for each share of cuts off the beat."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where rendered galleries are kept; without it, ideal beats")
    parser.add_argument("--galleries", type=int, nargs="+", default=[101, 102])
    parser.add_argument("--edits", type=int, default=40, help="edits a gallery and row")
    parser.add_argument("--shares", type=float, nargs="+", default=[0.0, 0.1, 0.2, 0.3, 0.4, 0.5])
    parser.add_argument("--downbeats", type=float, nargs="+", default=[1.0, 2.0, 4.0])
    parser.add_argument("--tracks", type=int, default=TRACKS, help="tracks of a gallery")
    parser.add_argument("--own", action="store_true", help="place each edit in its own track only")
    options = parser.parse_args()
    galleries = [_gallery(options.folder, seed, options.tracks) for seed in options.galleries]
    columns = (
        "on its beat          on its bar" if options.own else "in the first 3       on its beat          on its bar"
    )
    print(f"downbeats  off the beat  who   {columns}")
    report = _report_own if options.own else _report
    for factor in options.downbeats:
        for share in options.shares:
            report(galleries, options.galleries, options.edits, Habits(share, downbeat_factor=factor))


def _gallery(folder: Path | None, seed: int, count: int) -> list[ScoredTrack]:
    if folder is not None:
        return rendered_gallery(folder, seed, count)
    tracks = edit_gallery(count, seed=seed)
    return [ScoredTrack(track, track.rhythm.beats_s, track.rhythm.beats_per_bar) for track in tracks]


def _report(galleries: list[list[ScoredTrack]], seeds: list[int], count: int, habits: Habits) -> None:
    ours: list[Found] = []
    best: list[Found] = []
    for seed, tracks in zip(seeds, galleries, strict=True):
        library = make_library([track.heard for track in tracks])
        judges = [Judge(track.beats_s, track.beats_per_bar, _last_s(track), habits) for track in tracks]
        for number in range(count):
            rng = np.random.default_rng([seed, number])
            chosen = _chosen(rng, tracks)
            track = tracks[chosen]
            edit = make_edit(rng, track.beats_s, track.beats_per_bar, _last_s(track), habits)
            ours.append(_found(library, track, edit))
            best.append(_best(judges, chosen, track, edit))
    _print(habits, "ours", np.array(ours))
    _print(habits, "best", np.array(best))


def _report_own(galleries: list[list[ScoredTrack]], seeds: list[int], count: int, habits: Habits) -> None:
    ours, best, heard_right = [], [], []
    for seed, tracks in zip(seeds, galleries, strict=True):
        for number in range(count):
            rng = np.random.default_rng([seed, number])
            track = tracks[_chosen(rng, tracks)]
            edit = make_edit(rng, track.beats_s, track.beats_per_bar, _last_s(track), habits)
            query = make_query(make_video(DURATION_S, edit.cuts_s))
            shape = picture_shape(query.video, query.time_range)
            found = _place(track, place_track(track.heard, shape, query.video.soundtrack).start_s)
            judged = Judge(track.beats_s, track.beats_per_bar, _last_s(track), habits)(edit)
            true = _place(track, edit.offset_s)
            moduli = (1, track.beats_per_bar)
            ours.append([is_in_phase(found, true, modulus) for modulus in moduli])
            places = (judged.beat_place, judged.bar_place)
            best.append([is_in_phase(place, true, modulus) for place, modulus in zip(places, moduli, strict=True)])
            heard_right.append(_is_heard_right(track))
    right = np.array(heard_right)
    _print(habits, "ours", np.array(ours))
    _print(habits, "ours, heard right", np.array(ours)[right])
    _print(habits, "ours, heard wrong", np.array(ours)[~right])
    _print(habits, "best", np.array(best))


def _is_heard_right(track: ScoredTrack) -> bool:
    rhythm = track.heard.rhythm
    beats = mir_eval.beat.f_measure(track.beats_s, rhythm.beats_s)
    return min(beats, mir_eval.beat.f_measure(track.beats_s[:: track.beats_per_bar], rhythm.downbeats_s)) > 0.9


def _print(habits: Habits, who: str, found: NDArray[np.bool_]) -> None:
    """One row of shares of found [edits, columns]."""
    cells = "  ".join(_cell(int(column.sum()), len(found)) for column in found.T) if len(found) else "none"
    print(f"{habits.downbeat_factor:8.0f}x  {habits.off_beat_share:12.0%}  {who}  {cells}", flush=True)


def _last_s(track: ScoredTrack) -> float:
    """Where an edit has to end, at least so late that one fits."""
    return max(min(track.heard.rhythm.ending_s, float(track.beats_s[-1])), LEAST_MUSIC_S)


def _chosen(rng: np.random.Generator, tracks: list[ScoredTrack]) -> int:
    """A track that an edit fits."""
    fitting = [index for index, track in enumerate(tracks) if _last_s(track) > LEAST_MUSIC_S]
    return fitting[int(rng.integers(len(fitting)))]


def _found(library: Library, track: ScoredTrack, edit: Edit) -> Found:
    """Whether the true track is among our first three; there at the right place in the beat; and in the bar."""
    query = make_query(make_video(DURATION_S, edit.cuts_s))
    suggestions = suggest(query, library.ranker, library.gallery, library.details, 3)
    starts = [one.cue.pieces[0].source_in_s for one in suggestions if one.track_id == track.heard.track_id]
    if not starts:
        return False, False, False
    found, true = _place(track, starts[0]), _place(track, edit.offset_s)
    return True, is_in_phase(found, true, 1), is_in_phase(found, true, track.beats_per_bar)


def _best(judges: list[Judge], chosen: int, track: ScoredTrack, edit: Edit) -> Found:
    """The same for a judge who knows the editor's habits and the scores."""
    judged = [judge(edit) for judge in judges]
    own, true = judged[chosen], _place(track, edit.offset_s)
    return (
        chosen in first_of([one.evidence for one in judged], 3),
        chosen in first_of([one.in_beat for one in judged], 3) and is_in_phase(own.beat_place, true, 1),
        chosen in first_of([one.in_bar for one in judged], 3) and is_in_phase(own.bar_place, true, track.beats_per_bar),
    )


def _place(track: ScoredTrack, instant_s: float) -> float:
    return float(np.interp(instant_s, track.beats_s, np.arange(len(track.beats_s))))


def _cell(successes: int, trials: int) -> str:
    low, high = interval_95(successes, trials)
    return f"{100 * successes / trials:5.1f} % ({100 * low:3.0f}-{100 * high:3.0f})"


if __name__ == "__main__":
    main()
