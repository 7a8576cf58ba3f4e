# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carrying cues along when the film under them was cut anew. Values in, values out.

What most of a cue's picture is cut to stays: the longest stretch that was not touched decides how far the music moves,
so that its beats meet the same cuts as before. Then the cue is trimmed or lengthened to its first and last shot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from needledrop.core.cue import Cue
from needledrop.suggest.cue_edits import LEAST_CUE_S, trimmed_end, trimmed_start
from needledrop.suggest.recut import Place, Recut

_SAME_S = 0.02
_MISSED_S = 0.1  # So much silence at its end is heard.
_EDGE_S = 0.06  # A cue's end this near to a cut lies on it.
_LONGEST_INSERT_S = 60.0
_PREFERRED = 1.5  # A later stretch must be so much longer than the first to decide.


class Fate(StrEnum):
    """What became of a cue."""

    SAME = "same"
    MOVED = "moved"
    SHORTENED = "shortened"
    LENGTHENED = "lengthened"
    SHORT_OF_MUSIC = "short-of-music"  # The track ends before the picture does.
    TORN = "torn"  # Its shots lie apart now, or in another order.
    GONE = "gone"  # None of its shots is left.

    @property
    def is_doubtful(self) -> bool:
        """Whether somebody should look."""
        return self in (Fate.SHORT_OF_MUSIC, Fate.TORN, Fate.GONE)


@dataclass(frozen=True)
class CueChange:
    """A cue before and after. lost_s: how much of its picture is no more; gained_s: how much is new under it."""

    before: Cue
    after: Cue
    fate: Fate
    lost_s: float = 0.0
    gained_s: float = 0.0


@dataclass(frozen=True)
class _Kept:
    """A stretch of a cue's picture that is still there: which shot it is in now, and its times in the old cut."""

    shot: int
    place: Place
    old_s: float
    old_end_s: float

    @property
    def length_s(self) -> float:
        return self.old_end_s - self.old_s


def carried(cue: Cue, recut: Recut, track_s: float) -> CueChange:
    """A cue of the old cut in the new one; track_s is the length of its track."""
    kept = _kept(cue, recut)
    if not kept:
        start_s = min(recut.moved(cue.record_in_s), max(0.0, recut.duration_s - LEAST_CUE_S))
        return CueChange(cue, replace(cue, record_in_s=start_s), Fate.GONE, lost_s=cue.duration_s)
    together = _together(kept, recut)
    start_s, end_s = _begins_s(cue, together[0], recut), _ends_s(cue, together[-1], recut)
    end_s = max(end_s, start_s + LEAST_CUE_S)
    after = _laid(cue, cue.record_in_s + _shift_s(together), start_s, end_s, track_s)
    is_torn = len(together) < len(kept) or any(a.old_s > b.old_s for a, b in pairwise(together))
    seen_s = sum(one.length_s for one in together)
    lost_s, gained_s = cue.duration_s - seen_s, end_s - start_s - seen_s
    fate = Fate.TORN if is_torn else _fate(cue, after, end_s)
    return CueChange(cue, after, fate, lost_s if lost_s > _SAME_S else 0.0, gained_s if gained_s > _SAME_S else 0.0)


def _laid(cue: Cue, at_s: float, start_s: float, end_s: float, track_s: float) -> Cue:
    """The cue moved to at_s, then trimmed or lengthened to begin at start_s and to end at end_s."""
    if abs(at_s - start_s) < _SAME_S and abs(end_s - start_s - cue.duration_s) < _SAME_S:
        return replace(cue, record_in_s=at_s)
    after = trimmed_start(replace(cue, record_in_s=at_s), start_s)
    if after.record_in_s > start_s + _SAME_S:  # The track has no music before: it begins where the picture does.
        after = replace(cue, record_in_s=start_s)
    return trimmed_end(after, end_s, track_s)


def _kept(cue: Cue, recut: Recut) -> list[_Kept]:
    """In the order of the new cut."""
    found = []
    for number, shot in enumerate(recut.shots):
        place = shot.place
        if place is None:
            continue
        first_s, last_s = max(place.old_in_s, cue.record_in_s), min(place.old_out_s, cue.record_out_s)
        if last_s - first_s > _SAME_S:
            found.append(_Kept(number, place, first_s, last_s))
    return found


def _together(kept: Sequence[_Kept], recut: Recut) -> list[_Kept]:
    """The longest run of them that nothing parts but new shots: what the music goes on lying under."""
    runs = [[kept[0]]]
    for before, after in pairwise(kept):
        between = recut.shots[before.shot + 1 : after.shot]
        is_new = all(shot.place is None for shot in between)
        if is_new and sum(shot.end_s - shot.start_s for shot in between) <= _LONGEST_INSERT_S:
            runs[-1].append(after)
        else:
            runs.append([after])
    return max(runs, key=lambda run: sum(one.length_s for one in run))


def _shift_s(kept: Sequence[_Kept]) -> float:
    """How far the stretch moved that decides."""
    lengths: dict[int, float] = {}
    shifts: dict[int, float] = {}
    for one in kept:
        key = next((key for key, shift_s in shifts.items() if abs(shift_s - one.place.shift_s) < _SAME_S), one.shot)
        shifts.setdefault(key, one.place.shift_s)
        lengths[key] = lengths.get(key, 0.0) + one.length_s
    first, longest = next(iter(lengths)), max(lengths, key=lengths.__getitem__)
    return shifts[longest if lengths[longest] > _PREFERRED * lengths[first] else first]


def _begins_s(cue: Cue, first: _Kept, recut: Recut) -> float:
    """On the cut where the whole of the first shot lies under the cue, else at the very picture it began with."""
    if first.place.old_in_s >= cue.record_in_s - _EDGE_S:
        return recut.shots[first.shot].start_s
    return first.old_s + first.place.shift_s


def _ends_s(cue: Cue, last: _Kept, recut: Recut) -> float:
    if last.place.old_out_s <= cue.record_out_s + _EDGE_S:
        return recut.shots[last.shot].end_s
    return last.old_end_s + last.place.shift_s


def _fate(before: Cue, after: Cue, end_s: float) -> Fate:
    if after.record_out_s < end_s - _MISSED_S:
        return Fate.SHORT_OF_MUSIC
    by_s = after.duration_s - before.duration_s
    if abs(by_s) > _SAME_S:
        return Fate.LENGTHENED if by_s > 0 else Fate.SHORTENED
    return Fate.MOVED if abs(after.record_in_s - before.record_in_s) > _SAME_S else Fate.SAME
