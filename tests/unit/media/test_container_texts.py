# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags, chapters and subtitle streams of real containers."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import av
import pytest

import media_factory
from needledrop.core.errors import KnownError
from needledrop.media.container_texts import container_texts

SAID = "1\n00:00:00,100 --> 00:00:00,900\n<i>The river</i>\n\n2\n00:00:01,000 --> 00:00:01,500\nЛедник\n"
TOLD = ";FFMETADATA1\ntitle=Far\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle=The glacier\n"


def test_tags_of_a_container_are_read_and_broken_ones_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "Sunrise 🌅 over Iceland"
        container.metadata["COMMENT"] = "x" * 100_000
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for picture in media_factory.shot_frames((), 5, width=64, height=64):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    texts = container_texts(path)
    assert texts.tags["title"] == "Sunrise 🌅 over Iceland"
    assert len(texts.tags["comment"]) == 4000
    assert (texts.chapters, texts.subtitles) == ((), ())


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
@pytest.mark.parametrize(("suffix", "codec"), [("mp4", "mov_text"), ("mkv", "srt"), ("mkv", "ass"), ("webm", "webvtt")])
def test_chapters_and_subtitles_of_every_container(tmp_path: Path, suffix: str, codec: str) -> None:
    film, said, told = tmp_path / f"film.{suffix}", tmp_path / "said.srt", tmp_path / "told.txt"
    frames = media_factory.shot_frames((), 50, width=64, height=64)
    picture = media_factory.write_video(tmp_path / "picture.mp4", frames)
    said.write_text(
        "1\n00:00:00,100 --> 00:00:00,900\n<i>The river</i>\n\n2\n00:00:01,000 --> 00:00:01,500\nЛедник\n", "utf-8"
    )
    told.write_text(
        ";FFMETADATA1\ntitle=Far\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle=The glacier\n", "utf-8"
    )
    command = ["ffmpeg", "-v", "error", "-i", picture, "-i", said, "-i", told, "-map", "0:v", "-map", "1"]
    codecs = ["-c:v", "libvpx"] if suffix == "webm" else ["-c:v", "copy"]
    subprocess.run([*command, "-map_metadata", "2", "-map_chapters", "2", *codecs, "-c:s", codec, film], check=True)
    texts = container_texts(film)
    assert texts.tags["title"] == "Far"
    assert texts.chapters == ("The glacier",)
    assert [" ".join(line.split()) for line in texts.subtitles] == ["The river", "Ледник"]


def test_what_is_no_media_is_refused(tmp_path: Path) -> None:
    (tmp_path / "noise.mp4").write_bytes(os.urandom(5000))
    with pytest.raises(KnownError, match=r"noise\.mp4"):
        container_texts(tmp_path / "noise.mp4")
