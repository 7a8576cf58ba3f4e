# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples to features: rhythm, tonality, loudness, timbre, fingerprints; shots, motion, colour. No torch, no files."""
