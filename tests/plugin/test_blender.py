# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the Blender add-on needs no Blender: frames and seconds, the timeline file, levels, talking to the engine."""

from __future__ import annotations

import ast
import json
import sys
import time
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from needledrop.export.interchange.otio_reader import read_otio
from stand_in_bridge import Refusal, StandInBridge, suggestion

sys.path.append(str(Path(__file__).resolve().parents[2] / "plugin" / "blender"))

from needledrop_vse import bl_info
from needledrop_vse.bridge import Bridge, BridgeError, Installation, read_installation
from needledrop_vse.levels import FALL, LINEAR, RISE, volume_keys
from needledrop_vse.session import Session, State
from needledrop_vse.timeline import Clip, Question, Timeline, frame_rate, question, range_words, single_film
from needledrop_vse.timeline_file import timeline_name, write_timeline

ADDON = Path(__file__).resolve().parents[2] / "plugin" / "blender" / "needledrop_vse"
NTSC = Fraction(30000, 1001)


def film(first: int = 1, end: int = 501, **other: Any) -> Clip:
    values: dict[str, Any] = {
        "channel": 1,
        "is_sound": False,
        "media": Path("/films/a.mov"),
        "media_rate": 25.0,
    } | other
    return Clip(values.pop("name", "a"), first=first, end=end, **values)


def timeline(*clips: Clip, first: int = 1, end: int = 501, rate: Fraction = Fraction(25)) -> Timeline:
    return Timeline("Scene", rate, first, end, clips)


def test_the_add_on_imports_nothing_but_python_and_blender() -> None:
    allowed = set(sys.stdlib_module_names) | {"bpy", "aud"}
    for module in ADDON.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            assert {name.partition(".")[0] for name in names} <= allowed, module.name


def test_both_kinds_of_package_say_the_same() -> None:
    manifest = tomllib.loads((ADDON / "blender_manifest.toml").read_text("utf-8"))
    assert manifest["id"] == ADDON.name
    assert manifest["version"] == ".".join(str(part) for part in bl_info["version"])
    assert manifest["license"] == ["SPDX:GPL-3.0-or-later"]
    assert bl_info["blender"] == (3, 4, 0)


@pytest.mark.parametrize(
    ("fps", "base", "exact"),
    [(25, 1.0, Fraction(25)), (30, 1.001, NTSC), (24, 1.001, Fraction(24000, 1001)), (60, 1.001, Fraction(60000, 1001)),
     (2997, 100.0, Fraction(2997, 100)), (30000, 1001.0, NTSC)],
)  # fmt: skip
def test_frame_rates_are_exact(fps: int, base: float, exact: Fraction) -> None:
    """Blender keeps the base in single precision."""
    assert frame_rate(fps, float(np.float32(base))) == exact


def test_a_single_film_is_asked_about_by_its_file() -> None:
    """Frames 101 to 400 of the scene show the film from 2 s on, and the range is wider than the film."""
    scene = timeline(film(101, 401, source_in_s=Fraction(2)), first=51, end=351)
    asked = question(scene, Path("/x/cut.otio"), " calm ", 12)
    assert asked.zero_frame == 51
    assert asked.arguments == {
        "media": "/films/a.mov", "in_s": 2.0, "out_s": 12.0, "frame_rate": "25/1", "count": 12, "text": "calm",
    }  # fmt: skip


@pytest.mark.parametrize(
    "clips",
    [
        (film(1, 251), film(251, 501)),
        (film(speed=Fraction(2)),),
        (film(media_rate=29.97),),
        (film(media=None, media_rate=None),),
    ],
)
def test_anything_else_is_asked_about_as_a_timeline(clips: tuple[Clip, ...]) -> None:
    scene = timeline(*clips)
    assert single_film(scene) is None
    assert question(scene, Path("/x/cut.otio"), "", 5).arguments["project"] == "/x/cut.otio"


def test_sound_and_what_is_outside_the_range_do_not_count() -> None:
    scene = timeline(film(), film(600, 700), film(is_sound=True, media_rate=None))
    assert single_film(scene) == film()


def test_a_range_is_counted_from_the_timelines_first_frame() -> None:
    """The earliest clip begins at frame -20; the range is 1 to 300."""
    scene = timeline(film(-20, 100), film(100, 400), first=1, end=301, rate=NTSC)
    asked = question(scene, Path("/x/cut.otio"), "", 12)
    assert asked.zero_frame == -20
    assert asked.arguments["in_s"] == pytest.approx(21 * 1001 / 30000)
    assert asked.arguments["out_s"] == pytest.approx(321 * 1001 / 30000)


