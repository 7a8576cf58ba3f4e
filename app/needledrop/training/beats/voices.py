# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which General MIDI programs and drum keys may take which role. Data only."""

from __future__ import annotations

KICKS, SNARES = (35, 36, 36), (38, 38, 40, 39, 37)
TOMS, CRASHES = (41, 43, 45, 47, 48, 50), (49, 57, 55)
PERCUSSION = (54, 70, 69, 56, 62, 64, 75, 76)
PADS = (48, 49, 50, 51, 52, 53, 88, 89, 90, 91, 94, 95, 16, 19, 21, 60, 61, 44, 68)
PLUCKED = (0, 1, 2, 4, 5, 6, 7, 11, 12, 24, 25, 26, 27, 28, 45, 46, 104, 106, 107, 108, 8, 9, 13, 15, 105)
DRIVEN = (29, 30, 30, 29, 27, 81, 62, 63, 55, 84, 87)
BASSES = (32, 33, 33, 34, 35, 36, 37, 38, 39, 38, 87, 43)
LEADS = (40, 41, 56, 57, 60, 65, 66, 68, 71, 73, 74, 75, 79, 80, 81, 82, 85, 22, 21, 11, 0, 26, 29, 30, 72, 105)
ORCHESTRA = (40, 42, 44, 45, 46, 47, 48, 49, 50, 56, 57, 58, 60, 61, 68, 70, 71, 73, 9, 11, 14)
CHIP = (80, 81, 80, 81, 38, 82)
KEYBOARDS = (0, 0, 1, 4, 5, 11, 46)
# What four of five parts of these styles are played by, the bass apart.
OF_STYLE = {
    "orchestra": ORCHESTRA, "epic": ORCHESTRA, "march": ORCHESTRA, "chip": CHIP, "piano": KEYBOARDS,
    "ragtime": KEYBOARDS, "ambient": PADS,
}  # fmt: skip
