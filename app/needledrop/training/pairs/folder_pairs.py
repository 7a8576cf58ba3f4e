# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of finished videos as a set of pairs: the soundtrack of each is its track. Real pairs, for reporting on.

Videos without sound, that cannot be read, or in which mostly somebody speaks are set aside, each with a sentence. Tags
come from the names of the files and folders, and from whatever names tags of pictures; nothing is fitted or written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.music import Fingerprint, FloatArray
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch, ignore_progress
from needledrop.features.loudness import FLOOR_LUFS
from needledrop.features.onsets import RATE
from needledrop.features.picture_rows import Pictures, picture_rows
from needledrop.features.soundtrack import SoundtrackAnalyser
from needledrop.media.suffixes import VIDEO_SUFFIXES
from needledrop.training.corpus import half_real
from needledrop.training.corpus.items import track_item
from needledrop.training.corpus.make import embedded
from needledrop.training.corpus.picture import RATE_HZ
from needledrop.training.corpus.splits import recording_clusters
from needledrop.training.descriptors import clip_descriptors, picture_statistics
from needledrop.training.pairs.pair_set import SPLITS, MusicItems, PairSet, VideoItems
from needledrop.training.pairs.tags import NameTags, SemanticTags, VideoWords, collected

MOST_SPEECH = 1 / 3
"""A soundtrack of whose duration a greater share is speech says little of the music that goes with the picture.

Measured: 24 tracks of music, at most 0.06; four finished films, at most 0.19; six synthetic voices 0.98 and more, also
with music 6 dB below them, and 0.24 to 0.79 with music as loud as they are.
"""
_SIDE = 48
_NOTHING = np.zeros(0, np.float32)
TagPictures = Callable[[Pictures], Sequence[tuple[str, float]]]
"""Pictures [n, h, w, 3], one a second, to tags with their probabilities."""


@dataclass(frozen=True)
class LeftOut:
    """A video that is not in the set. reason: "speech", "silent", or the code of the error that it met; speech_share
    is None where its sound was not heard."""

    name: str
    reason: str
    sentence: str
    speech_share: float | None = None


