# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What we write, we read back equal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import pytest

from edit_factory import RATES, made_edit
from needledrop.core.edit import ClipKind, EditClip, ProjectEdit, SoundRole
from needledrop.core.errors import KnownError
from needledrop.export.interchange.read import read_edit
from needledrop.export.interchange.write import EDIT_FORMAT_SUFFIXES, EditFormat, edit_document, write_edit

FORMATS = list(EditFormat)
WITH_LEVELS = [one for one in FORMATS if one is not EditFormat.RESOLVE]


@dataclass(frozen=True)
class Seen:
    """A clip as far as every format holds it."""

    kind: ClipKind
    track: int
    path: Path | None
    times: tuple[Fraction, ...]


def seen(edit: ProjectEdit) -> list[Seen]:
    def one(clip: EditClip) -> Seen:
        times = clip.source_in_s, clip.source_out_s, clip.record_in_s, clip.record_out_s
        return Seen(clip.kind, clip.track, clip.source.path if clip.source else None, times)

    return sorted(map(one, edit.clips), key=lambda seen: (seen.kind, seen.track, seen.times))


def again(edit: ProjectEdit, target: EditFormat, folder: Path) -> ProjectEdit:
    path = folder / f"new{EDIT_FORMAT_SUFFIXES[target]}"
    write_edit(edit, target, path)
    return read_edit(path)


def music_of(edit: ProjectEdit) -> EditClip:
    (found,) = [clip for clip in edit.clips if clip.role is SoundRole.MUSIC]
    return found


@pytest.mark.parametrize("rate", RATES, ids=str)
@pytest.mark.parametrize("target", FORMATS)
def test_clips_come_back(tmp_path: Path, target: EditFormat, rate: Fraction) -> None:
    edit = made_edit(tmp_path, rate)
    found = again(edit, target, tmp_path)
    assert found.frame_rate == rate
    assert found.duration_s == edit.duration_s
    assert found.size == edit.size
    assert seen(found) == seen(edit)
    # In Shotcut a picture's own sound lies on its picture's track, which has no role.
    roles = {SoundRole.UNKNOWN if target is EditFormat.MLT else SoundRole.SPEECH, SoundRole.MUSIC}
    assert {clip.role for clip in found.of_kind(ClipKind.SOUND)} == roles


@pytest.mark.parametrize("rate", RATES, ids=str)
@pytest.mark.parametrize("target", [EditFormat.OTIO, EditFormat.RESOLVE, EditFormat.FCPXML, EditFormat.FCP7])
def test_timecode_comes_back(tmp_path: Path, target: EditFormat, rate: Fraction) -> None:
    edit = made_edit(tmp_path, rate)
    found = again(edit, target, tmp_path)
    assert (found.start_frame, found.is_drop_frame, found.name) == (86_400, edit.is_drop_frame, "Hike")


@pytest.mark.parametrize("ducked", [True, False])
@pytest.mark.parametrize(("rise", "fall"), [(12, 25), (0, 25), (12, 0), (0, 0), (1, 1)])
@pytest.mark.parametrize("target", WITH_LEVELS)
def test_gain_fades_and_ducking_come_back(
    tmp_path: Path, target: EditFormat, rise: int, fall: int, ducked: bool
) -> None:
    edit = made_edit(tmp_path, Fraction(25), ducked=ducked, rise=rise, fall=fall)
    wanted, found = music_of(edit), music_of(again(edit, target, tmp_path))
    assert found.gain_db == pytest.approx(-6.5, abs=1e-6)
    assert (found.fade_in_s, found.fade_out_s) == (wanted.fade_in_s, wanted.fade_out_s)
    levels = {point.time_s: point.level_db for point in found.levels}
    for point in wanted.levels:
        # Where fades are keyframes too, the level has none before its fade is over.
        if point.time_s >= found.fade_in_s:
            assert levels[point.time_s] == pytest.approx(point.level_db, abs=1e-6)
    assert bool(found.levels) is ducked


@pytest.mark.parametrize("target", FORMATS)
def test_markers_come_back(tmp_path: Path, target: EditFormat) -> None:
    edit = made_edit(tmp_path, Fraction(30000, 1001))
    found = again(edit, target, tmp_path)
    assert [(found.frame_of(m.time_s), m.label) for m in found.markers] == [
        (edit.frame_of(m.time_s), m.label) for m in edit.markers
    ]
    if target in {EditFormat.OTIO, EditFormat.RESOLVE, EditFormat.FCPXML, EditFormat.FCP7}:
        assert [marker.kind for marker in found.markers] == [marker.kind for marker in edit.markers]


