# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A taste from feedback to the list and back: learned, killed, refused, blended, reset, taken along, outlived."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from needledrop.cli.main import run as run_command
from needledrop.core.errors import KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.workflows import taste, taste_evidence, taste_files, taste_store
from needledrop.workflows.by_ear import EarSession, start_by_ear
from needledrop.workflows.gallery import refresh_gallery
from needledrop.workflows.profiles import read_library, write_library
from needledrop.workflows.suggest import Wish, answer_range, range_of
from needledrop.workflows.taste import (
    LearnReport,
    blend_taste,
    export_taste,
    import_taste,
    learn_taste,
    reset_taste,
    use_taste,
)
from needledrop.workflows.taste_store import TasteState, state_of, versions
from needledrop.workflows.videos import AnalysedVideo, kept_features
from unit.workflows.made_library import make_taste

TRACKS, PROJECTS = 60, 24
KILLER = """
import os, signal, sys
from pathlib import Path
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, ignore_progress
from needledrop.workflows import taste
written = []
def write_json(path, value, keep=taste.write_json):
    keep(path, value)
    written.append(path)
    if len(written) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
taste.write_json = write_json
taste.learn_taste(Profile.at(Path(sys.argv[1])), ignore_progress, CancelToken())
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library of made_library.make_taste."""
    folder = tmp_path_factory.mktemp("template") / "profile"
    make_taste(Profile.at(folder), TRACKS, PROJECTS)
    return folder


@pytest.fixture
def profile(template: Path, tmp_path: Path) -> Profile:
    shutil.copytree(template, tmp_path / "profile")
    return Profile.at(tmp_path / "profile")


def run(profile: Profile) -> LearnReport:
    return learn_taste(profile, ignore_progress, CancelToken())


def listed(profile: Profile, notes: list[str] | None = None) -> list[tuple[int, float]]:
    """The list for the first video."""
    with read_library(profile) as library:
        features = kept_features(profile, library, "video-0")
        assert features is not None
        video = AnalysedVideo(Path("/films/0.mp4"), "video-0", features)
        wish = Wish(has_found_words=False, count=20)
        span = range_of(wish, features.duration_s)
        answer = answer_range(profile, library, video, span, wish, ignore_progress, CancelToken())
    if notes is not None:
        notes += answer.notes
    return [(one.track_id, one.score) for one in answer.suggestions]


def mean_tempo(found: list[tuple[int, float]]) -> float:
    return float(np.mean([track_id for track_id, _ in found[:10]]))


def test_feedback_changes_the_list_and_reset_takes_it_back_exactly(profile: Profile) -> None:
    live = listed(profile)
    assert reset_taste(profile) == TasteState("base", 1.0)
    base = listed(profile)
    assert mean_tempo(live) > mean_tempo(base) + 3
    with write_library(profile, "test") as library:
        library.delete_feedback()
    use_taste(profile, "live")
    assert listed(profile) == base


def test_learning_finds_the_taste_and_keeps_what_it_was_learned_from(profile: Profile) -> None:
    report = run(profile)
    assert report.version == 1 and report.learned.best is not None
    assert report.learned.best.rank < report.learned.best.base_rank
    assert report.moved[0].fact == "tempo" and report.moved[0].yours > report.moved[0].base
    (about,) = versions(profile)
    assert about["labels"] == len(about["data"]) == PROJECTS and about["made_at"] > 0
    assert about["chosen"]["rank"] == report.learned.best.rank
    learned = listed(profile)
    reset_taste(profile)
    assert mean_tempo(learned) > mean_tempo(listed(profile)) + 3
    use_taste(profile, "1")
    assert listed(profile) == learned


def test_the_blend_goes_from_the_base_to_the_taste(profile: Profile) -> None:
    reset_taste(profile)
    base = listed(profile)
    run(profile)
    means = []
    for share in (0.0, 0.3, 1.0):
        blend_taste(profile, share)
        means.append(mean_tempo(listed(profile)))
    assert means == sorted(means) and means[0] < means[2]
    blend_taste(profile, 0.0)
    assert listed(profile) == base
    with pytest.raises(KnownError, match="no share"):
        blend_taste(profile, 1.5)