def test_needledrop_reads_the_timeline_file(tmp_path: Path) -> None:
    media = tmp_path / "my film #1.mov"
    media.touch()
    scene = Timeline(
        "Scene", NTSC, 1, 400,
        (film(11, 111, media=media, source_in_s=Fraction(50) / NTSC), film(131, 231, name="title", media=None),
         film(231, 331, media=media, speed=Fraction(2)), film(11, 331, channel=3, is_sound=True, media=media)),
        ((1, "Channel 1"), (3, "Dialogue")),
    )  # fmt: skip
    edit = read_otio(write_timeline(scene, tmp_path / "hand over" / "cut.otio"))
    assert edit.frame_rate == NTSC
    spans = [(clip.name, clip.record_in_s * NTSC, clip.record_out_s * NTSC, clip.kind.value) for clip in edit.clips]
    assert spans == [("a", 10, 110, "picture"), ("title", 130, 230, "picture"), ("a", 230, 330, "picture"),
                     ("a", 10, 330, "sound")]  # fmt: skip
    assert [clip.source.path if clip.source else None for clip in edit.clips] == [media, None, media, media]
    assert edit.clips[0].source_in_s == Fraction(50) / NTSC
    assert edit.clips[2].source_out_s == 200 / NTSC
    assert edit.clips[3].role.value == "speech"
    assert {name for name in edit.names if name} == {"Scene", "Dialogue", "a", "title"}
    assert not list(tmp_path.glob("hand over/*.tmp"))


def test_each_scene_of_each_film_has_a_file_of_its_own_and_keeps_it() -> None:
    films = [("/films/a/cut.blend", "Scene"), ("/films/b/cut.blend", "Scene"), ("/films/a/cut.blend", "Scene 2")]
    named = [timeline_name("cut", film, scene) for film, scene in films]
    assert named == [timeline_name("cut", film, scene) for film, scene in films] and len(set(named)) == len(films)
    assert all(name.startswith("cut-") for name in named)
    assert timeline_name("", "x", "Scene").startswith("untitled-")
    assert timeline_name("a/b", "x", "Scene").startswith("a_b-")
    assert len(timeline_name("東" * 200, "x", "Scene").encode()) < 250


def test_a_cut_that_cannot_be_handed_over_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "exports").touch()
    with pytest.raises(BridgeError, match="The cut cannot be written") as caught:
        write_timeline(timeline(film()), tmp_path / "exports" / "cut.otio")
    session = Session()
    session.refuse(caught.value)
    assert (session.state, session.error) == (State.FAILED, caught.value)


def test_the_range_is_said_in_a_line() -> None:
    assert range_words(100, 1812, Fraction(25)) == "00:04.00 to 01:12.12, 68.5 s"


def original(**other: Any) -> dict[str, Any]:
    return {"gain_db": -6.0, "fade_in_s": 0.0, "fade_out_s": 0.0, "duck": []} | other


def test_a_level_that_stays_needs_no_keyframes() -> None:
    (key,) = volume_keys(original(), 250, Fraction(25))
    assert key.volume == pytest.approx(10 ** (-6 / 20))
    (key,) = volume_keys(original(duck=[[0.0, 0.0], [5.0, 0.0]]), 250, Fraction(25))
    assert key.volume == pytest.approx(10 ** (-6 / 20))


def test_fades_are_one_curve_each() -> None:
    keys = volume_keys(original(fade_in_s=1.0, fade_out_s=2.0), 250, Fraction(25))
    assert [(key.frame, key.shape) for key in keys] == [(0, RISE), (25, LINEAR), (200, FALL), (250, LINEAR)]
    assert [key.volume for key in keys] == pytest.approx([0.0, 0.501187, 0.501187, 0.0], abs=1e-6)


def heard(keys: list[Any], frame: float) -> float:
    """What Blender plays at a frame, by its keyframes."""
    after = next(number for number, key in enumerate(keys) if key.frame >= frame)
    start, end = keys[max(0, after - 1)], keys[after]
    if end.frame == start.frame:
        return float(end.volume)
    part = (frame - start.frame) / (end.frame - start.frame)
    if start.shape == RISE:
        return float(start.volume + (end.volume - start.volume) * np.sin(part * np.pi / 2))
    if start.shape == FALL:
        return float(end.volume + (start.volume - end.volume) * np.cos(part * np.pi / 2))
    return float(start.volume + (end.volume - start.volume) * part)


