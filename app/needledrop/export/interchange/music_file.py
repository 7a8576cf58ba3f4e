# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sound files that a hand-off plays: a whole track as PCM, at the speed of its cue, in phase with the frames.

Editors disagree by 20 to 50 ms about where a lossy file begins, and many read no FLAC; all of them agree about a WAV.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from needledrop.core.music import FloatArray
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch
from needledrop.export.interchange.handoff import MusicFile
from needledrop.export.wav import SampleFormat, write_wav
from needledrop.media.audio import AudioReader
from needledrop.media.output_file import written_whole
from needledrop.mix.reader import SampleReader
from needledrop.mix.stretch import StretchedSound

RATE = 48_000
_BLOCK = 65_536
_PLAIN = (".wav", ".aif", ".aiff")


def is_plain(path: Path) -> bool:
    """Whether every editor plays a file the same: PCM in a container that says where it begins."""
    return path.suffix.casefold() in _PLAIN


def write_music_file(track: Path, file: MusicFile, out_path: Path, progress: ProgressSink, cancel: CancelToken) -> None:
    """Write the whole track as 24-bit stereo at 48 kHz; what is there of that name is replaced.

    Raises:
        KnownError: the track cannot be read, or the file cannot be written.
        Cancelled: asked to stop; nothing is left behind.
    """
    with AudioReader(track, rate=RATE) as reader:
        sound: SampleReader = reader if file.stretch == 1.0 else StretchedSound(reader, file.stretch)
        lead = round(file.lead_s * RATE)
        frames = lead + math.ceil(reader.duration_s * file.stretch * RATE)
        with written_whole(out_path, overwrite=True, sources=[track]) as part, part.open("wb") as target:
            write_wav(target, _watched(sound, lead, frames, progress, cancel), frames, RATE, SampleFormat.PCM_24)


def _watched(
    sound: SampleReader, lead: int, frames: int, progress: ProgressSink, cancel: CancelToken
) -> Iterator[FloatArray]:
    watch, total = Stopwatch(), max(1, frames // RATE)
    if lead:
        yield np.zeros((lead, 2), np.float32)
    for start in range(lead, frames, _BLOCK):
        cancel.check()
        yield sound.read(start - lead, min(_BLOCK, frames - start))
        progress(Progress("Writing the track, seconds", min(total, start // RATE), total, watch.elapsed_s))
