# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a video: what its container says, and the feature sets analysis computes."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray, TimeArray

MOTION_RATE_HZ = 12.5
COLOUR_RATE_HZ = 2.0
ROWS_RATE_HZ = 8.0
FLOW_SIZE = (160, 90)  # Flow is in pixels per frame of 1/25 s on a picture scaled to fit this size.


@dataclass(frozen=True)
class AudioStream:
    """One sound stream of a file."""

    codec: str
    sample_rate: int
    channels: int
    language: str = ""
    title: str = ""


@dataclass(frozen=True)
class VideoProbe:
    """What a container says of a video; width and height are as displayed (after rotation and pixel aspect)."""

    duration_s: float
    width: int
    height: int
    frame_rate: Fraction
    is_variable_frame_rate: bool
    rotation_deg: int
    codec: str
    pixel_format: str
    is_hdr: bool
    has_alpha: bool
    start_timecode: str
    container: str
    audio_streams: tuple[AudioStream, ...]


@dataclass(frozen=True)
class Shots:
    """Shot boundaries. cuts_s [n]: the first instant of the new shot (the middle of a dissolve);
    is_dissolve [n]; strength [n] in 0..1."""

    cuts_s: TimeArray
    is_dissolve: NDArray[np.bool_]
    strength: FloatArray


@dataclass(frozen=True)
class Motion:
    """Optical flow. curve [frames] is the mean flow magnitude at MOTION_RATE_HZ (cuts bridged), in pixels per frame at
    FLOW_SIZE; accents_s [n] with accent_strength [n] in 0..1 are sudden changes of motion inside shots;
    clips [clips, 4] per CLIP_S: mean, standard deviation, mean dx, mean dy. method is "dis" or "raft"."""

    method: str
    curve: FloatArray
    accents_s: TimeArray
    accent_strength: FloatArray
    clips: FloatArray


@dataclass(frozen=True)
class Colour:
    """Colour over time at COLOUR_RATE_HZ, each curve [frames] in 0..1 (warmth -1..1); palette uint8 [k, 3] RGB with
    palette_share [k], largest share first."""

    brightness: FloatArray
    contrast: FloatArray
    saturation: FloatArray
    warmth: FloatArray
    palette: NDArray[np.uint8]
    palette_share: FloatArray


@dataclass(frozen=True)
class PictureRows:
    """seconds float32 [ceil(duration), ROW_SIZE of features.picture_rows]; of each pair of neighbouring pictures its
    mean flow [pairs] in pixels a frame of 1/25 s at FLOW_SIZE, and whether a break (a cut) lies between them [pairs];
    rate_hz of the pictures."""

    seconds: FloatArray
    flow: FloatArray
    is_break: NDArray[np.bool_]
    rate_hz: float


@dataclass(frozen=True)
class Soundtrack:
    """The video's own sound: speech_s [n, 2] stretches with speech, curve_lufs as in Loudness; empty without sound."""

    has_sound: bool
    speech_s: TimeArray
    integrated_lufs: float
    curve_lufs: FloatArray


@dataclass(frozen=True)
class VideoFeatures:
    """Every feature set of one video. is_every_frame is False in the named fast mode that skips frames."""

    duration_s: float
    is_every_frame: bool
    shots: Shots
    motion: Motion
    colour: Colour
    rows: PictureRows
    soundtrack: Soundtrack
