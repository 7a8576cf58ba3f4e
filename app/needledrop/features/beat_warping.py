# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single beats moved by hand, as the warp markers of an audio editor are: what is moved stays, its neighbours give.

A moved or inserted beat is an anchor, and so are the first and the last beat. Beats between the moved one and the next
anchor on each side keep their share of the way; beyond these anchors nothing moves. To hold a beat where it is, move it
to where it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.core.music import RhythmEdit, TimeArray

# How near to a beat its time must be given, and the shortest step that two beats may be apart.
_WITHIN_S = 0.1
_SHORTEST_STEP_S = 0.15
# Kept times are rounded. An anchor without a beat (halving took it) holds nothing.
_SAME_S = 1e-4


def anchors_of(edits: Sequence[RhythmEdit]) -> list[float]:
    """Where the user has put single beats by these corrections, in seconds."""
    anchors: list[float] = []
    for edit in edits:
        if edit.kind in ("grid", "taps"):
            anchors.clear()
        elif edit.kind == "offset":
            anchors = [anchor_s + edit.seconds for anchor_s in anchors]
        elif edit.kind == "move":
            anchors.append(edit.to_s)
        elif edit.kind == "insert":
            anchors.append(edit.seconds)
        elif edit.kind == "delete":
            anchors = [anchor_s for anchor_s in anchors if abs(anchor_s - edit.seconds) > _WITHIN_S]
    return anchors


def moved_beat(times_s: TimeArray, edit: RhythmEdit, anchors_s: Sequence[float], duration_s: float) -> TimeArray:
    """The beats of a track after one of them was moved from edit.seconds to edit.to_s.

    Raises:
        KnownError: "bad-value": there is no beat, or the move would leave beats too near to each other.
    """
    at = beat_at(times_s, edit.seconds)
    left, right = _neighbours(times_s, at, anchors_s)
    low_s = float(times_s[left]) if left < at else 0.0
    high_s = float(times_s[right]) if right > at else duration_s
    if not low_s <= edit.to_s < high_s:
        raise _refusal(
            f"The beat at {edit.seconds:g} s cannot be moved to {edit.to_s:g} s.",
            f"What holds it to both sides lies at {low_s:.3f} s and {high_s:.3f} s.",
        )
    moved = times_s.copy()
    moved[at] = edit.to_s
    for end in (left, right):
        if end != at:
            low, high = min(end, at), max(end, at)
            moved[low : high + 1] = np.interp(times_s[low : high + 1], times_s[[low, high]], moved[[low, high]])
    _check_steps(moved[left : right + 1])
    return moved


def inserted_beat(times_s: TimeArray, edit: RhythmEdit, duration_s: float) -> tuple[TimeArray, int]:
    """The beats of a track with one more at edit.seconds, and its index.

    Raises:
        KnownError: "bad-value": another beat is too near, or the track is shorter.
    """
    if not 0 <= edit.seconds < duration_s:
        raise _refusal(f"{edit.seconds:g} s lies outside the track.", "Give a time within it.")
    at = int(np.searchsorted(times_s, edit.seconds))
    more: TimeArray = np.insert(times_s, at, edit.seconds)
    _check_steps(more[max(0, at - 1) : at + 2])
    return more, at


def beat_at(times_s: TimeArray, seconds: float) -> int:
    """The index of the beat at a time.

    Raises:
        KnownError: "bad-value": none is within a tenth of a second.
    """
    at = int(np.abs(times_s - seconds).argmin()) if np.isfinite(seconds) else 0
    if abs(times_s[at] - seconds) <= _WITHIN_S:
        return at
    near = ", ".join(f"{beat_s:.3f}" for beat_s in times_s[max(0, at - 1) : at + 2])
    raise _refusal(f"There is no beat at {seconds:g} s.", f"The nearest lie at {near} s.")


def _neighbours(times_s: TimeArray, at: int, anchors_s: Sequence[float]) -> tuple[int, int]:
    """The anchors to both sides of a beat, as indices; the beat itself where it is the first or the last."""
    near = [int(np.abs(times_s - anchor_s).argmin()) for anchor_s in anchors_s]
    there = [index for index, anchor_s in zip(near, anchors_s, strict=True) if abs(times_s[index] - anchor_s) < _SAME_S]
    held: NDArray[np.intp] = np.array([0, len(times_s) - 1, *there], np.intp)
    before, after = held[held < at], held[held > at]
    return int(before.max()) if len(before) else at, int(after.min()) if len(after) else at


def _check_steps(times_s: TimeArray) -> None:
    if len(times_s) > 1 and float(np.diff(times_s).min()) < _SHORTEST_STEP_S:
        raise _refusal("That would leave beats less than 0.15 s apart.", "Move it less far, or delete a beat first.")


def _refusal(sentence: str, remedy: str) -> KnownError:
    return KnownError(sentence, remedy=remedy, code="bad-value")
