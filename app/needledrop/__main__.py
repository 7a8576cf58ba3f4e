# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The composition root: dispatch by argument. Imports nothing at module level, so that a worker process stays small."""


def main() -> int:
    """Run the command line; returns the exit status."""
    import multiprocessing
    import signal
    import sys

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C while modules load ends the process, without a traceback.
    multiprocessing.freeze_support()
    from needledrop.cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(main())
