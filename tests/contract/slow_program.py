# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Not a test: the program with another analysis, to be interrupted and killed.

Arguments: the analysis to run, as "module:function", then those of `needledrop`.
"""

from __future__ import annotations

import sys

from needledrop.__main__ import main
from needledrop.workflows import scan

if __name__ == "__main__":
    scan.MUSIC_ENTRY = sys.argv.pop(1)
    raise SystemExit(main())
