# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The composition root: dispatch by argument. Imports nothing at module level, so that a worker process stays small."""

TYPE_CHECKING = False  # As typing has it, which is not loaded for this.
if TYPE_CHECKING:
    from needledrop.bridge.engine import Engine
    from needledrop.core.paths import Profile


def main() -> int:
    """Open the window (no command, or `gui`), or run the command line; returns the exit status."""
    import multiprocessing
    import signal
    import sys

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C while modules load ends the process, without a traceback.
    multiprocessing.freeze_support()
    window_arguments = _for_window(sys.argv[1:])
    if window_arguments is not None:
        return _open_window(window_arguments)
    from needledrop.cli.main import run

    return run(sys.argv[1:], _start_engine)


def _start_engine(profile: "Profile", *, is_for_plugin: bool) -> "Engine":
    """The engine that answers plugins of editors: commands and window cannot see the bridge."""
    from needledrop.bridge.engine import IDLE_S, Engine

    return Engine.start(profile, idle_s=IDLE_S if is_for_plugin else None)


def _for_window(arguments: list[str]) -> list[str] | None:
    """What the window is to be given: the arguments without the word `gui`. None where they ask for a command."""
    before = 0
    while before < len(arguments) and arguments[before].startswith("-"):
        name, equals, _ = arguments[before].partition("=")
        if name not in ("--profile", "--verbose"):
            return None
        before += 2 if name == "--profile" and not equals else 1
    if before < len(arguments) and arguments[before] != "gui":
        return None
    return arguments[:before] + arguments[before + 1 :]


def _open_window(arguments: list[str]) -> int:
    import importlib.util
    import sys

    if importlib.util.find_spec("PySide6") is None:
        print(
            "needledrop: The window needs PySide6, which is not installed. "
            "Install it: pip install 'needledrop[gui]', or use the command line: needledrop --help",
            file=sys.stderr,
        )
        return 3
    if arguments[:1] == ["--self-test"]:  # Asked by `needledrop self-test`, which names a folder to work in.
        from pathlib import Path

        from needledrop.gui import self_check

        return self_check.run(Path(arguments[1]))
    from needledrop.gui.application import run

    return run(arguments, lambda profile: _start_engine(profile, is_for_plugin=False).close)


if __name__ == "__main__":
    raise SystemExit(main())
