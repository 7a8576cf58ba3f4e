# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Past edits from the folder to the list: heard, named, kept, struck, resumed; a bad one costs itself only."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from edit_factory import made_edit
from made_melody import Sound, chatter, fingerprint_of, melody, under
from media_factory import shot_frames, write_video
from needledrop.cli.main import run as run_command
from needledrop.core.edit import MediaSource
from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.packing import pack
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, Progress, ignore_progress
from needledrop.export.interchange.write import EditFormat, write_edit
from needledrop.features.music import FEATURE_VERSIONS
from needledrop.library.library import Library
from needledrop.workflows import past_evidence
from needledrop.workflows.past_edits import COUNTS, LOST, STRUCK, PastReport, find_past_edits, pairs, strike
from needledrop.workflows.profiles import read_library, write_library
from needledrop.workflows.taste_evidence import entries_of
from unit.workflows.made_library import add_track

RATE = 48_000
TRACKS = 6
SECONDS = 40.0


def sound_of(number: int, rate: int = RATE) -> Sound:
    return melody(SECONDS, number, rate)


def fill(library: Library) -> None:
    """Tracks 1 to TRACKS: known by their landmarks as made melodies."""
    for number in range(1, TRACKS + 1):
        track_id = add_track(library, number)
        packed = pack(fingerprint_of(melody(SECONDS, number)))
        library.put_features(track_id, {"fingerprint": (FEATURE_VERSIONS["fingerprint"], packed)})


