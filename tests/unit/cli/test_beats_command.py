# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`library beats` as its users type it: what it shows, what it keeps, and what it refuses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Program = Callable[..., tuple[int, str, str]]


def answer(program: Program, *words: str, status: int = 0) -> Any:
    done, output, _ = program("library", "beats", *words, "--json")
    assert done == status
    return json.loads(output)


def test_bare_it_shows_what_analysis_found(program: Program, track: str) -> None:
    status, output, _ = program("library", "beats", track)
    assert status == 0
    for words in ("91.00 BPM", "0.90", "4 beats a bar", "bar 1", "0.400"):
        assert words in output
    assert "corrections" not in output


def test_json_holds_every_beat(program: Program, track: str) -> None:
    found = answer(program, track)
    assert found["is_corrected"] is False and found["corrections"] == []
    assert found["downbeats_s"] == found["beats_s"][::4] and len(found["beats_s"]) > 80
    assert {name: found[name] for name in found["analysed"]} == found["analysed"]
    assert [stretch["bpm"] for stretch in found["tempo_map"]] == []  # Made by hand, without an analysis.
    assert found["sections"][0] == {"start_s": 0.4, "role": "section", "role_confidence": 0.0, "novelty": 1.0}
    doubled = answer(program, track, "--double")["tempo_map"]
    assert doubled == [{"start_s": 0.4, "bpm": pytest.approx(182, rel=0.01)}]


def test_a_correction_shows_and_stays(program: Program, track: str) -> None:
    before = answer(program, track)["beats_s"]
    status, output, _ = program("library", "beats", track, "--double", "--shift", "-1")
    assert status == 0 and "corrected by you" in output and "double, shift -1" in output
    found = answer(program, track)
    assert found["beats_s"][::2] == before and found["confidence"] == 1.0
    assert found["downbeats_s"][0] == found["beats_s"][3]
    assert found["analysed"]["tempo_bpm"] == pytest.approx(91.0)
    assert [edit["kind"] for edit in found["corrections"]] == ["double", "shift"]
    (listed,) = json.loads(program("library", "list", "--json", "--bpm", "180-184")[1])["tracks"]
    assert listed["tempo_bpm"] == found["tempo_bpm"]
    assert answer(program, track, "--reset")["beats_s"] == before


@pytest.mark.parametrize(
    ("words", "tempo_bpm", "per_bar", "first_s"),
    [
        (("--halve",), 45.5, 4, 0.4),
        (("--offset", "-0.25"), 91.0, 4, 0.15),
        (("--metre", "7"), 91.0, 7, 0.4),
        (("--bpm", "117", "--first", "0:02.5"), 117.0, 4, 2.5),
        (("--bpm", "100", "--first", "0", "--metre", "3"), 100.0, 3, 0.0),
        (("--tap", "10,10.5,11.5,12,12.5"), 120.0, 4, 0.0),
    ],
)
def test_every_option_does_what_it_says(
    program: Program, track: str, words: tuple[str, ...], tempo_bpm: float, per_bar: int, first_s: float
) -> None:
    found = answer(program, track, *words)
    assert found["tempo_bpm"] == pytest.approx(tempo_bpm, rel=0.01) and found["beats_per_bar"] == per_bar
    assert found["beats_s"][0] == pytest.approx(first_s, abs=0.1)


def test_a_dragged_beat_stays_where_it_was_put(program: Program, track: str) -> None:
    before = answer(program, track)["beats_s"]
    wanted_s = before[20] + 0.1
    status, output, _ = program("library", "beats", track, "--move", str(before[20]), str(wanted_s))
    assert status == 0 and f"move {before[20]:g} s to {wanted_s:g} s" in output
    found = answer(program, track)["beats_s"]
    assert found[20] == pytest.approx(wanted_s, abs=1e-3)
    assert found[0] == before[0] and found[-1] == before[-1] and before[10] < found[10] < before[10] + 0.1
    later = answer(program, track, "--move", str(found[40]), str(found[40] - 0.05))["beats_s"]
    assert later[:21] == found[:21] and later[30] < found[30]
    again = answer(program, track, "--insert", str(later[5] + 0.3), "--delete", str(later[50]))
    assert len(again["beats_s"]) == len(before)
    assert [edit["kind"] for edit in again["corrections"]] == ["move", "move", "insert", "delete"]
    assert answer(program, track, "--reset")["beats_s"] == before


