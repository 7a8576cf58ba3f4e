# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a piece of music: its tags, its licence, and the feature sets analysis computes.

Time zero of a track is its first sample after the encoder's delay, everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
TimeArray = NDArray[np.float64]

PITCH_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

ONSET_RATE_HZ = 100.0
LOUDNESS_RATE_HZ = 10.0
CLIP_S = 4.0

# What a section of a track does in it. A drop may be a chorus and a break a verse: which, sound alone does not tell.
# SECTION is one of which nothing can be told but that it begins.
SECTION, INTRO, BUILD, DROP, BREAK, OUTRO = SECTION_ROLES = ("section", "intro", "build", "drop", "break", "outro")

# One row of a Clips matrix, in this order. Units: level in dBFS (RMS), frequencies in octaves above 55 Hz.
CLIP_DESCRIPTORS = (
    "level_db", "level_range_db", "crest_db", "onset_density_hz", "onset_strength", "pulse_clarity",
    "centroid_oct", "bandwidth_oct", "rolloff_oct", "flatness_db", "flux", "zero_crossing",
    "low_share", "mid_share", "high_share", "stereo_width", "harmonic_change", "tonal_clarity", "majorness",
    *(f"mfcc_{i}" for i in range(1, 14)),
)  # fmt: skip


@dataclass(frozen=True)
class TrackTags:
    """What a file says of itself. Empty strings where it says nothing."""

    title: str = ""
    artist: str = ""
    album: str = ""
    album_artist: str = ""
    genre: str = ""
    mood: str = ""
    comment: str = ""
    date: str = ""
    composer: str = ""
    isrc: str = ""
    track_number: int | None = None
    bpm: float | None = None
    replaygain_track_db: float | None = None
    replaygain_album_db: float | None = None
    has_cover: bool = False


@dataclass(frozen=True)
class Licence:
    """Under which terms a track may be used. `name` is an SPDX-like id ("CC-BY-4.0") or "" where unknown."""

    name: str = ""
    url: str = ""
    title: str = ""
    author: str = ""
    source: str = ""

    @property
    def forbids_derivatives(self) -> bool:
        """True for NoDerivatives: synchronising music to picture makes a derivative."""
        return "-ND" in self.name

    @property
    def forbids_commercial_use(self) -> bool:
        """True for NonCommercial."""
        return "-NC" in self.name

    @property
    def is_share_alike(self) -> bool:
        """True where the finished video would have to carry the same licence."""
        return "-SA" in self.name


@dataclass(frozen=True)
class Rhythm:
    """Beats of one track.

    beats_s [B] and downbeats_s [D] in seconds (downbeats are a subset of beats); beat_strength [B] in 0..1;
    onset_curve [frames] is the onset strength at ONSET_RATE_HZ, 0..255 of its own 99.5th percentile;
    sections_s [S] are section starts with section_novelty [S] in 0..1; section_roles [S] are of SECTION_ROLES, with
    section_role_confidence [S] in 0..1 (0 for SECTION).
    tempo_map [T, 2] holds the stretches of steady tempo: where each starts in seconds, and its beats a minute; a
    steady track has one.
    tempo_bpm is 0 and the arrays are empty where no steady pulse was found; confidence in 0..1.
    """

    beats_s: TimeArray
    beat_strength: FloatArray
    downbeats_s: TimeArray
    tempo_bpm: float
    tempo_alternatives_bpm: tuple[float, ...]
    confidence: float
    beats_per_bar: int
    onset_curve: NDArray[np.uint8]
    onset_density_hz: float
    sections_s: TimeArray
    section_novelty: FloatArray
    ending_s: float
    tempo_map: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))
    section_roles: tuple[str, ...] = ()
    section_role_confidence: FloatArray = field(default_factory=lambda: np.zeros(0, np.float32))


@dataclass(frozen=True)
class RhythmEdit:
    """One correction of a track's beats by the user.

    kind and what it needs: "double" and "halve" (nothing), "shift" (beats: by how many the first of the bar moves),
    "metre" (beats a bar), "offset" (seconds: all beats move by it), "grid" (bpm, and seconds: the first beat),
    "taps" (taps_s: when the user tapped), "move" (seconds: where a beat was, to_s: where the user put it), "insert"
    and "delete" (seconds: the beat).
    """

    kind: str
    beats: int = 0
    seconds: float = 0.0
    bpm: float = 0.0
    taps_s: tuple[float, ...] = ()
    to_s: float = 0.0


@dataclass(frozen=True)
class CorrectedBeats:
    """What the user's corrections of a track came to: the beats themselves, so that no later analysis moves them."""

    edits: tuple[RhythmEdit, ...]
    beats_s: tuple[float, ...]
    downbeats_s: tuple[float, ...]
    beats_per_bar: int


@dataclass(frozen=True)
class Tonality:
    """Key of one track. tonic is a pitch class (0 = C) or -1 for none; chroma [12] sums to 1."""

    tonic: int
    is_major: bool
    confidence: float
    chroma: FloatArray

    @property
    def key_name(self) -> str:
        """ "D min", "Bb maj", or "" where no key was found."""
        return f"{PITCH_NAMES[self.tonic]} {'maj' if self.is_major else 'min'}" if self.tonic >= 0 else ""


@dataclass(frozen=True)
class Loudness:
    """EBU R128 loudness. curve_lufs [frames] is momentary loudness (400 ms) at LOUDNESS_RATE_HZ, frame i centred at
    i / LOUDNESS_RATE_HZ, floor -70; integrated_lufs is -70 for silence."""

    integrated_lufs: float
    range_lu: float
    true_peak_dbtp: float
    curve_lufs: FloatArray


@dataclass(frozen=True)
class Clips:
    """Descriptors [clips, len(CLIP_DESCRIPTORS)] of consecutive stretches of CLIP_S seconds, the last may be less."""

    values: FloatArray


@dataclass(frozen=True)
class Fingerprint:
    """Acoustic landmarks: hashes [n] and the frame each one starts at [n], sorted by frame; frame_s seconds a frame."""

    hashes: NDArray[np.uint32]
    frames: NDArray[np.uint32]
    frame_s: float


@dataclass(frozen=True)
class Peaks:
    """For drawing: minimum and maximum of the mono mix, int8 [n, 2] of full scale, at `rate_hz` and coarser zooms.

    Level k holds n_k pairs at rate_hz / 8**k; `bounds` are the offsets of the levels in `pairs`.
    """

    rate_hz: float
    pairs: NDArray[np.int8]
    bounds: NDArray[np.int64]


@dataclass(frozen=True)
class MusicFeatures:
    """Every feature set of one track."""

    duration_s: float
    rhythm: Rhythm
    tonality: Tonality
    loudness: Loudness
    clips: Clips
    fingerprint: Fingerprint
    peaks: Peaks
