# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the exit status of `needledrop` means. Documented in docs/command-line.md."""

from __future__ import annotations

DONE = 0
BUG = 1
USAGE = 2  # argparse's own
KNOWN_ERROR = 3
NOTHING_FOUND = 4
CANCELLED = 130  # What shells give for Ctrl-C.
