# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Widgets that several panels use. They know the theme and plain values, never the document."""
