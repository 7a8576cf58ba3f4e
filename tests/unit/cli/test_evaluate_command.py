# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop evaluate` on finished videos and published lists: tables, page, listening test, ballots, refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media_factory import music, shot_frames, write_video
from needledrop.cli.exit_codes import DONE, KNOWN_ERROR
from needledrop.cli.main import run
from needledrop.training.evaluation.ballot_page import ASPECTS
from needledrop.training.pairs.pair_set import save_pair_set
from retrieval.made_up_pairs import made_up_pairs

# Alike to the plain rule, so that its choices are ties: of five films, chance agrees with it on all once in 3,125.
FILMS, SECONDS = 5, 4


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Finished videos by as many people, and a file that is none."""
    folder = tmp_path_factory.mktemp("films")
    for number in range(FILMS):
        frames = shot_frames((40,), 25 * SECONDS, width=96, height=64)
        sound = music(SECONDS, seed=number, rate=48_000, bpm=90 + 20 * number)
        write_video(folder / f"maker{number}_film.mp4", frames, sound=sound)
    (folder / "broken_film.mp4").write_bytes(b"no film")
    return folder


def asked(capsys: pytest.CaptureFixture[str], profile: Path, *words: str | Path) -> tuple[int, Any]:
    """Exit code and JSON of an evaluation."""
    capsys.readouterr()
    status = run(["--profile", str(profile), "evaluate", *map(str, words), "--json", "--quiet"])
    return status, json.loads(capsys.readouterr().out)


def shown(capsys: pytest.CaptureFixture[str], profile: Path, *words: str | Path) -> str:
    """What an evaluation prints."""
    capsys.readouterr()
    assert run(["--profile", str(profile), "evaluate", *map(str, words), "--quiet"]) == DONE
    return capsys.readouterr().out


def test_finished_videos_are_ranked_shown_and_asked_about(
    films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--pairs", films, "--baseline", "random", "--baseline", "rule", "--report", tmp_path / "report")
    status, said = asked(capsys, tmp_path, *words, "--blind", "3", "--out", tmp_path / "blind", "--seed", "1")
    assert status == DONE, said
    assert {(one["system"], one["split"], one["gallery_size"]) for one in said["results"]} == {
        ("Random", "validation", FILMS), ("Energy/tempo rule", "validation", FILMS),
    }  # fmt: skip
    assert len(said["left_out"]) == 1 and said["left_out"][0].startswith("'broken_film.mp4'")
    assert said["report"]["shown"] == FILMS and said["report"]["sounds"] == FILMS
    assert Path(said["report"]["page"]).is_file()

    test = said["listening_test"]
    key = json.loads(Path(test["key"]).read_text(encoding="utf-8"))
    assert set(key["systems"]) == {"Random", "Energy/tempo rule"} and len(key["questions"]) == test["questions"]
    assert "Random" not in Path(test["page"]).read_text(encoding="utf-8")

    tally = asked(capsys, tmp_path, "--ballots", *ballots_for(key, tmp_path), "--key", test["key"])[1]
    assert tally["raters"] == 2 and tally["preference"]["Random"]["value"] == 1.0
    assert {(one["system"], one["aspect"]) for one in tally["fit"]} == {("Random", aspect) for aspect in ASPECTS}
    assert len(tally["left_out"]) == 1
    text = shown(capsys, tmp_path, "--ballots", *ballots_for(key, tmp_path), "--key", test["key"])
    assert "| Random | 100 %" in text and "2 listeners" in text and "is no ballot of this test" in text


def test_the_content_matcher_ranks_what_can_be_heard_and_seen(
    films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = asked(capsys, tmp_path, "--pairs", films, "--baseline", "content")
    assert status == DONE and said["unranked"] == {}
    to_music, to_video = said["results"]
    assert to_music["system"] == to_video["system"] == "Content matcher"
    assert sorted(to_music["ranks"]) != [FILMS] * FILMS, "all alike would be ranked last"

    pairs = tmp_path / "numbers"
    save_pair_set(made_up_pairs(tracks=12), pairs)
    words = ("--pairs", pairs, "--baseline", "content", "--baseline", "random", "--split", "test-strong")
    sentence = "made-up holds numbers only: there is nothing to hear and to see."
    assert asked(capsys, tmp_path, *words)[1]["unranked"] == {"Content matcher": sentence}
    lines = shown(capsys, tmp_path, *words).splitlines()
    heads, rows = ([line for line in lines if line.startswith(f"| {name} |")] for name in ("system", "Content matcher"))
    assert len(rows) == 2 and all(sentence in row for row in rows)
    assert [row.count("|") for row in rows] == [head.count("|") for head in heads]


def test_real_films_are_reported_on_beside_any_set(
    films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = tmp_path / "made"
    save_pair_set(made_up_pairs(tracks=12), pairs)
    words = ["--pairs", pairs, "--split", "test-strong", "--real", films]
    words += ["--baseline", "random", "--baseline", "oracle", "--baseline", "popular"]
    kept = tmp_path / "kept.json"
    status, said = asked(capsys, tmp_path, *words, "--save", kept)
    assert status == DONE, said
    real = said["real"]
    assert {(one["system"], one["split"], one["gallery_size"]) for one in real["results"]} == {
        ("Random", "real", FILMS)
    }
    assert {one["split"] for one in said["results"]} == {"test-strong"}
    assert set(real["unranked"]) == {"oracle", "popular"} and said["unranked"] == {}
    assert real["left_out"][0].startswith("'broken_film.mp4'")
    # What is kept can be compared, real pairs and all.
    changes = asked(capsys, tmp_path, *words, "--compare", kept)[1]["changes"]
    assert {("Random", "real"), ("Random", "test-strong")} <= {(one["system"], one["split"]) for one in changes}
    text = shown(capsys, tmp_path, *words)
    assert f"Real pairs: {FILMS} videos of {FILMS} makers in {films.name}." in text
    assert text.index("test-strong, video to music") < text.index("Real pairs") < text.index("real, video to music")
    assert asked(capsys, tmp_path, *words[:2], "--real", tmp_path)[1]["error"]["code"] == "missing"


def test_cuts_and_beats_are_counted_of_films(films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fps = 25
    folder = tmp_path / "cut"
    folder.mkdir()
    for number in range(2):
        cuts = [second * fps for second in (2, 5, 6, 9)]
        frames = shot_frames(cuts, 12 * fps, width=96, height=64, seed=number, speed=1.0)
        sound = music(12, seed=number, rate=48_000, bpm=120, first_beat_s=0.5)
        write_video(folder / f"maker{number}_cut.mp4", frames, sound=sound)
    words = ("--pairs", folder, "--cut-beats", "--baseline", "content")
    status, said = asked(capsys, tmp_path, *words)
    assert status == DONE, said
    rows = {(one["music"], one["start"]): one for one in said["cut_beats"]["rows"]}
    true = rows["Own track", "as it was cut"]
    # Every cut is on a whole second, and so is every second beat.
    assert true["queries"] == 2 and true["cut_hit"]["value"] == 1.0 and true["cut_excess"]["value"] > 0.6
    assert abs(true["mean_offset_s"]) < 0.05
    assert ("Content matcher", "best") in rows and ("Content matcher", "random") in rows
    assert "| Own track | as it was cut | 100.0 [100.0, 100.0] |" in shown(capsys, tmp_path, *words)
    # Own tracks need no system.
    alone = asked(capsys, tmp_path, "--pairs", folder, "--cut-beats")[1]
    assert alone["results"] == [] and {one["music"] for one in alone["cut_beats"]["rows"]} == {"Own track"}


def ballots_for(key: dict[str, Any], folder: Path) -> list[Path]:
    """Two raters who take whatever Random chose, and a file that is no ballot."""
    answers = []
    for question in key["questions"]:
        (token,) = [token for token, option in question["options"].items() if option["systems"] == ["Random"]]
        fit = {token: dict.fromkeys(ASPECTS, 4)}
        answers.append({"question": question["number"], "preferred": token, "fit": fit})
    paths = [folder / f"ballot-{number}.json" for number in range(3)]
    for path, rater in zip(paths, ("anna", "bert"), strict=False):
        told = {"format": 1, "test": key["test"], "rater": rater, "training": "none", "answers": answers}
        path.write_text(json.dumps(told), encoding="utf-8")
    paths[2].write_text("no ballot", encoding="utf-8")
    return paths


def test_published_lists_are_ranked_as_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(1)
    folder = tmp_path / "lists"
    folder.mkdir()
    np.save(folder / "visual_features_resnet_V.npy", rng.normal(size=(30, 8)).astype(np.float32))
    np.save(folder / "music_features.npy", rng.normal(size=(15, 4)).astype(np.float32))
    np.save(folder / "train.npy", np.array([[row, row % 10] for row in range(10)]))
    np.save(folder / "val.npy", np.array([[row, row % 10, 10, 11] for row in range(10, 15)]))
    np.save(folder / "test.npy", np.array([[row, row % 15, (row + 1) % 15, (row + 2) % 15] for row in range(15, 30)]))
    words = ("--pairs", folder, "--baseline", "random")
    status, said = asked(capsys, tmp_path, *words)
    assert status == DONE
    assert [(one["split"], len(one["ranks"])) for one in said["among_candidates"]] == [
        ("test-weak", 10), ("test-strong", 5),
    ]  # fmt: skip
    assert all(1 <= rank <= 3 for one in said["among_candidates"] for rank in one["ranks"])
    text = shown(capsys, tmp_path, *words, "--split", "test-strong")
    assert "test-strong, given candidates: 5 queries" in text and "test-weak" not in text


def test_found_moments_are_judged_beside_guesses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "video_id,music_id,video_start,video_end,music_start,music_end,music_total_duration"
    rows = [f"v{row},t{row},0,20,{10 * row},{10 * row + 20},200" for row in range(6)]
    (tmp_path / "train_data.csv").write_text("\n".join([head, "v9,t0,0,20,0,20,200"]), encoding="utf-8")
    (tmp_path / "test_data.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    lines = [f"v{row},{10 * row},{10 * row + 20},{row + 1}" for row in range(6)]
    found = tmp_path / "mine.csv"
    found.write_text("\n".join(["video_id,music_start,music_end,rank", *lines]), encoding="utf-8")
    words = ("--moments", tmp_path, "--found", found, "--split", "test-strong")
    status, said = asked(capsys, tmp_path, *words)
    assert status == DONE and said["left_out"] == []
    judged = {one["finder"]: one for one in said["moments"]}
    assert list(judged) == ["Beginning", "Middle", "Anywhere", "mine"]
    assert judged["mine"]["alone"]["mean_iou"]["value"] == 1.0 and judged["mine"]["alone"]["queries"] == 5
    assert judged["mine"]["together"]["mean_iou"]["1"] == 0.0, "track t0, of rank 1, was trained on"
    # Beginning: 0..20 against 10..30 is a third, against the others nothing.
    assert judged["Beginning"]["alone"]["mean_iou"]["value"] == pytest.approx(1 / 15)
    assert "test-strong: 5 moments" in shown(capsys, tmp_path, *words)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--baseline", "random"), "usage"),
        (("--pairs", "PAIRS"), "usage"),
        (("--pairs", "PAIRS", "--baseline", "random", "--blind", "3"), "usage"),
        (("--pairs", "PAIRS", "--baseline", "random", "--blind", "-3", "--out", "x"), "usage"),
        (("--ballots", "a.json"), "usage"),
        (("--ballots", "a.json", "--key", "k.json", "--pairs", "PAIRS"), "usage"),
        (("--ballots", "a.json", "--key", "k.json"), "no-key"),
        (("--pairs", "PAIRS", "--found", "x.csv"), "usage"),
        (("--moments", "PAIRS", "--pairs", "PAIRS"), "usage"),
        (("--moments", "PAIRS", "--real", "PAIRS"), "usage"),
        (("--moments", "PAIRS"), "missing"),
        (("--pairs", "PAIRS", "--baseline", "oracle"), "no-oracle"),
        (("--pairs", "PAIRS", "--baseline", "content"), "no-features"),
        (("--pairs", "PAIRS", "--baseline", "random", "--split", "test-weak"), "few-pairs"),
        (("--pairs", "PAIRS", "--baseline", "random", "--save", "no/such/folder.json"), "unwritable"),
        (("--pairs", "PAIRS", "--baseline", "random", "--compare", "no such file"), "no-results"),
        (("--pairs", "no such folder", "--baseline", "random"), "missing"),
        (("--pairs", "PAIRS", "no such model"), "model"),
    ],
)
def test_what_cannot_be_done_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...], code: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    made = made_up_pairs(tracks=4)
    # As real ones: nobody knows their latents, and nothing was trained on.
    save_pair_set(replace(made, truth={}, split=("validation",) * len(made.split)), tmp_path / "PAIRS")
    status, said = asked(capsys, tmp_path, *words)
    assert status == KNOWN_ERROR and said["error"]["code"] == code
    assert said["error"]["sentence"] and said["error"]["remedy"]
