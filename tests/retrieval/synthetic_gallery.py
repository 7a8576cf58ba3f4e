# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Made-up tracks and videos with planted truth, as feature values: no sound or picture is rendered."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from needledrop.core.music import (
    CLIP_DESCRIPTORS,
    CLIP_S,
    SECTION,
    Clips,
    Licence,
    Loudness,
    Rhythm,
    Tonality,
)
from needledrop.core.picture import (
    COLOUR_RATE_HZ,
    MOTION_RATE_HZ,
    ROWS_RATE_HZ,
    Colour,
    Motion,
    PictureRows,
    Shots,
    Soundtrack,
    VideoFeatures,
)  # fmt: skip
from needledrop.core.query import Filters, Query
from needledrop.core.times import TimeRange
from needledrop.features.picture_rows import ROW_SIZE, ROWS
from needledrop.index.builder import GalleryBuilder, TrackIdentity
from needledrop.index.gallery import Gallery
from needledrop.suggest.content import ContentMatcher
from needledrop.suggest.details import DetailsLoader, TrackDetails
from retrieval.hidden_edits import DURATION_S, Habits, make_edit

VERSIONS = {"rhythm": 1, "tonality": 1, "loudness": 1, "clips": 1}


def make_track(
    track_id: int,
    *,
    duration_s: float = 200.0,
    tempo_bpm: float = 120.0,
    first_beat_s: float = 0.4,
    drift: float = 0.004,
    has_pulse: bool = True,
    seed: int | None = None,
    **identity: object,
) -> TrackDetails:
    """One track: beats with a human drift, a loudness curve of sections, descriptors around a style of its own."""
    rng = np.random.default_rng(track_id if seed is None else seed)
    rhythm = make_rhythm(rng, duration_s, tempo_bpm, first_beat_s, drift, has_pulse)
    names: dict[str, object] = {
        "title": f"Track {track_id}", "artist": f"Artist {track_id % 37}", "album": f"Album {track_id % 53}",
        "words": "", "licence": Licence("CC-BY-4.0"),
    }  # fmt: skip
    names.update(identity)
    return TrackDetails(
        track_id=track_id,
        duration_s=duration_s,
        rhythm=rhythm,
        tonality=Tonality(int(rng.integers(12)), bool(rng.integers(2)), 0.6, np.full(12, 1 / 12, np.float32)),
        loudness=make_loudness(rng, duration_s, rhythm.sections_s),
        clips=make_clips(rng, duration_s),
        **names,  # type: ignore[arg-type]
    )


def make_rhythm(
    rng: np.random.Generator, duration_s: float, tempo_bpm: float, first_beat_s: float, drift: float, has_pulse: bool
) -> Rhythm:
    """Beats at a tempo that wanders by `drift`; without a pulse the arrays are empty."""
    count = max(0, int((duration_s - 1.0 - first_beat_s) * tempo_bpm / 60.0))
    periods = 60.0 / tempo_bpm * (1.0 + drift * np.sin(np.arange(count) / 23.0 + rng.uniform(0, 6)))
    beats = first_beat_s + np.concatenate([[0.0], np.cumsum(periods)])[:count] if has_pulse else np.zeros(0)
    onset = np.zeros(int(duration_s * 100), np.uint8)
    index = np.round(beats * 100).astype(int)
    onset[index[index < len(onset)]] = 220
    sections = beats[:: 4 * 16] if has_pulse else np.arange(0.0, duration_s, 30.0)
    return Rhythm(
        beats_s=beats,
        beat_strength=np.full(len(beats), 0.8, np.float32),
        downbeats_s=beats[::4],
        tempo_bpm=tempo_bpm if has_pulse else 0.0,
        tempo_alternatives_bpm=(),
        confidence=0.9 if has_pulse else 0.05,
        beats_per_bar=4,
        onset_curve=onset,
        onset_density_hz=float(rng.uniform(1.0, 6.0)),
        sections_s=sections,
        section_novelty=np.ones(len(sections), np.float32),
        ending_s=duration_s - 1.0,
        section_roles=(SECTION,) * len(sections),
        section_role_confidence=np.zeros(len(sections), np.float32),
    )


