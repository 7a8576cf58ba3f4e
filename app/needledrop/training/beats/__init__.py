# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The beat network: pieces composed by chance, rendered with soundfonts, and the training on them."""
