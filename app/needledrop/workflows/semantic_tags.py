# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags of tracks and videos by the semantic pack, where the user installed it; vectors are computed once and kept.

It decodes in its own process: what it is given was analysed in a worker before. It ranks nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from needledrop.core.music import FloatArray
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch
from needledrop.crossmodal import semantic_pack
from needledrop.crossmodal.tag_vocabulary import TagVocabulary, load_vocabulary
from needledrop.library.library import Library
from needledrop.workflows.model_packs import InstalledPack, installed_packs

PICTURE_PACK, MUSIC_PACK = "siglip-base", "clap-music"
_PICTURE_HEIGHT = 256  # A little more than the model looks at.
_PICTURES_AT_ONCE = 32
_MUSIC_AT_ONCE_S = 4 * semantic_pack.MUSIC_WINDOW_S


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
