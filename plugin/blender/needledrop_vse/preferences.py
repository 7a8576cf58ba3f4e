# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the add-on remembers from one day to the next: where Needledrop is, and how its music is laid."""

# Blender reads the annotations below as properties: ruff: noqa: F722, F821
from pathlib import Path
from typing import Any

import bpy

from .bridge import INSTALL_FILE

_LEVELS = (
    ("BAKED", "Finished sound", "One WAV in which fades, ducking and loudness are done: exact to the sample"),
    ("EDITABLE", "Track with keyframes", "The track's own file; fades and ducking are keyframes of the volume"),
)
_MARKERS = (
    ("NONE", "No markers", "Add no markers"),
    ("SECTIONS", "Sections", "A marker where a part of the music begins"),
    ("DOWNBEATS", "Bars", "Sections, and the first beat of each bar"),
    ("BEATS", "Beats", "Sections and all beats"),
)


class NeedledropPreferences(bpy.types.AddonPreferences):
    """Kept by Blender with the user's preferences."""

    bl_idname = __package__

    install_file: bpy.props.StringProperty(
        name="Installation",
        description="The file that `needledrop plugin install blender` wrote; empty: the one beside the add-on",
        subtype="FILE_PATH",
    )
    levels: bpy.props.EnumProperty(name="Lay", items=_LEVELS, description="What is laid under the cut")
    markers: bpy.props.EnumProperty(
        name="Markers", items=_MARKERS, default="SECTIONS", description="What of the music is marked"
    )
    count: bpy.props.IntProperty(name="Suggestions", default=12, min=1, max=50, description="Length of the list")

    def draw(self, _context: Any) -> None:
        self.layout.prop(self, "install_file")
        self.layout.prop(self, "count")


def preferences(context: Any) -> Any:
    """The add-on's preferences."""
    return context.preferences.addons[__package__].preferences


def install_file(context: Any) -> Path:
    """The file that says where Needledrop is."""
    chosen = preferences(context).install_file
    return Path(bpy.path.abspath(chosen)) if chosen else Path(__file__).with_name(INSTALL_FILE)
