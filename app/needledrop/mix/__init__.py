# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cue to samples: gain, fades, ducking, limiter, splices. Block-based: preview and export call the same mixer."""
