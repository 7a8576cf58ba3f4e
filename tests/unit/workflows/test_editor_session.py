# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs of the plugin protocol on real files: a list, its sound, its place, to the frame and the sample."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pytest
import soundfile

import media_factory
from contract.scanning import quiet_scan
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.export.sound import export_wav
from needledrop.workflows.editor_jobs import EditorQuestion
from needledrop.workflows.editor_session import EditorSession, take_engine
from needledrop.workflows.profiles import read_library
from profile_copies import copied_profile

NTSC = Fraction(30000, 1001)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of 8 s with two cuts, three tracks of music, and a profile that knows all of it, copied for each test."""
    studio = tmp_path_factory.mktemp("studio")
    (studio / "music").mkdir()
    for number, bpm in enumerate((96.0, 120.0, 132.0)):
        media_factory.write_audio(studio / "music" / f"{number}.flac", media_factory.music(24, bpm=bpm, seed=number))
    frames = media_factory.shot_frames((60, 130), 200)
    media_factory.write_video(studio / "film.mp4", frames, sound=media_factory.music(8, rate=48000, seed=9))
    quiet_scan(Profile.at(studio / "profile"), studio / "music")
    session = EditorSession(Profile.at(studio / "profile"))
    made_list(session, EditorQuestion(studio / "film.mp4"))
    session.close()
    return studio


@pytest.fixture
def profile(studio: Path, tmp_path: Path) -> Profile:
    return copied_profile(studio / "profile", tmp_path / "profile")


@pytest.fixture
def session(profile: Profile) -> Iterator[EditorSession]:
    session = EditorSession(profile)
    yield session
    session.close()


def made_list(session: EditorSession, question: EditorQuestion) -> tuple[str, dict[str, Any]]:
    job = session.suggest(question)["job"]
    session.ended(job).result(60)
    listed = session.listed(job)
    json.dumps(listed, allow_nan=False)
    return job, listed


def refusal(session: EditorSession, job: str, number: int = 1) -> str:
    with pytest.raises(KnownError) as refused:
        session.use(job, number)
    assert refused.value.remedy
    return refused.value.code


def cut(studio: Path, folder: Path) -> Path:
    """A timeline at 25 frames a second: frames 20 to 80 of the film, then 120 to 190."""
    track = otio.schema.Track("V1", kind="Video")
    for start, frames in ((20, 60), (120, 70)):
        span = otio.opentime.TimeRange(otio.opentime.RationalTime(start, 25), otio.opentime.RationalTime(frames, 25))
        track.append(otio.schema.Clip("film", otio.schema.ExternalReference(str(studio / "film.mp4")), span))
    timeline = otio.schema.Timeline("cut", global_start_time=otio.opentime.RationalTime(90_000, 25))
    timeline.tracks.append(track)
    path = folder / "cut.otio"
    timeline.to_json_file(str(path))
    return path


def uses(profile: Profile) -> list[tuple[int, str]]:
    """What the library keeps of uses: tracks and verdicts."""
    with read_library(profile) as library:
        return [(one["track_id"], one["verdict"]) for one in library.feedback()]


def test_a_project_is_known_by_its_key_where_its_file_has_a_new_name(
    session: EditorSession, profile: Profile, studio: Path, tmp_path: Path
) -> None:
    for name, key in (("a", "film-1"), ("b", "film-1"), ("c", "film-2")):
        (tmp_path / name).mkdir()
        job, _ = made_list(session, EditorQuestion(cut(studio, tmp_path / name), project_key=key, count=1))
        session.use(job, 1, tmp_path / name)
    with read_library(profile) as library:
        projects = [one["project_id"] for one in library.feedback()]
    assert len(set(projects)) == 2 and len(projects) == 3


def test_the_wait_for_what_is_loaded_ahead_can_be_stopped(
    session: EditorSession, studio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end = threading.Event()
    monkeypatch.setattr(session, "_load", may_end.wait)
    try:
        job = session.suggest(EditorQuestion(studio / "film.mp4"))["job"]
        while not session._videos:  # All that it does before it waits.
            time.sleep(0.01)
        session.cancel(job)
        session.ended(job).result(60)
        assert session.listed(job)["state"] == "cancelled"
    finally:
        may_end.set()


def test_a_list_is_made_from_a_film(session: EditorSession, studio: Path) -> None:
    status = session.status()
    assert status["tracks"] == 3 and status["jobs"] == []
    job, listed = made_list(session, EditorQuestion(studio / "film.mp4", Fraction(1), Fraction(6), count=2))
    assert (listed["state"], listed["progress"]) == ("done", None) and "error" not in listed
    assert [one["number"] for one in listed["suggestions"]] == [1, 2]
    first = listed["suggestions"][0]
    assert first["start_s"] == 1.0 and first["end_s"] <= 6.0 + 1e-6
    assert 0.0 <= first["match"] <= 1.0 and first["reasons"] and first["duration_s"] == pytest.approx(24.0, abs=0.1)
    assert session.listed(job) == listed


@pytest.mark.parametrize("frame_rate", [None, NTSC, Fraction(24), Fraction(60)])
def test_what_is_used_lies_on_whole_frames_to_the_sample(
    session: EditorSession, studio: Path, frame_rate: Fraction | None
) -> None:
    question = EditorQuestion(studio / "film.mp4", Fraction("1.001"), Fraction("6.3"), frame_rate)
    job, listed = made_list(session, question)
    placed, said = session.use(job, 1), listed["suggestions"][0]
    rate = frame_rate or Fraction(25)
    assert Fraction(placed["frame_rate"]) == rate
    first, end = placed["start_frame"], placed["start_frame"] + placed["frames"]
    assert 0 <= said["start_s"] - first / rate < 1 / rate and abs(end / rate - said["end_s"]) < 0.5 / rate + 1e-9
    assert placed["start_s"] == float(first / rate) and placed["end_s"] == float(end / rate)
    samples, sample_rate = soundfile.read(placed["wav"])
    assert sample_rate == placed["sample_rate"] == 48000
    assert len(samples) == placed["samples"] == round(end / rate * 48000) - round(first / rate * 48000)
    assert samples.shape[1] == 2 and soundfile.info(placed["wav"]).subtype == "PCM_24"
    lead = round((said["start_s"] - first / rate) * 48000)
    assert not samples[: max(0, lead - 1)].any() and np.abs(samples[lead : lead + 24000]).max() > 0.01
    kinds = {one["kind"] for one in placed["markers"]}
    assert {"beat", "downbeat"} <= kinds <= {"beat", "downbeat", "section"}
    assert all(placed["start_s"] <= one["at_s"] <= placed["end_s"] for one in placed["markers"])


def test_the_clip_of_the_original_is_the_same_moment_of_the_track(session: EditorSession, studio: Path) -> None:
    job, listed = made_list(session, EditorQuestion(studio / "film.mp4", Fraction(1), Fraction(6)))
    original, said = session.use(job, 1)["original"], listed["suggestions"][0]
    assert original["in_s"] == pytest.approx(said["track_in_s"])
    assert original["out_s"] - original["in_s"] == pytest.approx(said["end_s"] - said["start_s"], abs=0.02)
    assert (original["gain_db"], original["duck"]) == (said["gain_db"], [])
    track, rate = soundfile.read(original["path"])
    baked, _ = soundfile.read(session.use(job, 1)["wav"])
    middle_s = 2.0  # Behind the fade in; tracks of 44.1 kHz are resampled, so envelopes are compared.
    begin = round((original["in_s"] + middle_s) * rate)
    ours = _envelope(baked[round(middle_s * 48000) :][:48000], 480)
    theirs = _envelope(track[begin:][:rate], rate // 100)
    assert np.corrcoef(ours, theirs)[0, 1] > 0.99
    gain_db = 20 * np.log10(ours.mean() / theirs.mean())
    assert gain_db == pytest.approx(said["gain_db"], abs=0.5)


def _envelope(samples: np.ndarray[Any, np.dtype[np.float64]], step: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    whole = samples.mean(axis=1)[: len(samples) // step * step]
    envelope: np.ndarray[Any, np.dtype[np.float64]] = np.sqrt((whole.reshape(-1, step) ** 2).mean(axis=1))
    return envelope[:100]


def test_a_project_gives_its_own_cuts_and_frame_rate(session: EditorSession, studio: Path, tmp_path: Path) -> None:
    project = cut(studio, tmp_path)
    before = project.read_bytes()
    job, listed = made_list(session, EditorQuestion(project))
    assert listed["state"] == "done"
    assert any("of 1 cut" in reason for one in listed["suggestions"] for reason in one["reasons"])
    placed = session.use(job, 1)
    assert (placed["frame_rate"], placed["start_frame"]) == ("25", 0)
    assert placed["frames"] <= 130
    assert project.read_bytes() == before


def test_a_changed_project_is_read_anew(session: EditorSession, studio: Path, tmp_path: Path) -> None:
    project = cut(studio, tmp_path)
    made_list(session, EditorQuestion(project))
    timeline = otio.adapters.read_from_file(str(project))
    del timeline.tracks[0][1]
    timeline.to_json_file(str(project))
    job, _ = made_list(session, EditorQuestion(project))
    assert session.use(job, 1)["end_s"] <= 60 / 25


def test_using_counts_once_and_hearing_does_not(
    session: EditorSession, profile: Profile, studio: Path, tmp_path: Path
) -> None:
    job, _ = made_list(session, EditorQuestion(studio / "film.mp4"))
    heard = Path(session.audition(job, 2)["path"])
    assert heard.is_relative_to(profile.cache_dir) and soundfile.info(str(heard)).frames > 48000
    assert uses(profile) == []
    first = session.use(job, 2)
    assert session.use(job, 2) == first
    elsewhere = session.use(job, 2, tmp_path)
    assert Path(elsewhere["wav"]).parent == tmp_path
    assert Path(elsewhere["wav"]).read_bytes() == Path(first["wav"]).read_bytes() == heard.read_bytes()
    ((_, verdict),) = uses(profile)
    assert verdict == "export"
    session.use(job, 1)
    assert len(uses(profile)) == 2


def test_a_wav_that_was_deleted_is_baked_again(session: EditorSession, studio: Path) -> None:
    job, _ = made_list(session, EditorQuestion(studio / "film.mp4"))
    wav = Path(session.use(job, 1)["wav"])
    content = wav.read_bytes()
    wav.unlink()
    assert session.use(job, 1)["wav"] == str(wav)
    assert wav.read_bytes() == content


def test_two_lists_that_bake_the_same_at_once_share_it(
    session: EditorSession, studio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [made_list(session, EditorQuestion(studio / "film.mp4"))[0] for _ in range(2)]
    both = threading.Barrier(2, timeout=60)

    def together(*arguments: Any, **options: Any) -> None:
        both.wait()
        export_wav(*arguments, **options)

    monkeypatch.setattr("needledrop.workflows.editor_music.export_wav", together)
    with ThreadPoolExecutor(2) as threads:
        paths = [answer["path"] for answer in threads.map(lambda job: session.audition(job, 1), jobs)]
    assert len(set(paths)) == 1 and Path(paths[0]).is_file()


def test_only_the_latest_auditions_are_kept(
    session: EditorSession, profile: Profile, studio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("needledrop.workflows.editor_music._KEPT_AUDITIONS", 2)
    job, _ = made_list(session, EditorQuestion(studio / "film.mp4"))
    paths = [Path(session.audition(job, number)["path"]) for number in (1, 2, 3, 1)]
    assert len(set(paths)) == 3 and paths[-1].is_file()
    assert len(list((profile.cache_dir / "auditions").iterdir())) == 2


def test_music_like_a_file_and_words_are_asked_for(session: EditorSession, studio: Path) -> None:
    like = studio / "music" / "1.flac"
    _, listed = made_list(session, EditorQuestion(studio / "film.mp4", text="calm", like=like))
    assert len(listed["suggestions"]) == 2 and any("reference" in note for note in listed["notes"])


def test_a_video_is_analysed_once(session: EditorSession, studio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_list(session, EditorQuestion(studio / "film.mp4"))

    def analyse(*arguments: object, **options: object) -> None:
        raise AssertionError("asked again")

    monkeypatch.setattr("needledrop.workflows.videos.analysed_video", analyse)
    assert made_list(session, EditorQuestion(studio / "film.mp4", Fraction(2)))[1]["state"] == "done"


def test_a_job_can_be_stopped(session: EditorSession, studio: Path, tmp_path: Path) -> None:
    film = media_factory.write_video(tmp_path / "long.mp4", media_factory.shot_frames((100,), 400))
    job = session.suggest(EditorQuestion(film))["job"]
    assert session.is_busy and session.status()["jobs"][0]["job"] == job
    assert session.listed(job)["progress"] is not None
    assert refusal(session, job) == "not-ready"
    assert session.cancel(job) == {}
    session.ended(job).result(30)
    assert session.listed(job)["state"] == "cancelled" and not session.is_busy
    assert session.cancel(job) == {}
    assert refusal(session, job) == "not-ready"


def test_what_cannot_be_done_says_so(session: EditorSession, studio: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film" * 100)
    job, listed = made_list(session, EditorQuestion(broken))
    assert listed["state"] == "failed" and "broken.mp4" in listed["error"]["sentence"] and listed["error"]["remedy"]
    assert refusal(session, job) == "not-ready"
    _, listed = made_list(session, EditorQuestion(studio / "film.mp4", Fraction(99)))
    assert listed["error"]["code"] == "bad-range"
    assert refusal(session, "j-0123456789abcdef") == "no-job"
    job, _ = made_list(session, EditorQuestion(studio / "film.mp4", count=1))
    assert refusal(session, job, 2) == "no-entry"


def test_a_track_that_went_away_is_named(session: EditorSession, studio: Path) -> None:
    job, _ = made_list(session, EditorQuestion(studio / "film.mp4"))
    music = studio / "music"
    away = music.rename(studio / "away")
    try:
        with pytest.raises(KnownError, match=r"\.flac"):
            session.use(job, 1)
    finally:
        away.rename(music)


def test_a_folder_that_cannot_be_made_is_named(session: EditorSession, profile: Profile, studio: Path) -> None:
    job, _ = made_list(session, EditorQuestion(studio / "film.mp4"))
    (profile.data_dir / "music for editors").touch()
    assert refusal(session, job) == "unwritable"


def test_an_empty_library_says_how_to_fill_it(studio: Path, tmp_path: Path) -> None:
    session = EditorSession(Profile.at(tmp_path / "empty"))
    try:
        job, listed = made_list(session, EditorQuestion(studio / "film.mp4"))
        assert listed["state"] == "done" and listed["suggestions"] == [] and "needledrop scan" in listed["notes"][0]
        assert refusal(session, job) == "no-entry"
    finally:
        session.close()


def test_one_engine_has_a_profile(profile: Profile) -> None:
    profile.bridge_dir.mkdir()
    lock = take_engine(profile)
    assert lock is not None
    assert take_engine(profile) is None
    lock.release(is_clean=True)
    again = take_engine(profile)
    assert again is not None
    again.release(is_clean=True)
