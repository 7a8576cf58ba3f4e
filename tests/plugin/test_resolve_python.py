# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The script for DaVinci Resolve Studio, against a stand-in of Resolve's API and of the engine."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from plugin.resolve_stand_in import Quirks, Resolve

PLUGIN = Path(__file__).resolve().parents[2] / "plugin"
MODULES = ("needledrop_resolve", "needledrop_timeline", "needledrop_bridge")


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """needledrop_resolve, as it is found where it is installed: beside what it imports."""
    for folder in ("resolve", "handoff"):
        monkeypatch.syspath_prepend(str(PLUGIN / folder))
    yield importlib.import_module("needledrop_resolve")
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.fixture
def lines(script: ModuleType) -> ModuleType:
    return importlib.import_module("needledrop_timeline")


class Engine:
    """Answers as the bridge does, from a fixed list; keeps what it was asked."""

    def __init__(self, folder: Path, **cue: Any) -> None:
        self.exports = folder / "exports"
        self.exports.mkdir()
        for name in ("tide.wav", "tide.flac"):
            (folder / name).touch()
        self.asked: list[tuple[str, dict[str, Any]]] = []
        original = {"path": str(folder / "tide.flac"), "in_s": 2.0, "out_s": 12.0, "gain_db": -6.5,
                    "fade_in_s": 1.0, "fade_out_s": 2.0, "duck": []}  # fmt: skip
        markers = [("downbeat", 2.0), ("beat", 2.5), ("section", 4.0)]
        self.cue = {
            "wav": str(folder / "tide.wav"), "start_frame": 48, "frames": 240, "title": "Tide", "original": original,
            "attribution": "Tide by Ana",
            "markers": [{"kind": kind, "at_s": at_s, "name": kind} for kind, at_s in markers],
        } | cue  # fmt: skip

    def ask(self, verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((verb, arguments))
        return {
            "suggest": {"job": "j-1"},
            "list": {
                "state": "done",
                "suggestions": [{"number": 1, "title": "Tide", "bpm": 92.0, "reasons": ["because"]}],
            },
            "use": self.cue,
        }[verb]


def lay(script: ModuleType, resolve: Resolve, engine: Engine, *, is_editable: bool = False) -> str:
    timeline = resolve.project.timelines[0]
    return str(script.lay(resolve, resolve.project, timeline, engine.cue, is_editable=is_editable))


def music(resolve: Resolve) -> Any:
    timeline = resolve.project.timelines[0]
    assert [track.name for track in timeline.audio] == ["Voice", "Music: Tide"]
    assert timeline.audio[1].kind == "stereo"
    (item,) = timeline.audio[1].items
    assert (item.start, item.length) == (86_400 + 48, 240)
    return item


QUIRKS = [
    Quirks(),
    Quirks(end_is_out=True),
    Quirks(media_rate="30.0"),
    Quirks(media_rate=""),
    Quirks(rate="23.976", version=(19, 1, 3, 7)),
    Quirks(rate="29.97 DF"),
]


@pytest.mark.parametrize("quirks", QUIRKS, ids=str)
def test_the_wav_lies_where_the_engine_says(tmp_path: Path, script: ModuleType, quirks: Quirks) -> None:
    resolve, engine = Resolve(quirks), Engine(tmp_path)
    said = lay(script, resolve, engine)
    item = music(resolve)
    assert item.clip.path == engine.cue["wav"] and item.fades == {}
    assert "2 markers" in said and len(resolve.project.timelines[0].markers) == 2
    (folder,) = resolve.project.pool.root.folders
    assert folder.name == "Needledrop" and resolve.project.pool.current.name == "Master"


def test_the_same_file_is_imported_once(tmp_path: Path, script: ModuleType, lines: ModuleType) -> None:
    resolve, engine = Resolve(), Engine(tmp_path)
    first = lines.import_media(resolve.project.pool, engine.cue["wav"])
    assert lines.import_media(resolve.project.pool, engine.cue["wav"]) is first


@pytest.mark.parametrize(
    ("quirks", "sentence"), [(Quirks(drops_clips=True), "dropped"), (Quirks(makes_mono=True), "not stereo")]
)
def test_what_is_refused_in_silence_is_said_and_leaves_no_track(
    tmp_path: Path, script: ModuleType, lines: ModuleType, quirks: Quirks, sentence: str
) -> None:
    resolve, engine = Resolve(quirks), Engine(tmp_path)
    with pytest.raises(lines.Refused, match=sentence):
        lay(script, resolve, engine)
    assert [track.name for track in resolve.project.timelines[0].audio] == ["Voice"]


def test_a_file_that_is_gone_is_said(tmp_path: Path, script: ModuleType, lines: ModuleType) -> None:
    resolve, engine = Resolve(), Engine(tmp_path, wav=str(tmp_path / "gone.wav"))
    with pytest.raises(lines.Refused, match=r"gone\.wav"):
        lay(script, resolve, engine)


def test_studio_21_1_takes_fades_and_volume(tmp_path: Path, script: ModuleType) -> None:
    resolve, engine = Resolve(Quirks(media_rate="48.0")), Engine(tmp_path)
    said = lay(script, resolve, engine, is_editable=True)
    item = music(resolve)
    assert "you can change" in said
    assert item.clip.path == engine.cue["original"]["path"]
    assert item.source == (96, 480)
    assert item.fades == {"FadeIn": 24, "FadeOut": 48}
    assert item.properties == {"AudioVolume": -6.5, "AudioVolumeEnabled": True}


NOT_EDITABLE: list[tuple[Quirks, dict[str, Any], str]] = [
    (Quirks(version=(21, 0, 4)), {}, "from Studio 21.1 on"),
    (Quirks(product="DaVinci Resolve"), {}, "from Studio 21.1 on"),
    (Quirks(), {"original": None}, "cut together"),
    (Quirks(fades_stay=False), {}, "did not take the fades"),
]


@pytest.mark.parametrize(("quirks", "cue", "why"), NOT_EDITABLE)
def test_elsewhere_the_fades_are_in_the_wav_and_it_says_why(
    tmp_path: Path, script: ModuleType, quirks: Quirks, cue: dict[str, Any], why: str
) -> None:
    resolve, engine = Resolve(quirks), Engine(tmp_path, **cue)
    assert why in lay(script, resolve, engine, is_editable=True)
    assert music(resolve).clip.path == engine.cue["wav"]
    assert not quirks.has_modal


def test_ducking_stays_in_the_wav(tmp_path: Path, script: ModuleType) -> None:
    resolve, engine = Resolve(), Engine(tmp_path)
    engine.cue["original"]["duck"] = [[0.0, -9.0]]
    assert "ducking" in lay(script, resolve, engine, is_editable=True)
    assert music(resolve).clip.path == engine.cue["wav"]


def test_markers_of_the_user_stay(tmp_path: Path, script: ModuleType) -> None:
    resolve, engine = Resolve(), Engine(tmp_path)
    theirs = ("Blue", "mine", "", 1, "")
    resolve.project.timelines[0].markers[48] = theirs
    assert "1 markers" in lay(script, resolve, engine)
    assert resolve.project.timelines[0].markers[48] == theirs


MARKS = [
    ({"video": {"in": 24, "out": 119}}, {"in_s": 1.0, "out_s": 5.0}),
    ({"audio": {"in": 86_424}}, {"in_s": 1.0}),
    ({}, {}),
]


@pytest.mark.parametrize(("marks", "wanted"), MARKS)
def test_the_range_between_the_marks_is_asked_for(
    tmp_path: Path, script: ModuleType, marks: dict[str, dict[str, int]], wanted: dict[str, float]
) -> None:
    resolve, engine = Resolve(Quirks(marks=marks)), Engine(tmp_path)
    job, suggestions = script.find(engine, resolve, resolve.project, resolve.project.timelines[0], "calm")
    assert (job, len(suggestions)) == ("j-1", 1)
    asked = dict(engine.asked)["suggest"]
    assert Path(asked.pop("project")).read_text() == "exported"
    key = "11223344-aabbccdd"
    assert asked == {"frame_rate": "24", "count": 12, "text": "calm", "project_key": key} | wanted


RATES = [("23.976", Fraction(24000, 1001)), (25.0, Fraction(25)), ("59.94 DF", Fraction(60000, 1001))]


@pytest.mark.parametrize(("said", "rate"), RATES)
def test_rates_are_exact(lines: ModuleType, said: object, rate: Fraction) -> None:
    assert lines.rate_of(said) == rate


@pytest.mark.parametrize("links_with_source_clips", [True, False])
def test_a_project_becomes_a_new_timeline_whose_name_is_free(
    tmp_path: Path, script: ModuleType, lines: ModuleType, links_with_source_clips: bool
) -> None:
    resolve = Resolve(Quirks(links_with_source_clips=links_with_source_clips))
    project, path = resolve.project, tmp_path / "film.otio"
    path.touch()
    names = [lines.import_timeline(project, project.pool, str(path), "Timeline 1")[0].GetName() for _ in range(2)]
    assert all(name.startswith("Timeline 1 ") for name in names)
    assert len(project.timelines) == 3 == len({timeline.name for timeline in project.timelines})
    assert all(timeline.audio[0].items[0].clip for timeline in project.timelines[1:])


def test_offline_media_and_no_timeline_are_said(
    tmp_path: Path, lines: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = Resolve()
    with pytest.raises(lines.Refused, match="made no timeline"):
        lines.import_timeline(resolve.project, resolve.project.pool, str(tmp_path / "gone.otio"), "film")
    monkeypatch.setattr(lines, "_is_linked", lambda timeline: False)
    (tmp_path / "film.otio").touch()
    made, is_linked = lines.import_timeline(resolve.project, resolve.project.pool, str(tmp_path / "film.otio"), "film")
    assert not is_linked and resolve.project.timelines[1:] == [made]


def test_from_the_terminal(
    tmp_path: Path, script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    resolve, engine = Resolve(), Engine(tmp_path)
    monkeypatch.setattr(script, "connect", lambda: resolve)
    monkeypatch.setattr(script, "Bridge", lambda folder: engine)
    monkeypatch.setattr("builtins.input", lambda question: "1")
    assert script.main([]) == 0
    said = capsys.readouterr().out
    assert " 1. Tide, 92 BPM, licence unknown\n      because" in said and "Tide by Ana" in said
    music(resolve)
    resolve.project.timelines = []
    assert script.main(["suggest", "--pick", "1"]) == 1
    assert "No timeline is open" in capsys.readouterr().err


def test_without_resolve_it_is_a_sentence(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    modules = tmp_path / "Modules"
    modules.mkdir()
    (modules / "DaVinciResolveScript.py").write_text("def scriptapp(name):\n    return None\n")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("RESOLVE_SCRIPT_API", str(tmp_path / "nowhere"))
    assert script.main(["import", "film.otio"]) == 1
    assert "Resolve's own module is not in" in capsys.readouterr().err
    monkeypatch.setenv("RESOLVE_SCRIPT_API", str(tmp_path))
    assert script.main(["import", "film.otio"]) == 1
    assert "External scripting using to Local" in capsys.readouterr().err
    sys.modules.pop("DaVinciResolveScript", None)
