# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does footage find itself by the measure that the user's own videos teach? By hand, on folders of videos:

    python tests/benchmarks/bench_own_footage.py FOLDER [FOLDER ...]

A source is what stands before the first "_" of a file's name. The first half of each video seeks its second half, as it
is and as it would be mirrored, cropped, darker or faster; each video seeks the others of its source. Then the program:
a track lies under the first half, and the second half asks a library of made-up tracks; so does a stranger's.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.picture import PictureRows
from needledrop.core.query import PastUse, Query
from needledrop.core.times import TimeRange
from needledrop.crossmodal.base_towers import BaseTowers, shipped_towers
from needledrop.features.clip_rows import rows_between
from needledrop.features.picture_rows import PictureRowsMeter
from needledrop.index.own_footage import FootageMeasure, likeness
from needledrop.media.frames import analysis_frames
from needledrop.suggest.learned import LearnedMatcher
from needledrop.suggest.taste_space import context_of
from retrieval.synthetic_gallery import edit_gallery, make_builder, make_video

Directions = Callable[[int, PictureRows], np.ndarray]

_LEAST_S = 4
_TRACKS = 500
# What is done to the pictures before they are measured.
VIEWS = {
    "as it is": lambda rgb: rgb,
    "mirrored": lambda rgb: rgb[:, ::-1],
    "cropped to 80 %": lambda rgb: rgb[tuple(slice(side // 10, side - side // 10) for side in rgb.shape[:2])],
    "darker (0.7)": lambda rgb: (rgb * np.float32(0.7)).astype(np.uint8),
    "faster (1.5)": lambda rgb: rgb,
}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """One video: its source, its name without what tells encodings apart, and its rows in each view."""

    source: str
    name: str
    rows: dict[str, PictureRows]

    def half(self, second: int, view: str = "as it is") -> PictureRows:
        length = len(self.rows[view].seconds)
        return rows_between(self.rows[view], second * length / 2, (second + 1) * length / 2)


def watched(file: Path) -> Seen | None:
    """Every view of a video; None where it cannot be read or is too short."""
    meters = {view: PictureRowsMeter() for view in VIEWS}
    try:
        for frame in analysis_frames(file):
            for view, meter in meters.items():
                t_s = frame.t_s / 1.5 if view.startswith("faster") else frame.t_s
                meter.feed(t_s, np.ascontiguousarray(VIEWS[view](frame.rgb)))
    except KnownError as error:
        print(f"{file.name}: {error.sentence}")
        return None
    rows = {view: meter.finish() for view, meter in meters.items()}
    is_long = len(rows["as it is"].seconds) >= _LEAST_S
    return Seen(file.name.partition("_")[0], file.stem, rows) if is_long else None


def found_by(first: np.ndarray, sought: np.ndarray, relevant: np.ndarray, ruled_out: np.ndarray) -> str:
    """R@1, R@10 and MRR of who asks [n, D] among what each is compared with [n, m, D], ties against the truth."""
    scores = np.where(ruled_out, -2.0, np.einsum("nd,nmd->nm", first, sought))
    asked = relevant.any(axis=1)
    best = np.where(relevant, scores, -2.0).max(axis=1, keepdims=True)
    ranks = (scores >= best).sum(axis=1)[asked]
    return f"{100 * (ranks <= 1).mean():.0f} / {100 * (ranks <= 10).mean():.0f} / {(1 / ranks).mean():.3f}"


def table(directions: Directions, shown: list[PictureRows]) -> np.ndarray:
    """Every stretch in the measure of each that asks, [asking, sought, D]."""
    return np.stack([[directions(place, rows) for rows in shown] for place in range(len(shown))])


def measures(seen: list[Seen], model: BaseTowers) -> dict[str, Directions]:
    """Ways to give a stretch of picture a direction; the first argument is who asks, by whom a way may differ."""
    rows = [one.rows["as it is"].seconds for one in seen]
    plain = FootageMeasure.taught_by([], *model.second_scale)
    own = FootageMeasure.taught_by(rows, *model.second_scale)
    others = {
        source: FootageMeasure.taught_by(
            [one for one, video in zip(rows, seen, strict=True) if video.source != source], *model.second_scale
        )
        for source in {one.source for one in seen}
    }
    return {
        "*whole* of needledrop-base": lambda place, shown: context_of(model.video_clips(shown)),
        "rows, standardised": lambda place, shown: plain.direction(shown.seconds),
        "taught by the other sources": lambda place, shown: others[seen[place].source].direction(shown.seconds),
        "taught by the footage itself": lambda place, shown: own.direction(shown.seconds),
    }


def in_the_program(seen: list[Seen], model: BaseTowers) -> None:
    """Where a track used under the first half stands when the second half asks, and a track of a stranger's."""
    tracks = edit_gallery(_TRACKS, seed=1)
    gallery = make_builder(tracks).build()
    by_id = {track.track_id: track for track in tracks}
    embedded = model.music_clips(gallery.clips, gallery.clip_offsets)
    matcher = LearnedMatcher(gallery, embedded, model, lambda ids: {number: by_id[number] for number in ids})
    measure = FootageMeasure.taught_by([one.rows["as it is"].seconds for one in seen], *model.second_scale)
    rng = np.random.default_rng(0)
    moved: dict[str, list[tuple[int, int, float]]] = {"its own first half": [], "another source": []}
    for one in seen:
        rows = one.half(1)
        video = replace(make_video(float(len(rows.seconds))), rows=rows)
        query = Query(video, TimeRange(Fraction(0), Fraction(len(rows.seconds))))
        strangers = [other for other in seen if other.source != one.source]
        users = {"its own first half": one, "another source": strangers[int(rng.integers(len(strangers)))]}
        order = [segment.track_id for segment in matcher.rank(query, _TRACKS)]
        for who, user in users.items():
            track_id = int(rng.choice(gallery.tracks["track_id"]))
            alike = likeness(measure.direction(user.half(0).seconds), measure.direction(rows.seconds))
            uses = {track_id: PastUse(alike, user.name, 0.0)} if alike > 0.0 else {}
            lifted = [segment.track_id for segment in matcher.rank(replace(query, past_uses=uses), _TRACKS)]
            moved[who].append((order.index(track_id) + 1, lifted.index(track_id) + 1, alike))
    print(f"\nA track drawn at random, in the order of {_TRACKS}, with what was used before and without\n")
    for who, places in moved.items():
        before, after, alike = np.array(places).T
        print(
            f"used under {who}: likeness above 0 in {100 * (alike > 0).mean():.0f} %, median {np.median(alike):.2f};"
            f" median rank {np.median(before):.0f} before, {np.median(after):.0f} after;"
            f" among the first ten {100 * (before <= 10).mean():.0f} and {100 * (after <= 10).mean():.0f} %"
        )


def main(folders: list[Path]) -> None:
    """Watch, then compare."""
    files = [file for folder in folders for file in sorted(folder.iterdir()) if file.is_file()]
    seen = [one for one in map(watched, files) if one is not None]
    model = shipped_towers()
    names, sources = (np.array([getattr(one, key) for one in seen]) for key in ("name", "source"))
    same = names[:, None] == names
    itself = np.eye(len(seen), dtype=bool)
    print(f"{len(seen)} videos of {len(np.unique(sources))} sources; R@1 / R@10 in per cent / MRR\n")
    print("| | " + " | ".join(VIEWS) + " | the same source |\n|---|" + "---|" * (len(VIEWS) + 1))
    for name, directions in measures(seen, model).items():
        first = np.stack([directions(place, one.half(0)) for place, one in enumerate(seen)])
        cells = []
        for view in VIEWS:
            second = np.stack(
                [[directions(place, other.half(1, view)) for other in seen] for place in range(len(seen))]
            )
            cells.append(found_by(first, second, itself, same & ~itself))
        whole = table(directions, [one.rows["as it is"] for one in seen])
        own = whole[np.arange(len(seen)), np.arange(len(seen))]
        cells.append(found_by(own, whole, (sources[:, None] == sources) & ~same, same))
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    in_the_program(seen, model)


if __name__ == "__main__":
    main([Path(word) for word in sys.argv[1:]])
