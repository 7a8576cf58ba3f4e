# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""By hand: how often the track that a video was cut to is found, and its place, by the share of cuts off the beat.

Synthetic tracks with ideal beats; each gallery of 100 and its edits come from a seed.

    python tests/benchmarks/bench_hidden_edits.py [--galleries 101 102] [--edits 40]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from needledrop.suggest.engine import suggest
from retrieval.synthetic_gallery import HiddenEdit, Library, edit_gallery, hidden_edit, make_library, make_query

TRACKS = 100
IN_PHASE_BEATS = 0.12
SHARES = (0.0, 0.1, 0.2, 0.3, 0.5)


def main() -> None:
    """Print one row a share and gallery."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--galleries", type=int, nargs="+", default=[101, 102])
    parser.add_argument("--edits", type=int, default=40)
    options = parser.parse_args()
    print("off the beat  gallery  in the first 3  on its beat  on its bar")
    for seed in options.galleries:
        library = make_library(edit_gallery(TRACKS, seed=seed))
        tracks = list(library.tracks.values())
        for share in SHARES:
            edits = [hidden_edit(tracks, 1000 * seed + number, share) for number in range(options.edits)]
            found = np.array([_found(library, edit) for edit in edits])
            rates = 100.0 * found.mean(axis=0)
            print(f"{share:12.0%}  {seed:7d}  {rates[0]:12.1f} %  {rates[1]:9.1f} %  {rates[2]:8.1f} %")


def _found(library: Library, edit: HiddenEdit) -> tuple[bool, bool, bool]:
    """Whether the true track is among the first three; there at the right phase of the beat; and of the bar."""
    out = suggest(make_query(edit.video), library.ranker, library.gallery, library.details, 3)
    starts = [one.cue.pieces[0].source_in_s for one in out if one.track_id == edit.track_id]
    if not starts:
        return False, False, False
    rhythm = library.tracks[edit.track_id].rhythm
    found, true = np.interp([starts[0], edit.offset_s], rhythm.beats_s, np.arange(len(rhythm.beats_s)))
    beats = float(found - true)
    is_on_beat = abs(beats - round(beats)) < IN_PHASE_BEATS
    return True, is_on_beat, is_on_beat and round(beats) % rhythm.beats_per_bar == 0


if __name__ == "__main__":
    main()
