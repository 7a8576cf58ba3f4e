# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""For editors that are handed files: asks Needledrop for music, lets the user choose, has a new project written.

Standard library only, and nothing of Needledrop's own code: it is run by whatever Python 3.8 or later is there. It
never writes into the project that it was given; what it makes lies beside it, under a name that is free.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from needledrop_bridge import INSTALL_FILE, Bridge, BridgeError

NOTHING_FOUND = 4
COUNT = 10
WAIT_S = 10
PROJECTS = (".otio", ".otioz", ".fcpxml", ".fcpxmld", ".xml", ".edl", ".kdenlive", ".mlt")
PLAYERS = (("xdg-open",), ("open",), ("cmd", "/c", "start", ""))


class HandoffError(Exception):
    """What went wrong, and what to do about it, as one text for the user."""


class Needledrop:
    """The program as `needledrop plugin install` found it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            facts = json.loads((folder / INSTALL_FILE).read_text(encoding="utf-8"))
            self.command: list[str] = list(facts["command"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise HandoffError(
                f"{INSTALL_FILE} is missing beside this script. Install the plugin with: needledrop plugin install HOST"
            ) from error

    def ask(self, arguments: Sequence[str]) -> dict[str, Any]:
        """The JSON a command prints; its progress goes to the terminal.

        Raises:
            HandoffError: the program is gone, or it says why it could not do it.
        """
        return dict(json.loads(self._run([*arguments, "--json"], capture=True)))

    def write(self, arguments: Sequence[str]) -> None:
        """Run a command that writes files.

        Raises:
            HandoffError: the program is gone, or it said on the terminal why it could not do it.
        """
        self._run(arguments, capture=False)

    def _run(self, arguments: Sequence[str], *, capture: bool) -> str:
        output = subprocess.PIPE if capture else None
        try:
            done = subprocess.run([*self.command, *arguments], stdout=output, stdin=subprocess.DEVNULL, check=False)
        except OSError as error:
            raise HandoffError(
                f"Needledrop is not at {self.command[0]} any more. Install again: needledrop plugin install HOST"
            ) from error
        text = (done.stdout or b"").decode("utf-8")
        if done.returncode not in (0, NOTHING_FOUND):
            raise HandoffError(_sentence(text) or "Needledrop could not do it; it says why above.")
        return text


def _sentence(text: str) -> str:
    try:
        error = json.loads(text)["error"]
        return f"{error['sentence']} {error['remedy']}".strip()
    except (ValueError, KeyError, TypeError):
        return ""


def parser_of(description: str) -> argparse.ArgumentParser:
    """A parser to which a script may add its own options."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("project", nargs="?", type=Path, help="the project, or a video; asked for where it is left out")
    parser.add_argument("--in", dest="in_s", metavar="TIME", help="where the music shall begin, such as 1:23.5")
    parser.add_argument("--out", dest="out_s", metavar="TIME", help="where it shall end")
    parser.add_argument("--text", metavar="WORDS", help='such as "calm sunrise hike"')
    parser.add_argument("--pick", type=int, metavar="N", help="take this entry of the list without asking")
    parser.add_argument("--no-open", action="store_true", help="write the new project, but do not open it")
    parser.add_argument(
        "--stay", action="store_true", help="wait for Enter at the end, so that the terminal stays open"
    )
    return parser


def wish_of(options: argparse.Namespace) -> list[str]:
    """The options as `needledrop suggest` and `needledrop export` take them."""
    pairs = (("--in", options.in_s), ("--out", options.out_s), ("--text", options.text))
    return [word for name, value in pairs if value for word in (name, value)]


def project_of(options: argparse.Namespace) -> Path:
    """The project, asked for where none was named.

    Raises:
        HandoffError: it is not there.
    """
    path = options.project
    if path is None:
        path = Path(
            _asked("Drag your project (or a video) here, then press Enter: ").strip().strip("'\"").replace("\\ ", " ")
        )
    if not path.exists():
        raise HandoffError(f"There is no file {path}. Save the project first, and name that file.")
    return Path(path).absolute()


def choose(needledrop: Needledrop, project: Path, options: argparse.Namespace) -> int:
    """The number of the suggestion the user takes.

    Raises:
        HandoffError: nothing was found, or the user takes none.
    """
    wish = wish_of(options)
    answer = needledrop.ask(["suggest", str(project), "-n", str(COUNT), *wish])
    suggestions = answer["suggestions"]
    for note in answer.get("notes", []):
        print(note)
    if not suggestions:
        raise HandoffError("Nothing fits. Add music with: needledrop scan FOLDER")
    for one in suggestions:
        print(line_of(one))
    if options.pick is not None:
        return _in_list(options.pick, len(suggestions))
    while True:
        said = _asked(f"Take which? 1 to {len(suggestions)}, h 2 to hear number 2, q to stop: ").strip().lower()
        if said in ("q", ""):
            raise HandoffError("Nothing was written.")
        try:
            number = _in_list(int(said.lstrip("h ")), len(suggestions))
        except (ValueError, HandoffError):
            print("That is no number of the list.")
            continue
        if not said.startswith("h"):
            return number
        _hear(needledrop.folder, project, answer, suggestions[number - 1], options.text)


