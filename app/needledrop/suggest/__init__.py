# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Neighbours to suggestions: fuse scores, place the cue on the beat, diversify, explain."""
