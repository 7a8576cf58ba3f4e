# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock of playing: which frames of the timeline the next block of sound covers, and which one is heard now.

Its time is counted in frames that were put out; whoever puts them out is the master. Positions are frames of the
timeline, whole at normal speed, so that a loop is exact to the sample. No sound, no files, no threads: callers lock.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0)
_KEPT_STRETCHES = 4096


@dataclass(frozen=True)
class Stretch:
    """`frames` of output that begin at `start` of the timeline and go `speed` frames a frame; silent ones stand."""

    start: float
    frames: int
    speed: float
    is_silent: bool = False

    @property
    def end(self) -> float:
        """Where the next frame of output would be taken from."""
        return self.start + self.frames * self.speed


class Transport:
    """Position, speed, loop and end of what is played.

    Attributes: position (frames), speed (negative is backwards), is_playing, loop ((start, end) in frames, or None),
    end (frames), output_frames (so many were put out).
    """

    def __init__(self, end: int = 0) -> None:
        self.end = end
        self.position = 0.0
        self.speed = 1.0
        self.is_playing = False
        self.loop: tuple[int, int] | None = None
        self.output_frames = 0
        self._grain = 0
        self._grain_at = 0.0
        self._history: deque[tuple[int, Stretch]] = deque(maxlen=_KEPT_STRETCHES)

    # -- commands ----------------------------------------------------------------------------------------------

    def play(self, speed: float = 1.0) -> None:
        """Go on from here; from the other end where there is nothing left, from the loop's start where it is over."""
        self.speed = speed
        if speed == 1.0:
            self.position = float(round(self.position))
        if self.loop is not None and speed > 0 and self.position >= self.loop[1]:
            self.position = float(self.loop[0])
        elif speed > 0 and self.position >= self.end:
            self.position = float(self.loop[0] if self.loop else 0)
        elif speed < 0 and self.position <= 0:
            self.position = float(self.loop[1] if self.loop else self.end)
        self.is_playing = True
        self._grain = 0

    def pause(self) -> None:
        """Stand still."""
        self.is_playing = False
        self._grain = 0
        self.position = float(round(self.position))

    def shuttle(self, direction: int) -> None:
        """J (-1) and L (+1): another press of the same key is faster, of the other one slower, then the other way."""
        speed = self.speed if self.is_playing else 0.0
        if speed * direction > 0:
            faster = [step for step in SPEEDS if step > abs(speed)]
            self.play(direction * (faster[0] if faster else SPEEDS[-1]))
        elif abs(speed) > 1.0:
            self.play(-direction * max(step for step in SPEEDS if step < abs(speed)))
        else:
            self.play(float(direction))

    def seek(self, position: float, grain_frames: int = 0) -> None:
        """Go to `position`; standing still, let so many frames be heard from there."""
        self.position = float(min(max(0, round(position)), self.end))
        self._grain = 0 if self.is_playing else grain_frames
        self._grain_at = self.position

    def set_loop(self, loop: tuple[int, int] | None) -> None:
        """Repeat [start, end) when the playhead comes to its end."""
        if loop is not None and loop[1] <= loop[0]:
            raise ValueError("an empty loop")
        self.loop = loop

    # -- the next block ----------------------------------------------------------------------------------------

    def plan(self, frames: int) -> list[Stretch]:
        """What the next `frames` of output cover. Changes nothing."""
        if not self.is_playing:
            heard = min(frames, self._grain)
            grain = [Stretch(self._grain_at, heard, 1.0)] if heard else []
            return [*grain, *self._standing(frames - heard)]
        stretches: list[Stretch] = []
        position, left = self.position, frames
        while left > 0:
            edge, back_to = self._next_edge(position)
            reach = self._frames_until(position, edge)
            if reach <= 0 and back_to is None:
                return [*stretches, *self._standing(left, position)]
            if reach > 0:
                stretches.append(Stretch(position, min(left, reach), self.speed))
                position, left = stretches[-1].end, left - stretches[-1].frames
            if left > 0:
                position = self._turned(position, edge, back_to)
        return stretches

    def _turned(self, position: float, edge: float, back_to: float | None) -> float:
        """Where play goes on that has come to `position`: at the edge or past it, as far into the next turn."""
        beyond = (position - edge) * (1.0 if self.speed > 0 else -1.0)
        if back_to is None or beyond < 0:
            return position
        return back_to + (position - edge) % (edge - back_to)

    def _next_edge(self, position: float) -> tuple[float, float | None]:
        """Where play turns in this direction, and where to; None: there it ends."""
        if self.loop is not None:
            start, end = self.loop
            if self.speed > 0 and position < end:
                return float(end), float(start)
            if self.speed < 0 and position > start:
                return float(start), float(end)
        return (float(self.end), None) if self.speed > 0 else (0.0, None)

    def _frames_until(self, position: float, edge: float) -> int:
        """How many frames of output lie before the edge."""
        return max(0, -int(-((edge - position) / self.speed) // 1))

    def _standing(self, frames: int, position: float | None = None) -> list[Stretch]:
        at = self.position if position is None else position
        return [Stretch(at, frames, 0.0, is_silent=True)] if frames else []

    def advance(self, stretches: list[Stretch]) -> None:
        """Take over what was planned: it is being put out. At the end of the timeline play stops."""
        for stretch in stretches:
            self._history.append((self.output_frames, stretch))
            self.output_frames += stretch.frames
        if not self.is_playing:
            heard = sum(stretch.frames for stretch in stretches if not stretch.is_silent)
            self._grain -= heard
            self._grain_at += heard
            return
        last = stretches[-1]
        self.position = self._turned(last.end, *self._next_edge(last.start))
        if last.is_silent:
            self.position = float(self.end if self.speed > 0 else 0)
            self.is_playing = False

    def wait(self, frames: int) -> None:
        """Put out silence without going on: what should be heard is not there yet."""
        stretch = Stretch(self.position, frames, 0.0, is_silent=True)
        self._history.append((self.output_frames, stretch))
        self.output_frames += frames

    # -- the clock ---------------------------------------------------------------------------------------------

    def heard_at(self, output_frame: float) -> float:
        """The position of the timeline that is heard when `output_frame` is.

        Standing still it is the playhead: a grain that sounds while scrubbing does not move the picture.
        """
        if not self.is_playing:
            return self.position
        for first, stretch in reversed(self._history):
            if output_frame >= first:
                into = min(output_frame - first, stretch.frames)
                return stretch.start + into * stretch.speed
        return self._history[0][1].start if self._history else self.position
