# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of other editors for what we have in common with them, from the default layouts their makers document.

Only what differs from our own keys stands here; an action that is not named keeps ours. Where their key was ours for
something they do not have, ours moves. Keys are spelled as QKeySequence does: on a Mac, Ctrl is Command and Alt Option.
"""

from __future__ import annotations

from collections.abc import Mapping

Keys = Mapping[str, tuple[str, ...]]

# "Keyboard shortcuts in Premiere Pro" (Adobe), default layout for Windows.
_PREMIERE: Keys = {
    "library.add_folder": ("Ctrl+I",),  # Import
    "view.export": ("Ctrl+M",),  # Export media
    "edit.redo": ("Ctrl+Shift+Z",),
    "help.shortcuts": ("Ctrl+Alt+K", "?"),
    "marks.clear": ("Ctrl+Shift+X",),  # Clear in and out
    "playback.full_screen": ("Ctrl+`",),
    "timeline.fit": ("\\",),  # Zoom to sequence
    "timeline.next-cue": ("Ctrl+Down",),  # Select next clip
    "timeline.previous-cue": ("Ctrl+Up",),
    "timeline.frame-left": ("Alt+Left",),  # Nudge clip selection left one frame; with Shift, five
    "timeline.frame-right": ("Alt+Right",),
    "timeline.beat-left": ("Alt+Shift+Left",),
    "timeline.beat-right": ("Alt+Shift+Right",),
    "timeline.slip-frame-left": ("Ctrl+Alt+Left",),  # Slip clip selection left one frame; with Shift, five
    "timeline.slip-frame-right": ("Ctrl+Alt+Right",),
    "timeline.slip-beat-left": ("Ctrl+Alt+Shift+Left",),
    "timeline.slip-beat-right": ("Ctrl+Alt+Shift+Right",),
    "timeline.trim-start": ("Q", "Ctrl+Alt+Q"),  # (Ripple) trim previous edit to playhead
    "timeline.trim-end": ("W", "Ctrl+Alt+W"),
    "suggestions.details": ("Shift+W",),  # Ours was W.
}

# "DaVinci Resolve" reference manual (Blackmagic Design), default layout.
_RESOLVE: Keys = {
    "library.add_folder": ("Ctrl+I",),  # Import media
    "view.export": ("Shift+8", "Ctrl+E"),  # The Deliver page
    "edit.redo": ("Ctrl+Shift+Z",),
    "help.shortcuts": ("Ctrl+Alt+K", "?"),  # Keyboard customisation
    "playback.loop": ("Ctrl+/",),
    "playback.full_screen": ("P", "Shift+F"),  # Cinema viewer; full screen viewer
    "timeline.zoom-in": ("Ctrl+=", "Ctrl++"),
    "timeline.zoom-out": ("Ctrl+-",),
    "timeline.snapping": ("N",),
    "timeline.trim-start": ("Shift+[", "Shift+{"),
    "timeline.trim-end": ("Shift+]", "Shift+}"),
    "suggestions.audition": ("Alt+P",),  # Ours was P.
    "suggestions.favourite": ("Alt+H",),  # Ours was Shift+F.
}

# "Keyboard shortcuts in Final Cut Pro for Mac" (Apple), default command set.
_FINAL_CUT: Keys = {
    "library.add_folder": ("Ctrl+I",),  # Import media
    "edit.redo": ("Ctrl+Shift+Z",),
    "help.shortcuts": ("Ctrl+Alt+K", "?"),  # Command editor
    "playback.full_screen": ("Ctrl+Shift+F",),
    "timeline.zoom-in": ("Ctrl+=", "Ctrl++"),
    "timeline.zoom-out": ("Ctrl+-",),
    "timeline.snapping": ("N",),
    "timeline.trim-start": ("Alt+[",),
    "timeline.trim-end": ("Alt+]",),
    "suggestions.favourite": ("F", "Shift+F"),
    "library.search": ("Ctrl+Alt+F",),  # Ours was Ctrl+Shift+F.
}

PRESETS: Mapping[str, Keys] = {
    "needledrop": {},
    "premiere": _PREMIERE,
    "resolve": _RESOLVE,
    "finalcut": _FINAL_CUT,
}
