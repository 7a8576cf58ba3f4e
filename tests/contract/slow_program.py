# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Not a test: the program with a slow analysis, to be interrupted and killed. Arguments: those of `needledrop`."""

from __future__ import annotations

from contract.entries import SLOW_MUSIC
from needledrop.__main__ import main
from needledrop.workflows import scan

if __name__ == "__main__":
    scan.MUSIC_ENTRY = SLOW_MUSIC
    raise SystemExit(main())
