# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words for a video from its script, as people tag: some wrong, some missing, none at all for a few videos."""

from __future__ import annotations

import numpy as np

from needledrop.training.corpus.scene_script import KINDS, SceneScript

_KIND_WORDS = {
    "nature": ("nature", "forest", "landscape"), "city": ("city", "street", "urban"), "sport": ("sport", "race", "gym"),
    "space": ("space", "stars", "dream"), "horror": ("horror", "scary", "night"),
    "romance": ("romance", "love", "couple"),
    "party": ("party", "dance", "club"), "travel": ("travel", "holiday", "road"), "war": ("war", "battle", "soldiers"),
    "comedy": ("comedy", "funny", "cartoon"), "technology": ("technology", "computer", "future"),
    "childhood": ("childhood", "kids", "toys"),
}  # fmt: skip
_MOOD_WORDS = (("sad", "gloomy", "lonely"), ("calm", "peaceful", "tender"), ("tense", "angry", "dark"),
               ("happy", "joyful", "bright"))  # fmt: skip
_PACE_WORDS = (("slow", "quiet"), ("steady", "relaxed"), ("fast", "energetic"))
VOCABULARY = tuple(word for group in (*_KIND_WORDS.values(), *_MOOD_WORDS, *_PACE_WORDS) for word in group)
WRONG_SHARE = 0.2
_UNTAGGED_SHARE, _MUTE_SHARE, _MISSING_SHARE = 0.08, 0.2, 0.25
_LINES = (
    "a {pace} {mood} video of {kind}",
    "{kind}, {mood} and {pace}",
    "{mood} {kind} scene",
    "my {kind} clip, {pace}",
)


def tags_of(script: SceneScript, seed: int) -> tuple[str, ...]:
    """Up to six words; each is another one of VOCABULARY with the chance WRONG_SHARE."""
    rng = np.random.default_rng((seed, 6))
    if rng.random() < _UNTAGGED_SHARE:
        return ()
    kind, mood, pace = _groups(script)
    wanted = [*rng.permutation(kind)[:2], *rng.permutation(mood)[:2], *rng.permutation(pace)[:1]]
    words = []
    for word in wanted:
        if rng.random() < _MISSING_SHARE:
            continue
        words.append(str(rng.choice(VOCABULARY)) if rng.random() < WRONG_SHARE else str(word))
    return tuple(dict.fromkeys(words))


def line_of(script: SceneScript, seed: int) -> str:
    """A line of text about the video, "" where nobody wrote one."""
    rng = np.random.default_rng((seed, 7))
    if rng.random() < _MUTE_SHARE:
        return ""
    words = [
        str(rng.choice(VOCABULARY)) if rng.random() < WRONG_SHARE else str(rng.choice(group))
        for group in _groups(script)
    ]
    return str(rng.choice(_LINES)).format(kind=words[0], mood=words[1], pace=words[2])


def _groups(script: SceneScript) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    mood = 2 * (script.arousal > 0.5) + (script.valence > 0.5)
    pace = 0 if script.tempo_bpm < 90 else 1 if script.tempo_bpm < 118 else 2
    return _KIND_WORDS[KINDS[script.kind].name], _MOOD_WORDS[mood], _PACE_WORDS[pace]
