# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import av
import mutagen
import numpy as np
import pytest
from mutagen import asf, flac, id3, mp4

from media_factory import AUDIO_FORMATS, encode_audio, music, write_audio
from needledrop.core.errors import KnownError
from needledrop.media.pictures import encode_jpeg
from needledrop.media.tags import LONGEST_TEXT, clean_text, read_cover, read_tags

COVER = encode_jpeg(np.full((32, 32, 3), 90, np.uint8))
ID3_FRAMES = [
    id3.TIT2(text="Dawn"), id3.TPE1(text="Ada"), id3.TALB(text="Hills"), id3.TPE2(text="Various"),
    id3.TCON(text="Ambient"), id3.TMOO(text="calm"), id3.COMM(lang="eng", desc="", text="A note"),
    id3.TDRC(text="2019-04-01"), id3.TCOM(text="Bach"), id3.TSRC(text="DEA123456789"), id3.TRCK(text="3/12"),
    id3.TBPM(text="128"), id3.TCOP(text="2019 Ada"), id3.WCOP(url="http://creativecommons.org/licenses/by-sa/4.0/"),
    id3.TXXX(desc="REPLAYGAIN_TRACK_GAIN", text="-6.52 dB"), id3.APIC(mime="image/jpeg", type=3, data=COVER),
]  # fmt: skip
COMMENTS = {
    "TITLE": "Dawn", "ARTIST": "Ada", "ALBUM": "Hills", "ALBUMARTIST": "Various", "GENRE": "Ambient", "MOOD": "calm",
    "COMMENT": "A note", "DATE": "2019-04-01", "COMPOSER": "Bach", "ISRC": "DEA123456789", "TRACKNUMBER": "3",
    "BPM": "128", "LICENSE": "http://creativecommons.org/licenses/by-sa/4.0/", "REPLAYGAIN_TRACK_GAIN": "-6.52 dB",
}  # fmt: skip


def write_tags(path: Path) -> None:
    """The same tags in the dialect of each format."""
    file: Any = mutagen.File(path)
    if file.tags is None:
        file.add_tags()
    if isinstance(file.tags, id3.ID3):
        for frame in ID3_FRAMES:
            file.tags.add(frame)
    elif isinstance(file.tags, mp4.MP4Tags):
        free = "----:com.apple.iTunes:"
        file.update({
            "\xa9nam": "Dawn", "\xa9ART": "Ada", "\xa9alb": "Hills", "aART": "Various", "\xa9gen": "Ambient",
            "\xa9cmt": "A note", "\xa9day": "2019-04-01", "\xa9wrt": "Bach", "trkn": [(3, 12)], "tmpo": [128],
            free + "MOOD": b"calm", free + "ISRC": b"DEA123456789", free + "replaygain_track_gain": b"-6.52 dB",
            free + "LICENSE": b"http://creativecommons.org/licenses/by-sa/4.0/", "covr": [mp4.MP4Cover(COVER)],
        })  # fmt: skip
    elif isinstance(file.tags, asf.ASFTags):
        names = {"TITLE": "Title", "ARTIST": "Author", "ALBUM": "WM/AlbumTitle", "ALBUMARTIST": "WM/AlbumArtist",
                 "GENRE": "WM/Genre", "MOOD": "WM/Mood", "COMMENT": "Description", "DATE": "WM/Year",
                 "COMPOSER": "WM/Composer", "ISRC": "WM/ISRC", "TRACKNUMBER": "WM/TrackNumber",
                 "BPM": "WM/BeatsPerMinute"}  # fmt: skip
        for key, value in COMMENTS.items():
            file[names.get(key, key)] = value
    else:
        for key, value in COMMENTS.items():
            file[key] = value
        if isinstance(file, flac.FLAC):
            picture = flac.Picture()
            picture.data, picture.type, picture.mime = COVER, 3, "image/jpeg"
            file.add_picture(picture)
    file.save()


@pytest.mark.parametrize("suffix", list(AUDIO_FORMATS))
def test_every_dialect_gives_the_same_tags(tmp_path: Path, suffix: str) -> None:
    path = write_audio(tmp_path / f"t{suffix}", music(0.5))
    write_tags(path)
    tags, licence = read_tags(path)
    assert (tags.title, tags.artist, tags.album, tags.album_artist) == ("Dawn", "Ada", "Hills", "Various")
    assert (tags.genre, tags.mood, tags.comment, tags.date) == ("Ambient", "calm", "A note", "2019-04-01")
    assert (tags.composer, tags.isrc, tags.track_number, tags.bpm) == ("Bach", "DEA123456789", 3, 128.0)
    assert tags.replaygain_track_db == pytest.approx(-6.52)
    assert (licence.name, licence.author, licence.title) == ("CC-BY-SA-4.0", "Ada", "Dawn")
    if suffix in {".mp3", ".flac", ".m4a", ".alac.m4a", ".aiff", ".wav"}:
        assert tags.has_cover
        assert read_cover(path) == COVER
    else:
        assert not tags.has_cover


