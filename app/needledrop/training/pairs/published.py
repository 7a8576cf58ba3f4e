# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A set of pairs described anew by published extractors: the input that the papers call AE, and clips of the same.

Source: Yi et al. 2023 and Mao et al. 2024 (arXiv 2309.09421), who average such vectors over time. Where a clip's 4 s
and the extractor's windows do not end together, a window counts by the time that it shares with the clip; that is ours.
Rhythm, flow, words, splits and all else of the set stay as they are. No weights are read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import CLIP_S, FloatArray
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch, ignore_progress
from needledrop.crossmodal.vggish import EXAMPLE_S, LEAST_SAMPLES, SAMPLE_RATE_HZ
from needledrop.features.onsets import RATE
from needledrop.training.descriptors.clip_descriptors import resampled
from needledrop.training.pairs.pair_set import PairSet
from needledrop.training.pairs.sources import Picture, Source

if TYPE_CHECKING:
    from needledrop.crossmodal.published_pictures import PictureExtractor
    from needledrop.crossmodal.vggish import VggishExtractor

# Films are embedded at their own size; so many of 4K take 200 MB.
_STILLS_AT_ONCE = 8
_STILLS_STEP_S = 1.0


def described(
    pairs: PairSet,
    source: Source,
    pictures: PictureExtractor | None,
    music: VggishExtractor | None,
    *,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> PairSet:
    """The set with vector [n, D] and clips [n, T, D] by these extractors; None leaves a side as it is.

    A vector is the mean over time of the 28 s that the clips are of: a video's first ones, and of a track those that
    its videos go with. Clips that are not real (mask) repeat real ones, as in every set.

    Raises:
        KnownError: a file cannot be read any more; "memory": see CarefulNetwork.
        Cancelled: asked to stop.
    """
    watch = Stopwatch()
    total = (len(pairs.track_names) if music else 0) + (len(pairs.video_names) if pictures else 0)
    done = 0

    def telling(names: tuple[str, ...]) -> Iterator[int]:
        nonlocal done
        for number, name in enumerate(names):
            if cancel is not None:
                cancel.check()
            progress(Progress("Describing by published models", done, total, watch.elapsed_s, name))
            yield number
            done += 1

    made, extractors, names = pairs, dict(pairs.extractors), []
    if music is not None:
        rows = (_heard(music, source.excerpt(track)) for track in telling(pairs.track_names))
        vector, clips = _items(rows, EXAMPLE_S, pairs.music.mask, is_repeated=True)
        made = replace(made, music=replace(pairs.music, vector=vector, clips=clips))
        extractors |= dict.fromkeys(("music.vector", "music.clips"), music.card.key)
        names.append(music.card.name)
    if pictures is not None:
        rows = (_seen(pictures, source.stills(video)) for video in telling(pairs.video_names))
        vector, clips = _items(rows, _STILLS_STEP_S, pairs.video.mask, is_repeated=False)
        made = replace(made, video=replace(pairs.video, vector=vector, clips=clips))
        extractors |= dict.fromkeys(("video.vector", "video.clips"), pictures.card.key)
        names.append(pictures.card.name)
    return replace(made, name=", ".join((pairs.name, *names)), extractors=extractors)


def clip_means(rows: FloatArray, step_s: float, count: int) -> FloatArray:
    """The mean [count, D] of vectors [n >= 1, D] over each of `count` clips of 4 s; vector k is of the time from
    k * step_s on, and counts by what of it lies in the clip. A clip that none reaches takes the last vector."""
    begins_s = np.arange(len(rows)) * step_s
    means = []
    for index in range(count):
        shared_s = np.minimum(begins_s + step_s, (index + 1) * CLIP_S) - np.maximum(begins_s, index * CLIP_S)
        weights = np.maximum(shared_s, 0.0)
        if weights.sum() < 1e-9:
            weights[-1] = 1.0
        means.append(weights @ rows / weights.sum())
    return np.asarray(means, np.float32)


def _items(
    described_items: Iterable[FloatArray], step_s: float, mask: NDArray[np.bool_], *, is_repeated: bool
) -> tuple[FloatArray, FloatArray]:
    """Vector and clips of all items. is_repeated: a short item begins anew, instead of standing still at its end."""
    vectors, clips = [], []
    places = np.arange(mask.shape[1])
    for rows, real in zip(described_items, mask, strict=True):
        count = max(1, int(real.sum()))
        order = places % count if is_repeated else np.minimum(places, count - 1)
        vectors.append(rows.mean(axis=0))
        clips.append(clip_means(rows, step_s, count)[order])
    return np.stack(vectors), np.stack(clips)


def _heard(extractor: VggishExtractor, stereo: FloatArray) -> FloatArray:
    """Sound shorter than a window is filled with silence."""
    mono = resampled(np.asarray(stereo.mean(axis=1), np.float32), RATE, SAMPLE_RATE_HZ)
    return extractor.embed(np.pad(mono, (0, max(0, LEAST_SAMPLES - len(mono)))))


def _seen(extractor: PictureExtractor, stills: Iterator[Picture]) -> FloatArray:
    parts = []
    while part := list(islice(stills, _STILLS_AT_ONCE)):
        parts.append(extractor.embed(part))
    return np.concatenate(parts)
