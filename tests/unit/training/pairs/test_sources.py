# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound and pictures of a set's items: of films from their files, of a corpus from its recipe, of numbers none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from media_factory import music, shot_frames, write_video
from needledrop.features.onsets import RATE
from needledrop.training.corpus import half_real, make
from needledrop.training.descriptors.clip_descriptors import LONGEST_S
from needledrop.training.pairs.folder_pairs import read_folder_pairs
from needledrop.training.pairs.pair_set import PairSet
from needledrop.training.pairs.sources import Source, open_source
from retrieval.made_up_pairs import made_up_pairs


def source_of(pairs: PairSet, folder: Path) -> Source:
    found = open_source(pairs, folder)
    assert found is not None
    return found


def test_a_film_gives_a_still_a_second_and_its_own_sound(tmp_path: Path) -> None:
    frames = shot_frames((75,), 130, width=96, height=64)
    write_video(tmp_path / "anna_film.mp4", frames, sound=music(5.2, seed=1, rate=48_000, bpm=120))
    source = source_of(read_folder_pairs(tmp_path).pairs, tmp_path)
    stills = list(source.stills(0))
    assert len(stills) == 5 and {still.shape for still in stills} == {(64, 96, 3)}, "as large as the film"
    # The cut lies at 3.0 s: the pictures at 0, 1 and 2 s are of one shot, those at 3 and 4 s of the next.
    apart = [np.abs(one.astype(int) - stills[0]).mean() for one in stills]
    assert max(apart[:3]) < min(apart[3:])
    assert len(source.excerpt(0)) / RATE == pytest.approx(5.2, abs=0.1) and source.start_s(0) == 0.0


def test_a_corpus_gives_what_its_items_were_made_from(tmp_path: Path) -> None:
    media, folder = tmp_path / "media", tmp_path / "made"
    media.mkdir()
    soundfile.write(media / "maker_song.wav", music(40, seed=4, rate=44_100, bpm=100), 44_100)
    recipe = make.Recipe(1, 1, seed=3, renderer="first", half_real=str(media), side=16, is_synthesis_only=True)
    pairs = make.make_corpus(recipe, folder, processes=1)
    source = source_of(pairs, folder)
    real, made = (pairs.track_names.index(name) for name in ("maker_song.wav", "track-00000"))
    whole = half_real.read_track(media / "maker_song.wav")
    np.testing.assert_array_equal(source.excerpt(real), whole[6 * RATE : 34 * RATE])
    assert source.start_s(real) == pytest.approx(6.0) and source.start_s(made) == 0.0
    assert len(source.excerpt(made)) <= LONGEST_S * RATE
    for video in range(2):
        shown = {round(t_s, 3): rgb for t_s, rgb in source.pictures(video)}
        stills = list(source.stills(video))
        assert len(stills) == 28 and {float(second) for second in range(28)} <= set(shown)
        for second in (0, 13, 27):
            assert abs(stills[second].mean() - shown[float(second)].mean()) < 2, "the picture of that second"
    assert len({still.tobytes() for still in stills}) > 5


def test_numbers_have_no_source(tmp_path: Path) -> None:
    assert open_source(made_up_pairs(tracks=4), tmp_path) is None
