# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times a preview of 60 s of 1080p H.264 with its own sound, ducked music and stream copy. Target: <= 3 s on 2 cores.

Run by hand: `python tests/benchmarks/bench_preview.py [VIDEO MUSIC]`. Without files it makes them first.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from needledrop.core.cue import Cue, Ducking, Piece
from needledrop.core.times import TimeRange
from needledrop.mix.mixer import Mixer
from needledrop.mix.session import open_mixer
from needledrop.preview.render import render_preview

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from media_factory import encode_audio, music, write_audio

SECONDS = 60
RUNS = 3


def pictures() -> Iterator[np.ndarray]:
    """1080p at 25 a second: a texture that pans, with noise so that the bit rate is a camera's."""
    rng = np.random.default_rng(0)
    coarse = np.kron(rng.integers(0, 255, (28, 60, 3)), np.ones((40, 40, 1))).astype(np.uint8)
    wide = np.ascontiguousarray(coarse[:1080, :2400] // 2 + rng.integers(0, 60, (1080, 2400, 3), np.uint8))
    for index in range(25 * SECONDS):
        offset = 4 * index % 480
        yield np.ascontiguousarray(wide[:, offset : offset + 1920])


def made_files(folder: Path) -> tuple[Path, Path]:
    print("making 60 s of 1080p H.264 and a track of music ...")
    video = folder / "video.mp4"
    with av.open(str(video), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"}, bit_rate=8_000_000)
        stream.width, stream.height = 1920, 1080
        audio = container.add_stream("aac", rate=48_000, layout="stereo")
        for picture in pictures():
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
        encode_audio(container, audio, music(SECONDS, rate=48_000) * np.float32(0.3), 48_000)
    return video, write_audio(folder / "track.mp3", music(SECONDS + 30), bit_rate=256_000)


def cues(mixing_seconds: int) -> list[Cue]:
    speech = tuple((float(s), s + 4.0) for s in range(5, mixing_seconds - 5, 10))
    half = mixing_seconds / 2
    pieces = (Piece(0.25, half), Piece(half + 4.0, mixing_seconds + 3.75))
    return [Cue(1, 0.0, pieces, 3.0, 0.5, 2.0, ducking=Ducking(speech))]


def timed_mix(video: Path, track: Path) -> float:
    start = time.perf_counter()
    with open_mixer(cues(SECONDS), {1: track}, video) as mixer:
        _drain(mixer)
    return time.perf_counter() - start


def _drain(mixer: Mixer) -> None:
    for _ in mixer.blocks(0, SECONDS * mixer.sample_rate):
        pass


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        video, track = map(Path, sys.argv[1:3]) if len(sys.argv) > 2 else made_files(folder)
        print(f"video {video.stat().st_size / 1e6:.1f} MB, {video.stat().st_size * 8 / SECONDS / 1e6:.1f} Mbit/s")
        span = TimeRange(Fraction(0), Fraction(SECONDS))
        for _ in range(RUNS):
            out = folder / "preview.mp4"
            start, cpu = time.perf_counter(), time.process_time()
            result = render_preview(video, cues(SECONDS), {1: track}, out, span, overwrite=True)
            wall, used = time.perf_counter() - start, time.process_time() - cpu
            # CPU beside wall: on a shared machine only the first says what the program costs.
            how = "copied" if result.is_picture_copied else f"encoded: {result.why_encoded}"
            print(f"preview {wall:.2f} s wall, {used:.2f} s of CPU, picture {how}")
        print(f"of which decoding and mixing {timed_mix(video, track):.2f} s")
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory {peak_mb:.0f} MB (making the files included)")


if __name__ == "__main__":
    main()
