# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server that plugins of editors talk to: loopback HTTP and WebSocket, and request files."""
