# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a sequence model makes of a gallery's clips, kept beside the gallery: another model or gallery, another file."""

from __future__ import annotations

import json
import os
from hashlib import blake2b
from pathlib import Path

import numpy as np

from needledrop.core.music import FloatArray
from needledrop.core.query import SequenceModel
from needledrop.index.gallery import Gallery

# Tracks embedded at a time: the layers between are wider than what goes in and comes out.
_TRACKS = 500


def embedded_clips(folder: Path, gallery: Gallery, model: SequenceModel) -> FloatArray:
    """Of every clip of the gallery what model.music_clips gives, float32 [clips, 2 width], memory-mapped where kept.

    A file that is damaged is made anew; where the folder cannot be written, nothing is kept.
    """
    path = folder / f"clips-{_key(gallery, model)}.npy"
    try:
        kept: FloatArray = np.load(path, mmap_mode="r", allow_pickle=False)
        if len(kept) == len(gallery.clips):
            return kept
    except (OSError, EOFError, ValueError):
        pass
    made = _embedded(gallery, model)
    try:
        _keep(made, path)
    except OSError:
        return made
    return made


def _embedded(gallery: Gallery, model: SequenceModel) -> FloatArray:
    parts = []
    for first in range(0, gallery.track_count, _TRACKS):
        bounds = gallery.clip_offsets[first : first + _TRACKS + 1]
        clips = np.asarray(gallery.clips[bounds[0] : bounds[-1]])
        parts.append(model.music_clips(clips, bounds - bounds[0]))
    if not parts:
        return model.music_clips(gallery.clips, gallery.clip_offsets)
    return np.concatenate(parts)


def _key(gallery: Gallery, model: SequenceModel) -> str:
    about = json.dumps([model.name, gallery.library_revision, sorted(gallery.feature_versions.items())])
    return blake2b(about.encode(), digest_size=12).hexdigest()


def _keep(made: FloatArray, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as stream:
        np.save(stream, made, allow_pickle=False)
    part.replace(path)
    for old in path.parent.glob("clips-*.npy"):
        if old != path:
            old.unlink(missing_ok=True)
