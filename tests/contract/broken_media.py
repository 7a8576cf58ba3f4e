# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files a music folder really holds: broken in every way that was met, oddly named, and unusual but sound."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
from mutagen.id3 import APIC, ID3
from numpy.typing import NDArray

from media_factory import music, write_audio

RATE = 44100
WAV_HEADER_BYTES = 44
COVER_BYTES = 50 << 20


def wav_bytes(samples: NDArray[np.float32], rate: int, *, channels: int | None = None) -> bytes:
    """A RIFF file of 32-bit floats [n, channels]; `channels` lies about their number."""
    count = samples.shape[1] if channels is None else channels
    body = samples.astype("<f4").tobytes()
    form = struct.pack("<HHIIHH", 3, count, rate, rate * count * 4, count * 4, 32)
    return b"RIFF" + struct.pack("<I", 36 + len(body)) + b"WAVEfmt \x10\0\0\0" + form + b"data" + struct.pack(
        "<I", len(body)
    ) + body  # fmt: skip


def write_broken(folder: Path) -> dict[str, set[str]]:
    """Fill a folder with files that cannot be used; which problem codes are right for each name."""
    folder.mkdir()
    wanted: dict[str, set[str]] = {"empty.mp3": {"empty"}, "text.mp3": {"not-media"}}
    (folder / "empty.mp3").touch()
    (folder / "text.mp3").write_text("This is no music.\n" * 500, encoding="utf-8")
    for suffix in (".mp3", ".flac", ".m4a", ".ogg", ".wav"):
        whole = write_audio(folder / f"whole{suffix}", music(6.0, seed=1)).read_bytes()
        (folder / f"whole{suffix}").unlink()
        (folder / f"header{suffix}").write_bytes(whole[:24])
        (folder / f"middle{suffix}").write_bytes(whole[: len(whole) // 2])
        wanted |= {f"header{suffix}": {"broken-media", "not-media"}, f"middle{suffix}": {"broken-media"}}
    wanted |= _write_broken_samples(folder)
    return wanted


def _write_broken_samples(folder: Path) -> dict[str, set[str]]:
    sound = music(2.0, seed=2)
    (folder / "no-channels.wav").write_bytes(wav_bytes(sound, RATE, channels=0))
    for name, value in (("nan", np.nan), ("infinite", np.inf)):
        spoilt = sound.copy()
        spoilt[5000:5100] = value
        (folder / f"{name}.wav").write_bytes(wav_bytes(spoilt, RATE))
    write_audio(folder / "short.flac", music(0.2, seed=3))
    write_audio(folder / "silence.flac", np.zeros((3 * RATE, 2), np.float32))
    return {
        "no-channels.wav": {"broken-media"},
        "nan.wav": {"bad-samples"},
        "infinite.wav": {"bad-samples"},
        "short.flac": {"too-short"},
        "silence.flac": {"silent"},
    }


def write_unusual(folder: Path) -> None:
    """Fill a folder with files that look wrong and are sound."""
    folder.mkdir()
    surround = np.repeat(music(2.0, seed=10, rate=192_000), 4, axis=1)
    (folder / "surround.wav").write_bytes(wav_bytes(surround, 192_000))
    write_audio(folder / "wrong-extension.flac", music(2.0, seed=11)).rename(folder / "wrong-extension.mp3")
    write_audio(folder / "big-cover.mp3", music(2.0, seed=12))
    tags = ID3()
    tags.add(APIC(mime="image/jpeg", type=3, data=b"\xff\xd8\xff\xe0" + bytes(COVER_BYTES)))
    tags.save(folder / "big-cover.mp3")


def write_oddly_named(folder: Path) -> list[bytes]:
    """Fill a folder with sound files of strange names; their paths, as far as the file system takes them."""
    deep = "/".join(f"{level:02} a folder in a folder" for level in range(60))
    names = [
        "\U0001f3b5 emoji \U0001f469\u200d\U0001f680.flac".encode(),
        "e\u0301te\u0301 in NFD.flac".encode(),
        "\u00e9t\u00e9 in NFC.flac".encode(),
        b"255 bytes ".ljust(250, b"x") + b".flac",
        b"line\nbreak.flac",
        b"not utf-8 \xff\xfe\xe9.flac",
        b"-rf --help.flac",
        b"percent %s {} a:b.flac",
        deep.encode() + b"/deep.flac",
    ]
    folder.mkdir()
    written = []
    for seed, name in enumerate(names, start=20):
        made = write_audio(folder / "made.flac", music(2.0, seed=seed, bpm=80.0 + seed))
        path = os.path.join(os.fsencode(folder), name)  # noqa: PTH118 - bytes
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
            os.rename(made, path)  # noqa: PTH104
        except OSError:  # This file system has no such names.
            made.unlink()
            continue
        written.append(path)
    return written


def write_links(folder: Path) -> None:
    """Fill a folder with links that lead in circles or nowhere."""
    folder.mkdir()
    (folder / "round").symlink_to(folder)
    (folder / "parent").symlink_to(folder.parent)
    (folder / "itself.mp3").symlink_to(folder / "itself.mp3")
    (folder / "nowhere.mp3").symlink_to(folder / "not there.mp3")