def test_weights_of_the_base_count_are_blended_and_reset_exactly(profile: Profile) -> None:
    reset_taste(profile)
    base = listed(profile)
    run(profile)
    reset_taste(profile)
    path = profile.data_dir / "taste" / "version-0001.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"weights": {"picture": 6.0, "course": 0.2}}))
    use_taste(profile, "1")
    weighted = listed(profile)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"weights": {}}))
    assert weighted != listed(profile)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"weights": {"picture": 6.0, "course": 0.2}}))
    blend_taste(profile, 0.0)
    assert listed(profile) == base
    blend_taste(profile, 1.0)
    reset_taste(profile)
    assert listed(profile) == base


def test_a_verdict_after_learning_counts_at_once(profile: Profile) -> None:
    run(profile)
    before = dict(listed(profile))
    slowest = min(before)
    with write_library(profile, "test") as library:
        for number in range(3):
            project = library.open_project(f"video-{number}", Path(f"/films/{number}.mp4"))
            library.give_feedback(project.id, slowest, "accept", range_s=(0.0, 16.0), offered=[])
    assert dict(listed(profile))[slowest] > before[slowest]


def test_a_killed_run_goes_on_and_comes_to_the_same(profile: Profile, tmp_path: Path) -> None:
    whole = Profile.at(tmp_path / "whole")
    shutil.copytree(tmp_path / "profile", tmp_path / "whole")
    run(whole)
    killed = subprocess.run([sys.executable, "-c", KILLER, str(tmp_path / "profile")], check=False)
    assert killed.returncode != 0 and versions(profile) == []
    checkpoint = profile.data_dir / "taste" / "learning.json"
    assert len(json.loads(checkpoint.read_text())["done"]) == 4
    assert run(profile).version == 1 and not checkpoint.exists()
    first, second = (taste_store.read_version(one, 1) for one in (whole, profile))
    assert np.array_equal(first.taste.common, second.taste.common)
    assert first.about["figures"] == second.about["figures"]


def test_new_labels_do_not_go_on_with_an_old_run(profile: Profile) -> None:
    checkpoint = profile.data_dir / "taste" / "learning.json"
    checkpoint.parent.mkdir(parents=True)
    stale = {f"cache/{fold}": [[1.0, *[1.0] * 14]] for fold in range(5)}
    checkpoint.write_text(json.dumps({"key": "of other labels", "done": stale}))
    report = run(profile)
    assert report.learned.tried["cache"].picks == PROJECTS


def test_two_cannot_learn_at_once(profile: Profile) -> None:
    with taste_store.taste_lock(profile, "learn"):
        for refused in (lambda: run(profile), lambda: reset_taste(profile), lambda: blend_taste(profile, 0.5)):
            with pytest.raises(KnownError, match="by another Needledrop") as caught:
                refused()
            assert caught.value.code == "locked"
    assert run(profile).version == 1


