# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Learning one editor's taste from few labels: linear models in numpy, held to never being worse than the base."""
