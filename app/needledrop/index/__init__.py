# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Embeddings to neighbours: the memory-mapped gallery and its search. Plain numpy in, plain numpy out."""
