# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Raw descriptors of tracks and videos for the cross-modal models: measured, never learned, nothing fitted."""
