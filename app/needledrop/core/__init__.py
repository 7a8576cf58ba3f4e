# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values and vocabulary of the product: frozen dataclasses, time, errors, progress. Imports nothing of ours."""
