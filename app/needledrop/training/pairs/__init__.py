# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Videos and the music they were cut to: sets of pairs, their loaders, splits, labels and fitted transforms."""
