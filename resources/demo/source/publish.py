# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encodes the rendered songs, writes their tags and covers, and the truth file of the music."""

from __future__ import annotations

import base64
import json
import multiprocessing
import os
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import mutagen
import numpy as np
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, COMM, ID3, TALB, TCOM, TCON, TCOP, TIT2, TPE1, TRCK, TXXX
from mutagen.mp4 import MP4, MP4Cover
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from scipy.io import wavfile

from .mastering import TARGET_LUFS, render_song
from .picture import develop
from .scenes_city import street
from .scenes_land import DAWN, MORNING, mountains
from .score import Song
from .smf import LEAD_IN_S
from .synth import RATE
from .tracks_dark import dark_songs
from .tracks_quiet import quiet_songs
from .tracks_wide import wide_songs

ARTIST = "Needledrop Demo"
LICENCE = "CC0-1.0 https://creativecommons.org/publicdomain/zero/1.0/"
REPLAY_GAIN_LUFS = -18.0
WITH_REPLAY_GAIN = {"first_light", "full_throttle", "still_water", "sunny_side"}
COVERS: dict[str, Callable[[], Any]] = {
    "first_light": lambda: mountains(DAWN, 5.0, 1.0, 46),
    "meadow_waltz": lambda: mountains(MORNING, 3.0, 0.5, -30),
    "sunny_side": lambda: street(0.6, 44, 40),
    "still_water": lambda: mountains(MORNING, 9.0, 0.2, 40, 1.5),
}
CODECS = {"ogg": "libvorbis", "opus": "libopus", "mp3": "libmp3lame", "m4a": "aac", "flac": "flac"}


def all_songs() -> list[Song]:
    """The twelve songs in album order."""
    return [*quiet_songs(), *wide_songs(), *dark_songs()]


def make_music(folder: Path, scratch: Path) -> None:
    """Render, encode and tag every song into `folder`; write truth.json there."""
    songs = all_songs()
    numbers = {song.slug: sum(s.album == song.album for s in songs[: i + 1]) for i, song in enumerate(songs)}
    with multiprocessing.Pool(os.cpu_count()) as pool:
        facts = pool.map(partial(_make_track, folder=folder, scratch=scratch, numbers=numbers), songs, chunksize=1)
    text = json.dumps({"licence": "CC0-1.0", "tracks": facts}, indent=1)
    (folder / "truth.json").write_text(text + "\n", encoding="utf-8")


def _make_track(song: Song, folder: Path, scratch: Path, numbers: dict[str, int]) -> dict[str, object]:
    samples = render_song(song, scratch)
    wav = scratch / f"{song.slug}_master.wav"
    target = folder / f"{song.slug}.{song.suffix}"
    if song.suffix == "flac":
        dither = np.random.default_rng(7).triangular(-1, 0, 1, samples.shape)
        wavfile.write(wav, RATE, np.round(samples * 32767 + dither).clip(-32768, 32767).astype(np.int16))
    else:
        wavfile.write(wav, RATE, samples)
    rate = ["-b:a", f"{song.bitrate}k"] if song.bitrate else ["-compression_level", "12"]
    exact = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
    command = ["ffmpeg", "-v", "error", "-y", "-nostdin", "-i", str(wav), "-c:a", CODECS[song.suffix], *rate, *exact]
    subprocess.run([*command, str(target)], check=True)
    _tag(song, target, f"{numbers[song.slug]}", float(np.abs(samples).max()))
    return track_truth(song, len(samples) / RATE)


def track_truth(song: Song, duration_s: float) -> dict[str, object]:
    """What the composer knows of a song; times in seconds from the start of the file."""
    bar_s = song.beats_per_bar * song.beat_s
    beats = song.bars * song.beats_per_bar if song.bpm else 0
    return {
        "file": f"{song.slug}.{song.suffix}",
        "title": song.title,
        "duration_s": round(duration_s, 3),
        "bpm": song.bpm,
        "metre": f"{song.beats_per_bar}/4" if song.bpm else None,
        "key": song.key,
        "beats_s": [round(LEAD_IN_S + i * song.beat_s, 4) for i in range(beats)],
        "sections": [
            {"name": name, "start_s": round(LEAD_IN_S + first * bar_s, 4), "end_s": round(LEAD_IN_S + last * bar_s, 4)}
            for name, first, last in song.section_spans()
        ],
    }


