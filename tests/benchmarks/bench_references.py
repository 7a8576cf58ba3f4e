# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How well a reference finds its own track: twelve seconds of each, turned down, among all tracks of a folder.

Run by hand: `python tests/benchmarks/bench_references.py FOLDER [EVERY]` (every EVERY-th file, default 3). The pictures
are drawn by chance and have nothing to do with any track, two with cuts and movement and two without for each
reference: what they say is noise that the reference has to outweigh. Prints the share of references whose track is
first, and among the first ten, by the picture alone, by the reference alone, and by the product of both.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray, Licence, MusicFeatures
from needledrop.core.picture import MOTION_RATE_HZ, VideoFeatures
from needledrop.features.music import MusicAnalyser
from needledrop.index.builder import GalleryBuilder, TrackIdentity
from needledrop.index.gallery import Gallery
from needledrop.index.summary import mean_descriptor
from needledrop.media.audio import read_audio
from needledrop.suggest.content import ContentMatcher
from needledrop.suggest.experts import like_expert
from retrieval.synthetic_gallery import make_query, make_video

_RATE = 44100
_WHOLE_S, _EXCERPT_S, _GAIN = 58.0, (20.0, 32.0), 0.3
_PICTURE_S = 40.0
_PICTURES = 2


@dataclass(frozen=True)
class Case:
    """A reference and the track it was taken from."""

    track_id: int
    vector: FloatArray


def analysed(sound: FloatArray) -> MusicFeatures:
    """Every feature of stereo sound [n, 2]."""
    analyser = MusicAnalyser(_RATE)
    analyser.feed(np.ascontiguousarray(sound, np.float32))
    return analyser.finish()


def gallery_of(files: list[Path]) -> tuple[Gallery, list[Case]]:
    """The tracks that are long enough, and a reference out of each."""
    builder, cases = GalleryBuilder("benchmark", {}), []
    for track_id, file in enumerate(files, start=1):
        try:
            sound = read_audio(file, 0.0, _WHOLE_S, _RATE)
        except KnownError as error:
            print(f"{file.name}: {error}")
            continue
        if len(sound) < (_EXCERPT_S[1] + 10.0) * _RATE:
            continue
        whole = analysed(sound)
        identity = TrackIdentity(track_id, track_id, "", "", Licence())
        builder.add(identity, whole.duration_s, whole.rhythm, whole.tonality, whole.loudness, whole.clips)
        excerpt = sound[round(_EXCERPT_S[0] * _RATE) : round(_EXCERPT_S[1] * _RATE)]
        cases.append(Case(track_id, mean_descriptor(analysed(_GAIN * excerpt).clips)))
    return builder.build(), cases


def picture(rng: np.random.Generator, *, is_vague: bool) -> VideoFeatures:
    """A picture of no track: still and uncut, or moving and cut at random."""
    frames = round(_PICTURE_S * MOTION_RATE_HZ)
    if is_vague:
        return make_video(_PICTURE_S, motion=np.full(frames, 0.05))
    cuts_s = np.sort(rng.uniform(0.0, _PICTURE_S, int(rng.integers(3, 25))))
    return make_video(_PICTURE_S, cuts_s, motion=np.abs(np.cumsum(rng.normal(0.0, 0.3, frames))))


def report(name: str, ranks: list[int], count: int) -> None:
    """Print how high the true tracks came."""
    found = np.array(ranks)
    print(f"{name:<34} first {np.mean(found == 1):.3f}  among ten {np.mean(found <= 10):.3f}  of {count} tracks")


def main(folder: Path, every: int) -> None:
    """Analyse, then rank."""
    gallery, cases = gallery_of(sorted(path for path in folder.iterdir() if path.is_file())[::every])
    ranker = ContentMatcher(gallery)
    ids = gallery.tracks["track_id"]

    def place(video: VideoFeatures, case: Case, like_vectors: tuple[FloatArray, ...]) -> int:
        ranked = ranker.rank(make_query(video, like_vectors=like_vectors), len(ids))
        return [segment.track_id for segment in ranked].index(case.track_id) + 1

    def alone(case: Case) -> int:
        scores = like_expert([case.vector], gallery).scores
        return int((scores > scores[ids == case.track_id]).sum()) + 1

    ways: dict[str, Callable[[VideoFeatures, Case], int]] = {
        "picture alone": lambda video, case: place(video, case, ()),
        "product of picture and reference": lambda video, case: place(video, case, (case.vector,)),
    }
    report("reference alone", [alone(case) for case in cases], len(ids))
    for is_vague in (False, True):
        print("still, uncut pictures:" if is_vague else "moving, cut pictures:")
        rng = np.random.default_rng(0)
        asked = [(picture(rng, is_vague=is_vague), case) for case in cases for _ in range(_PICTURES)]
        for name, way in ways.items():
            report(f"  {name}", [way(video, case) for video, case in asked], len(ids))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3)
