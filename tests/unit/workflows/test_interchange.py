# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project in place of a video, and hand-offs that play what was mixed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest
import soundfile

import media_factory
from needledrop.core.cue import Cue, Piece
from needledrop.core.edit import ClipKind, ProjectEdit, SoundRole
from needledrop.core.errors import KnownError
from needledrop.core.marker import MarkerKind
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.export.interchange.read import read_edit
from needledrop.export.interchange.write import EDIT_FORMAT_SUFFIXES, EditFormat
from needledrop.export.markers import MarkerChoice
from needledrop.workflows.edited_video import analysed_project, project_words, read_project
from needledrop.workflows.found_words import found_words
from needledrop.workflows.interchange import HandoffWish, hand_off, video_edit
from needledrop.workflows.output import Kind, RenderOptions, export
from needledrop.workflows.profiles import read_library, write_library
from needledrop.workflows.project import Selection, kept_cues
from needledrop.workflows.suggest import Wish
from needledrop.workflows.videos import analysed_video
from unit.workflows.made_library import add_track


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A timeline of two videos: frames 20 to 60 of b, 0 to 50 of a, and 60 to 100 of b again."""
    sound = media_factory.music(4, rate=48000)
    media_factory.write_video(tmp_path / "a.mp4", media_factory.shot_frames((30,), 60), sound=sound)
    media_factory.write_video(tmp_path / "b.mp4", media_factory.shot_frames((50,), 110, seed=4))
    track = otio.schema.Track("V1", kind="Video")
    for name, start, frames in (("b", 20, 40), ("a", 0, 50), ("b", 60, 40)):
        track.append(
            otio.schema.Clip(f"Sunrise {name}", otio.schema.ExternalReference(f"{name}.mp4"), _span(start, frames))
        )
    timeline = otio.schema.Timeline("Alps", global_start_time=otio.opentime.RationalTime(90_000, 25))
    timeline.tracks.append(track)
    path = tmp_path / "cut.otio"
    timeline.to_json_file(str(path))
    return path


def _span(start: int, frames: int) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, 25), otio.opentime.RationalTime(frames, 25))


def test_a_project_is_a_video_with_its_own_cuts(profile: Profile, project: Path) -> None:
    video = analysed_video(profile, project, ignore_progress, CancelToken())
    assert video.edit is not None
    assert video.features.duration_s == 130 / 25
    assert video.features.shots.cuts_s.tolist() == pytest.approx([40 / 25, 90 / 25])
    whole = analysed_video(profile, project.with_name("b.mp4"), ignore_progress, CancelToken()).features
    # The curve at 12.5 Hz: frame 20 of b lies at its tick 10, and opens the timeline.
    assert np.array_equal(video.features.motion.curve[:20], whole.motion.curve[10:30])
    assert np.array_equal(video.features.colour.brightness[:3], whole.colour.brightness[2:5])
    assert len(video.features.rows.seconds) == 6
    assert np.flatnonzero(video.features.rows.is_break).tolist() == [12, 28]
    again = analysed_video(profile, project, ignore_progress, CancelToken())
    assert again.content_hash == video.content_hash


def test_a_finished_film_on_a_timeline_keeps_its_detected_cuts(profile: Profile, tmp_path: Path, project: Path) -> None:
    timeline = otio.schema.Timeline("film")
    clip = otio.schema.Clip("film", otio.schema.ExternalReference("b.mp4"), _span(10, 90))
    timeline.tracks.append(otio.schema.Track("V", [clip], kind="Video"))
    path = tmp_path / "film.otio"
    timeline.to_json_file(str(path))
    features = analysed_project(profile, path, ignore_progress, CancelToken()).features
    assert features.shots.cuts_s.tolist() == pytest.approx([40 / 25], abs=0.02)


def test_missing_media_count_as_black_and_none_at_all_are_refused(profile: Profile, project: Path) -> None:
    project.with_name("a.mp4").unlink()
    video = analysed_project(profile, project, ignore_progress, CancelToken())
    assert video.edit is not None and "a.mp4" in " ".join(video.edit.notes)
    assert video.features.colour.brightness[5] == 0
    project.with_name("b.mp4").unlink()
    with pytest.raises(KnownError, match="are not there") as raised:
        analysed_project(profile, project, ignore_progress, CancelToken())
    assert raised.value.code == "missing"


def test_names_in_a_project_are_words(profile: Profile, project: Path) -> None:
    edit = read_project(project, CancelToken())
    assert [word.word for word in project_words(edit)] == ["Alps", "Sunrise"]
    found = found_words(profile, project, CancelToken())
    assert {"Alps", "Sunrise"} <= {word.word for word in found.words if word.source == "project"}


def test_an_edl_takes_its_rate_from_its_media(tmp_path: Path, project: Path) -> None:
    text = "TITLE: E\n001  AX  V  C  00:00:01:00 00:00:02:00 01:00:00:00 01:00:01:00\n* FROM CLIP NAME: slow.mp4\n"
    frames = media_factory.shot_frames((), 60)
    media_factory.write_video(tmp_path / "slow.mp4", frames, frame_rate=Fraction(24000, 1001))
    path = tmp_path / "e.edl"
    path.write_text(text)
    edit = read_project(path, CancelToken())
    assert edit.frame_rate == Fraction(24000, 1001)
    assert not edit.notes


def _selection(profile: Profile, video: Path, tmp_path: Path, *, suffix: str = ".flac", **change: object) -> Selection:
    """A cue in two pieces, off the frames, from 0.51 s on; its track is a real file."""
    music = media_factory.write_audio(tmp_path / f"song{suffix}", media_factory.music(20, bpm=110), 44100)
    with write_library(profile, "test") as library:
        track_id = add_track(library, 1)
    with read_library(profile) as library:
        track = replace(library.tracks([track_id])[track_id], path=bytes(music), duration_s=20.0)
    pieces = (Piece(3.217, 5.399), Piece(8.101, 10.0))
    cue = replace(Cue(track_id, 0.51, pieces, gain_db=-4.0, fade_in_s=0.2, fade_out_s=0.5), **change)  # type: ignore[arg-type]
    selection = kept_cues(profile, video, Wish(), ignore_progress, CancelToken())
    return replace(selection, cues=(cue,), tracks={track_id: track})


def _music(edit: ProjectEdit) -> list[tuple[Path, float, float, float]]:
    found = [clip for clip in edit.of_kind(ClipKind.SOUND) if clip.role is SoundRole.MUSIC]
    return [
        (clip.source.path, float(clip.source_in_s), float(clip.record_in_s), float(clip.record_out_s))
        for clip in sorted(found, key=lambda clip: clip.record_in_s)
        if clip.source is not None and clip.source.path is not None
    ]


@pytest.mark.parametrize("stretch", [1.0, 1.02])
def test_a_hand_off_plays_each_moment_where_the_mix_does(
    profile: Profile, project: Path, tmp_path: Path, stretch: float
) -> None:
    selection = _selection(profile, project, tmp_path, stretch=stretch, fade_in_s=0.0)
    out = tmp_path / "out"
    out.mkdir()
    wish = HandoffWish({EditFormat.OTIO: out / "new.otio"})
    hand_off(profile, selection, wish, ignore_progress, CancelToken())
    baked, rate = soundfile.read(out / "new music.wav")
    assert (rate, len(baked)) == (48000, round(130 / 25 * 48000))
    gain = 10 ** (-4 / 20)
    for path, source_in_s, record_in_s, record_out_s in _music(read_edit(out / "new.otio")):
        played, _ = soundfile.read(path)
        # Inside the clip, away from its fades and from the other piece.
        first, last = round((record_in_s + 0.1) * rate), round((record_out_s - 0.6) * rate)
        shift = round((source_in_s - record_in_s) * rate)
        heard = played[first + shift : last + shift] * gain
        error = np.sqrt(np.mean((heard - baked[first:last]) ** 2) / np.mean(baked[first:last] ** 2))
        # Stretched pieces are rendered from elsewhere, so that phases differ, not times: envelopes must agree.
        if stretch == 1.0:
            assert error < 0.01
        else:
            envelopes = [
                np.abs(part).reshape(-1, 240, 2).mean((1, 2)) for part in (_whole(heard), _whole(baked[first:last]))
            ]
            assert np.corrcoef(envelopes[0], envelopes[1])[0, 1] > 0.95


def _whole(samples: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    return samples[: len(samples) // 240 * 240]


@pytest.mark.parametrize("target", list(EditFormat))
def test_every_hand_off_holds_the_cut_the_music_and_its_beats(
    profile: Profile, project: Path, tmp_path: Path, target: EditFormat
) -> None:
    selection = _selection(profile, project, tmp_path)
    before = project.read_bytes()
    path = tmp_path / f"new{EDIT_FORMAT_SUFFIXES[target]}"
    written = hand_off(profile, selection, HandoffWish({target: path}), ignore_progress, CancelToken())
    edit = read_edit(path)
    assert project.read_bytes() == before
    assert len(edit.of_kind(ClipKind.PICTURE)) == 3
    assert len(_music(edit)) == 2
    assert edit.markers
    assert {one.path.name for one in written} >= {path.name, "new music.wav"}
    with pytest.raises(KnownError, match="exists already"):
        hand_off(profile, selection, HandoffWish({target: path}), ignore_progress, CancelToken())


def test_original_files_are_played_on_the_nearest_frame(profile: Profile, project: Path, tmp_path: Path) -> None:
    selection = _selection(profile, project, tmp_path)
    wish = HandoffWish({EditFormat.OTIO: tmp_path / "new.otio"}, is_original_kept=True)
    hand_off(profile, selection, wish, ignore_progress, CancelToken())
    music = _music(read_edit(tmp_path / "new.otio"))
    assert {path.name for path, *_ in music} == {"song.flac"}
    assert not (tmp_path / "new media").exists()
    for (_, source_in_s, record_in_s, _), exact_s in zip(music, (3.217 - 0.51, 8.101 - 0.51 - 2.182), strict=True):
        assert abs(source_in_s - record_in_s - exact_s) <= 0.0201


def test_a_video_is_handed_off_as_one_clip(profile: Profile, project: Path, tmp_path: Path) -> None:
    video = project.with_name("a.mp4")
    selection = _selection(profile, video, tmp_path, pieces=(Piece(3.0, 4.5),), record_in_s=0.52)
    edit = video_edit(selection.video, CancelToken())
    assert [clip.kind for clip in edit.clips] == [ClipKind.PICTURE, ClipKind.SOUND]
    assert (edit.size, edit.duration_s) == ((320, 180), Fraction(60, 25))
    wish = HandoffWish({EditFormat.FCPXML: tmp_path / "v.fcpxml"}, overwrite=True)
    hand_off(profile, selection, wish, ignore_progress, CancelToken())
    assert all(marker.kind is not MarkerKind.BEAT for marker in read_edit(tmp_path / "v.fcpxml").markers)
    hand_off(profile, selection, replace(wish, markers=MarkerChoice()), ignore_progress, CancelToken())
    found = read_edit(tmp_path / "v.fcpxml")
    assert any(marker.kind is MarkerKind.BEAT for marker in found.markers)


def test_nothing_to_hand_off_and_no_film_of_a_project(profile: Profile, project: Path, tmp_path: Path) -> None:
    selection = _selection(profile, project, tmp_path)
    wish = HandoffWish({EditFormat.OTIO: tmp_path / "n.otio"})
    with pytest.raises(KnownError, match="no cue"):
        hand_off(profile, replace(selection, cues=()), wish, ignore_progress, CancelToken())
    with pytest.raises(KnownError, match="made by your editor"):
        targets = {Kind.MP4: tmp_path / "film.mp4"}
        export(profile, selection, targets, RenderOptions(), ignore_progress, CancelToken())
    (written,) = export(
        profile, selection, {Kind.CUE_SHEET: tmp_path / "c.csv"}, RenderOptions(), ignore_progress, CancelToken()
    )
    assert "01:00:00:13" in written.path.read_text("utf-8-sig")
