# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits to and from the files of editors: OpenTimelineIO, FCPXML, Final Cut Pro 7 XML, EDL, Kdenlive, Shotcut."""
