# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the frozen executable starts, and what each of its worker processes starts again: the program's own main."""

from needledrop.__main__ import main

if __name__ == "__main__":
    raise SystemExit(main())
