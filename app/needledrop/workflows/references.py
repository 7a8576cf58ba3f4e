# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the music is to sound like: tracks, sound files, the temp music inside the video; and which tracks are these.

A reference is told apart from what is suggested: the same recording, found by its landmarks, and other versions of it,
found by name, are no news to whoever brought it.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.core.music import Clips, Fingerprint, FloatArray, TrackTags
from needledrop.core.packing import pack, unpack
from needledrop.core.paths import Profile, display_path
from needledrop.core.progress import CancelToken
from needledrop.core.times import TimeRange
from needledrop.features.temp_music import is_music, without_speech
from needledrop.index.gallery import Gallery
from needledrop.index.summary import mean_descriptor
from needledrop.library.library import Library
from needledrop.suggest.stretch_likeness import stretch_likeness
from needledrop.workflows.analysis import IDENTITY_ENTRY, MUSIC_ENTRY, Analysis, Identity
from needledrop.workflows.stored_features import unpacked
from needledrop.workflows.videos import AnalysedVideo, run_in_worker

TEMP_ENTRY = "needledrop.workflows.references:analyse_stretches"
# Stretches of temp music that are listened to: the longest ones, and no more of each than tells what it is like.
_MOST_STRETCHES = 3
_LONGEST_STRETCH_S = 60.0
# So many tracks with stretches nearest in sound are compared in full before anything is ranked, and whatever is about
# to be offered afterwards.
_COMPARED = 100
# Words by which releases of one piece differ; what is bracketed or stands behind a dash is left out as a whole.
_VERSION = re.compile(r"\s*(\(.*?\)|\[.*?\])|\s+-\s+.*$|\s+(feat|ft|featuring)\b.*$")

Report = Callable[[float], None]


@dataclass(frozen=True)
class Reference:
    """One piece of music to be near to: its name for people, its descriptor float32 [D], the ids of the tracks that are
    known to be it or a version of it, and fingerprints to know it by."""

    name: str
    vector: FloatArray
    own_track_ids: frozenset[int]
    fingerprints: tuple[Fingerprint, ...] = ()


@dataclass(frozen=True)
class _Sound:
    """What is kept of a file that is no track of the library, and which versions of the features it holds."""

    versions: tuple[int, ...]
    clips: FloatArray
    hashes: NDArray[np.uint32]
    frames: NDArray[np.uint32]
    frame_s: float


@dataclass(frozen=True)
class Stretch:
    """A stretch of a video's sound that is music, in seconds of the video, with packed Clips and Fingerprint."""

    start_s: float
    end_s: float
    clips: bytes
    fingerprint: bytes


def references_of(
    profile: Profile, library: Library, gallery: Gallery, likes: Iterable[str], cancel: CancelToken
) -> list[Reference]:
    """The references a user named: each the id of a track, or the path of a file with sound.

    Raises:
        KnownError: there is no such track, it is not analysed, or the file cannot be read or is no music.
    """
    return [
        _of_track(library, gallery, int(like))
        if like.isdecimal() and not Path(like).exists()
        else _of_file(profile, library, gallery, Path(like), cancel)
        for like in likes
    ]


def temp_reference(
    library: Library, gallery: Gallery, video: AnalysedVideo, time_range: TimeRange, cancel: CancelToken
) -> Reference:
    """The music inside the range of a video, where nobody speaks.

    Raises:
        KnownError: there is none, or the sound cannot be read.
    """
    if video.edit is not None:
        raise KnownError(
            "Music inside a project is not looked for.",
            remedy="Name the file of the music that is there: --like FILE.",
            code="unsupported",
        )
    start_s, end_s = float(time_range.start_s), float(time_range.end_s)
    spans = without_speech(video.features.soundtrack, start_s, end_s)[:_MOST_STRETCHES]
    arguments = (tuple((float(first), min(float(last), float(first) + _LONGEST_STRETCH_S)) for first, last in spans),)
    found: list[Stretch] = run_in_worker(TEMP_ENTRY, video.path, arguments, cancel) if len(spans) else []
    if not found:
        raise KnownError(
            f"No music was found in the sound of '{display_path(video.path.name)}'.",
            remedy="It must last 5 seconds or more without speech over it. Name a file instead: --like FILE.",
            code="no-temp-music",
        )
    clips = np.concatenate([unpack(Clips, stretch.clips).values for stretch in found])
    vector = mean_descriptor(Clips(clips))
    prints = tuple(unpack(Fingerprint, stretch.fingerprint) for stretch in found)
    own = _near_recordings(library, gallery, clips, prints)
    return Reference("the music in the video", vector, frozenset(_with_versions(library, gallery, own)), prints)


def same_recordings(library: Library, references: Iterable[Reference], track_ids: Sequence[int]) -> frozenset[int]:
    """Those of some tracks that are the recording of a reference, or hold it."""
    prints = tuple(own for reference in references for own in reference.fingerprints)
    return frozenset(_matching(library, prints, track_ids))


