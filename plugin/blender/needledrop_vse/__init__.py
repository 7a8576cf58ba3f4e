# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Needledrop in Blender's Video Sequencer: an add-on for 3.4 and an extension from 4.2 on, from one source.

Standard library and bpy only; it imports nothing of the Needledrop program and asks it over the plugin protocol.
"""

from types import ModuleType

bl_info = {
    "name": "Needledrop",
    "author": "Needledrop contributors",
    "version": (0, 1, 0),
    "blender": (3, 4, 0),
    "location": "Video Sequencer > Sidebar > Music",
    "description": "Music from your own library, on the beat of your cut",
    "category": "Sequencer",
}


def register() -> None:
    """Blender turns the add-on on."""
    import bpy

    from . import operators, panel, preferences

    for one in _classes(operators, panel, preferences):
        bpy.utils.register_class(one)
    manager = bpy.types.WindowManager
    manager.needledrop_words = bpy.props.StringProperty(
        name="Words", description="What it shall be like, such as: calm at first, then a storm"
    )
    manager.needledrop_list = bpy.props.CollectionProperty(type=panel.Suggestion)
    manager.needledrop_active = bpy.props.IntProperty()


def unregister() -> None:
    """Blender turns the add-on off."""
    import bpy

    from . import operators, panel, preferences

    operators.stop_looking()
    for name in ("needledrop_words", "needledrop_list", "needledrop_active"):
        delattr(bpy.types.WindowManager, name)
    for one in reversed(_classes(operators, panel, preferences)):
        bpy.utils.unregister_class(one)


def _classes(operators: ModuleType, panel: ModuleType, preferences: ModuleType) -> tuple[type, ...]:
    return (preferences.NeedledropPreferences, *operators.CLASSES, *panel.CLASSES)
