# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sounds a scene script: General MIDI through fluidsynth with one of several sound fonts, or plain oscillators."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.features.onsets import RATE
from needledrop.training.beats import render
from needledrop.training.beats.synthesis import synthesised
from needledrop.training.corpus import arrangement
from needledrop.training.corpus.arrangement import MUSIC_S, MusicStyle
from needledrop.training.corpus.scene_script import SceneScript

SYNTHESIS = ""
"""In the place of a sound font: oscillators."""


@dataclass(frozen=True)
class Sound:
    """What a renderer plays on: its style, and with which weights a sound font (or SYNTHESIS) is drawn."""

    style: MusicStyle
    instruments: tuple[str, ...]
    weights: tuple[float, ...]


FIRST = Sound(
    arrangement.FIRST, (*(str(path) for path in render.TRAINING_SOUNDFONTS), SYNTHESIS), (0.25, 0.25, 0.15, 0.15, 0.2)
)
SECOND = Sound(arrangement.SECOND, (str(render.HELD_OUT_SOUNDFONT),), (1.0,))


def without_fluidsynth(sound: Sound) -> Sound:
    """The same style on oscillators only."""
    return Sound(sound.style, (SYNTHESIS,), (1.0,))


def require_instruments(sound: Sound) -> None:
    """Refuse to begin without what the renderer plays on: another sound would be another corpus.

    Raises:
        KnownError: "missing": fluidsynth or a sound font is not installed.
    """
    wanted = [name for name in sound.instruments if name != SYNTHESIS]
    missing = [name for name in wanted if not Path(name).is_file()]
    if wanted and shutil.which("fluidsynth") is None:
        missing.insert(0, "fluidsynth")
    if missing:
        raise KnownError(
            f"The corpus cannot be rendered without {', '.join(missing)}.",
            remedy="Install the packages named in docs/models.md, or give --synthesis for oscillators only.",
            code="missing",
        )


def sounded(script: SceneScript, seed: int, sound: Sound) -> FloatArray:
    """Stereo samples float32 [MUSIC_S * RATE, 2] of the script's music."""
    rng = np.random.default_rng((seed, 5))
    piece = arrangement.arranged(script, seed, sound.style)
    instrument = sound.instruments[int(rng.choice(len(sound.instruments), p=sound.weights))]
    if instrument == SYNTHESIS:
        samples = synthesised(piece, seed)
    else:
        has_reverb = bool(rng.random() < 0.5)
        samples = render.rendered(render.midi_bytes(piece, seed), Path(instrument), reverb=has_reverb)
    wanted = round(MUSIC_S * RATE)
    samples = samples[:wanted]
    return np.asarray(np.pad(samples, ((0, wanted - len(samples)), (0, 0))), np.float32)