def analyse_stretches(report: Report, path: bytes, spans: Sequence[tuple[float, float]]) -> list[Stretch]:
    """Those of some stretches of a file's sound that are music. Runs in a worker.

    Raises:
        KnownError: the sound cannot be read.
    """
    from needledrop.features.music import MusicAnalyser
    from needledrop.media.audio import AudioReader

    rate = 44100
    found = []
    with AudioReader(path, rate) as reader:
        for start_s, end_s in sorted(spans):
            analyser = MusicAnalyser(rate)
            for frame in range(round(start_s * rate), round(end_s * rate), rate):
                analyser.feed(reader.read(frame, min(rate, round(end_s * rate) - frame)))
                report(frame / rate)
            features = analyser.finish()
            if is_music(features):
                found.append(Stretch(start_s, end_s, pack(features.clips), pack(features.fingerprint)))
    return found


def plain_title(title: str) -> str:
    """A title without what tells its versions apart: "Harbour (Live) - Remastered" is "harbour"."""
    return " ".join(_VERSION.sub("", title.casefold()).split())


def _of_track(library: Library, gallery: Gallery, track_id: int) -> Reference:
    track = library.track(track_id)
    row = gallery.row_of(track.id)
    if row is None:
        raise KnownError(
            f"Track {track_id} is not analysed yet.", remedy="Run `needledrop scan` first.", code="not-analysed"
        )
    own = _with_versions(library, gallery, {track_id})
    return Reference(track.name, np.array(gallery.descriptors[row]), frozenset(own))


def _of_file(profile: Profile, library: Library, gallery: Gallery, path: Path, cancel: CancelToken) -> Reference:
    identity: Identity = run_in_worker(IDENTITY_ENTRY, path, (), cancel)
    known = library.track_with_content(identity.content_hash)
    if known is not None and gallery.row_of(known.id) is not None:
        return _of_track(library, gallery, known.id)
    sound = _sound(profile, path, identity.content_hash, cancel)
    vector = mean_descriptor(Clips(sound.clips))
    prints = (Fingerprint(sound.hashes, sound.frames, sound.frame_s),)
    own = _with_versions(library, gallery, _near_recordings(library, gallery, sound.clips, prints), identity.tags)
    return Reference(display_path(path.name), vector, frozenset(own), prints)


def _sound(profile: Profile, path: Path, content_hash: str, cancel: CancelToken) -> _Sound:
    """What a file sounds like, kept in the cache: the same reference is asked for again when a cue is used."""
    from needledrop.features.music import FEATURE_VERSIONS

    versions = (FEATURE_VERSIONS["clips"], FEATURE_VERSIONS["fingerprint"])
    file = profile.cache_dir / "references" / content_hash
    with contextlib.suppress(OSError, ValueError):
        kept = unpack(_Sound, file.read_bytes())
        if tuple(kept.versions) == versions:
            return kept
    analysis: Analysis = run_in_worker(MUSIC_ENTRY, path, (), cancel)
    clips = unpack(Clips, analysis.packed["clips"])
    own = unpack(Fingerprint, analysis.packed["fingerprint"])
    sound = _Sound(versions, clips.values, own.hashes, own.frames, own.frame_s)
    with contextlib.suppress(OSError):  # A cache that cannot be written costs time, nothing else.
        file.parent.mkdir(parents=True, exist_ok=True)
        scratch = file.with_suffix(f".{os.getpid()}.part")
        scratch.write_bytes(pack(sound))
        scratch.replace(file)
    return sound


def _near_recordings(library: Library, gallery: Gallery, clips: FloatArray, prints: Sequence[Fingerprint]) -> set[int]:
    """Ids of those tracks that are this recording, or hold it, among the ones with stretches most like its clips."""
    rows = np.argsort(-stretch_likeness(gallery, clips), kind="stable")[:_COMPARED]
    return _matching(library, prints, gallery.tracks["track_id"][rows].tolist())


def _matching(library: Library, prints: Sequence[Fingerprint], track_ids: Sequence[int]) -> set[int]:
    from needledrop.features.recordings import is_same_recording

    if not prints:
        return set()
    known = unpacked(library, track_ids, Fingerprint, "fingerprint")
    return {track_id for track_id, own in known.items() if any(is_same_recording(one, own) for one in prints)}


def _with_versions(library: Library, gallery: Gallery, own: set[int], tags: TrackTags | None = None) -> set[int]:
    """Tracks of the same recordings, and those of the same title by the same artist."""
    recordings = {int(gallery.tracks["recording_id"][row]) for row in map(gallery.row_of, own) if row is not None}
    same = np.isin(gallery.tracks["recording_id"], sorted(recordings))
    found = own | set(gallery.tracks["track_id"][same].tolist())
    known = [track.tags for track in library.tracks(found).values()]
    pieces = map(_piece, [*known, *([tags] if tags is not None else [])])
    wanted = {piece for piece in pieces if piece is not None}
    for title, artist in sorted(wanted):
        near = library.tracks(library.text_match(title))
        found |= {track_id for track_id, track in near.items() if _piece(track.tags) == (title, artist)}
    return found


def _piece(tags: TrackTags) -> tuple[str, str] | None:
    """What two versions of one piece have in common; None where a tag is missing, for then anything would fit."""
    title, artist = plain_title(tags.title), tags.artist.casefold().strip()
    return (title, artist) if title and artist else None