def make_loudness(rng: np.random.Generator, duration_s: float, sections_s: np.ndarray) -> Loudness:
    """A momentary curve whose level changes at the sections."""
    time_s = np.arange(max(1, int(duration_s * 10))) / 10.0
    levels = rng.uniform(-24.0, -9.0, len(sections_s) + 1)
    curve = levels[np.searchsorted(sections_s, time_s, side="right")] + rng.normal(0, 0.8, len(time_s))
    curve[time_s > duration_s - 1.0] = -70.0
    return Loudness(float(rng.uniform(-18, -9)), 8.0, -0.5, curve.astype(np.float32))


def make_clips(rng: np.random.Generator, duration_s: float) -> Clips:
    """Clips that scatter around the track's own style."""
    style = rng.normal(0, 1, len(CLIP_DESCRIPTORS))
    values = style + rng.normal(0, 0.3, (max(1, int(np.ceil(duration_s / CLIP_S))), len(style)))
    values[:, CLIP_DESCRIPTORS.index("centroid_oct")] += 4.8
    return Clips(values.astype(np.float32))


def with_loudness(track: TrackDetails, curve_lufs: np.ndarray) -> TrackDetails:
    """The track with another momentary loudness curve."""
    return replace(track, loudness=replace(track.loudness, curve_lufs=curve_lufs.astype(np.float32)))


def make_video(
    duration_s: float = 60.0,
    cuts_s: np.ndarray | list[float] = (),  # type: ignore[assignment]
    motion: np.ndarray | None = None,
    speech_s: list[tuple[float, float]] | None = None,
    brightness: float = 0.45,
    soundtrack_lufs: np.ndarray | None = None,
    accents_s: list[float] | None = None,
) -> VideoFeatures:
    """A video with given cuts and movement (pixels per frame at MOTION_RATE_HZ; steady where None)."""
    cuts = np.asarray(cuts_s, dtype=np.float64)
    frames = max(1, round(duration_s * MOTION_RATE_HZ))
    colours = max(1, round(duration_s * COLOUR_RATE_HZ))
    accents = np.asarray(accents_s or [], dtype=np.float64)
    curve = np.full(frames, 0.6) if motion is None else motion

    def level(value: float) -> np.ndarray:
        return np.full(colours, value, np.float32)

    speech = np.array(speech_s or [], dtype=np.float64).reshape(-1, 2)
    sound = np.zeros(0) if soundtrack_lufs is None else soundtrack_lufs
    return VideoFeatures(
        duration_s=duration_s,
        is_every_frame=True,
        shots=Shots(cuts, np.zeros(len(cuts), np.bool_), np.ones(len(cuts), np.float32)),
        motion=Motion(
            "dis", curve.astype(np.float32), accents, np.ones(len(accents), np.float32), np.zeros((1, 4), np.float32)
        ),
        colour=Colour(
            level(brightness), level(0.3), level(0.3), level(0.1), np.zeros((1, 3), np.uint8), np.ones(1, np.float32)
        ),
        rows=_made_rows(duration_s, cuts, curve, [brightness, 0.3, 0.3, 0.1]),
        soundtrack=Soundtrack(soundtrack_lufs is not None, speech, -23.0, sound.astype(np.float32)),
    )


