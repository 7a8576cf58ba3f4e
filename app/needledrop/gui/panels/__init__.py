# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Panels: the large parts of the window. Each takes (document, player, background, actions) and adds its actions."""
