# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thin commands over the workflows: parse arguments, print tables or JSON, set the exit code."""
