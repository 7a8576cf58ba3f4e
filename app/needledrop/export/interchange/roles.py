# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a sound is from what the editor calls its role, its track or its clip."""

from __future__ import annotations

import re

from needledrop.core.edit import SoundRole

_WORDS = {
    SoundRole.SPEECH: {
        "dialog", "dialogs", "dialogue", "dialogues", "voice", "voices", "vo", "voiceover", "speech", "speaker",
        "interview", "interviews", "narration", "narrator", "talk", "dia", "dx", "lav", "boom", "sprache", "sprecher",
    },
    SoundRole.MUSIC: {"music", "musik", "musique", "musica", "song", "songs", "score", "soundtrack", "mx", "bgm"},
    SoundRole.EFFECTS: {"effects", "effect", "fx", "sfx", "foley", "ambience", "ambient", "atmo", "atmos", "nat"},
}  # fmt: skip


def role_of(*names: str) -> SoundRole:
    """The role that the first telling name says; names are given from the most to the least reliable."""
    for name in names:
        words = set(re.findall(r"[^\W\d_]+", name.casefold()))
        for role, telling in _WORDS.items():
            if words & telling:
                return role
    return SoundRole.UNKNOWN
