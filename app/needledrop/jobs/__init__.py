# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running work: worker processes, progress, cancel, file watching. Knows nothing of music or Qt."""
