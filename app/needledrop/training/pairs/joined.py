# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several sets of pairs as one, so that one model learns from all. Splits stay as they are; nothing is fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.training.pairs.pair_set import MusicItems, PairSet, VideoItems


def joined(sets: Sequence[PairSet]) -> PairSet:
    """The sets end to end, items named after the set they are from. A recording that is in two of them counts as two:
    join only sets that were made apart. What only some keep (spectrograms, pictures, latents) is left out.

    Raises:
        ValueError: no set is given.
        KnownError: "other-pairs": their items are described otherwise, set to set.
    """
    if len(sets) < 2:
        (one,) = sets
        return one
    if any(dict(one.extractors) != dict(sets[0].extractors) for one in sets):
        raise _unlike(sets, "extractors")
    tracks = np.cumsum([0, *(len(one.track_names) for one in sets)])
    clusters = np.cumsum([0, *(int(one.track_cluster.max(initial=-1)) + 1 for one in sets)])
    return PairSet(
        name=" and ".join(one.name for one in sets),
        music=MusicItems(**{f.name: _end_to_end(sets, "music", f.name) for f in fields(MusicItems)}),
        video=VideoItems(**{f.name: _end_to_end(sets, "video", f.name) for f in fields(VideoItems)}),
        track_of_video=np.concatenate([one.track_of_video + first for one, first in zip(sets, tracks, strict=False)]),
        track_names=_named(sets, "track_names"),
        video_names=_named(sets, "video_names"),
        track_cluster=np.concatenate([one.track_cluster + first for one, first in zip(sets, clusters, strict=False)]),
        video_source=tuple(f"{one.name}: {source}" for one in sets for source in one.video_source),
        split=tuple(split for one in sets for split in one.split),
        track_split=tuple(split for one in sets for split in one.track_split),
        tags=tuple(words for one in sets for words in one.tags),
        truth={},
        extractors=sets[0].extractors,
    )


def _named(sets: Sequence[PairSet], field: str) -> tuple[str, ...]:
    return tuple(f"{one.name}/{name}" for one in sets for name in getattr(one, field))


def _end_to_end(sets: Sequence[PairSet], side: str, field: str) -> NDArray[Any]:
    parts = [np.asarray(getattr(getattr(one, side), field)) for one in sets]
    if len({part.shape[1:] for part in parts}) == 1:
        return np.concatenate(parts)
    if field in ("mel", "frames"):  # Kept by some only, or in another size: the Conformers are trained on one set.
        return np.zeros((sum(len(part) for part in parts), *(0,) * (parts[0].ndim - 1)), parts[0].dtype)
    raise _unlike(sets, f"{side} {field}")


def _unlike(sets: Sequence[PairSet], what: str) -> KnownError:
    return KnownError(
        f"{' and '.join(one.name for one in sets)} describe their items otherwise: {what}.",
        remedy="Join sets that the same version and extractors made, both with or both without the sentence model.",
        code="other-pairs",
    )