@pytest.mark.parametrize(
    "cue",
    [
        original(duck=[[0.0, 0.0], [3.0, 0.0], [3.5, -12.0], [6.0, -12.0], [7.0, 0.0]]),
        original(fade_in_s=2.0, duck=[[0.0, -9.0], [1.5, -9.0], [1.9, 0.0]]),
        original(fade_out_s=3.0, duck=[[0.0, 0.0], [7.5, 0.0], [8.0, -9.0]]),
        original(fade_in_s=6.0, fade_out_s=6.0),
    ],
)
def test_keyframes_follow_the_cues_levels(cue: dict[str, Any]) -> None:
    """Straight in dB, fades of equal power: half a decibel apart at most, on every frame but the silent ones."""
    rate, frames = Fraction(25), 250
    keys = volume_keys(cue, frames, rate)
    assert [key.frame for key in keys] == sorted({key.frame for key in keys})
    times, levels = zip(*cue["duck"], strict=True) if cue["duck"] else ((0.0,), (0.0,))
    for frame in range(1, frames):
        at_s, left_s = frame / 25, (frames - frame) / 25
        level_db = cue["gain_db"] + float(np.interp(at_s, times, levels))
        for fade_s, inside_s in ((cue["fade_in_s"], at_s), (cue["fade_out_s"], left_s)):
            if inside_s < fade_s:
                level_db += 20 * np.log10(np.sin(np.pi / 2 * inside_s / fade_s))
        assert 20 * np.log10(heard(keys, frame)) == pytest.approx(level_db, abs=0.5), frame


ASKED = Question({"media": "/films/a.mov"}, 1, Fraction(25))


def finished(session: Session) -> None:
    deadline = time.monotonic() + 20
    while session.is_busy:
        assert time.monotonic() < deadline, session
        session.pump()
        time.sleep(0.005)
    session.pump()


def done(*entries: dict[str, Any], **other: Any) -> dict[str, Any]:
    return {"state": "done", "progress": None, "notes": [], "suggestions": list(entries)} | other


def test_a_search_is_listed_and_used(tmp_path: Path) -> None:
    steps = iter([done(state="running", progress={"title": "Watching the video", "done": 1, "total": 4})])
    verbs = {
        "suggest": lambda _: {"job": "j-1"},
        "list": lambda _: next(steps, done(suggestion(1, 0.0, 9.0), notes=["Few tracks."])),
        "use": lambda arguments: {"wav": f"{arguments['folder']}/a.wav"},
        "audition": lambda _: {"path": "/cache/a.wav"},
    }
    session, placed, played = Session(), [], []
    with StandInBridge(tmp_path, verbs) as bridge:
        session.suggest(read_installation(bridge.install_file), ASKED)
        assert session.state is State.SEARCHING
        finished(session)
        assert (session.state, session.error, session.notes) == (State.LISTED, None, ["Few tracks."])
        assert [one["title"] for one in session.suggestions] == ["Tide"]
        session.audition(1, played.append)
        finished(session)
        session.use(1, Path("/films/music"), placed.append)
        assert session.step
        finished(session)
        assert bridge.arguments_of("suggest") == [ASKED.arguments]
        assert bridge.arguments_of("use") == [{"job": "j-1", "number": 1, "folder": "/films/music"}]
    assert played == [Path("/cache/a.wav")]
    assert placed == [{"wav": "/films/music/a.wav"}]
    assert not session.step


