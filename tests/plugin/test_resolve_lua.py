# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Lua script for DaVinci Resolve, in a real Lua, against a stand-in of Resolve's API and of the engine.

Needs `lua5.1` and `luajit` (Resolve's Lua is LuaJIT). Both ways of asking are played through: request files, and the
exports of the free edition 21.1, whose scripts get no `io`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from needledrop.core.lua_text import lua_chunk
from plugin.stand_in_engine import JOB, TITLES, StandInEngine

PLUGIN = Path(__file__).resolve().parents[2] / "plugin" / "resolve"
STAND_IN = Path(__file__).with_name("resolve_stand_in.lua")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in waits with a command of Unix")


LUAS = ("luajit", "lua5.1")


@pytest.fixture(params=LUAS)
def each_lua(request: pytest.FixtureRequest) -> str:
    """Each of the two."""
    found = shutil.which(request.param)
    if found is None:
        pytest.skip(f"{request.param} is not installed (Debian: apt-get install {request.param})")
    return found


@pytest.fixture
def lua() -> str:
    """One of the two."""
    found = next((path for name in LUAS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Lua is installed (Debian: apt-get install luajit lua5.1)")
    return found


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[StandInEngine]:
    with StandInEngine(tmp_path, (24, 1)) as started:
        yield started


SCENE: dict[str, Any] = {"start_frame": 86400, "length": 1000, "rate": "24.0", "tracks": ["Voice"]}
CHOOSE = ["choose"]


def play(lua: str, folder: Path, engine: StandInEngine, *steps: list[Any], **scene: Any) -> dict[str, Any]:
    """Choose the menu item in a project: what became of it."""
    fusion = folder / ".local/share/DaVinciResolve/Fusion"
    parts = fusion / "Modules/Lua/needledrop"
    if not parts.exists():
        shutil.copytree(PLUGIN / "needledrop", parts)
        install = {"schema": 1, "bridge_dir": engine.folder.path.as_posix(), "launch": ["/nowhere/needledrop"]}
        (parts / "needledrop_install.lua").write_bytes(lua_chunk(install))
    told = SCENE | scene | {"script": str(PLUGIN / "Needledrop.lua"), "parts": f"{parts}/", "steps": list(steps)}
    (folder / "scene.lua").write_bytes(lua_chunk(told))
    done = subprocess.run(
        [lua, STAND_IN, folder / "scene.lua"],
        env={"HOME": str(folder), "PATH": os.environ["PATH"]},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    for name in ("tracks", "clips"):
        result[name] = [result[name][str(at)] for at in range(1, len(result[name]) + 1)]
    assert "raised" not in result["said"], result["said"]
    return cast("dict[str, Any]", result)


def notes(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {marker["customData"].split(":j-")[0]: marker for marker in result["markers"].values()}


@pytest.mark.parametrize("is_shut", [False, True], ids=["request files", "exports"])
def test_suggestions_come_on_tracks_of_their_own_and_one_is_heard(
    each_lua: str, tmp_path: Path, engine: StandInEngine, is_shut: bool
) -> None:
    result = play(each_lua, tmp_path, engine, CHOOSE, is_shut=is_shut)
    assert [track["name"] for track in result["tracks"]] == [
        "Voice", *(f"Needledrop preview {number}: {title}" for number, title in enumerate(TITLES[:3], start=1))
    ]  # fmt: skip
    assert [track["kind"] for track in result["tracks"]] == ["stereo"] * 4
    assert [track["enabled"] for track in result["tracks"]] == [True, True, False, False]
    items = [track["items"]["1"] for track in result["tracks"][1:]]
    assert {(item["start"], item["length"]) for item in items} == {(86400 + 48, 240)}
    note = notes(result)["needledrop:list"]
    assert TITLES[0] in note["note"] and "CC-BY-4.0" in note["note"]
    assert result["markers"]["48"] == note
    assert result["bin"] == "Master"


@pytest.mark.parametrize("is_shut", [False, True], ids=["request files", "exports"])
def test_the_one_that_is_heard_is_used(each_lua: str, tmp_path: Path, engine: StandInEngine, is_shut: bool) -> None:
    result = play(each_lua, tmp_path, engine, CHOOSE, ["hear", 2], CHOOSE, is_shut=is_shut)
    assert [track["name"] for track in result["tracks"]] == ["Voice", "Music: Harbour"]
    item = result["tracks"][1]["items"]["1"]
    assert (item["start"], item["length"]) == (86400 + 48, 240)
    assert item["path"].endswith("2.wav") and result["clips"] == [item["path"]]
    assert ("use", {"job": JOB, "number": 2}) in engine.asked
    kinds = {frame: (marker["color"], marker["name"]) for frame, marker in result["markers"].items()}
    assert kinds == {"48": ("Cream", "Bar 1"), "96": ("Purple", "Drop"), "49": ("Sky", "Music: Harbour")}
    assert notes(result)["needledrop:used"]["note"].startswith('"Harbour" by Ana')


def test_what_the_user_put_on_a_track_of_ours_stays(lua: str, tmp_path: Path, engine: StandInEngine) -> None:
    result = play(lua, tmp_path, engine, CHOOSE, ["put", 3], ["hear", 2], CHOOSE)
    assert [track["name"] for track in result["tracks"]] == ["Voice", "Audio 3", "Music: Harbour"]
    assert [item["path"] for item in result["tracks"][1]["items"].values()] == ["/films/voice.wav"]
    assert result["master"] == 1 and len(result["clips"]) == 1


def test_none_heard_asks_for_the_next_and_in_the_end_there_are_none(
    lua: str, tmp_path: Path, engine: StandInEngine
) -> None:
    result = play(lua, tmp_path, engine, CHOOSE, ["hear", 0], CHOOSE)
    names = [track["name"] for track in result["tracks"]]
    assert names == ["Voice", "Needledrop preview 4: Dawn", "Needledrop preview 5: Last"]
    result = play(lua, tmp_path, engine, CHOOSE, ["hear", 0], CHOOSE, ["hear", 0], CHOOSE)
    assert [track["name"] for track in result["tracks"]] == ["Voice"]
    assert list(notes(result)) == ["needledrop:trouble"]
    assert result["clips"] == []


def test_more_than_one_heard_is_not_guessed_at(lua: str, tmp_path: Path, engine: StandInEngine) -> None:
    result = play(lua, tmp_path, engine, CHOOSE, ["hear all"], CHOOSE)
    assert len(result["tracks"]) == 4
    assert "More than one" in notes(result)["needledrop:trouble"]["name"]
    assert "use" not in [verb for verb, _ in engine.asked]


@pytest.mark.parametrize("is_shut", [False, True], ids=["request files", "exports"])
def test_the_range_between_the_marks_is_asked_for(
    lua: str, tmp_path: Path, engine: StandInEngine, is_shut: bool
) -> None:
    play(lua, tmp_path, engine, CHOOSE, is_shut=is_shut, marks={"video": {"in": 24, "out": 119}})
    asked = dict(engine.asked)["suggest"]
    assert (asked["in_s"], asked["out_s"], asked["frame_rate"], asked["count"]) == (1.0, 5.0, "24/1", 12)
    project = Path(asked["project"])
    assert project.suffix == ".otio" and project.read_text() == "exported"


@pytest.mark.parametrize("is_shut", [False, True], ids=["request files", "exports"])
def test_a_timeline_keeps_its_key_and_another_has_another(
    lua: str, tmp_path: Path, engine: StandInEngine, is_shut: bool
) -> None:
    for line_id in ("first", "first", "second"):
        play(lua, tmp_path, engine, CHOOSE, is_shut=is_shut, line_id=line_id)
    asked = [arguments for verb, arguments in engine.asked if verb == "suggest"]
    keys = [one["project_key"].partition("-") for one in asked]
    assert keys == [("11223344", "-", name) for name in ("first", "first", "second")]
    assert len({one["project"] for one in asked}) == 3


def test_a_resolve_that_knows_no_ids_is_served(lua: str, tmp_path: Path, engine: StandInEngine) -> None:
    play(lua, tmp_path, engine, CHOOSE, missing=["GetUniqueId"])
    assert "project_key" not in dict(engine.asked)["suggest"]


def test_marks_that_are_told_absolutely_mean_the_same(lua: str, tmp_path: Path, engine: StandInEngine) -> None:
    play(lua, tmp_path, engine, CHOOSE, marks={"audio": {"in": 86424}})
    asked = dict(engine.asked)["suggest"]
    assert asked["in_s"] == 1.0 and "out_s" not in asked


def test_a_resolve_that_knows_no_marks_and_no_kinds_of_track_is_served(
    lua: str, tmp_path: Path, engine: StandInEngine
) -> None:
    result = play(lua, tmp_path, engine, CHOOSE, missing=["GetMarkInOut", "GetTrackSubType"])
    assert len(result["tracks"]) == 4
    assert "in_s" not in dict(engine.asked)["suggest"]


@pytest.mark.parametrize(
    ("said", "exact"), [("23.976", [24000, 1001]), ("29.97 DF", [30000, 1001]), ("59.94", [60000, 1001])]
)
def test_fractional_rates_are_exact(lua: str, tmp_path: Path, said: str, exact: tuple[int, int]) -> None:
    with StandInEngine(tmp_path, (exact[0], exact[1])) as engine:
        result = play(lua, tmp_path, engine, CHOOSE, rate=said)
        assert dict(engine.asked)["suggest"]["frame_rate"] == f"{exact[0]}/{exact[1]}"
    item = result["tracks"][1]["items"]["1"]
    assert (item["start"], item["length"]) == (86400 + 48, 240)


@pytest.mark.parametrize("end_is_out", [False, True])
def test_the_length_is_right_whether_the_last_frame_counts_or_not(
    lua: str, tmp_path: Path, engine: StandInEngine, end_is_out: bool
) -> None:
    result = play(lua, tmp_path, engine, CHOOSE, end_is_out=end_is_out)
    assert [len(track["items"]) for track in result["tracks"]] == [0, 1, 1, 1]
    assert result["tracks"][1]["items"]["1"]["length"] == 240


def test_sound_with_another_rate_than_the_timeline_is_as_long_as_meant(
    lua: str, tmp_path: Path, engine: StandInEngine
) -> None:
    result = play(lua, tmp_path, engine, CHOOSE, media_rate="30.0")
    assert result["tracks"][1]["items"]["1"]["length"] == 240


REFUSALS = {
    "takes_clips": (0, "dropped the clip"),
    "makes_mono": (True, "not stereo"),
    "makes_no_track": (True, "no new audio track"),
    "exports_nothing": (True, "did not export"),
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_what_resolve_refuses_is_said_and_leaves_nothing_behind(
    lua: str, tmp_path: Path, engine: StandInEngine, refusal: str
) -> None:
    value, sentence = REFUSALS[refusal]
    result = play(lua, tmp_path, engine, CHOOSE, **{refusal: value})
    assert [track["name"] for track in result["tracks"]] == ["Voice"]
    assert sentence in notes(result)["needledrop:trouble"]["name"]


def test_suggestions_that_were_laid_go_again_where_a_later_one_is_refused(
    lua: str, tmp_path: Path, engine: StandInEngine
) -> None:
    result = play(lua, tmp_path, engine, CHOOSE, takes_clips=2)
    assert [track["name"] for track in result["tracks"]] == ["Voice"]
    assert result["clips"] == [str(tmp_path / "media/preview 3.wav")]
    assert list(notes(result)) == ["needledrop:trouble"]


def test_a_refusal_at_the_end_leaves_the_suggestions(lua: str, tmp_path: Path, engine: StandInEngine) -> None:
    result = play(lua, tmp_path, engine, CHOOSE, ["hear", 2], CHOOSE, takes_clips=3)
    assert len(result["tracks"]) == 4
    assert {"needledrop:list", "needledrop:trouble"} == set(notes(result))


def test_markers_of_the_user_stay(lua: str, tmp_path: Path, engine: StandInEngine) -> None:
    result = play(lua, tmp_path, engine, CHOOSE, ["hear", 1], CHOOSE, markers=[0, 48, 96])
    names = {frame: marker["name"] for frame, marker in result["markers"].items()}
    assert [names[frame] for frame in ("0", "48", "96")] == ["the user's"] * 3
    assert len(names) == 4


def test_what_the_engine_refuses_is_shown_as_it_says_it(lua: str, tmp_path: Path, engine: StandInEngine) -> None:
    engine.refuses["suggest"] = {"code": "missing", "sentence": "There is no music yet.", "remedy": "Scan a folder."}
    result = play(lua, tmp_path, engine, CHOOSE)
    trouble = notes(result)["needledrop:trouble"]
    assert (trouble["name"], trouble["note"]) == ("Needledrop: There is no music yet.", "Scan a folder.")


def test_a_list_that_the_engine_forgot_is_made_anew(lua: str, tmp_path: Path, engine: StandInEngine) -> None:
    first = play(lua, tmp_path, engine, CHOOSE)
    assert len(first["tracks"]) == 4
    engine.refuses["use"] = {"code": "no-job", "sentence": "It is forgotten.", "remedy": "Ask again."}
    result = play(lua, tmp_path, engine, CHOOSE, ["hear", 2], CHOOSE)
    assert [track["enabled"] for track in result["tracks"]] == [True, True, False, False]
    assert list(notes(result)) == ["needledrop:list"]
    assert len(result["clips"]) == 3


def test_no_timeline_is_said(lua: str, tmp_path: Path, engine: StandInEngine) -> None:
    result = play(lua, tmp_path, engine, CHOOSE, has_no_timeline=True)
    assert "There is no timeline" in result["said"]
    assert engine.asked == []


def test_an_engine_that_does_not_run_is_started(lua: str, tmp_path: Path) -> None:
    engine = StandInEngine(tmp_path, (24, 1))
    result = play(lua, tmp_path, engine, CHOOSE, is_shut=True)
    assert "does not answer" in notes(result)["needledrop:trouble"]["name"]
    flag, parts = tmp_path / "it's started", tmp_path / ".local/share/DaVinciResolve/Fusion/Modules/Lua/needledrop"
    launch = ["/bin/sh", "-c", 'touch "$0"', str(flag)]
    install = {"schema": 1, "bridge_dir": engine.folder.path.as_posix(), "launch": launch}
    (parts / "needledrop_install.lua").write_bytes(lua_chunk(install))

    def start_when_asked() -> None:
        while not flag.exists():
            pass
        engine._thread.start()

    starter = threading.Thread(target=start_when_asked)
    starter.start()
    result = play(lua, tmp_path, engine, CHOOSE)
    starter.join()
    engine.__exit__()
    assert len(result["tracks"]) == 4


JSON_TEXTS = [
    '{"a": [1, -2.5e3, true, false], "b": {"c": ""}, "d": "\\u00fc\\ud83d\\ude00\\n\\"\\\\\\/"}',
    '["x"]', '  {"a" : { } , "b":[ ]}  ', "0", '"q"',
]  # fmt: skip
NO_JSON = ["", "{", '{"a"}', "[1 2]", '"open', '{"a":1}x', "nul", "[" * 40 + "]" * 40, '"\\q"', '"\\u12"']


def test_its_json_is_json(each_lua: str, tmp_path: Path) -> None:
    script = tmp_path / "try.lua"
    script.write_text(
        "local json = dofile(arg[1])\n"
        "local ok, value = pcall(json.decode, io.read('*a'))\n"
        "if not ok then os.exit(3) end\n"
        "local function show(v)\n"
        "  if type(v) ~= 'table' then return type(v) == 'string' and json.encode(v) or tostring(v) end\n"
        "  local parts = {}\n"
        "  for k, one in pairs(v) do parts[#parts + 1] = json.encode(tostring(k)) .. ':' .. show(one) end\n"
        "  return '{' .. table.concat(parts, ',') .. '}'\n"
        "end\n"
        "io.write(show(value))\n"
    )

    def read(text: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [each_lua, script, PLUGIN / "needledrop/json.lua"], input=text.encode(), capture_output=True
        )

    def as_lua(value: object) -> object:
        if isinstance(value, list):
            return {str(at): as_lua(one) for at, one in enumerate(value, start=1)}
        return {key: as_lua(one) for key, one in value.items()} if isinstance(value, dict) else value

    for text in JSON_TEXTS:
        done = read(text)
        assert json.loads(done.stdout) == as_lua(json.loads(text)), text
    for text in NO_JSON:
        assert read(text).returncode == 3, text
