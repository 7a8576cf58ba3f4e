# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time `suggest` over a large made-up library, stage by stage, details unpacked from bytes as the library stores them.

Run by hand: `python tests/benchmarks/bench_suggest.py [TRACKS]`. Prints wall and processor time, the best of five.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from needledrop.core.music import Clips, Loudness, Rhythm, Tonality
from needledrop.core.packing import pack, unpack
from needledrop.core.query import Query
from needledrop.crossmodal.base_towers import shipped_towers
from needledrop.index.embedded_clips import embedded_clips
from needledrop.index.gallery import Gallery
from needledrop.suggest.content import ContentMatcher
from needledrop.suggest.course_search import best_steps, whole_and_course
from needledrop.suggest.details import DetailsLoader, TrackDetails
from needledrop.suggest.engine import suggest
from needledrop.suggest.learned import LearnedMatcher
from needledrop.suggest.picture_shape import picture_shape
from needledrop.suggest.place import place_track
from retrieval.synthetic_gallery import edit_gallery, hidden_edit, make_builder, make_query

_REPEATS = 5


def report(name: str, work: Callable[[], object]) -> None:
    """Print the best wall and processor time of a few runs."""
    wall, processor = [], []
    for _ in range(_REPEATS):
        start, start_processor = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - start)
        processor.append(time.process_time() - start_processor)
    print(f"{name:<44} {1000 * min(wall):8.1f} ms wall {1000 * min(processor):8.1f} ms processor")


def main(count: int) -> None:
    """Build, then time."""
    tracks = edit_gallery(count, seed=1)
    edit = hidden_edit(tracks, seed=2)
    rng = np.random.default_rng(3)
    movement = np.abs(np.cumsum(rng.normal(0, 0.1, len(edit.video.motion.curve)))).astype(np.float32)
    video = replace(edit.video, motion=replace(edit.video.motion, curve=movement))
    query = make_query(video)
    stored = {track.track_id: (track, *map(pack, (track.rhythm, track.tonality, track.loudness, track.clips)))
              for track in tracks}  # fmt: skip

    def read(track_id: int) -> TrackDetails:
        track, rhythm, tonality, loudness, clips = stored[track_id]
        return replace(
            track,
            rhythm=unpack(Rhythm, rhythm),
            tonality=unpack(Tonality, tonality),
            loudness=unpack(Loudness, loudness),
            clips=unpack(Clips, clips),
        )

    def loader() -> DetailsLoader:
        """As the program's own: each track is read once for a list."""
        known: dict[int, TrackDetails] = {}

        def load(track_ids: Sequence[int]) -> Mapping[int, TrackDetails]:
            known.update((track_id, read(track_id)) for track_id in track_ids if track_id not in known)
            return {track_id: known[track_id] for track_id in track_ids}

        return load

    with tempfile.TemporaryDirectory() as folder:
        make_builder(tracks).write(Path(folder))
        report("open the gallery", lambda: Gallery.open(Path(folder)))
        gallery = Gallery.open(Path(folder))
        assert gallery is not None
        ranker = ContentMatcher(gallery)
        ids = [segment.track_id for segment in ranker.rank(query, 100)]
        shape = picture_shape(query.video, query.time_range)
        loaded = loader()(ids)
        report(f"rank {count} tracks", lambda: ranker.rank(query, 100))
        report("load the details of 100", lambda: loader()(ids))
        report("place 100", lambda: [place_track(track, shape, video.soundtrack) for track in loaded.values()])
        report("suggest by content, all together", lambda: suggest(query, ranker, gallery, loader(), 10))
        _learned(query, gallery, loader, tracks[0], Path(folder))
        chosen = [suggestion.track_id for suggestion in suggest(query, ranker, gallery, loader(), 3)]
        print(
            f"the true track is {'among' if edit.track_id in chosen else 'not among'} the first 3 of {count} by content"
        )


def _learned(
    query: Query, gallery: Gallery, loader: Callable[[], DetailsLoader], track: TrackDetails, folder: Path
) -> None:
    """The learned matcher's stages, features at hand."""
    model = shipped_towers()
    clips = np.resize(track.clips.values, (60, track.clips.values.shape[1]))
    report("embed 4 minutes of music", lambda: model.music_clips(clips, np.array([0, 60])))
    report("embed the video", lambda: (model.video_clips(query.video.rows), model.video_steps(query.video.rows)))
    offsets, all_clips = gallery.clip_offsets, np.asarray(gallery.clips)
    report(f"embed all {len(all_clips)} clips of the gallery", lambda: model.music_clips(all_clips, offsets))
    embedded = embedded_clips(folder, gallery, model)
    shown, shares = model.video_clips(query.video.rows), model.shares[:2]
    report("slide the video along all of them", lambda: whole_and_course(embedded, gallery.clip_offsets, shown, shares))
    loaded = list(loader()(gallery.tracks["track_id"][:100].tolist()).values())
    steps = model.video_steps(query.video.rows)
    report(
        "compare the steps of 100", lambda: best_steps([model.music_steps(t.rhythm, t.loudness) for t in loaded], steps)
    )

    def ranked() -> object:
        return LearnedMatcher(gallery, embedded, model, loader()).rank(query, 100)

    def suggested() -> object:
        details = loader()
        return suggest(query, LearnedMatcher(gallery, embedded, model, details), gallery, details, 10)

    report("rank by what was learned and seen", ranked)
    report("suggest, all together", suggested)
    print(f"greatest memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
