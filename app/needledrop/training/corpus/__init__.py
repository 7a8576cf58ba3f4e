# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A corpus of pairs that anybody can make: scripts by chance that drive a picture and a music at once."""