@pytest.mark.parametrize("is_gone", [False, True], ids=["forgotten", "ended"])
def test_a_list_that_the_engine_forgot_is_made_again_once(tmp_path: Path, is_gone: bool) -> None:
    """An engine ends when nobody asks for a while; what is launched here writes the endpoint of the next one."""
    jobs, lists = iter(["j-1", "j-2"]), iter([[suggestion(1, 0.0, 9.0)]] * 2)

    def use(arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments["job"] == "j-1":
            raise Refusal("no-job")
        return {"wav": "/a.wav"}

    verbs = {"suggest": lambda _: {"job": next(jobs)}, "list": lambda _: done(*next(lists)), "use": use}
    session, placed = Session(), []
    with StandInBridge(tmp_path, verbs) as bridge:
        endpoint = bridge.bridge_dir / "endpoint.json"
        program = f"import pathlib; pathlib.Path({str(endpoint)!r}).write_text({endpoint.read_text()!r})"
        session.suggest(Installation(bridge.bridge_dir, (sys.executable, "-c", program)), ASKED)
        finished(session)
        if is_gone:
            endpoint.unlink()
        session.use(1, None, placed.append)
        finished(session)
    assert placed == [{"wav": "/a.wav"}]
    assert bridge.arguments_of("use")[-1]["job"] == "j-2"
    assert (session.state, session.error, session.step) == (State.LISTED, None, "")


def test_a_list_that_came_out_otherwise_is_shown_and_nothing_laid(tmp_path: Path) -> None:
    lists = iter([[suggestion(1, 0.0, 9.0)], [suggestion(1, 0.0, 9.0, "Ebb")]])

    def use(_: dict[str, Any]) -> dict[str, Any]:
        raise Refusal("no-job")

    verbs = {"suggest": lambda _: {"job": "j-1"}, "list": lambda _: done(*next(lists)), "use": use}
    session, placed = Session(), []
    with StandInBridge(tmp_path, verbs) as bridge:
        session.suggest(read_installation(bridge.install_file), ASKED)
        finished(session)
        session.use(1, None, placed.append)
        finished(session)
        assert len(bridge.arguments_of("use")) == 1
    assert not placed and session.error is not None and session.error.code == "changed"
    assert [one["title"] for one in session.suggestions] == ["Ebb"] and not session.step


def test_a_search_that_is_left_is_cancelled_in_the_engine(tmp_path: Path) -> None:
    verbs = {
        "suggest": lambda _: {"job": "j-7"},
        "list": lambda _: done(state="running", progress=None),
        "cancel": lambda _: {},
    }
    session = Session()
    with StandInBridge(tmp_path, verbs) as bridge:
        session.suggest(read_installation(bridge.install_file), ASKED)
        deadline = time.monotonic() + 20
        while not bridge.arguments_of("list"):
            assert time.monotonic() < deadline
            session.pump()
            time.sleep(0.005)
        session.cancel()
        assert session.state is State.EMPTY
        finished(session)
        assert bridge.arguments_of("cancel") == [{"job": "j-7"}]
    assert (session.state, session.error) == (State.EMPTY, None)


@pytest.mark.parametrize(
    ("verbs", "code"),
    [
        ({}, "unknown-verb"),
        ({"suggest": lambda _: {"job": "j-1"}, "list": lambda _: done(state="failed", error={"code": "broken-media",
          "sentence": "It is no video.", "remedy": "Choose another."})}, "broken-media"),
        ({"suggest": lambda _: {"surprise": 1}}, "unsupported-schema"),
    ],
)  # fmt: skip
def test_what_fails_is_said(tmp_path: Path, verbs: dict[str, Any], code: str) -> None:
    session = Session()
    with StandInBridge(tmp_path, verbs) as bridge:
        session.suggest(read_installation(bridge.install_file), ASKED)
        finished(session)
    assert session.state is State.FAILED
    assert session.error is not None
    assert session.error.code == code
    assert session.error.sentence


def test_a_busy_engine_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("needledrop_vse.bridge.BUSY_WAIT_S", 0.01)
    refusals = iter([Refusal("busy"), Refusal("busy")])

    def answer(_: dict[str, Any]) -> dict[str, Any]:
        for refusal in refusals:
            raise refusal
        return {"job": "j-1"}

    with StandInBridge(tmp_path, {"suggest": answer}) as bridge:
        assert Bridge(read_installation(bridge.install_file)).ask("suggest") == {"job": "j-1"}
        assert len(bridge.arguments_of("suggest")) == 3


def test_an_engine_that_does_not_run_is_started(tmp_path: Path) -> None:
    """What is launched here writes the endpoint of one that already listens."""
    with StandInBridge(tmp_path, {}) as bridge:
        endpoint = bridge.bridge_dir / "endpoint.json"
        content = endpoint.read_text()
        endpoint.unlink()
        program = f"import pathlib; pathlib.Path({str(endpoint)!r}).write_text({content!r})"
        Bridge(Installation(bridge.bridge_dir, (sys.executable, "-c", program))).start()
        assert endpoint.read_text() == content


def test_no_installation_is_a_sentence(tmp_path: Path) -> None:
    for content in ("", "{", json.dumps({"schema": 2, "bridge_dir": "/x", "launch": ["a"]}), json.dumps([1])):
        (tmp_path / "i.json").write_text(content)
        with pytest.raises(BridgeError, match="does not say where Needledrop is") as caught:
            read_installation(tmp_path / "i.json")
        assert caught.value.code == "not-installed"
