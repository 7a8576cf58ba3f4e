# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipes that make the shipped models. Optional: nothing here runs when the program is used."""
