# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Very long files: analysed whole, in bounded memory, and never taken for a hanging decoder."""

from __future__ import annotations

import struct
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from contract.entries import MEASURED_MUSIC
from contract.scanning import all_tracks, quiet_scan
from media_factory import music
from needledrop.core.paths import Profile
from needledrop.workflows import scan as scan_module

LIMIT_MB = {3: 400, 10: 900}  # Curves and landmarks are kept for the whole length: about 60 MB an hour.
PART_S = 60


def write_long(path: Path, hours: int, rate: int, channels: int) -> None:
    """A 16-bit RIFF file of one minute of music again and again."""
    part = (music(PART_S, rate=rate)[:, :channels] * 32767).astype("<i2").tobytes()
    size = len(part) * hours * 3600 // PART_S
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
    with path.open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt \x10\0\0\0" + form)
        file.write(b"data" + struct.pack("<I", size))
        for _ in range(hours * 3600 // PART_S):
            file.write(part)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
@pytest.mark.parametrize(("hours", "rate", "channels"), [(3, 44100, 2), (10, 8000, 1)])
def test_long_files_need_bounded_memory(
    tmp_path: Path, profile: Profile, monkeypatch: pytest.MonkeyPatch, hours: int, rate: int, channels: int
) -> None:
    monkeypatch.setattr(scan_module, "MUSIC_ENTRY", MEASURED_MUSIC)
    folder = tmp_path / "music"
    folder.mkdir()
    write_long(folder / "long.wav", hours, rate, channels)
    start = time.monotonic()
    report = quiet_scan(profile, folder, workers=1)
    took_s = time.monotonic() - start
    (folder / "long.wav").unlink()
    peak_mb = int((folder / "long.wav.peak").read_text().split()[1]) / 1024
    print(f"{hours} h at {rate} Hz: {took_s:.0f} s, {peak_mb:.0f} MB")
    (track,) = all_tracks(profile)
    assert (report.analysed, track.duration_s) == (1, hours * 3600.0)
    assert track.facts.tempo_bpm is not None and np.isfinite(track.facts.tempo_bpm)
    assert peak_mb < LIMIT_MB[hours]
