# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit of the demo video: which scene when, how the shots join, and the truth file that says so.

Cut as an editor cuts on a temp track: most joins lie on beats of 120 a minute counted from the first frame, irregularly
many beats apart, a few deliberately between beats; the turning point is a bar line. All fall on frame boundaries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from .picture import FRAME_RATE, Picture
from .scenes_city import evening_skyline, fireworks, street
from .scenes_land import (
    DAWN,
    DUSK_FLIGHT,
    EVENING_FOREST,
    GOLD_FLIGHT,
    ICE_FLIGHT,
    MIST,
    MORNING,
    RUN_FOREST,
    flight,
    forest,
    mountains,
)  # fmt: skip
from .scenes_water_sky import BOAT_SEA, FAST_SEA, SUNRISE_SEA, hyperspace, night_sky, sea


@dataclass(frozen=True)
class Shot:
    """One shot: first frame, description, camera, ambience, scene(t in s, share 0..1), dissolve into it (frames)."""

    first: int
    title: str
    camera: str
    ambience: str
    scene: Callable[[float, float], Picture]
    dissolve: int = 0


BEAT_S = 0.5


def on_beat(beat: int) -> int:
    """Frame nearest to a beat (half a frame counts up: 20 ms late at most)."""
    return int(beat * BEAT_S * FRAME_RATE + 0.5)


END_FRAME = on_beat(100)
FADE_IN_FRAMES, FADE_OUT_FRAMES = 32, 60
TURNING_POINT_FRAME = on_beat(52)
NARRATION_START_S = 6.6
NARRATION = (
    "Every journey begins in the quiet. ... The sun comes up; the water wakes, ... and the whole world begins to move."
)

SHOTS = (
    Shot(0, "dawn over layered mountains", "slow pan right", "wind",
         lambda t, s: mountains(DAWN, t, s, 46)),
    Shot(on_beat(11), "open sea at sunrise", "slow glide forward", "sea",
         lambda t, s: sea(SUNRISE_SEA, t, 2.2, 1 + 0.1 * s)),
    Shot(on_beat(20), "misty ridges and birds", "slow push in", "wind",
         lambda t, s: mountains(MIST, t, s, -34, 1.3 + 0.16 * s)),
    Shot(on_beat(26), "sailing boat before a huge sun", "long lens, slow zoom", "sea",
         lambda t, s: sea(BOAT_SEA, t, 0.5, 1 + 0.08 * s)),
    Shot(on_beat(34), "evening forest with light shafts", "slow truck right", "forest",
         lambda t, s: forest(EVENING_FOREST, t, 0.7, 0.6), 26),
    Shot(518, "city at dusk by the water", "slow push in", "city", evening_skyline),
    Shot(on_beat(47), "Milky Way and shooting stars", "slow turn, zoom in", "night", night_sky),
    Shot(TURNING_POINT_FRAME, "flight over golden mountains", "fast flight forward", "rush",
         lambda t, s: flight(GOLD_FLIGHT, t, 46, (100, 60), 0.3, 6)),
    Shot(on_beat(57), "drive through a neon street", "fast dolly", "city",
         lambda t, s: street(t, 44, 40)),
    Shot(on_beat(60), "skimming over bright waves", "fast dolly, rolling", "sea",
         lambda t, s: sea(FAST_SEA, t, 30, 1, 2.4)),
    Shot(on_beat(62), "run through a green forest", "fast dolly, shaking", "rush",
         lambda t, s: forest(RUN_FOREST, t, 13, 0.0)),
    Shot(on_beat(63), "flight over ice", "fast banked flight", "rush",
         lambda t, s: flight(ICE_FLIGHT, t, 62, (620, 420), 2.2, -8)),
    Shot(on_beat(67), "jump through the stars", "very fast dolly", "rush",
         lambda t, s: hyperspace(t, 1.25)),
    Shot(868, "flight into a red dusk", "fast banked flight", "rush",
         lambda t, s: flight(DUSK_FLIGHT, t, 66, (300, 800), 0.9, 8)),
    Shot(on_beat(74), "fireworks over the city", "slow push in", "fireworks",
         lambda t, s: fireworks(t, 1 + 0.05 * s, 1.9)),
    Shot(on_beat(80), "fireworks, closer", "tighter frame", "fireworks",
         lambda t, s: fireworks(t, 1.32 + 0.05 * s, 4.6)),
    Shot(on_beat(88), "morning mountains, birds leaving", "slow pan left, fade out", "wind",
         lambda t, s: mountains(MORNING, t, s, -30), 30),
)  # fmt: skip


def frame_layers(frame: int) -> list[tuple[Shot, float, float, float]]:
    """(shot, time in the shot, progress, weight) of the one or two shots seen in a frame."""
    seen = []
    for shot, after in pairwise([*SHOTS, None]):
        assert shot is not None
        begin = shot.first - shot.dissolve // 2
        end = after.first + after.dissolve // 2 if after else END_FRAME
        if not begin <= frame < end:
            continue
        weight = 1.0
        if shot.dissolve and frame < begin + shot.dissolve:
            weight = (frame - begin + 1) / (shot.dissolve + 1)
        seen.append((shot, (frame - begin) / FRAME_RATE, (frame - begin) / (end - begin), weight))
    return seen


def brightness(frame: int) -> float:
    """Master fade of a frame: 0 black, 1 full."""
    fade_in = min(1.0, frame / FADE_IN_FRAMES)
    fade_out = min(1.0, (END_FRAME - 1 - frame) / FADE_OUT_FRAMES)
    level = min(fade_in, fade_out)
    return level * level * (3 - 2 * level)


def truth(speech: tuple[float, float]) -> dict[str, object]:
    """The facts of the video for demo.json; times in seconds."""
    joins = []
    for shot in SHOTS[1:]:
        join: dict[str, object] = {"time_s": shot.first / FRAME_RATE, "frame": shot.first, "kind": "cut"}
        if shot.dissolve:
            begin = shot.first - shot.dissolve // 2
            join["kind"] = "dissolve"
            join["start_s"], join["end_s"] = begin / FRAME_RATE, (begin + shot.dissolve) / FRAME_RATE
        join["on_beat"] = shot.first == on_beat(round(shot.first / FRAME_RATE / BEAT_S))
        joins.append(join)
    ends = [*(shot.first for shot in SHOTS[1:]), END_FRAME]
    return {
        "licence": "CC0-1.0",
        "frame_rate": FRAME_RATE,
        "duration_s": END_FRAME / FRAME_RATE,
        "beat_s": BEAT_S,
        "cuts": joins,
        "turning_point_s": TURNING_POINT_FRAME / FRAME_RATE,
        "speech": [
            {"start_s": round(speech[0], 3), "end_s": round(speech[1], 3), "text": NARRATION.replace("... ", "")}
        ],
        "fade_in_end_s": FADE_IN_FRAMES / FRAME_RATE,
        "fade_out_start_s": (END_FRAME - FADE_OUT_FRAMES) / FRAME_RATE,
        "shots": [
            {"start_s": shot.first / FRAME_RATE, "end_s": end / FRAME_RATE, "title": shot.title, "camera": shot.camera}
            for shot, end in zip(SHOTS, ends, strict=True)
        ],
    }
