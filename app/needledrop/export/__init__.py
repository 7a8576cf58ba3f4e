# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cues to files: WAV, MP4, JSON, attribution and cue sheet."""
