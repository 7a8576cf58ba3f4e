# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Media made at run time by real encoders: music-like sound, and moving pictures with known cuts."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

# Suffix -> (container, codec, sample rate the encoder takes). Every suffix the scanner knows has an entry.
AUDIO_FORMATS = {
    ".mp3": ("mp3", "libmp3lame", 44100),
    ".flac": ("flac", "flac", 44100),
    ".ogg": ("ogg", "vorbis", 44100),
    ".opus": ("ogg", "libopus", 48000),
    ".m4a": ("ipod", "aac", 44100),
    ".alac.m4a": ("ipod", "alac", 44100),
    ".wav": ("wav", "pcm_s16le", 44100),
    ".aiff": ("aiff", "pcm_s16be", 44100),
    ".wma": ("asf", "wmav2", 44100),
}


def music(
    seconds: float, *, bpm: float = 120.0, seed: int = 0, rate: int = 44100, first_beat_s: float = 0.25
) -> NDArray[np.float32]:
    """Stereo music-like sound [samples, 2]: kick, hat and a chord sequence on an exact beat grid."""
    rng = np.random.default_rng(seed)
    count = round(seconds * rate)
    sound = np.zeros(count, np.float64)
    beat_s = 60.0 / bpm
    kick_t = np.arange(int(0.18 * rate)) / rate
    kick = np.sin(2 * np.pi * (50 * kick_t + 4 * (1 - np.exp(-kick_t * 30)))) * np.exp(-kick_t * 18)
    hat = rng.standard_normal(int(0.05 * rate)) * np.exp(-np.arange(int(0.05 * rate)) / rate * 90)
    roots = 110.0 * 2 ** (rng.permutation([0, 5, 7, 9, 2, 4]) / 12.0)
    beat = 0
    while (start := round((first_beat_s + beat * beat_s) * rate)) < count:
        _add(sound, start, kick * (0.9 if beat % 4 == 0 else 0.6))
        _add(sound, start + round(beat_s * rate / 2), hat * 0.15)
        if beat % 4 == 0:
            length = round(4 * beat_s * rate)
            t = np.arange(length) / rate
            root = roots[(beat // 4) % len(roots)]
            chord = sum(np.sin(2 * np.pi * root * r * t) for r in (1.0, 1.26, 1.5, 2.0)) * np.exp(-t * 0.8)
            _add(sound, start, chord * 0.1)
        beat += 1
    sound /= max(1.0, float(np.abs(sound).max(initial=0.0)) / 0.8)
    side = np.roll(sound, 11)
    return np.stack([sound, 0.7 * sound + 0.3 * side], axis=1).astype(np.float32)


def _add(target: NDArray[np.float64], start: int, part: NDArray[np.float64]) -> None:
    stop = min(len(target), start + len(part))
    if stop > start:
        target[start:stop] += part[: stop - start]


def write_audio(path: Path, samples: NDArray[np.float32], rate: int = 44100, bit_rate: int | None = None) -> Path:
    """Encode [samples, channels] to `path`; the suffix chooses container and codec (AUDIO_FORMATS)."""
    if path.suffix == ".ogg":  # PyAV's wheels carry no libvorbis; libsndfile does.
        with soundfile.SoundFile(path, "w", rate, samples.shape[1], format="OGG", subtype="VORBIS") as sink:
            for start in range(0, len(samples), 65536):  # libsndfile overflows the stack on one long write.
                sink.write(samples[start : start + 65536])
        return path
    suffix = ".alac.m4a" if path.name.endswith(".alac.m4a") else path.suffix
    container_name, codec, codec_rate = AUDIO_FORMATS[suffix]
    channels = samples.shape[1]
    layout = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}[channels]
    keep_rate = codec in {"pcm_s16le", "pcm_s16be", "flac", "alac"}
    with av.open(str(path), "w", format=container_name) as container:
        stream = container.add_stream(codec, rate=rate if keep_rate else codec_rate, layout=layout)
        if bit_rate or codec == "wmav2":  # The WMA encoder has no default.
            stream.bit_rate = bit_rate or 128_000
        encode_audio(container, stream, samples, rate)
    return path


def encode_audio(
    container: av.container.OutputContainer, stream: av.AudioStream, samples: NDArray[np.float32], rate: int
) -> None:
    """Feed [samples, channels] to a stream and mux what comes out."""
    resampler = av.AudioResampler(
        format=stream.codec_context.format or "fltp",
        layout=stream.layout,
        rate=stream.rate,
        frame_size=stream.codec_context.frame_size or 1024,
    )
    for start in range(0, len(samples), 65536):
        block = np.ascontiguousarray(samples[start : start + 65536].T)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=stream.layout.name)
        frame.sample_rate = rate
        frame.pts = start
        frame.time_base = Fraction(1, rate)
        for out in resampler.resample(frame):
            container.mux(stream.encode(out))
    for out in resampler.resample(None):
        container.mux(stream.encode(out))
    container.mux(stream.encode(None))


def shot_frames(
    cuts: Iterable[int], count: int, *, width: int = 320, height: int = 180, seed: int = 0, speed: float = 2.0
) -> Iterable[NDArray[np.uint8]]:
    """RGB frames of textured shots that pan at `speed` pixels a frame; a new shot begins at each frame of `cuts`."""
    rng = np.random.default_rng(seed)
    starts = [0, *cuts]
    texture = np.zeros((height, width, 3), np.uint8)
    for index in range(count):
        if index in starts:
            small = rng.integers(0, 256, (height // 20 + 1, width // 10 + 1, 3))
            tint = rng.uniform(0.2, 1.0, 3)
            texture = (np.kron(small, np.ones((20, 20, 1))) * tint).astype(np.uint8)
            begin = index
        offset = int((index - begin) * speed) % (texture.shape[1] - width)
        yield np.ascontiguousarray(texture[:height, offset : offset + width])


def write_video(
    path: Path,
    frames: Iterable[NDArray[np.uint8]],
    *,
    frame_rate: Fraction = Fraction(25),
    codec: str = "libx264",
    sound: NDArray[np.float32] | None = None,
    sound_rate: int = 48000,
    pts: Iterable[int] | None = None,
) -> Path:
    """Encode RGB frames (and stereo sound) to `path`; `pts` in ticks of 1/1000 s makes the frame rate variable."""
    frames = iter(frames)
    first = next(frames)
    times = iter(pts) if pts is not None else None
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=frame_rate)
        stream.width, stream.height, stream.pix_fmt = first.shape[1], first.shape[0], "yuv420p"
        time_base = Fraction(1, 1000) if times is not None else 1 / frame_rate
        stream.codec_context.time_base = time_base
        audio = None
        if sound is not None:
            is_webm = path.suffix == ".webm"
            audio = container.add_stream("libopus" if is_webm else "aac", rate=48000, layout="stereo")
        for index, picture in enumerate(itertools.chain([first], frames)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = next(times) if times is not None else index
            frame.time_base = time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None and audio is not None:
            encode_audio(container, audio, sound, sound_rate)
    return path
