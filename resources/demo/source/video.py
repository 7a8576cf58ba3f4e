# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders the storyboard frame by frame and encodes demo.mp4 (H.264, AAC) with the ffmpeg program."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
from pathlib import Path

import numpy as np
from scipy.io import wavfile

from .picture import FRAME_RATE, HEIGHT, WIDTH, develop, mix
from .sound import SOUND_RATE, soundtrack
from .storyboard import END_FRAME, brightness, frame_layers, truth

VIDEO_BITRATE = "1100k"
FFMPEG = ("ffmpeg", "-v", "error", "-y", "-nostdin")
# Reproducible files: no encoder version, no time stamps, a fixed number of threads.
EXACT = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact")


def render_frame(frame: int) -> bytes:
    """RGB24 bytes of one frame of the finished picture."""
    picture = None
    for shot, time_s, share, weight in frame_layers(frame):
        seen = shot.scene(time_s, share)
        picture = seen if picture is None else mix(picture, seen, weight)
    if picture is None:
        raise ValueError(f"frame {frame} belongs to no shot")
    return np.ascontiguousarray(develop(picture, frame, brightness(frame))).tobytes()


def make_video(folder: Path, scratch: Path) -> None:
    """Write demo.mp4 and demo.json into `folder`."""
    samples, speech = soundtrack(scratch)
    wav, master = scratch / "sound.wav", scratch / "master.mkv"
    wavfile.write(wav, SOUND_RATE, samples)
    _render_master(master)
    _encode(master, wav, folder / "demo.mp4", scratch)
    (folder / "demo.json").write_text(json.dumps(truth(speech), indent=1) + "\n", encoding="utf-8")


def _render_master(path: Path) -> None:
    command = [
        *FFMPEG[:-1],
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-s",
        f"{WIDTH}x{HEIGHT}",
        "-r",
        str(FRAME_RATE),
        "-i",
        "-",
    ]
    colour = ["-vf", "scale=out_color_matrix=bt709:out_range=tv", "-pix_fmt", "yuv420p", "-colorspace", "bt709"]
    lossless = ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "4", str(path)]
    with subprocess.Popen([*command, *colour, *lossless], stdin=subprocess.PIPE) as encoder:
        assert encoder.stdin is not None
        with multiprocessing.Pool(os.cpu_count()) as pool:
            for frame in pool.imap(render_frame, range(END_FRAME), chunksize=4):
                encoder.stdin.write(frame)
        encoder.stdin.close()
    if encoder.returncode:
        raise RuntimeError("ffmpeg could not write the master")


def _encode(master: Path, wav: Path, target: Path, scratch: Path) -> None:
    picture = [
        "-c:v", "libx264", "-preset", "medium", "-b:v", VIDEO_BITRATE, "-maxrate", "4000k", "-bufsize", "6000k",
        "-x264-params", "aq-mode=3:deblock=-1,-1:keyint=100", "-threads", "2", "-passlogfile", str(scratch / "pass"),
        "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709",
    ]  # fmt: skip
    source = [*FFMPEG, "-i", str(master)]
    subprocess.run([*source, *picture, "-pass", "1", "-an", "-f", "null", os.devnull], check=True)
    sound = ["-c:a", "aac", "-b:a", "112k", "-shortest", "-movflags", "+faststart"]
    tags = ["-metadata", "title=Needledrop demo", "-metadata", "copyright=CC0-1.0"]
    both = ["-i", str(wav), "-map", "0:v", "-map", "1:a"]
    subprocess.run([*source, *both, *picture, "-pass", "2", *sound, *EXACT, *tags, str(target)], check=True)
