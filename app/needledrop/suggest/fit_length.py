# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fit a track to a length: keep its beginning and its real ending, leave out or repeat whole bars between, and stretch
what is then left over by a few percent.

Decides on features only; the mixer makes the joints and the stretch. The user may refuse any splice or move it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from needledrop.core.cue import Piece
from needledrop.core.errors import KnownError
from needledrop.core.music import Rhythm, TimeArray
from needledrop.core.times import format_time
from needledrop.features.bars import TrackSound
from needledrop.suggest.fit_costs import RING_S, TRIM_S, bounds_s, path_task, remainder
from needledrop.suggest.fit_joints import Splice, made_splice, moved_splice
from needledrop.suggest.fit_path import Jump, best_path
from needledrop.suggest.fit_places import FitPlaces, find_places

DEFAULT_STRETCH = 0.03
MOST_STRETCH = 0.06
SHORTEST_S = 0.5
_SPLICE_S, _NO_PULSE_SPLICE_S = 0.02, 0.5
_SHORTEST_PIECE_S = 0.4

# Names a splice by the places it joins (out, in), in seconds of the track, however it is moved.
_Origin = tuple[float, float]


@dataclass(frozen=True)
class FitTask:
    """A track, the length wanted in seconds, and by how much it may be stretched (0.03: three percent)."""

    title: str
    sound: TrackSound
    rhythm: Rhythm
    length_s: float
    most_stretch: float = DEFAULT_STRETCH


@dataclass(frozen=True)
class FitEdit:
    """What the user asks of splice `number` (from 1) of the list as it stands after the edits before this one.

    at_s None refuses it; else it is moved, by whole beats, to where the track is left nearest to at_s.
    """

    number: int
    at_s: float | None = None


@dataclass(frozen=True)
class FitResult:
    """Pieces of the track that last length_s / stretch, played `stretch` times as long.

    ring_s: so long the last sound is followed by silence; where negative, so much earlier it is faded. is_end_only: the
    range is so short that nothing but the track's end is heard.
    """

    pieces: tuple[Piece, ...]
    stretch: float
    splices: tuple[Splice, ...]
    splice_s: float
    ring_s: float
    has_pulse: bool
    beats_per_bar: int
    is_end_only: bool = False


def fit(task: FitTask, edits: Sequence[FitEdit] = ()) -> FitResult:
    """The best way to play the track for exactly the length.

    Args:
        edits: Applied one after another; each refusal is followed by a new search.

    Raises:
        KnownError: the stretch is too much, the track cannot be made so long or so short, there is no such splice, or
            it cannot be moved there.
    """
    check_stretch(task.most_stretch)
    _check_length(task)
    fitter = _Fitter(task)
    for edit in edits:
        fitter.apply(edit)
    return fitter.result()


def check_stretch(most_stretch: float) -> None:
    """Raise KnownError for a stretch that would be heard."""
    if not 0.0 <= most_stretch <= MOST_STRETCH:
        raise KnownError(
            f"A stretch of {100 * most_stretch:g} % would be heard; at most {100 * MOST_STRETCH:g} % is done.",
            remedy=f"Ask for 0 to {100 * MOST_STRETCH:g} %, or choose a track whose length is nearer to the range.",
            code="cannot-fit",
        )


def _check_length(task: FitTask) -> None:
    if task.length_s < SHORTEST_S:
        raise KnownError(
            f"A range of {task.length_s:.2f} s is too short for music.",
            remedy=f"Choose one of {SHORTEST_S:g} s or more.",
            code="cannot-fit",
        )
    if not len(task.sound.mel_db) or not task.sound.mono.any():
        raise KnownError(f"'{task.title}' is silent.", remedy="Choose another track.", code="cannot-fit")


class _Fitter:
    """One task with the edits made so far."""

    def __init__(self, task: FitTask) -> None:
        self._task = task
        self._grids = [find_places(task.sound, task.rhythm)]
        self._refused: list[_Origin] = []
        self._moves: dict[_Origin, float] = {}
        self._search()

    def apply(self, edit: FitEdit) -> None:
        splices = self.result().splices
        if not 1 <= edit.number <= len(splices):
            raise KnownError(
                f"There is no splice {edit.number}; the list has {len(splices)}.",
                remedy="Look at the list without that option first.",
                code="usage",
            )
        chosen = splices[edit.number - 1]
        if edit.at_s is not None:
            self._moves[chosen.origin_s] = edit.at_s
        else:
            # Where it was moved to is refused as well as where it came from.
            self._refused += [chosen.origin_s, (chosen.out_s, chosen.in_s)]
            self._search()

    def result(self) -> FitResult:
        if self._jumps is None:
            return _end_only(self._task, self._places)
        return _assembled(self._task, self._places, self._jumps, self._moves)

    def _search(self) -> None:
        """Bar lines first; half bars where whole bars do not make the length; the end alone where even that fails."""
        task = self._task
        for number in range(2):
            if number == len(self._grids):
                self._grids.append(find_places(task.sound, task.rhythm, is_fine=True))
            self._places = self._grids[number]
            self._jumps = _found(task, self._places, self._refused)
            if self._jumps is not None or not self._places.has_pulse:
                break
        if self._jumps is None and not _is_end_enough(task, self._places):
            raise _cannot_fit(task, self._places, is_refused=bool(self._refused))