def test_a_track_without_beats_can_be_given_some(program: Program, drone: str) -> None:
    assert "no steady pulse" in program("library", "beats", drone)[1]
    assert answer(program, drone, "--bpm", "90", "--first", "1")["tempo_bpm"] == 90.0
    assert answer(program, drone, "--reset")["beats_s"] == []
    assert answer(program, drone, "--tap", "3,3.5,4,4.5")["tempo_bpm"] == pytest.approx(120.0)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--double --halve", "--double and --halve exclude each other."),
        ("--bpm 120 --first 1 --tap 1,2,3,4", "--bpm and --tap exclude each other."),
        ("--tap 1,2,3,4 --halve", "--tap and --halve exclude each other."),
        ("--bpm 120", "--bpm and --first belong together."),
        ("--first 1", "--bpm and --first belong together."),
        ("--reset --double", "--reset stands alone."),
        ("--reset --shift 0", "--reset stands alone."),
        ("--bpm 0 --first 1", "0 beats a minute is no tempo."),
        ("--bpm 1e9 --first 1", "1e+09 beats a minute is no tempo."),
        ("--bpm nan --first 1", "nan beats a minute is no tempo."),
        ("--bpm 120 --first 99999", "The first beat, 99999 s, lies outside the music"),
        ("--tap 1,2,3", "3 taps are too few to find a tempo."),
        ("--tap 1,1,1,1,1", "1 tap is too few to find a tempo."),
        ("--tap 1,2,2.6,3.1,5", "The taps are too uneven to find a tempo."),
        ("--metre 2", "Bars of 2 beats cannot be kept."),
        ("--move 10 10.1", "There is no beat at 10 s."),
        ("--move 0.4 59", "The beat at 0.4 s cannot be moved to 59 s."),
        ("--insert 0.5", "That would leave beats less than 0.15 s apart."),
        ("--delete 99", "There is no beat at 99 s."),
        ("--reset --move 1 2", "--reset stands alone."),
        ("--offset nan", "The beats cannot be moved by nan s."),
        ("--offset 59", "That would leave no beats within the track."),
    ],
)
def test_nonsense_gets_a_sentence(program: Program, track: str, words: str, sentence: str) -> None:
    error = answer(program, track, *words.split(), status=3)["error"]
    assert error["sentence"].startswith(sentence) and error["remedy"]
    assert answer(program, track)["is_corrected"] is False


def test_without_beats_there_is_nothing_to_double(program: Program, drone: str) -> None:
    for words in ("--double", "--halve", "--shift 1", "--metre 3", "--offset 0.1", "--move 1 2", "--delete 1"):
        assert "no beats" in answer(program, drone, *words.split(), status=3)["error"]["sentence"]


def test_no_such_track(program: Program, track: str) -> None:
    assert "no track 99" in answer(program, "99", status=3)["error"]["sentence"]
    assert "no track 99" in answer(program, "99", "--double", status=3)["error"]["sentence"]


@pytest.mark.shared_media
def test_a_real_track_keeps_its_correction_through_a_rescan(
    program: Program, shared_media: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    shutil.copy(shared_media / "music" / "cdogs-sdl__low-fi.opus", folder)
    program("scan", folder, "--workers", "1")
    found = answer(program, "1")
    assert len(found["beats_s"]) > 20
    wanted = answer(program, "1", "--halve", "--metre", "3")
    assert wanted["tempo_bpm"] == pytest.approx(found["tempo_bpm"] / 2, rel=0.02)
    taken = found["beats_s"][8:20]
    (folder / "cdogs-sdl__low-fi.opus").rename(folder / "moved.opus")
    program("scan")
    assert answer(program, "1") == wanted
    tapped = answer(program, "1", "--tap", ",".join(f"{beat_s:.3f}" for beat_s in taken))
    assert tapped["tempo_bpm"] == pytest.approx(found["tempo_bpm"], rel=0.01) and tapped["beats_per_bar"] == 3
