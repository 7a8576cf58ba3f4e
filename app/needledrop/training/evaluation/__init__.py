# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How well a model ranks: metrics with their intervals, comparisons, reports and listening tests."""