@dataclass(frozen=True)
class FolderPairs:
    """The set; of each of its videos the file and the share 0..1 of the sound that is speech; what is not in it."""

    pairs: PairSet
    paths: tuple[Path, ...]
    speech_share: tuple[float, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class _Item:
    path: Path
    speech_share: float
    music: dict[str, Any]
    video: dict[str, Any]
    landmarks: Fingerprint
    named: Sequence[tuple[str, float]]


def read_folder_pairs(
    folder: Path,
    *,
    split: str = "validation",
    profile: Profile | None = None,
    side: int = _SIDE,
    named: TagPictures | None = None,
    progress: ProgressSink = ignore_progress,
    cancel: CancelToken | None = None,
) -> FolderPairs:
    """Describe the finished videos in a folder and below, in the order of their paths.

    The pair is the first 28 s of picture with the same 28 s of sound. Videos and tracks go by their paths in the
    folder. Who made a video is told by the sub-folder it lies in or, at the top, by what stands in its name before the
    first underscore. Soundtracks with the same music have one number in track_cluster.

    Args:
        split: all of the set is put there.
        profile: whose cache holds the sentence model; without one no video has text.
        side: of the grey frames, in pixels.
        named: gives tags to pictures, such as a semantic pack; they stand beside those of the names.

    Raises:
        KnownError: "missing": there are no videos; "few-pairs": none of them can be used.
        Cancelled: asked to stop.
    """
    if split not in SPLITS:
        raise ValueError(f"no split {split!r}")
    paths = finished_videos(folder)
    items: list[_Item] = []
    left_out: list[LeftOut] = []
    watch = Stopwatch()
    for number, path in enumerate(paths):
        if cancel is not None:
            cancel.check()
        progress(Progress("Describing videos", number, len(paths), watch.elapsed_s, path.name))
        made = _described(path, path.relative_to(folder).as_posix(), side, named)
        if isinstance(made, LeftOut):
            left_out.append(made)
        else:
            items.append(made)
    if not items:
        raise KnownError(
            f"None of the {len(paths)} videos in {folder} can be used.",
            remedy="Finished videos with music are wanted, in which not mostly somebody speaks.",
            cause=" ".join(one.sentence for one in left_out),
            code="few-pairs",
        )
    pairs = _as_pairs(folder, items, split, profile)
    shares = tuple(item.speech_share for item in items)
    return FolderPairs(pairs, tuple(item.path for item in items), shares, tuple(left_out))


def finished_videos(folder: Path) -> list[Path]:
    """The videos in a folder and below, in the order of their paths; hidden ones are passed over.

    Raises:
        KnownError: "missing": there are none.
    """
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in VIDEO_SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    if not found:
        raise KnownError(f"{folder} holds no videos.", remedy="Name another folder.", code="missing")
    return found


def source_of(path: Path, folder: Path) -> str:
    """Who made a video: the sub-folder it lies in, or what stands before the first underscore of its name."""
    parts = path.relative_to(folder).parts
    return parts[0] if len(parts) > 1 else half_real.source_of(path)


def speech_share(stereo: FloatArray, rate: int) -> float | None:
    """The share 0..1 of the duration of samples [n, 2] in which somebody speaks; None for silence."""
    analyser = SoundtrackAnalyser(rate)
    for start in range(0, len(stereo), rate):
        analyser.feed(stereo[start : start + rate])
    heard = analyser.finish()
    if heard.integrated_lufs <= FLOOR_LUFS:
        return None
    spoken_s = float((heard.speech_s[:, 1] - heard.speech_s[:, 0]).sum())
    return min(1.0, spoken_s * rate / max(len(stereo), 1))


def _described(path: Path, name: str, side: int, named: TagPictures | None) -> _Item | LeftOut:
    """A video as an item, or why it is none."""
    try:
        stereo = half_real.read_track(path)
        share = speech_share(stereo, RATE)
        if share is None:
            return LeftOut(name, "silent", f"'{name}' is left out: its soundtrack is silent.")
        if share > MOST_SPEECH:
            sentence = f"'{name}' is set aside: {100 * share:.0f} % of its soundtrack is speech."
            return LeftOut(name, "speech", sentence, share)
        pictures = half_real.read_pictures(path)
    except KnownError as error:
        return LeftOut(name, error.code, f"'{name}' is left out: {error.sentence}")
    excerpt = stereo[: round(clip_descriptors.LONGEST_S * RATE)]
    track = track_item(stereo, excerpt, clip_descriptors.heard(excerpt, RATE), _NOTHING)
    rows = picture_rows(pictures, RATE_HZ)
    clips = clip_descriptors.video_clips(pictures, rows, side)
    video = {"vector": picture_statistics.picture_statistics(rows), **vars(clips)}
    # Landmarks of the whole: the same music may stand elsewhere in another video.
    landmarks = clip_descriptors.heard(stereo, RATE).fingerprint
    tags = () if named is None else named(pictures[:: round(RATE_HZ)])
    return _Item(path, share, track, video, landmarks, tags)


def _said(name: str) -> str:
    """A name without its maker's, which says nothing of what is shown."""
    parent, slash, file = name.rpartition("/")
    return parent + slash + (file.partition("_")[2] or file)


def _as_pairs(folder: Path, items: Sequence[_Item], split: str, profile: Profile | None) -> PairSet:
    names = tuple(item.path.relative_to(folder).as_posix() for item in items)
    words = [VideoWords(number, names=(_said(name),)) for number, name in enumerate(names)]
    tags = collected([NameTags(), SemanticTags(lambda number: items[number].named)], words)
    text = embedded([" ".join(words) for words in tags], profile)
    count = len(items)
    return PairSet(
        name=folder.name,
        music=MusicItems(**{
            name: np.stack([item.music[name] for item in items])
            for name in ("vector", "clips", "rhythm", "mel", "mask", "steps")
        }),
        video=VideoItems(
            **{
                name: np.stack([item.video[name] for item in items])
                for name in ("vector", "clips", "flow", "frames", "mask", "steps")
            },
            text=text,
            has_text=np.asarray(text.any(axis=1)),
        ),
        track_of_video=np.arange(count, dtype=np.int64),
        track_names=names,
        video_names=names,
        track_cluster=recording_clusters([item.landmarks for item in items]),
        video_source=tuple(source_of(item.path, folder) for item in items),
        split=(split,) * count,
        track_split=(split,) * count,
        tags=tags,
        truth={},
    )  # fmt: skip