@pytest.mark.parametrize("target", FORMATS)
def test_the_same_edit_gives_the_same_bytes(tmp_path: Path, target: EditFormat) -> None:
    edit = made_edit(tmp_path, Fraction(25))
    assert edit_document(edit, target) == edit_document(edit, target)


@pytest.mark.parametrize("target", FORMATS)
def test_what_overlaps_on_a_track_gets_another(tmp_path: Path, target: EditFormat) -> None:
    edit = made_edit(tmp_path, Fraction(25))
    song = music_of(edit)
    second = replace(song, record_in_s=Fraction(5), record_out_s=Fraction(6), source_out_s=song.source_in_s + 1)
    found = again(replace(edit, clips=(*edit.clips, second)), target, tmp_path)
    assert len([clip for clip in found.clips if clip.role is SoundRole.MUSIC]) == 2


@pytest.mark.parametrize("target", FORMATS)
def test_titles_are_left_out_and_it_is_said(tmp_path: Path, target: EditFormat) -> None:
    edit = made_edit(tmp_path, Fraction(25))
    title = EditClip("Title", ClipKind.PICTURE, 2, None, Fraction(0), Fraction(1), Fraction(0), Fraction(1))
    path = tmp_path / f"t{EDIT_FORMAT_SUFFIXES[target]}"
    notes = write_edit(replace(edit, clips=(*edit.clips, title)), target, path)
    assert any("Titles" in note for note in notes)
    assert seen(read_edit(path)) == seen(edit)


@pytest.mark.parametrize("target", [EditFormat.OTIO, EditFormat.KDENLIVE, EditFormat.KDENLIVE_22, EditFormat.MLT])
def test_speed_comes_back(tmp_path: Path, target: EditFormat) -> None:
    edit = made_edit(tmp_path, Fraction(25))
    fast = replace(edit.clips[2], source_in_s=Fraction(4), source_out_s=Fraction(4) + 2 * edit.clips[2].duration_s)
    found = again(replace(edit, clips=(fast, *edit.clips[4:])), target, tmp_path)
    (clip,) = found.of_kind(ClipKind.PICTURE)
    assert (clip.source_in_s, clip.speed) == (4, 2)


@pytest.mark.parametrize("target", [EditFormat.FCPXML, EditFormat.FCP7])
def test_lost_speed_is_said(tmp_path: Path, target: EditFormat) -> None:
    edit = made_edit(tmp_path, Fraction(25))
    fast = replace(edit.clips[2], source_out_s=edit.clips[2].source_in_s + 2 * edit.clips[2].duration_s)
    assert any("own speed" in note for note in write_edit(replace(edit, clips=(fast,)), target, tmp_path / "s.xml"))


def test_nothing_is_written_over_unasked(tmp_path: Path) -> None:
    edit = made_edit(tmp_path, Fraction(25))
    path = tmp_path / "mine.kdenlive"
    path.write_text("the user's own project")
    with pytest.raises(KnownError, match="exists already"):
        write_edit(edit, EditFormat.KDENLIVE, path)
    with pytest.raises(KnownError, match="never overwritten"):
        write_edit(edit, EditFormat.KDENLIVE, path, overwrite=True, sources=[path])
    assert path.read_text() == "the user's own project"


def test_resolve_takes_source_times_in_the_files_own_timecode(tmp_path: Path) -> None:
    import opentimelineio as otio

    edit = made_edit(tmp_path, Fraction(24))
    path = tmp_path / "r.otio"
    write_edit(edit, EditFormat.RESOLVE, path)
    timeline = otio.schema.Timeline.from_json_file(str(path))
    clip = next(iter(timeline.tracks[0]))
    assert clip.media_reference.target_url == str(edit.clips[0].source.path)  # type: ignore[union-attr]
    assert clip.source_range.start_time.value == 90_100
    assert clip.media_reference.available_range.start_time.value == 90_000
    assert timeline.global_start_time.value == 86_400
    assert all(isinstance(item, otio.schema.Clip | otio.schema.Gap) for track in timeline.tracks for item in track)


@pytest.mark.parametrize("target", FORMATS)
def test_a_timeline_of_sound_alone_is_written_too(tmp_path: Path, target: EditFormat) -> None:
    edit = made_edit(tmp_path, Fraction(25))
    found = again(replace(edit, clips=(music_of(edit),)), target, tmp_path)
    assert seen(found) == [replace(one, track=0) for one in seen(edit) if one.track == 1 and one.kind is ClipKind.SOUND]
