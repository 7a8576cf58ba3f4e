# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The music a project names: tracks of the library by path or content, pieces joined, mutes and voices left out."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from edit_factory import made_edit
from needledrop.core.edit import ClipKind, EditClip, MediaSource, ProjectEdit, SoundRole
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.library.library import Library
from needledrop.workflows.past_projects import NamedMusic, named_music
from needledrop.workflows.profiles import write_library
from unit.workflows.made_library import add_track

RATE = Fraction(25)


@pytest.fixture
def library(profile: Profile) -> Library:
    library = write_library(profile, "test")
    add_track(library, 1, is_analysed=False)
    return library


def nobody(path: Path) -> str:
    return "unknown"


def clip(source: MediaSource, start_s: int, end_s: int, at_s: int, role: SoundRole = SoundRole.UNKNOWN) -> EditClip:
    times = [Fraction(one) for one in (at_s, at_s + end_s - start_s, start_s, end_s)]
    return EditClip("a clip", ClipKind.SOUND, 0, source, *times, role=role)


def edit(*clips: EditClip) -> ProjectEdit:
    return ProjectEdit("film", RATE, clips, duration_s=Fraction(600))


IN_LIBRARY = MediaSource("/music/album/001.flac", None)
ELSEWHERE = MediaSource("/elsewhere/tune.wav", None)


def facts(found: list[NamedMusic]) -> list[tuple[float, float, float, int | None]]:
    ids = [one.track.id if one.track is not None else None for one in found]
    times = [(one.clip.record_in_s, one.end_s, one.clip.source_in_s) for one in found]
    return [(*(float(time) for time in three), track) for three, track in zip(times, ids, strict=True)]


def test_a_track_is_known_by_its_path_though_its_drive_is_away(library: Library) -> None:
    found, notes = named_music(library, edit(clip(IN_LIBRARY, 10, 40, 7)), nobody)
    assert facts(found) == [(10.0, 40.0, 7.0, 1)] and notes == []


def test_a_copy_elsewhere_is_known_by_its_content(library: Library, tmp_path: Path) -> None:
    made = made_edit(tmp_path, RATE)
    found, _ = named_music(library, made, lambda path: "content 1" if path.stem == "the song" else "unknown")
    (music,) = [one for one in made.clips if one.role is SoundRole.MUSIC]
    assert [(one.clip, one.track.id if one.track else None) for one in found] == [(music, 1)]


def test_music_that_the_library_lacks_is_named_without_a_track(library: Library) -> None:
    clips = [
        clip(ELSEWHERE, 0, 30, 0, SoundRole.MUSIC),
        clip(replace(ELSEWHERE, named="/x/voice.wav"), 0, 30, 0, SoundRole.SPEECH),
        clip(replace(ELSEWHERE, named="/x/who-knows.wav"), 0, 30, 0),
        clip(IN_LIBRARY, 0, 30, 0, SoundRole.EFFECTS),
    ]
    found, _ = named_music(library, edit(*clips), nobody)
    assert facts(found) == [(0.0, 30.0, 0.0, None)]


def test_pieces_that_run_on_are_one_use_and_jumps_are_two(library: Library) -> None:
    pieces = [clip(IN_LIBRARY, 0, 10, 5), clip(IN_LIBRARY, 10, 20, 15), clip(IN_LIBRARY, 20, 30, 90)]
    found, _ = named_music(library, edit(*pieces), nobody)
    assert facts(found) == [(0.0, 20.0, 5.0, 1), (20.0, 30.0, 90.0, 1)]


def test_what_is_muted_disabled_or_a_sting_is_no_use(library: Library) -> None:
    whole = clip(IN_LIBRARY, 0, 30, 0)
    clips = [replace(whole, gain_db=-90.0), replace(whole, is_enabled=False), clip(IN_LIBRARY, 40, 41, 0)]
    assert named_music(library, edit(*clips), nobody) == ([], [])


def test_a_file_that_cannot_be_read_costs_itself(library: Library, tmp_path: Path) -> None:
    def broken(path: Path) -> str:
        raise KnownError("It is damaged.")

    (tmp_path / "bad.wav").touch()
    bad = MediaSource("bad.wav", tmp_path / "bad.wav")
    found, notes = named_music(library, edit(clip(bad, 0, 9, 0), clip(IN_LIBRARY, 10, 20, 0)), broken)
    assert [one.track.id for one in found if one.track] == [1]
    assert notes == ["bad.wav was left out: It is damaged."]
