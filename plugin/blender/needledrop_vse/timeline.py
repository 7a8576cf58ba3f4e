# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies on the timeline, in plain values, and what is asked of Needledrop about it. Knows nothing of Blender.

Frames are the scene's own numbers, which need not begin at 0 and may be negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

# Frame rates closer than this play in step for an hour (29.97 and 30 are 0.1 % apart).
_SAME_RATE = 1e-5


def frame_rate(fps: int, fps_base: float) -> Fraction:
    """Exact frames a second of a scene. Its base is a single-precision number: 1.001 is 1.00100004673."""
    return fps / Fraction(str(round(fps_base, 6)))


@dataclass(frozen=True)
class Clip:
    """A stretch of one channel.

    Attributes:
        name: Of the strip.
        channel: From 1, the lowest.
        is_sound: Whether it is heard and not seen.
        media: The file; None for colours, titles, scenes and pictures.
        first, end: The scene's frames it covers, `end` being the first one after it.
        source_in_s: The moment of the media at `first`.
        speed: Seconds of media in a second of timeline.
        media_rate: Frames a second of the media; None for sound, and where it is not known.
    """

    name: str
    channel: int
    is_sound: bool
    media: Path | None
    first: int
    end: int
    source_in_s: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)
    media_rate: float | None = None


@dataclass(frozen=True)
class Timeline:
    """The clips of a scene, the range that wants music, and its exact frame rate. `end` is not in the range."""

    name: str
    rate: Fraction
    first: int
    end: int
    clips: tuple[Clip, ...]
    channel_names: tuple[tuple[int, str], ...] = ()

    @property
    def origin(self) -> int:
        """The scene's frame that is the first one of the timeline file."""
        return min([self.first, *(clip.first for clip in self.clips)])

    def under_range(self) -> list[Clip]:
        """The clips that show something in the range."""
        return [clip for clip in self.clips if not clip.is_sound and clip.first < self.end and clip.end > self.first]


@dataclass(frozen=True)
class Question:
    """The arguments of `suggest`, and the scene's frame from which its answer counts frames."""

    arguments: dict[str, Any]
    zero_frame: int
    rate: Fraction


def single_film(timeline: Timeline) -> Clip | None:
    """The one clip that is all there is to see in the range, where Needledrop can take its file as it is."""
    clips = timeline.under_range()
    if len(clips) != 1 or clips[0].media is None or clips[0].speed != 1 or clips[0].media_rate is None:
        return None
    same_rate = abs(clips[0].media_rate / float(timeline.rate) - 1) < _SAME_RATE
    return clips[0] if same_rate else None


def question(timeline: Timeline, project: Path, words: str, count: int) -> Question:
    """What to ask: about the file of a single film, else about the timeline file `project`."""
    rate = timeline.rate
    film = single_film(timeline)
    if film is not None:
        zero = film.first - round(film.source_in_s * rate)
        first, end = max(timeline.first, film.first), min(timeline.end, film.end)
        about = {"media": str(film.media)}
    else:
        zero, first, end = timeline.origin, timeline.first, timeline.end
        about = {"project": str(project)}
    arguments: dict[str, Any] = {
        **about,
        "in_s": float((first - zero) / rate),
        "out_s": float((end - zero) / rate),
        "frame_rate": f"{rate.numerator}/{rate.denominator}",
        "count": count,
    }
    if words.strip():
        arguments["text"] = words.strip()
    return Question(arguments, zero, rate)


def range_words(first: int, end: int, rate: Fraction) -> str:
    """The range as a line: `00:04.00 to 01:12.12, 68.5 s`."""

    def clock(frame: int) -> str:
        whole_rate = max(1, round(rate))
        seconds, frames = divmod(frame, whole_rate)
        return f"{'-' if seconds < 0 else ''}{abs(seconds) // 60:02d}:{abs(seconds) % 60:02d}.{frames:02d}"

    return f"{clock(first)} to {clock(end)}, {float((end - first) / rate):.1f} s"


def channels_of(clips: Sequence[Clip], is_sound: bool) -> list[int]:
    """The channels that have clips of this kind, lowest first."""
    return sorted({clip.channel for clip in clips if clip.is_sound == is_sound})