def _found(task: FitTask, places: FitPlaces, refused: Sequence[_Origin]) -> tuple[Jump, ...] | None:
    search = path_task(places, task.length_s, refused)
    if search is None:
        return None

    def length_cost(durations_s: TimeArray) -> TimeArray:
        return remainder(durations_s, task.length_s, task.most_stretch).cost

    return best_path(search, bounds_s(task.length_s, task.most_stretch), length_cost)


def _assembled(task: FitTask, places: FitPlaces, jumps: Sequence[Jump], moves: Mapping[_Origin, float]) -> FitResult:
    splices = tuple(_splice(task, places, jump, moves) for jump in jumps)
    edges = [places.first_s, *itertools.chain.from_iterable((one.out_s, one.in_s) for one in splices), places.end_s]
    if any(edges[at + 1] - edges[at] < _SHORTEST_PIECE_S for at in range(0, len(edges), 2)):
        if not moves:
            raise AssertionError("the search leaves more between two splices than they are slid by")
        raise KnownError(
            "Moved like that, a splice would come before the one in front of it.",
            remedy="Choose a time nearer to where it is.",
            code="cannot-fit",
        )
    played_s = sum(edges[at + 1] - edges[at] for at in range(0, len(edges), 2))
    rest = remainder(np.array([played_s]), task.length_s, task.most_stretch)
    stretch, ring_s = float(rest.stretch[0]), float(rest.ring_s[0])
    edges[-1] += ring_s
    pieces = tuple(Piece(edges[at], edges[at + 1]) for at in range(0, len(edges), 2))
    splice_s = _SPLICE_S if places.has_pulse else _NO_PULSE_SPLICE_S
    return FitResult(pieces, stretch, splices, splice_s, ring_s, places.has_pulse, places.beats_per_bar)


def _splice(task: FitTask, places: FitPlaces, jump: Jump, moves: Mapping[_Origin, float]) -> Splice:
    at_s = moves.get((float(places.times_s[jump[0]]), float(places.times_s[jump[1]])))
    if at_s is None:
        return made_splice(places, task.sound, jump)
    return moved_splice(places, task.sound, jump, at_s)


def _is_end_enough(task: FitTask, places: FitPlaces) -> bool:
    """True where the range is shorter than what is left of the track when it is begun late."""
    return task.length_s <= places.end_s - places.first_s


def _end_only(task: FitTask, places: FitPlaces) -> FitResult:
    """The last of the track, from the beat that lets its end fall on the out-point."""
    begin_s = places.end_s - task.length_s
    beats = places.beats_s[(places.beats_s > begin_s - RING_S) & (places.beats_s < begin_s + TRIM_S)]
    if places.has_pulse and len(beats):
        begin_s = max(0.0, float(beats[np.abs(beats - begin_s).argmin()]) - 0.01)
    out_s = begin_s + task.length_s
    ring_s = out_s - places.end_s
    return FitResult(
        pieces=(Piece(begin_s, out_s),),
        stretch=1.0,
        splices=(),
        splice_s=_SPLICE_S,
        ring_s=ring_s,
        has_pulse=places.has_pulse,
        beats_per_bar=places.beats_per_bar,
        is_end_only=True,
    )


def _cannot_fit(task: FitTask, places: FitPlaces, *, is_refused: bool) -> KnownError:
    length = f"'{task.title}' lasts {format_time(places.end_s - places.first_s)}"
    if is_refused:
        sentence = f"{length}; without the splices you refused it cannot be brought to {format_time(task.length_s)}."
        remedy = "Refuse fewer splices, or choose another track."
    else:
        why = "no two places in it are alike enough" if len(places.times_s) >= 4 else "it has too few bars"
        sentence = f"{length} and cannot be brought to {format_time(task.length_s)}: {why}."
        remedy = "Choose a longer track, or a range nearer to its length."
    return KnownError(sentence, remedy=remedy, code="cannot-fit")