def test_a_full_disk_leaves_what_there_was(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    run(profile)
    before = listed(profile)

    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(taste_files, "_replace", full)
    with pytest.raises(KnownError, match="could not be written") as caught:
        run(profile)
    assert caught.value.code == "disk-full"
    monkeypatch.undo()
    assert state_of(profile).current == "1" and listed(profile) == before
    assert run(profile).version == 2


def test_labels_on_deleted_tracks_are_counted_and_left_out(profile: Profile) -> None:
    with write_library(profile, "test") as library:
        taken = {int(entry["track_id"]) for entry in library.feedback()}
        gone = sorted(taken)[:2]
        expected = sum(entry["track_id"] in gone for entry in library.feedback())
        library.delete_tracks(gone)
    assert run(profile).lost == expected > 0
    assert not {track_id for track_id, _ in listed(profile)} & set(gone)


def test_after_a_new_analysis_the_labels_count_and_the_old_version_does_not(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = listed(profile)
    run(profile)
    path = profile.data_dir / "taste" / "version-0001.json"
    about = json.loads(path.read_text())
    path.write_text(json.dumps(about | {"feature_versions": {"rhythm": 0}}))
    notes: list[str] = []
    assert listed(profile, notes) == live
    assert any("under another analysis" in note for note in notes)
    assert run(profile).version == 2


def test_a_taste_travels_as_two_checked_files(profile: Profile, tmp_path: Path) -> None:
    run(profile)
    learned = listed(profile)
    written = export_taste(profile, tmp_path / "mine")
    assert [path.name for path in written] == ["mine.safetensors", "mine.json"]
    with pytest.raises(KnownError, match="exists already"):
        export_taste(profile, tmp_path / "mine")
    reset_taste(profile)
    with write_library(profile, "test") as library:
        library.delete_feedback()
    assert import_taste(profile, tmp_path / "mine") == 2
    assert state_of(profile).current == "2" and listed(profile) == learned
    from safetensors.numpy import load_file

    assert load_file(written[0])["common"].shape == taste_store.read_version(profile, 2).taste.common.shape


@pytest.mark.parametrize("harm", ["cut", "flip", "pickle", "names", "infinite", "weights", "missing", "list"])
def test_a_damaged_taste_is_refused_whole(profile: Profile, tmp_path: Path, harm: str) -> None:
    run(profile)
    data_path, about_path = export_taste(profile, tmp_path / "mine")
    data, about = data_path.read_bytes(), json.loads(about_path.read_text())
    if harm == "cut":
        data_path.write_bytes(data[: len(data) // 2])
    elif harm == "flip":
        data_path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    elif harm == "pickle":
        data_path.write_bytes(b"\x80\x04K\x01.")
    elif harm == "names":
        about_path.write_text(json.dumps(about | {"names": about["names"][:-1]}))
    elif harm == "infinite":
        about_path.write_text(json.dumps(about | {"precision": "inf"}))
    elif harm == "weights":
        about_path.write_text(json.dumps(about | {"weights": {"picture": 1e9}}))
    elif harm == "missing":
        about_path.unlink()
    else:
        about_path.write_text("[]")
    with pytest.raises(KnownError) as caught:
        import_taste(profile, data_path)
    assert caught.value.code == ("missing" if harm == "missing" else "corrupt")
    assert state_of(profile).current == "1" and len(versions(profile)) == 1


def test_a_version_that_is_gone_leaves_the_feedback(profile: Profile) -> None:
    live = listed(profile)
    run(profile)
    (profile.data_dir / "taste" / "version-0001.safetensors").unlink()
    notes: list[str] = []
    assert listed(profile, notes) == live and any("feedback alone" in note for note in notes)


def test_a_video_that_is_not_kept_any_more_still_tells_of_its_track(profile: Profile) -> None:
    with write_library(profile, "test") as library, library.connection.recomputable():
        library.connection.write("DELETE FROM video_features WHERE content_hash <> 'video-0'")
    live = listed(profile)
    reset_taste(profile)
    assert mean_tempo(live) > mean_tempo(listed(profile)) + 3
    report = run(profile)
    assert report.version is None and report.learned.tried["cache"].picks == 1


def test_of_two_verdicts_on_one_track_the_last_is_believed(profile: Profile) -> None:
    with write_library(profile, "test") as library:
        library.delete_feedback()
        project = library.open_project("video-0", Path("/films/0.mp4"))
        for verdict, listened_s in (("audition", 30.0), ("accept", None), ("reject", None), ("audition", 9.0)):
            library.give_feedback(project.id, 5, verdict, range_s=(0.0, 9.0), offered=[4, 5], listened_s=listened_s)
        library.give_feedback(project.id, 6, "accept", range_s=(0.0, 9.0), offered=[6, 7])
        library.give_feedback(project.id, 6, "export", range_s=(0.0, 9.0), offered=[])
        gallery = refresh_gallery(profile, library, ignore_progress, CancelToken())
        verdicts = taste_evidence.verdicts_of(library.feedback(), gallery)
    assert [(one.weight, len(one.offered)) for one in verdicts.labels] == [(0.3, 2), (1.0, 2)]
    assert len(verdicts.asked) == 1 and verdicts.lost == 0


def test_the_command_line_says_what_it_does(profile: Profile, capsys: pytest.CaptureFixture[str]) -> None:
    def said(status: int, *words: str) -> str:
        assert run_command(["--profile", str(profile.data_dir.parent), *words]) == status
        return capsys.readouterr().out

    entries = json.loads(said(0, "taste", "feedback", "list", "--json"))
    assert len(entries) == PROJECTS and entries[0]["verdict"] == "accept"
    assert "accept" in said(0, "taste", "feedback", "list")
    learned = said(0, "learn")
    assert "Version 1 counts from now on" in learned and "tempo" in learned
    assert "*1" in said(0, "taste", "list")
    assert json.loads(said(0, "taste", "blend", "0.5", "--json")) == {"current": "1", "blend": 0.5}
    assert "base alone" in said(0, "taste", "reset")
    assert "Version 1" in said(0, "taste", "use", "1")
    assert len(json.loads(said(0, "taste", "feedback", "export"))["feedback"]) == PROJECTS
    first = str(entries[0]["id"])
    said(0, "taste", "feedback", "delete", first)
    said(3, "taste", "feedback", "delete", first)
    said(3, "taste", "feedback", "delete")
    assert json.loads(said(0, "taste", "feedback", "delete", "--all", "--json")) == {"deleted": PROJECTS - 1}
    assert "Too little" in said(4, "learn")


@pytest.mark.parametrize("left", [b"", b"PK\x03\x04 cut short"])
def test_damaged_caches_are_made_anew(profile: Profile, left: bytes) -> None:
    run(profile)
    as_it_was = listed(profile)
    caches = list((profile.cache_dir / "taste").glob("*.npz"))
    assert caches
    for path in caches:
        path.write_bytes(left)
    assert listed(profile) == as_it_was


def test_nothing_of_this_needs_a_video_file_or_torch(profile: Profile) -> None:
    code = (
        "import sys; from pathlib import Path; from needledrop.core.paths import Profile;"
        "from needledrop.core.progress import CancelToken, ignore_progress;"
        "from needledrop.workflows.taste import learn_taste;"
        f"report = learn_taste(Profile.at(Path({str(profile.data_dir.parent)!r})), ignore_progress, CancelToken());"
        "assert report.version == 1 and 'torch' not in sys.modules and 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_state_that_cannot_be_read_is_that_of_a_fresh_profile(profile: Profile) -> None:
    folder = taste_store.taste_dir(profile)
    folder.mkdir(parents=True)
    (folder / "state.json").write_text('{"format": 1, "current": "3", "blend": "much"}')
    assert state_of(profile) == TasteState()
    with pytest.raises(KnownError, match="no version"):
        use_taste(profile, "best")
    with pytest.raises(KnownError, match="There is no version 9"):
        use_taste(profile, "9")
    assert taste.state_of(profile).current == "live"


def ear_session(profile: Profile) -> EarSession:
    with read_library(profile) as library:
        features = kept_features(profile, library, "video-0")
        assert features is not None
        video = AnalysedVideo(Path("/films/0.mp4"), "video-0", features)
        return start_by_ear(
            profile, library, video, range_of(Wish(), features.duration_s), ignore_progress, CancelToken()
        )


def test_a_track_is_found_by_ear_and_nothing_of_it_is_kept(profile: Profile) -> None:
    session = ear_session(profile)
    first = session.next_tracks()
    assert len(set(first)) == 5 and set(first) <= set(session.track_ids)
    told = session.compared(first[0], is_warmer=True).wished(first[1], "slower")
    after = told.next_tracks()
    assert not {first[0], first[1]} & set(after)
    # The tempo of a made track is 90 and its id.
    tempo = np.array(session.track_ids)
    assert told.ear.posterior @ tempo < session.ear.posterior @ tempo
    assert told.undone().undone().next_tracks() == first
    with pytest.raises(KnownError, match="none of those"):
        session.compared(9999, is_warmer=True)
    with read_library(profile) as library:
        assert len(library.feedback()) == PROJECTS


def test_an_empty_library_has_nothing_to_hear(profile: Profile) -> None:
    with write_library(profile, "test") as library:
        library.delete_tracks(library.track_ids())
    assert ear_session(profile).next_tracks() == []
