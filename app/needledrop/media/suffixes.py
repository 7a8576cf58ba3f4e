# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names a scan takes for media. Without av, so that a scan of unchanged folders never loads it."""

from __future__ import annotations

MUSIC_SUFFIXES = frozenset(
    {".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".alac", ".wav", ".aiff", ".aif", ".aifc", ".wma"}
)
VIDEO_SUFFIXES = frozenset(
    {".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mts", ".m2ts", ".ts", ".mpg", ".mpeg", ".wmv", ".mxf", ".ogv"}
)
SUPPORTED_SUFFIXES = MUSIC_SUFFIXES | VIDEO_SUFFIXES
