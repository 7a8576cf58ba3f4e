# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Needledrop: finds the right track in your own music library for the video you are cutting."""

__version__ = "0.1.0"