def _made_rows(duration_s: float, cuts_s: np.ndarray, motion: np.ndarray, look: list[float]) -> PictureRows:
    """Rows that agree with the cuts, the mean speed and the colour; all else is 0."""
    seconds = np.zeros((max(1, math.ceil(duration_s)), ROW_SIZE), np.float32)
    first = ROWS["hue"] + ROWS["value"]
    seconds[:, first : first + ROWS["colour"]] = look
    seconds[:, -1] = np.bincount(cuts_s.astype(np.intp).clip(0, len(seconds) - 1), minlength=len(seconds))
    pairs = max(0, round(duration_s * ROWS_RATE_HZ) - 1)
    times_s = np.arange(pairs) / ROWS_RATE_HZ
    is_break = np.zeros(pairs, np.bool_)
    is_break[np.floor(cuts_s[cuts_s < duration_s - 1 / 4] * ROWS_RATE_HZ).astype(np.intp)] = True
    flow = np.interp(times_s, np.arange(len(motion)) / MOTION_RATE_HZ, motion).astype(np.float32)
    return PictureRows(seconds, np.where(is_break, np.float32(0), flow), is_break, ROWS_RATE_HZ)


def make_query(video: VideoFeatures, filters: Filters | None = None, **fields: object) -> Query:
    """A query over the whole video."""
    whole = TimeRange(Fraction(0), Fraction(video.duration_s).limit_denominator(1000))
    return Query(video, whole, filters=filters or Filters(), **fields)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Library:
    """A gallery with the details of its tracks."""

    gallery: Gallery
    tracks: dict[int, TrackDetails]

    @property
    def details(self) -> DetailsLoader:
        """The loader that placement asks."""
        return lambda ids: {track_id: self.tracks[track_id] for track_id in ids if track_id in self.tracks}

    @property
    def ranker(self) -> ContentMatcher:
        """The content matcher over the gallery."""
        return ContentMatcher(self.gallery)


def make_library(tracks: list[TrackDetails], recordings: dict[int, int] | None = None) -> Library:
    """Build the gallery of some tracks."""
    return Library(make_builder(tracks, recordings).build(), {track.track_id: track for track in tracks})


def make_builder(tracks: list[TrackDetails], recordings: dict[int, int] | None = None) -> GalleryBuilder:
    """A builder that took in some tracks; each is a recording of its own unless told."""
    builder = GalleryBuilder("revision-1", VERSIONS)
    for track in tracks:
        recording_id = (recordings or {}).get(track.track_id, track.track_id)
        identity = TrackIdentity(track.track_id, recording_id, track.album, track.artist, track.licence)
        builder.add(identity, track.duration_s, track.rhythm, track.tonality, track.loudness, track.clips)
    return builder


@dataclass(frozen=True)
class HiddenEdit:
    """A video cut to a track of a library, and where in it."""

    video: VideoFeatures
    track_id: int
    offset_s: float


def hidden_edit(tracks: list[TrackDetails], seed: int, off_beat_share: float = 0.1) -> HiddenEdit:
    """Cut a video to one track by the habits of retrieval.hidden_edits, downbeats twice as likely as other beats."""
    rng = np.random.default_rng(seed)
    track = tracks[int(rng.integers(len(tracks)))]
    rhythm = track.rhythm
    edit = make_edit(rng, rhythm.beats_s, 4, rhythm.ending_s, Habits(off_beat_share, downbeat_factor=2.0))
    return HiddenEdit(make_video(DURATION_S, edit.cuts_s), track.track_id, edit.offset_s)


def edit_gallery(count: int, seed: int) -> list[TrackDetails]:
    """Tracks at 70 to 170 BPM, every fourth within 1 % of its neighbour's tempo."""
    rng = np.random.default_rng(seed)
    tempo, tracks = 120.0, []
    for track_id in range(1, count + 1):
        tempo = tempo * rng.uniform(0.99, 1.01) if track_id % 4 == 0 else rng.uniform(70.0, 170.0)
        tracks.append(
            make_track(
                track_id,
                duration_s=float(rng.uniform(120.0, 280.0)),
                tempo_bpm=float(np.clip(tempo, 70.0, 170.0)),
                first_beat_s=float(rng.uniform(0.1, 2.0)),
                seed=int(rng.integers(1 << 30)),
            )
        )
    return tracks
