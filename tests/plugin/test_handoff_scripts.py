# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripts for Kdenlive, Shotcut and Final Cut Pro, run as their users run them, with stand-ins of all they call."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

PLUGIN = Path(__file__).resolve().parents[2] / "plugin"
STAND_IN = Path(__file__).with_name("stand_in_needledrop.py")
HOSTS = {"kdenlive": ("--kdenlive", ".kdenlive"), "shotcut": ("--mlt", ".mlt"), "finalcut": ("--fcpxml", ".fcpxml")}
# As the scripts call it: what is open, and each call by its last words.
DBUS_SEND = """#!/bin/sh
case "$*" in
  *ListNames*) cat "$HOME/names" ;;
  *) printf '%s\\n' "$*" >> "$HOME/calls" ;;
esac
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")


class Desk:
    """A home folder with the installed scripts, a project, and programs that note how they were called."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.programs = folder, folder / "bin"
        self.programs.mkdir()
        shutil.copy(STAND_IN, folder / "needledrop.py")
        self.command = [sys.executable, str(folder / "needledrop.py")]

    def add_program(self, name: str, text: str) -> None:
        path = self.programs / name
        path.write_text(text)
        path.chmod(0o755)

    def add_project(self, name: str, text: str = "the user's") -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def run(self, host: str, *words: str | Path, typed: str = "") -> subprocess.CompletedProcess[str]:
        installed = self.folder / host
        if not installed.exists():
            shutil.copytree(PLUGIN / host, installed)
            shutil.copytree(PLUGIN / "handoff", installed, dirs_exist_ok=True)
            facts = {
                "command": self.command,
                "bridge_dir": str(self.folder / "bridge"),
                "launch": ["/nowhere/needledrop"],
            }
            (installed / "needledrop_install.json").write_text(json.dumps({"schema": 1, **facts}))
        return subprocess.run(
            [sys.executable, "-W", "error", installed / f"needledrop_{host}.py", *words],
            env={"HOME": str(self.folder), "PATH": f"{self.programs}:/usr/bin:/bin"},
            input=typed, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def asked(self) -> list[list[str]]:
        return [json.loads(line) for line in (self.folder / "asked.jsonl").read_text().splitlines()]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize("host", HOSTS)
def test_a_new_project_lies_beside_the_old_one(desk: Desk, host: str) -> None:
    option, suffix = HOSTS[host]
    mine = desk.add_project(f"my film{suffix}")
    done = desk.run(host, mine, "--in", "0:10", "--no-open", typed="2\n")
    assert done.returncode == 0, done.stderr
    assert "1. Tide, Ana, 120 BPM, A min, CC-BY-4.0\n      8 of 9 cuts fall on beats" in done.stdout
    target = desk.folder / f"my film with music{suffix}"
    assert target.read_text() == option
    assert (desk.folder / "my film with music credits.txt").is_file()
    assert mine.read_text() == "the user's"
    suggest, export = desk.asked()
    assert suggest == ["suggest", str(mine), "-n", "10", "--in", "0:10", "--json"]
    assert export[:6] == ["export", str(mine), "--pick", "2", "--in", "0:10"]


def test_a_name_that_is_taken_is_left_alone(desk: Desk) -> None:
    mine = desk.add_project("film.mlt")
    taken = desk.add_project("film with music.mlt", "an older one")
    assert desk.run("shotcut", mine, "--pick", "1", "--no-open").returncode == 0
    assert taken.read_text() == "an older one"
    assert (desk.folder / "film with music 2.mlt").read_text() == "--mlt"


def test_two_editors_share_no_file(desk: Desk) -> None:
    for host, name in (("shotcut", "film.mlt"), ("finalcut", "film.fcpxml")):
        assert desk.run(host, desk.add_project(name), "--pick", "1", "--no-open").returncode == 0
    made = sorted(path.name.removeprefix("film with music") for path in desk.folder.glob("film with music*"))
    assert made == [" 2 credits.txt", " 2.fcpxml", " credits.txt", ".mlt"]


NOTES_DOWN = '#!/bin/sh\nprintf "%s" "$*" > "$HOME/opened.new"; mv "$HOME/opened.new" "$HOME/opened"\n'


def opened(desk: Desk) -> str:
    """What NOTES_DOWN was started with; it is started and left alone."""
    path = desk.folder / "opened"
    for _ in range(600):
        if path.exists():
            break
        time.sleep(0.05)
    return path.read_text()


def test_the_new_project_is_opened_in_the_editor(desk: Desk) -> None:
    desk.add_program("shotcut", NOTES_DOWN)
    done = desk.run("shotcut", desk.add_project("film.mlt"), "--pick", "3")
    assert "Shotcut is opening it" in done.stdout
    assert opened(desk) == str(desk.folder / "film with music.mlt")


class Engine(BaseHTTPRequestHandler):
    """Answers the verbs of the bridge; keeps what it was asked on its server."""

    def do_POST(self) -> None:
        assert self.headers["Authorization"] == "Bearer secret"
        arguments = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        verb = self.path.removeprefix("/v1/")
        self.server.asked.append((verb, arguments))  # type: ignore[attr-defined]
        results = {
            "suggest": {"job": "j-1"},
            "list": {"state": "done", "suggestions": [{"number": at, "title": "Tide"} for at in (7, 2)]},
            "audition": {"path": "/cache/tide.wav"},
        }
        content = json.dumps({"schema": 1, "ok": True, "result": results[verb]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def engine(desk: Desk) -> Iterator[list[tuple[str, Any]]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Engine)
    server.asked = []  # type: ignore[attr-defined]
    (desk.folder / "bridge").mkdir()
    endpoint = {"schema": 1, "port": server.server_port, "token": "secret"}
    (desk.folder / "bridge/endpoint.json").write_text(json.dumps(endpoint))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.asked  # type: ignore[attr-defined]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("rank", "number"), [(2, 2), (1, 7)], ids=["same title", "other place"])
def test_hearing_one_first_counts_as_no_use(desk: Desk, engine: list[tuple[str, Any]], rank: int, number: int) -> None:
    desk.add_program("xdg-open", NOTES_DOWN)
    done = desk.run("shotcut", desk.add_project("film.mlt"), "--no-open", typed=f"h {rank}\n9\n1\n")
    assert done.returncode == 0, done.stderr
    assert "That is no number of the list." in done.stdout
    assert engine[0] == ("suggest", {"project": str(desk.folder / "film.mlt"), "in_s": 1.5, "out_s": 20.0, "count": 10})
    assert engine[-1] == ("audition", {"job": "j-1", "number": number})
    assert opened(desk) == "/cache/tide.wav"
    assert [words[0] for words in desk.asked()] == ["suggest", "export"]


STRANGERS = {
    "a page": b"<html>",
    "a list": b"[1]",
    "another engine": b'{"ok": false, "error": {"code": "unauthorised"}}',
}


@pytest.mark.parametrize("content", STRANGERS.values(), ids=STRANGERS)
def test_an_engine_is_started_where_a_stranger_has_its_port(
    desk: Desk, engine: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    def answer(self: Engine) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    monkeypatch.setattr(Engine, "do_POST", answer)
    done = desk.run("shotcut", desk.add_project("film.mlt"), "--no-open", typed="h 1\n1\n")
    assert done.returncode == 0, done.stderr
    assert "Needledrop could not be started." in done.stdout


def test_hearing_without_an_engine_is_a_sentence_and_the_list_goes_on(desk: Desk) -> None:
    done = desk.run("shotcut", desk.add_project("film.mlt"), "--no-open", typed="h 1\n1\n")
    assert done.returncode == 0, done.stderr
    assert "Needledrop could not be started." in done.stdout


REFUSALS: list[tuple[str, list[str], str, str]] = [
    ("empty.mlt", [], "", "Nothing fits"),
    ("wrong.mlt", [], "", "There is no music yet. Scan a folder."),
    ("film.mlt", [], "q\n", "Nothing was written."),
    ("film.mlt", ["--pick", "4"], "", "entries 1 to 3"),
]


@pytest.mark.parametrize(("name", "words", "typed", "sentence"), REFUSALS)
def test_what_does_not_go_is_a_sentence_and_writes_nothing(
    desk: Desk, name: str, words: list[str], typed: str, sentence: str
) -> None:
    done = desk.run("shotcut", desk.add_project(name), *words, typed=typed)
    assert done.returncode == 1
    assert sentence in done.stderr and "Traceback" not in done.stderr
    assert [path.name for path in desk.folder.glob("*.mlt")] == [name]


def test_a_project_that_is_not_there_and_a_program_that_is_gone(desk: Desk) -> None:
    assert "There is no file" in desk.run("shotcut", desk.folder / "gone.mlt").stderr
    desk.command = ["/nowhere/needledrop"]
    shutil.rmtree(desk.folder / "shotcut")
    done = desk.run("shotcut", desk.add_project("film.mlt"))
    assert "needledrop plugin install" in done.stderr and "Traceback" not in done.stderr


def test_a_project_that_is_dragged_into_the_terminal(desk: Desk) -> None:
    mine = desk.add_project("my film.mlt")
    done = desk.run("shotcut", "--pick", "1", "--no-open", typed=f"'{mine}' \n")
    assert done.returncode == 0, done.stderr
    mac = str(mine).replace(" ", "\\ ")
    assert desk.run("shotcut", "--pick", "1", "--no-open", typed=f"{mac} \n").returncode == 0


KDENLIVES = [
    ('<property name="kdenlive:docproperties.version">1.04</property>', "--kdenlive-22"),
    ('<property name="kdenlive:docproperties.version">0.98</property>', "--kdenlive-22"),
    ('<property name="kdenlive:docproperties.version">1.1</property>', "--kdenlive"),
    ("no version", "--kdenlive"),
]


@pytest.mark.parametrize(("text", "option"), KDENLIVES)
def test_a_kdenlive_project_is_answered_in_its_own_generation(desk: Desk, text: str, option: str) -> None:
    desk.add_program("kdenlive", "#!/bin/sh\nexit 1\n")
    assert desk.run("kdenlive", desk.add_project("film.kdenlive", text), "--pick", "1", "--no-open").returncode == 0
    assert (desk.folder / "film with music.kdenlive").read_text() == option


@pytest.mark.parametrize(("version", "option"), [("22.12.3", "--kdenlive-22"), ("24.08.1", "--kdenlive")])
def test_a_video_is_answered_for_the_kdenlive_that_is_there(desk: Desk, version: str, option: str) -> None:
    desk.add_program("kdenlive", f"#!/bin/sh\necho kdenlive {version}\n")
    assert desk.run("kdenlive", desk.add_project("film.mp4"), "--pick", "1", "--no-open").returncode == 0
    assert (desk.folder / "film with music.kdenlive").read_text() == option


def test_insert_lays_the_sound_in_the_kdenlive_that_is_open(desk: Desk) -> None:
    desk.add_program("dbus-send", DBUS_SEND)
    (desk.folder / "names").write_text('string "org.kde.kdenlive-4711"\n')
    done = desk.run("kdenlive", desk.add_project("my film.kdenlive"), "--insert", "--pick", "2", typed="\n")
    assert done.returncode == 0, done.stderr
    sound = desk.folder / "my film music.wav"
    assert sound.is_file()
    calls = (desk.folder / "calls").read_text().splitlines()
    window = "--session --print-reply --dest=org.kde.kdenlive-4711 /kdenlive/MainWindow_1 org.kde.kdenlive.MainWindow."
    assert calls == [f"{window}addProjectClip string:{sound}", f"{window}addTimelineClip string:{sound}"]
    assert list(desk.folder.glob("*with music*")) == []


def test_insert_without_an_open_kdenlive_says_so_before_anything_is_asked(desk: Desk) -> None:
    desk.add_program("dbus-send", "#!/bin/sh\nexit 1\n")
    done = desk.run("kdenlive", desk.add_project("film.kdenlive"), "--insert")
    assert done.returncode == 1 and "No Kdenlive is open" in done.stderr
    assert not (desk.folder / "asked.jsonl").exists()


def test_the_terminal_stays_open_where_it_would_close(desk: Desk) -> None:
    done: Any = desk.run("shotcut", desk.add_project("film.mlt"), "--pick", "1", "--no-open", "--stay", typed="\n")
    assert done.returncode == 0 and done.stdout.endswith("Press Enter to close. ")
