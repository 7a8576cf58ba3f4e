# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens the files a mix needs and hands out the mixer: the one place where cues meet files."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from needledrop.core.cue import Cue
from needledrop.core.errors import KnownError
from needledrop.media.audio import AudioReader
from needledrop.mix.mixer import SAMPLE_RATE, Mixer


@contextlib.contextmanager
def open_mixer(
    cues: Sequence[Cue],
    track_paths: Mapping[int, Path],
    own_sound_path: Path | None = None,
) -> Iterator[Mixer]:
    """A mixer over files, open as long as the context is.

    Args:
        cues: Their tracks must be in `track_paths`.
        track_paths: Track id to file; a track is opened once, however many cues use it.
        own_sound_path: The video whose sound is mixed in; None, or a video without sound, mutes it.

    Raises:
        KnownError: a file is missing or cannot be read.
    """
    with contextlib.ExitStack() as stack:
        readers = {
            track_id: stack.enter_context(AudioReader(track_paths[track_id], rate=SAMPLE_RATE, channels=2))
            for track_id in sorted({cue.track_id for cue in cues})
        }
        own_sound = _own_sound(own_sound_path) if own_sound_path is not None else None
        if own_sound is not None:
            stack.enter_context(own_sound)
        yield Mixer(cues, readers, own_sound, sample_rate=SAMPLE_RATE)


def _own_sound(path: Path) -> AudioReader | None:
    try:
        return AudioReader(path, rate=SAMPLE_RATE, channels=2)
    except KnownError as error:
        if error.code == "no-audio":
            return None
        raise
