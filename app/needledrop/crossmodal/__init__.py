# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Features to embeddings: the models and their extractors. Importing the package loads no framework."""
