# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`fit` as its users type it: the list of splices, what is refused and moved, what is kept, and what cannot be done."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import media_factory
from made_song import RATE, song
from needledrop.cli.main import run
from needledrop.core.music import Licence, TrackTags
from needledrop.core.packing import pack
from needledrop.core.paths import Profile
from needledrop.features.music import FEATURE_VERSIONS
from needledrop.library.rows import FoundFile, ScanBatch
from needledrop.workflows.profiles import write_library
from unit.workflows.made_library import analyse

Program = Callable[..., tuple[int, str, str]]
FILM_S = 24.0


def _add_song(profile: Profile, folder: Path) -> None:
    """A library of one song of known form, its true beats in place of an analysis."""
    mono, rhythm = song("IAABAE")
    path = folder / "song.wav"
    soundfile.write(path, mono, RATE)
    status = path.stat()
    found = FoundFile(
        os.fsencode(path), status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino, "song",
        TrackTags(title="Song"), Licence("CC0-1.0"), len(mono) / RATE, "pcm_s16le", RATE, 1,
    )  # fmt: skip
    with write_library(profile, "test") as library:
        library.apply_scan(ScanBatch(library.add_root(folder).id, (found,)))
        track = library.track_with_content("song")
        assert track is not None
        analyse(library, track.id)
        library.put_features(track.id, {"rhythm": (FEATURE_VERSIONS["rhythm"], pack(rhythm))})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile with the song, and a film of 24 s that has been watched."""
    folder = tmp_path_factory.mktemp("fit")
    (folder / "music").mkdir()
    _add_song(Profile.at(folder / "profile"), folder / "music")
    media_factory.write_video(folder / "film.mp4", media_factory.shot_frames((100,), round(25 * FILM_S)))
    return folder


@pytest.fixture
def program(made: Path, run_at: Program) -> Program:
    """Run `needledrop fit FILM`."""
    return partial(run_at, made / "profile", "fit", made / "film.mp4", "--track", "1")


def facts(program: Program, *words: str) -> Any:
    status, out, _ = program(*words, "--json")
    assert status == 0, out
    return json.loads(out)


def test_the_song_is_as_long_as_the_film_and_every_splice_is_shown(program: Program) -> None:
    found = facts(program)
    assert found["duration_s"] == pytest.approx(FILM_S, abs=1e-9)
    assert found["splices"]
    for splice in found["splices"]:
        assert splice["beats"] % 4 == 0
        assert splice["in_s"] - splice["out_s"] == pytest.approx(splice["beats"] * 0.5, abs=0.02)
    status, out, _ = program()
    assert status == 0
    assert out.splitlines()[0].startswith("Song · 0:24.0 · ") and "speed" in out
    assert "left out" in out and "Not kept yet" in out


def test_a_splice_is_refused_or_moved_by_its_number(program: Program) -> None:
    first = facts(program)["splices"]
    without = facts(program, "--without", "1")
    assert (without["splices"][0]["out_s"], without["splices"][0]["in_s"]) != (first[0]["out_s"], first[0]["in_s"])
    wanted_s = first[0]["alternatives_s"][0]
    moved = facts(program, "--splice-at", f"1={wanted_s:.2f}")
    assert moved["splices"][0]["out_s"] == pytest.approx(wanted_s, abs=0.05)
    assert without["duration_s"] == pytest.approx(FILM_S) and moved["duration_s"] == pytest.approx(FILM_S)


def test_what_cannot_be_done_is_said_with_a_remedy(program: Program) -> None:
    for words, sentence in (
        (("--stretch", "7"), "would be heard"),
        (("--without", "9"), "no splice 9"),
        (("--splice-at", "1=9:00"), "cannot be moved"),
        (("--track", "77"), "no track 77"),
    ):
        status, _, said = program(*words)
        assert status == 3
        assert sentence in said
        assert len(said.split(". ")) > 1, "a sentence and a remedy"
    with pytest.raises(SystemExit):
        program("--splice-at", "soon")


def test_what_is_kept_is_what_was_shown_and_is_exported_so(program: Program, made: Path, tmp_path: Path) -> None:
    found = facts(program, "--out", "0:10", "--keep")
    home = ["--profile", str(made / "profile")]
    sheet, music = tmp_path / "cues.csv", tmp_path / "music.wav"
    wanted = ["--wav", str(music), "--cue-sheet", str(sheet), "--out", "0:10"]
    assert run([*home, "export", str(made / "film.mp4"), *wanted]) == 0
    assert soundfile.info(music).frames == 10 * 48_000
    assert f"{found['speed_percent']:.2f}" in sheet.read_text("utf-8-sig")
    sound, _ = soundfile.read(music)
    assert np.abs(sound[-4800:-2400]).max() > 1e-4, "the last sound reaches the end"
    shutil.rmtree(tmp_path)
