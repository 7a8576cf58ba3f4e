# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window: the only package with Qt. It calls workflows and shows values; it touches no SQL, file or decoder."""