def _cover(song: Song) -> bytes | None:
    scene = COVERS.get(song.slug)
    if scene is None:
        return None
    frame = develop(scene(), 0, grain=0.006)[:, 280:1000, ::-1]
    small = np.ascontiguousarray(cv2.resize(frame, (320, 320), interpolation=cv2.INTER_AREA))
    cv2.putText(small, song.title, (16, 296), cv2.FONT_HERSHEY_SIMPLEX, 0.62, (255, 255, 255), 1, cv2.LINE_AA)
    return bytes(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes())


def _tag(song: Song, path: Path, number: str, peak: float) -> None:
    fields = {
        "title": song.title, "artist": ARTIST, "album": song.album, "tracknumber": number, "genre": song.genre,
        "comment": song.moods, "composer": ARTIST, "copyright": LICENCE, "license": LICENCE,
    }  # fmt: skip
    gain: dict[str, str] = {}
    if song.slug in WITH_REPLAY_GAIN:
        gain = {
            "replaygain_track_gain": f"{REPLAY_GAIN_LUFS - TARGET_LUFS:+.2f} dB",
            "replaygain_track_peak": f"{peak:.6f}",
        }
    cover = _cover(song)
    if song.suffix == "mp3":
        _tag_mp3(path, fields, gain, cover)
    elif song.suffix == "m4a":
        _tag_m4a(path, fields, gain, cover)
    else:
        _tag_vorbis(path, fields, gain, cover)


def _tag_vorbis(path: Path, fields: dict[str, str], gain: dict[str, str], cover: bytes | None) -> None:
    audio: Any = mutagen.File(path)
    for name, value in {**fields, **gain}.items():
        audio[name] = [value]
    if cover:
        picture = Picture()
        picture.data, picture.type, picture.mime = cover, 3, "image/jpeg"
        picture.width, picture.height, picture.depth = 320, 320, 24
        if isinstance(audio, FLAC):
            audio.add_picture(picture)
        elif isinstance(audio, (OggVorbis, OggOpus)):
            audio["metadata_block_picture"] = [base64.b64encode(picture.write()).decode("ascii")]
    audio.save()


def _tag_mp3(path: Path, fields: dict[str, str], gain: dict[str, str], cover: bytes | None) -> None:
    tags = ID3()
    frames = {
        "title": TIT2,
        "artist": TPE1,
        "album": TALB,
        "tracknumber": TRCK,
        "genre": TCON,
        "composer": TCOM,
        "copyright": TCOP,
    }
    for name, frame in frames.items():
        tags.add(frame(encoding=3, text=[fields[name]]))
    tags.add(COMM(encoding=3, lang="eng", desc="", text=[fields["comment"]]))
    for name, value in {"LICENSE": fields["license"], **gain}.items():
        tags.add(TXXX(encoding=3, desc=name, text=[value]))
    if cover:
        tags.add(APIC(encoding=3, mime="image/jpeg", type=3, desc="cover", data=cover))
    tags.save(path)


def _tag_m4a(path: Path, fields: dict[str, str], gain: dict[str, str], cover: bytes | None) -> None:
    audio = MP4(path)
    atoms = {"title": "\xa9nam", "artist": "\xa9ART", "album": "\xa9alb", "genre": "\xa9gen", "comment": "\xa9cmt",
             "composer": "\xa9wrt", "copyright": "cprt"}  # fmt: skip
    for name, atom in atoms.items():
        audio[atom] = [fields[name]]
    audio["trkn"] = [(int(fields["tracknumber"]), 0)]
    for name, value in {"LICENSE": fields["license"], **gain}.items():
        audio[f"----:com.apple.iTunes:{name}"] = [value.encode("utf-8")]
    if cover:
        audio["covr"] = [MP4Cover(cover, MP4Cover.FORMAT_JPEG)]
    audio.save()
