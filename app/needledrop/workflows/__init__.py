# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs of the product. The only code that joins the pipeline, the library and the jobs."""
