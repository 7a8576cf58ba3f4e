# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags of tracks and videos by the semantic pack, where the user installed it; vectors are computed once and kept.

It decodes in its own process: what it is given was analysed in a worker before. It ranks nothing; what it found is read
by `known_tags`, without any model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch, ignore_progress
from needledrop.crossmodal import semantic_pack
from needledrop.crossmodal.tag_vocabulary import TagVocabulary, load_vocabulary
from needledrop.library.library import Library
from needledrop.workflows.known_tags import MUSIC_PACK, PICTURE_PACK, Caption, KnownTags, keep_tags, known_tags
from needledrop.workflows.model_packs import InstalledPack, installed_packs
from needledrop.workflows.profiles import write_library
from needledrop.workflows.videos import AnalysedVideo, analysed_video

_PICTURE_HEIGHT = 256  # A little more than the model looks at.
_PICTURES_AT_ONCE = 32
_MUSIC_AT_ONCE_S = 4 * semantic_pack.MUSIC_WINDOW_S
# Tracks between two savings of the captions: the vectors themselves are kept at once.
_SAVED_EVERY = 50


@dataclass(frozen=True)
class Named:
    """How many tracks and videos got their tags now, and what the user should hear of."""

    tracks: int
    videos: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class SemanticPack:
    """Both models, loaded. The library it is given is open for writing."""

    vocabulary: TagVocabulary
    pictures: semantic_pack.ZeroShotTags[semantic_pack.Pictures]
    music: semantic_pack.ZeroShotTags[FloatArray]

    def of_track(
        self, library: Library, content_hash: str, path: Path, duration_s: float,
        progress: ProgressSink, cancel: CancelToken,
    ) -> FloatArray:  # fmt: skip
        """The probability of each tag of the vocabulary for a track, float32 [tags].

        Raises:
            Cancelled. KnownError: the file cannot be read; see also CarefulNetwork.
        """
        from needledrop.media.audio import AudioReader

        starts = _starts(duration_s, _MUSIC_AT_ONCE_S, least_s=semantic_pack.MUSIC_WINDOW_S / 2)
        rate = semantic_pack.MUSIC_RATE_HZ

        def vectors(reader: AudioReader, start_s: float) -> FloatArray:
            stop_s = min(duration_s, start_s + _MUSIC_AT_ONCE_S)
            return self.music.encoder.embed(reader.read(round(start_s * rate), round((stop_s - start_s) * rate))[:, 0])

        def compute() -> FloatArray:
            watch = Stopwatch()
            with AudioReader(path, rate, 1) as reader:
                parts = []
                for done, start_s in enumerate(starts):
                    cancel.check()
                    parts.append(vectors(reader, start_s))
                    progress(Progress("Naming what is heard", done + 1, len(starts), watch.elapsed_s))
            return np.concatenate(parts)

        return self.music.probabilities(_kept(library, self.music, content_hash, compute))

    def of_video(
        self, library: Library, content_hash: str, path: Path, duration_s: float,
        progress: ProgressSink, cancel: CancelToken,
    ) -> FloatArray:  # fmt: skip
        """The probability of each tag of the vocabulary for a video, from one picture a second, float32 [tags].

        Raises:
            Cancelled. KnownError: the file cannot be read, or has no picture; see also CarefulNetwork.
        """
        from needledrop.media.pictures import read_frame

        count = max(1, round(duration_s * self.pictures.encoder.card.rate_hz))
        times_s = [(number + 0.5) * duration_s / count for number in range(count)]

        def compute() -> FloatArray:
            watch = Stopwatch()
            parts = []
            for start in range(0, count, _PICTURES_AT_ONCE):
                cancel.check()
                shown = [read_frame(path, t_s, _PICTURE_HEIGHT) for t_s in times_s[start : start + _PICTURES_AT_ONCE]]
                parts.append(self.pictures.encoder.embed(shown))
                progress(Progress("Naming what is seen", start + len(shown), count, watch.elapsed_s))
            return np.concatenate(parts)

        return self.pictures.probabilities(_kept(library, self.pictures, content_hash, compute))


