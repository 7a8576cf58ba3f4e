# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""WAV files: exact samples through another reader, and headers that hold nothing but the format."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from needledrop.export.wav import SampleFormat, wav_header, write_wav

SOUND = (np.random.default_rng(0).uniform(-1, 1, (1001, 2))).astype(np.float32)


@pytest.mark.parametrize(("kind", "subtype"), [(SampleFormat.PCM_24, "PCM_24"), (SampleFormat.FLOAT_32, "FLOAT")])
def test_another_reader_finds_every_sample(tmp_path: Path, kind: SampleFormat, subtype: str) -> None:
    path = tmp_path / "a.wav"
    with path.open("wb") as file:
        write_wav(file, [SOUND[:700], SOUND[700:]], len(SOUND), 48_000, kind)
    description = soundfile.info(path)
    found = (description.samplerate, description.channels, description.frames, description.subtype)
    assert found == (48_000, 2, 1001, subtype)
    read, _ = soundfile.read(path, dtype="float64")
    assert np.abs(read - SOUND).max() <= (0.5 / 2**23 + 1e-12 if kind is SampleFormat.PCM_24 else 0.0)


def test_pcm_is_clipped_at_full_scale_not_wrapped(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with path.open("wb") as file:
        write_wav(file, [np.float32([[2.0, -2.0], [1.0, -1.0]])], 2, 48_000, SampleFormat.PCM_24)
    read, _ = soundfile.read(path, dtype="int32")
    assert (read >> 8).tolist() == [[2**23 - 1, -(2**23)]] * 2


def test_past_four_gibibytes_the_header_is_rf64() -> None:
    frames = 2**30
    header = wav_header(frames, 48_000, SampleFormat.PCM_24)
    assert header[:4] == b"RF64"
    assert header[12:16] == b"ds64"
    assert int.from_bytes(header[28:36], "little") == frames * 6
    assert int.from_bytes(header[20:28], "little") == len(header) - 8 + frames * 6
    assert wav_header(1000, 48_000, SampleFormat.PCM_24)[:4] == b"RIFF"


def test_a_wrong_number_of_frames_is_a_bug() -> None:
    with pytest.raises(ValueError, match="announced"):
        write_wav(io.BytesIO(), [SOUND], 1000, 48_000, SampleFormat.PCM_24)
