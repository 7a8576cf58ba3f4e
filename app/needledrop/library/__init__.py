# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The music library: SQLite through sqlite-utils, one migration per file, one writer process."""