def title_of(one: dict[str, Any]) -> str:
    """The track's title, or its file's name."""
    track = one["track"]
    return str(track["tags"].get("title") or Path(track["path"]).stem)


def line_of(one: dict[str, Any]) -> str:
    """A suggestion in one line, its reasons below."""
    track = one["track"]
    facts = [title_of(one), track["tags"].get("artist") or ""]
    if track.get("tempo_bpm"):
        facts.append(f"{track['tempo_bpm']:.0f} BPM")
    facts += [track.get("key") or "", track["licence"].get("name") or "licence unknown"]
    reasons = [reason["text"] for reason in one.get("reasons", [])][:2]
    return f"{one['rank']:2d}. {', '.join(fact for fact in facts if fact)}" + "".join(
        f"\n      {text}" for text in reasons
    )


def free_name(project: Path, suffix: str, addition: str = " with music") -> Path:
    """A name beside the project that nothing has, nor begins with: what belongs to it has names that do."""
    names = [path.name for path in project.parent.iterdir()]
    number = 1
    while True:
        stem = f"{project.stem}{addition}" + ("" if number == 1 else f" {number}")
        if not any(name.startswith((f"{stem}.", f"{stem} ")) for name in names):
            return project.with_name(stem + suffix)
        number += 1


def write_project(
    needledrop: Needledrop, project: Path, number: int, options: argparse.Namespace, kind: str, suffix: str
) -> Path:
    """Have a new project written beside the old one, with the credits; its path.

    Args:
        kind: The option of `needledrop export`.

    Raises:
        HandoffError: it could not be written.
    """
    target = free_name(project, suffix)
    credits = target.with_name(f"{target.stem} credits.txt")
    wanted = [kind, str(target), "--attribution", str(credits)]
    needledrop.write(["export", str(project), "--pick", str(number), *wish_of(options), *wanted])
    return target


def open_with(programs: Sequence[Sequence[str]], target: Path) -> bool:
    """Open a file with the first of these commands that is there; whether one is."""
    for command in programs:
        if shutil.which(command[0]):
            subprocess.Popen(
                [*command, str(target)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
            return True
    return False


def finish(target: Path, options: argparse.Namespace, programs: Sequence[Sequence[str]], editor: str) -> None:
    """Say what was written, and open it."""
    print(f"\nWritten: {target}\nYour own project is as it was.")
    if options.no_open:
        return
    if open_with(programs, target):
        print(f"{editor} is opening it.")
    else:
        print(f"Open it in {editor}.")


def run(work: Callable[[argparse.Namespace], None], options: argparse.Namespace) -> int:
    """Do the work and say what went wrong in a sentence; the exit status."""
    status = 0
    try:
        work(options)
    except HandoffError as error:
        print(f"\n{error}", file=sys.stderr)
        status = 1
    except (KeyboardInterrupt, EOFError):
        print("\nStopped. Nothing of your project was changed.", file=sys.stderr)
        status = 130
    if options.stay:
        try:
            input("Press Enter to close. ")
        except EOFError:
            pass
    return status


def _in_list(number: int, length: int) -> int:
    if not 1 <= number <= length:
        raise HandoffError(f"The list has entries 1 to {length}.")
    return number


def _asked(question: str) -> str:
    return input(question)


def _hear(folder: Path, project: Path, answer: dict[str, Any], one: dict[str, Any], text: str) -> None:
    """A suggestion alone, as loud as it will be, in whatever plays WAV files here; it does not count as used."""
    kind = "project" if project.suffix.casefold() in PROJECTS else "media"
    begin_s, end_s = answer["range_s"]
    wish = {kind: str(project), "in_s": begin_s, "out_s": end_s, "count": COUNT, **({"text": text} if text else {})}
    try:
        path = audition(Bridge(folder), wish, title_of(one), one["rank"])
    except BridgeError as error:
        print(error)
        return
    if not open_with(PLAYERS, Path(path)):
        print(f"Listen to {path}")


def audition(bridge: Bridge, wish: dict[str, Any], title: str, rank: int) -> str:
    """The sound of the entry of that title in the engine's own list; of several, the one of that rank.

    Raises:
        BridgeError: the engine refuses, or its list has no such entry (any more).
    """
    job = bridge.ask("suggest", wish)["job"]
    found = bridge.ask("list", {"job": job, "wait_s": WAIT_S})
    while found["state"] == "running":
        found = bridge.ask("list", {"job": job, "wait_s": WAIT_S})
    named = [one["number"] for one in found.get("suggestions", []) if one["title"] == title]
    if named:
        number = rank if rank in named else named[0]
        return str(bridge.ask("audition", {"job": job, "number": number})["path"])
    refusal = found.get("error") or {
        "sentence": f"{title} cannot be played now.",
        "remedy": "Choose without hearing it.",
    }
    raise BridgeError(refusal["sentence"], refusal["remedy"])