def test_without_tags_the_name_is_the_title(tmp_path: Path) -> None:
    tags, licence = read_tags(write_audio(tmp_path / "Night drive.wav", music(0.2)))
    assert tags.title == "Night drive"
    assert (tags.artist, licence.name, licence.title) == ("", "", "Night drive")
    assert read_cover(tmp_path / "Night drive.wav") is None


def test_opus_gain_counts_from_minus_18_lufs(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.opus", music(0.3))
    file: Any = mutagen.File(path)
    file["R128_TRACK_GAIN"] = "-512"
    file.save()
    assert read_tags(path)[0].replaygain_track_db == pytest.approx(3.0)


def test_riff_info_and_matroska_are_read_by_libav(tmp_path: Path) -> None:
    for name, codec in (("a.wav", "pcm_s16le"), ("a.mkv", "flac"), ("a.webm", "libopus")):
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            container.metadata.update({"title": "Dawn", "artist": "Ada", "copyright": "CC BY 4.0"})
            encode_audio(container, container.add_stream(codec, rate=48000, layout="stereo"), music(0.3), 44100)
        tags, licence = read_tags(path)
        assert (tags.title, tags.artist, licence.name) == ("Dawn", "Ada", "CC-BY-4.0"), name


def test_wild_values(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "wild.mp3", music(0.3))
    file: Any = mutagen.File(path)
    file.tags.add(id3.TIT2(text="a\x07b\nc" + "x" * 9000))
    file.tags.add(id3.TPE1(text=["One", "Two", "One"]))
    file.tags.add(id3.TBPM(text="999999"))
    file.tags.add(id3.TRCK(text="A1"))
    file.tags.add(id3.TXXX(desc="replaygain_track_gain", text="inf dB"))
    file.save()
    tags, _ = read_tags(path)
    assert tags.title.startswith("a b cxxx")
    assert len(tags.title) == LONGEST_TEXT
    assert tags.artist == "One; Two"
    assert (tags.bpm, tags.track_number, tags.replaygain_track_db) == (None, 1, None)
    assert clean_text(["e\u0301\0 \ud800z"]) == "\xe9; z"


@pytest.mark.parametrize(
    "content", [b"", b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + b"\xff" * 500, b"fLaC" + b"\xff" * 99, b"OggS" * 30]
)
def test_broken_tags_are_no_error(tmp_path: Path, content: bytes) -> None:
    for suffix in (".mp3", ".flac", ".ogg", ".m4a", ".wma", ".wav"):
        path = tmp_path / f"broken{suffix}"
        path.write_bytes(content)
        tags, _ = read_tags(path)
        assert (tags.title, tags.artist) == ("broken", "")


def test_damaged_bytes_in_tags_never_raise(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    for suffix in (".mp3", ".flac", ".m4a", ".wma", ".opus"):
        path = write_audio(tmp_path / f"t{suffix}", music(0.2))
        write_tags(path)
        content = path.read_bytes()
        for _ in range(15):
            hurt = bytearray(content)
            for where in rng.integers(0, min(len(hurt), 3000), 12):
                hurt[where] = rng.integers(256)
            path.write_bytes(hurt)
            assert read_tags(path)[0].title


def test_a_missing_file_is_an_error_and_any_name_is_read(tmp_path: Path) -> None:
    with pytest.raises(KnownError) as caught:
        read_tags(tmp_path / "none.mp3")
    assert caught.value.code == "missing"
    path = write_audio(tmp_path / "a.mp3", music(0.2))
    odd = os.fsencode(tmp_path) + b"/caf\xe9\n.mp3"
    try:
        os.rename(path, odd)  # noqa: PTH104
    except OSError:
        pytest.skip("the file system takes no such name")
    assert read_tags(odd)[0].title == "caf\\xe9\\n"


def test_a_cover_of_many_megabytes(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "big.mp3", music(0.3))
    file: Any = mutagen.File(path)
    file.tags.add(id3.APIC(mime="image/jpeg", type=3, data=COVER + bytes(20_000_000)))
    file.tags.add(id3.TIT2(text="Big"))
    file.save()
    tags, _ = read_tags(path)
    assert (tags.title, tags.has_cover) == ("Big", True)
