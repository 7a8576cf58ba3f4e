# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files to samples: probe, decode, thumbnails, peaks, mux. The only package that touches av."""
