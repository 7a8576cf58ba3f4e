# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What opens above the window for a moment: the palette, the shortcut sheet, reports. Nothing here is modal."""
