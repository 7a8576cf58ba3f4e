# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad files through the real scan: each costs one item, is listed with its reason, and nothing else is lost."""

from __future__ import annotations

import os
from pathlib import Path

from contract.scanning import World, quiet_scan
from media_factory import music, write_audio
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken
from needledrop.library.rows import ScanCounts
from needledrop.workflows.profiles import read_library
from needledrop.workflows.scan import scan

UNUSUAL = {"surround.wav", "wrong-extension.mp3", "big-cover.mp3"}


def test_each_broken_file_is_listed_once_with_its_reason(world: World) -> None:
    problems = {Path(os.fsdecode(problem.path)).name: problem for problem in world.problems()}
    assert len(problems) == len(world.problems()) == world.report.failed == world.report.problems
    wrong = {
        name: (problems[name].code if name in problems else None, sorted(codes))
        for name, codes in world.wanted_codes.items()
        if name not in problems or problems[name].code not in codes
    }
    assert wrong == {}
    assert problems.keys() == world.wanted_codes.keys()


def test_sentences_name_the_file_and_a_remedy(world: World) -> None:
    for problem in world.problems():
        assert Path(problem.display).name in problem.sentence
        assert problem.sentence.endswith(".") and problem.remedy.endswith(".")
        assert "Traceback" not in problem.sentence and "Errno" not in problem.sentence


def test_unusual_and_oddly_named_files_work(world: World) -> None:
    analysed = {track.path for track in world.tracks() if track.facts.integrated_lufs is not None}
    names = {Path(os.fsdecode(path)).name for path in analysed}
    assert names >= UNUSUAL
    assert analysed >= set(world.odd_paths)
    assert len(world.odd_paths) >= 7
    assert world.report.analysed == len(analysed) == len(UNUSUAL) + len(world.odd_paths)


def test_properties_of_unusual_files(world: World) -> None:
    tracks = {track.file_path.name: track for track in world.tracks()}
    assert (tracks["surround.wav"].sample_rate, tracks["surround.wav"].channels) == (192_000, 8)
    assert tracks["wrong-extension.mp3"].codec == "flac"
    assert tracks["big-cover.mp3"].tags.has_cover


def test_links_in_circles_bring_nothing_in_twice(world: World) -> None:
    assert not [track for track in world.tracks() if b"/links/" in track.path]
    assert world.report.unreadable == []
    assert world.report.files == len(world.wanted_codes) + len(UNUSUAL) + len(world.odd_paths)


def test_a_second_scan_touches_nothing_and_tries_nothing_again(world: World) -> None:
    with read_library(world.profile) as library:
        revision = library.revision
    seen = {problem.path: problem.first_seen for problem in world.problems()}
    again = world.rescan()
    assert (again.counts, again.failed, again.analysed) == (ScanCounts(), 0, 0)
    assert again.unchanged == again.files == world.report.files
    assert {problem.path: problem.first_seen for problem in world.problems()} == seen
    with read_library(world.profile) as library:
        assert library.revision == revision


def test_the_library_is_whole_afterwards(world: World) -> None:
    with read_library(world.profile) as library:
        library.connection.check_integrity()


def test_a_broken_file_is_tried_again_when_it_changes_or_on_request(tmp_path: Path, profile: Profile) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    (folder / "a.flac").write_bytes(b"no music at all")
    (folder / "b.flac").write_bytes(b"none here either")
    assert quiet_scan(profile, folder).failed == 2
    assert quiet_scan(profile, folder).failed == 0
    assert quiet_scan(profile, folder, is_retry=True).failed == 2
    write_audio(folder / "a.flac", music(2.0))
    report = quiet_scan(profile, folder)
    assert (report.counts.new, report.analysed, report.failed, report.problems) == (1, 1, 0, 1)
    (folder / "b.flac").unlink()
    assert quiet_scan(profile, folder).problems == 0


def test_a_file_that_breaks_is_missing_until_it_is_whole_again(tmp_path: Path, profile: Profile) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    whole = write_audio(folder / "a.flac", music(2.0)).read_bytes()
    quiet_scan(profile, folder)
    (folder / "a.flac").write_bytes(b"")
    report = quiet_scan(profile, folder)
    assert (report.counts.missing, report.failed, report.problems) == (1, 1, 1)
    assert quiet_scan(profile, folder).counts == ScanCounts()
    (folder / "a.flac").write_bytes(whole)
    report = quiet_scan(profile, folder)
    assert (report.counts.returned, report.counts.new, report.analysed, report.problems) == (1, 0, 0, 0)


def test_a_file_that_vanishes_during_the_scan_costs_one_item(tmp_path: Path, profile: Profile) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    for seed in range(4):
        write_audio(folder / f"{seed}.flac", music(2.0, seed=seed))

    def remove_the_last(progress: object) -> None:
        (folder / "3.flac").unlink(missing_ok=True)

    report = scan(profile, [folder], workers=1, progress=remove_the_last, cancel=CancelToken())
    assert (report.analysed, report.failed) == (3, 1)
    with read_library(profile) as library:
        assert [problem.code for problem in library.problems()] == ["missing"]
    report = quiet_scan(profile, folder)
    assert (report.analysed, report.failed, report.problems) == (0, 0, 0)
