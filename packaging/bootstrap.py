#!/usr/bin/env python3
# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take a bare checkout to a running program: system libraries, `.venv`, packages, then the verb.

Standard library only, and it must parse on Python 3.6, so that an old Python gets a sentence instead of
a SyntaxError. It must not import anything of the program, write outside `.venv` (system packages apart),
or cost a second run more than a moment: a stamp in `.venv` says that there is nothing to do.
"""

import errno
import os
import subprocess
import sys
from pathlib import Path

MINIMUM_PYTHON = (3, 11)


def refuse_old_python(version: "tuple[int, ...]") -> None:
    """Leave with a sentence if `version` is older than the program can run on."""
    if tuple(version[:2]) < MINIMUM_PYTHON:
        raise SystemExit(
            "Needledrop needs Python {}.{} or newer; this is Python {}.{}.\n"
            "What to do: install a newer Python and start this with it, for example: "
            "python3.12 packaging/bootstrap.py demo".format(*MINIMUM_PYTHON, *version[:2])
        )


# Before the rest is defined: the annotations below are evaluated, and mean nothing to an old Python.
refuse_old_python(sys.version_info[:2])

from bootstrap_package import package  # noqa: E402
from bootstrap_system import CannotGoOn, say  # noqa: E402
from bootstrap_venv import set_up  # noqa: E402

USAGE = """Usage: python3 packaging/bootstrap.py VERB [arguments]

  demo [arguments]         set up, then try Needledrop on the media that come with it
  run                      set up, then open the window
  run COMMAND [arguments]  set up, then run any command: run scan ~/Music, run suggest film.mp4, run --help
  test [arguments]         set up with the tools of development, then run the tests (arguments go to pytest)
  package [--check]        set up, then freeze the program into dist/needledrop; --check runs its self-test
"""
ROOT = Path(__file__).resolve().parent.parent
EXTRAS = {
    "demo": ("text",),
    "package": ("gui", "text"),
    "run": ("gui", "text"),
    "test": ("dev", "gui", "learn", "semantic", "text"),
}


def check_checkout(root: Path) -> None:
    """Raise CannotGoOn unless `root` is a checkout of the program."""
    if not (root / "pyproject.toml").is_file() or not (root / "app" / "needledrop").is_dir():
        raise CannotGoOn(
            f"{root} is not a checkout of Needledrop: pyproject.toml and app/needledrop are not there.",
            "clone the project with git and start packaging/bootstrap.py from inside that clone.",
        )


def hand_over(python: Path, arguments: list[str]) -> int:
    """Become `python arguments`; where a process cannot be replaced, run it and return its exit code."""
    command = [str(python), *arguments]
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)
    return subprocess.call(command)


def start(verb: str, arguments: list[str]) -> int:
    """Set up for `verb`, then hand over to it; return its exit code where that returns at all."""
    check_checkout(ROOT)
    python = set_up(ROOT, set(EXTRAS[verb]))
    if verb == "test":
        os.chdir(str(ROOT))
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        return hand_over(python, ["-m", "pytest", *(arguments or ["-n", "auto"])])
    if verb == "package":
        return package(ROOT, python, arguments)
    return hand_over(python, ["-m", "needledrop", *(["demo"] if verb == "demo" else []), *arguments])


def as_failure(error: OSError) -> CannotGoOn:
    """Return the sentence for a file operation of the set-up itself that the system refused."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return CannotGoOn("The disk is full.", "free some space and start again.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return CannotGoOn(
            f"The folder {ROOT} cannot be written to ({error.filename or ROOT}).",
            "make it yours, or clone Needledrop into a folder of your own.",
        )
    return CannotGoOn(f"The system refused: {error}.", "delete the folder .venv and start again.")


def report(failure: CannotGoOn) -> int:
    """Print `failure` for the user and return the exit code."""
    if failure.details:
        say(failure.details)
        say("The whole output: " + str(ROOT / ".venv" / "bootstrap.log") + "\n")
    say("Cannot go on: " + failure.sentence)
    say("What to do: " + failure.remedy)
    return 1


def main(arguments: list[str]) -> int:
    """Run the bootstrap; return the exit code."""
    if arguments[:1] in (["-h"], ["--help"]):
        print(USAGE, end="")
        return 0
    if not arguments or arguments[0] not in EXTRAS:
        print(USAGE, end="", file=sys.stderr)
        return 2
    try:
        return start(arguments[0], arguments[1:])
    except CannotGoOn as failure:
        return report(failure)
    except OSError as error:
        return report(as_failure(error))
    except KeyboardInterrupt:
        say("\nStopped. Start again to go on.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