def open_semantic_pack(profile: Profile) -> SemanticPack | None:
    """The pack on the best device, or None where a part of it, or what it needs, is not installed.

    Raises:
        KnownError: "model": an installed file is damaged.
    """
    if not semantic_pack.is_available():
        return None
    installed = installed_packs(profile)
    if PICTURE_PACK not in installed or MUSIC_PACK not in installed:
        return None
    from needledrop.crossmodal.device import pick_device

    device, vocabulary = pick_device(), load_vocabulary()
    siglip = semantic_pack.SiglipEncoder(_files(installed[PICTURE_PACK]), device)
    clap = semantic_pack.ClapEncoder(_files(installed[MUSIC_PACK]), device)
    return SemanticPack(
        vocabulary,
        semantic_pack.ZeroShotTags(siglip, vocabulary, vocabulary.picture_prompts),
        semantic_pack.ZeroShotTags(clap, vocabulary, vocabulary.music_prompts),
    )


def name_all(profile: Profile, videos: Sequence[Path], progress: ProgressSink, cancel: CancelToken) -> Named:
    """Name every present track that has no caption yet, and these videos. A file that cannot be read is passed over.

    Raises:
        KnownError: "missing": the pack is not installed; "model": it is damaged; a video cannot be read.
        Cancelled: stopped by the user; what was named stays.
    """
    pack = open_semantic_pack(profile)
    if pack is None:
        raise KnownError(
            "To name what is seen and heard, the semantic pack is needed.",
            remedy=f"Install the extra 'semantic', and add {PICTURE_PACK} and {MUSIC_PACK}: needledrop models list",
            code="missing",
        )
    seen = [analysed_video(profile, path, progress, cancel) for path in videos]
    with write_library(profile, "name tracks") as library:
        known = known_tags(profile, library)
        notes: list[str] = []
        try:
            tracks = _name_tracks(profile, library, pack, known, notes, progress, cancel)
            for video in seen:
                _name_video(library, pack, known, video, progress, cancel)
        finally:
            keep_tags(profile, library, known)
    return Named(tracks, len(seen), (*notes, *pack.pictures.encoder.notices, *pack.music.encoder.notices))


def _name_tracks(
    profile: Profile, library: Library, pack: SemanticPack, known: KnownTags, notes: list[str],
    progress: ProgressSink, cancel: CancelToken,
) -> int:  # fmt: skip
    present = library.tracks(library.track_ids(("present",)))
    missing = [track for track in present.values() if track.id not in known.tracks]
    watch = Stopwatch()
    for done, track in enumerate(missing):
        cancel.check()
        progress(Progress("Naming what is heard", done, len(missing), watch.elapsed_s, track.name))
        try:
            found = pack.of_track(
                library, track.content_hash, track.file_path, track.duration_s, ignore_progress, cancel
            )
        except KnownError as error:
            notes.append(f"{track.name}: {error.sentence}")
            continue
        known.tracks[track.id], known.heard[track.id] = _caption(pack, found), found
        if done % _SAVED_EVERY == _SAVED_EVERY - 1:
            keep_tags(profile, library, known)
    return sum(track.id in known.tracks for track in missing)


def _name_video(
    library: Library, pack: SemanticPack, known: KnownTags, video: AnalysedVideo,
    progress: ProgressSink, cancel: CancelToken,
) -> None:  # fmt: skip
    name, duration_s = video.content_hash, video.features.duration_s
    found = pack.of_video(library, name, video.path, duration_s, progress, cancel)
    known.videos[name], known.seen[name] = _caption(pack, found), found


def _caption(pack: SemanticPack, probabilities: FloatArray) -> Caption:
    return tuple(tag for tag, _ in pack.vocabulary.caption(probabilities))


def _files(pack: InstalledPack) -> semantic_pack.ModelFiles:
    card = pack.card
    assert card is not None
    return semantic_pack.ModelFiles(card, pack.folder, pack.sha256)


def _kept(
    library: Library, tags: semantic_pack.ZeroShotTags[Any], content_hash: str, compute: Callable[[], FloatArray]
) -> FloatArray:
    card = tags.encoder.card
    found = library.embeddings(card, [content_hash])
    if content_hash not in found:
        found = {content_hash: compute()}
        library.put_embeddings(card, found)
    return found[content_hash]


def _starts(duration_s: float, step_s: float, *, least_s: float) -> list[float]:
    """Where pieces of step_s begin; a last one shorter than least_s is left out unless it is all."""
    count = max(1, math.ceil(duration_s / step_s))
    if count > 1 and duration_s - (count - 1) * step_s < least_s:
        count -= 1
    return [number * step_s for number in range(count)]