def film(path: Path, sound: Sound | None, seed: int = 0) -> Path:
    frames = shot_frames([10], 25, width=64, height=36, seed=seed)
    stereo = None if sound is None else np.stack([sound, sound], 1)
    return write_video(path, frames, frame_rate=Fraction(1), sound=stereo, sound_rate=RATE)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Finished films: two tracks under chatter, one alone, chatter only, silence, a file cut short."""
    folder = tmp_path_factory.mktemp("films")
    talk = chatter(24.0, 1, RATE)
    two = under(np.concatenate([sound_of(2)[: 12 * RATE], sound_of(3)[10 * RATE : 22 * RATE]]), talk)
    film(folder / "a two.mp4", two, 1)
    film(folder / "b one.mp4", sound_of(5)[5 * RATE : 25 * RATE], 2)
    film(folder / "c talk.mp4", chatter(10.0, 2, RATE), 3)
    film(folder / "d mute.mp4", None, 4)
    (folder / "e short.mp4").write_bytes((folder / "a two.mp4").read_bytes()[:2000])
    (folder / "notes.txt").write_text("not a film")
    return folder


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "profile"
    with write_library(Profile.at(folder), "test") as library:
        fill(library)
    return folder


@pytest.fixture
def profile(template: Path, tmp_path: Path) -> Profile:
    shutil.copytree(template, tmp_path / "profile")
    return Profile.at(tmp_path / "profile")


@pytest.fixture(scope="module")
def first_look(template: Path, films: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PastReport]:
    """A profile that has looked at all films, and what it reported."""
    folder = tmp_path_factory.mktemp("looked") / "profile"
    shutil.copytree(template, folder)
    return folder, look(Profile.at(folder), films)


@pytest.fixture
def looked(first_look: tuple[Path, PastReport], tmp_path: Path) -> Profile:
    shutil.copytree(first_look[0], tmp_path / "looked")
    return Profile.at(tmp_path / "looked")


def look(profile: Profile, *paths: Path) -> PastReport:
    return find_past_edits(profile, paths, ignore_progress, CancelToken())


def test_tracks_are_found_where_they_play_and_each_bad_file_costs_itself(
    first_look: tuple[Path, PastReport], looked: Profile, films: Path
) -> None:
    report = first_look[1]
    assert (report.looked_at, report.known, report.pairs) == (5, 0, 3)
    said = {note.split(":")[0]: note for note in report.notes}
    assert set(said) == {"c talk.mp4", "d mute.mp4", "e short.mp4"}
    assert said["c talk.mp4"].endswith("No music of the library was found in it.")
    first, second, third = pairs(looked)
    assert [one.pair_id for one in (first, second, third)] == [1, 2, 3]
    assert [one.track.content_hash for one in (first, second, third) if one.track] == [
        "content 2",
        "content 3",
        "content 5",
    ]
    assert (first.video.name, third.video.name, first.state) == ("a two.mp4", "b one.mp4", COUNTS)
    assert first.start_s == pytest.approx(0, abs=2) and first.end_s == pytest.approx(12, abs=2)
    assert second.track_start_s == pytest.approx(10 + second.start_s - 12, abs=0.1)
    assert third.track_start_s == pytest.approx(5 + third.start_s, abs=0.1)
    assert third.speed == pytest.approx(1, abs=0.002) and 0.5 < third.confidence < 1
    assert look(looked, films / "a two.mp4", films / "b one.mp4") == PastReport(0, 2, 3)


def test_pairs_are_evidence_until_they_are_struck_or_their_track_is_gone(looked: Profile) -> None:
    with read_library(looked) as library:
        entries = entries_of(looked, library)
    assert [(one["verdict"], one["content_hash"], one["offered"]) for one in entries] == [
        ("past", f"content {number}", []) for number in (2, 3, 5)
    ]
    assert len({one["project_id"] for one in entries}) == 2
    strike(looked, 1, True)
    with write_library(looked, "test") as library:
        gone = library.track_with_content("content 5")
        assert gone is not None
        library.delete_tracks([gone.id])
        assert [one["content_hash"] for one in entries_of(looked, library)] == ["content 3"]
    assert [one.state for one in pairs(looked)] == [STRUCK, COUNTS, LOST]
    strike(looked, 1, False)
    assert pairs(looked)[0].state == COUNTS


def test_a_stopped_run_keeps_the_films_that_were_done(profile: Profile, films: Path) -> None:
    cancel = CancelToken()

    def stop_after_one(progress: Progress) -> None:
        if progress.label == "Past edits":
            cancel.cancel()

    named = [films / "a two.mp4", films / "b one.mp4"]
    with pytest.raises(Cancelled):
        find_past_edits(profile, named, stop_after_one, cancel)
    assert len({one.video for one in pairs(profile)}) == 1
    report = look(profile, *named)
    assert (report.looked_at, report.known, report.pairs) == (1, 1, 3)


def test_what_was_not_known_is_asked_again_when_the_library_grows(profile: Profile, films: Path) -> None:
    with write_library(profile, "test") as library:
        five = library.track_with_content("content 5")
        assert five is not None
        library.delete_tracks([five.id])
    named = films / "b one.mp4"
    assert look(profile, named).pairs == 0
    assert look(profile, named).looked_at == 0
    with write_library(profile, "test") as library:
        library.undelete_tracks([five.id])
    assert look(profile, named) == PastReport(1, 0, 1)


def test_projects_of_every_editor_name_their_music(profile: Profile, tmp_path: Path) -> None:
    made = made_edit(tmp_path, Fraction(25), ducked=False)
    track = MediaSource("/music/album/004.flac", Path("/music/album/004.flac"), Fraction(60))
    clips = tuple(replace(one, source=track) if one.name == "song" else one for one in made.clips)
    written = [tmp_path / f"cut{suffix}" for suffix in (".otio", ".fcpxml", ".xml", ".kdenlive", ".mlt")]
    formats = (EditFormat.OTIO, EditFormat.FCPXML, EditFormat.FCP7, EditFormat.KDENLIVE, EditFormat.MLT)
    for path, target in zip(written, formats, strict=True):
        write_edit(replace(made, clips=clips), target, path, overwrite=False, sources=[])
    report = look(profile, *written)
    assert (report.looked_at, report.pairs) == (5, 5), report.notes
    for one in pairs(profile):
        assert one.track is not None and one.track.content_hash == "content 4"
        assert (one.start_s, one.end_s) == (pytest.approx(1.2, abs=0.05), pytest.approx(8.4, abs=0.05))
        assert one.track_start_s == pytest.approx(333 / 25, abs=0.05) and one.level_db == pytest.approx(-6.5, abs=0.1)
        assert one.confidence == 1.0 and one.state == COUNTS


def test_a_damaged_project_costs_itself(profile: Profile, tmp_path: Path) -> None:
    (tmp_path / "bad.xml").write_text("<xmeml><")
    (tmp_path / "empty.otio").write_text("{}")
    report = look(profile, tmp_path / "bad.xml", tmp_path / "empty.otio")
    assert report.pairs == 0 and len(report.notes) == 2
    assert report.notes[0] == "bad.xml: 'bad.xml' is damaged or is no project that Needledrop reads."


def test_no_path_and_nothing_below_it_are_said(profile: Profile, tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="is not there"):
        look(profile, tmp_path / "nowhere")
    (tmp_path / "a.txt").touch()
    with pytest.raises(KnownError, match="no finished video"):
        look(profile, tmp_path / "a.txt")


def test_an_empty_library_finds_nothing_and_fails_at_nothing(tmp_path: Path, films: Path) -> None:
    report = look(Profile.at(tmp_path / "fresh"), films / "b one.mp4")
    assert report.pairs == 0 and report.notes == ("b one.mp4: No music of the library was found in it.",)


def test_a_picture_that_cannot_be_seen_is_said_and_the_music_counts(
    profile: Profile, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KnownError("Its picture is damaged.")

    monkeypatch.setattr(past_evidence, "analysed_video", broken)
    report = look(profile, films / "b one.mp4")
    assert report.notes == ("b one.mp4: Its picture is damaged. Its music counts without its picture.",)
    with read_library(profile) as library:
        assert len(entries_of(profile, library)) == 1


def test_the_command_line_shows_and_strikes(
    first_look: tuple[Path, PastReport], looked: Profile, films: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--profile", str(looked.data_dir.parent)]
    run_command([*where, "learn", str(films / "a two.mp4")])
    assert "2 pieces of music in 1 past edit, 1 of them known before" in capsys.readouterr().out
    assert run_command([*where, "taste", "strike", "2"]) == 0
    assert "2: does not count any more" in capsys.readouterr().out
    assert run_command([*where, "taste", "pairs", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert [(one["id"], one["state"]) for one in facts] == [(1, "counts"), (2, "struck"), (3, "counts")]
    assert run_command([*where, "taste", "pairs"]) == 0
    assert "b one.mp4" in capsys.readouterr().out
    assert run_command([*where, "taste", "strike", "9"]) == 3


def test_without_past_edits_the_list_is_empty(profile: Profile, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["--profile", str(profile.data_dir.parent), "taste", "pairs"]) == 4
    assert "Nothing was found" in capsys.readouterr().out
