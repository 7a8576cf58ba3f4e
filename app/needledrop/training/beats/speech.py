# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech by espeak-ng, alone or over music. Knows nothing of beats."""

from __future__ import annotations

import random
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from needledrop.features.onsets import RATE

VOICES = ("en", "en-us", "de", "fr", "es")
_SENTENCES = (
    "The quick brown fox jumps over the lazy dog, and then it sleeps for an hour in the warm grass beside the river.",
    "Welcome to the evening news. Tonight we speak about the weather, the harvest, and the price of bread in the town.",
    "Please open the second window, take the small blue box and read aloud what is written on its lid, slowly.",
    "In the beginning nobody knew where the road would lead, but they walked on, telling each other long stories.",
    "Nine hundred and forty people came on Monday. Did any of them ask for the key? No. Not one of them did.",
    "First, turn the handle to the left; then wait until the light is green, and only then press the button twice.",
)


def spoken(number: int) -> NDArray[np.float64]:
    """Half a minute or more of speech at RATE, of another voice, speed and pitch for each number."""
    import soundfile
    import soxr  # type: ignore[import-untyped]

    text = " ".join(random.Random(number).sample(_SENTENCES, len(_SENTENCES)) * 2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "speech.wav")
        manner = ["-s", str(115 + 8 * (number % 11)), "-p", str(15 + 7 * (number % 12))]
        subprocess.run(["espeak-ng", "-v", VOICES[number % len(VOICES)], *manner, "-w", str(path), text], check=True)
        sound, rate = soundfile.read(path)
    return np.asarray(soxr.resample(sound, rate, RATE))
