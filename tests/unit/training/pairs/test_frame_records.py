# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frame-level records: files of the published format are written here, byte by byte, and read back."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.training.pairs.crc32c import crc32c, masked
from needledrop.training.pairs.frame_records import (
    FrameRecord,
    dequantised,
    frame_record_pairs,
    read_frame_records,
    split_of,
)
from needledrop.training.pairs.transforms import fit_transforms

Codes = NDArray[np.uint8]


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def text(number: int, value: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(value)) + value


def entry(key: str, value: bytes) -> bytes:
    return text(1, text(1, key.encode()) + text(2, value))


def example(name: str, labels: tuple[int, ...], rgb: Codes, audio: Codes, *, is_packed: bool = True) -> bytes:
    """A SequenceExample as TensorFlow serialises it."""
    numbers = text(1, b"".join(map(varint, labels))) if is_packed else b"".join(b"\x08" + varint(n) for n in labels)
    context = entry("id", text(1, text(1, name.encode()))) + entry("labels", text(3, numbers))
    lists = b"".join(
        entry(key, b"".join(text(1, text(1, text(1, row.tobytes()))) for row in rows))
        for key, rows in (("rgb", rgb), ("audio", audio))
    )
    return text(1, context) + text(2, lists)


def record(data: bytes) -> bytes:
    head = struct.pack("<Q", len(data))
    return head + struct.pack("<I", masked(crc32c(head))) + data + struct.pack("<I", masked(crc32c(data)))


def codes(seed: int, seconds: int = 9) -> tuple[Codes, Codes]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (seconds, 1024), np.uint8), rng.integers(0, 256, (seconds, 128), np.uint8)


def made_up(name: str, seed: int = 0, seconds: int = 9) -> bytes:
    return record(example(name, (3, 300), *codes(seed, seconds)))


def read(path: Path) -> tuple[list[FrameRecord], list[str]]:
    problems: list[str] = []
    return list(read_frame_records(path, problems)), problems


@pytest.mark.parametrize("is_packed", [True, False])
def test_a_record_is_read_to_the_last_number(tmp_path: Path, is_packed: bool) -> None:
    rgb, audio = codes(1)
    path = tmp_path / "train0001.tfrecord"
    path.write_bytes(record(example("ab12", (0, 5, 4716), rgb, audio, is_packed=is_packed)))
    (found,), problems = read(path)
    assert problems == []
    assert found.video_id == "ab12" and found.labels == (0, 5, 4716)
    np.testing.assert_array_equal(found.rgb, dequantised(rgb))
    np.testing.assert_array_equal(found.audio, dequantised(audio))


def test_codes_stand_for_numbers_between_minus_two_and_two() -> None:
    values = dequantised(np.array([0, 51, 255], np.uint8))
    np.testing.assert_allclose(values, [-1.9921875, -1.1921875, 2.0078125], atol=1e-6)


def test_a_record_with_a_wrong_checksum_costs_itself(tmp_path: Path) -> None:
    parts = [bytearray(made_up(name, seed)) for seed, name in enumerate("abc")]
    parts[1][500] ^= 1
    path = tmp_path / "train.tfrecord"
    path.write_bytes(b"".join(parts))
    found, problems = read(path)
    assert [one.video_id for one in found] == ["a", "c"]
    assert problems == ["Record 2 of train.tfrecord is damaged (its checksum is wrong): it is left out."]


def test_a_damaged_length_ends_the_file(tmp_path: Path) -> None:
    parts = [bytearray(made_up(name, seed)) for seed, name in enumerate("abc")]
    parts[1][0] ^= 1
    path = tmp_path / "x.tfrecord"
    path.write_bytes(b"".join(parts))
    found, problems = read(path)
    assert [one.video_id for one in found] == ["a"]
    assert "length of record 2" in problems[0] and len(problems) == 1


@pytest.mark.parametrize("kept", [5, 12, 400, -1])
def test_a_file_that_breaks_off_keeps_what_is_whole(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "x.tfrecord"
    path.write_bytes(made_up("a") + made_up("b")[:kept])
    found, problems = read(path)
    assert [one.video_id for one in found] == ["a"]
    assert problems == ["x.tfrecord ends inside record 2: it is left out."]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xff", "cut off"),
        (text(1, entry("id", text(1, text(1, b"a")))), "no rgb"),
        (text(2, b""), "no id"),
        (example("a", (), np.zeros((2, 1000), np.uint8), np.zeros((2, 128), np.uint8)), "a row of rgb has not 1024"),
        (b"\x0b", "wire type 3"),
        (b"\x0a\x7fabc", "beyond the end"),
        (b"\x08\x01", "holds a number"),
    ],
)
def test_a_record_of_something_else_costs_itself(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "x.tfrecord"
    path.write_bytes(record(data) + made_up("b"))
    found, problems = read(path)
    assert [one.video_id for one in found] == ["b"]
    assert reason in problems[0] and len(problems) == 1


def test_a_set_is_made_of_whole_files(tmp_path: Path) -> None:
    train, test = tmp_path / "train00.tfrecord", tmp_path / "test00.tfrecord"
    train.write_bytes(b"".join(made_up(f"t{seed}", seed, seconds=3 + 5 * seed) for seed in range(8)))
    test.write_bytes(made_up("s", 50) + made_up("t1", 1))
    pairs, problems = frame_record_pairs([train, test], "records")
    assert problems == ["Video t1 of test00.tfrecord was met before: it is left out."]
    assert pairs.video_names == (*(f"t{seed}" for seed in range(8)), "s")
    assert pairs.split == ("train",) * 8 + ("test-strong",)
    assert pairs.tags[0] == ("label 3", "label 300")
    assert pairs.music.vector.shape == (9, 7 * 128) and pairs.video.clips.shape == (9, 7, 2048)
    assert pairs.music.mask.sum(axis=1).tolist()[:7] == [1, 2, 4, 5, 6, 7, 7]
    rgb = dequantised(codes(1, 8)[0])
    np.testing.assert_allclose(pairs.video.vector[1, :1024], rgb.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(pairs.video.vector[1, 2048:3072], rgb.max(axis=0), atol=1e-6)
    np.testing.assert_allclose(pairs.video.clips[1, 1, :1024], rgb[4:].mean(axis=0), atol=1e-6)
    assert fit_transforms(pairs).music_vector.mean.shape == (896,)


def test_the_split_is_told_by_the_name() -> None:
    names = ("train3.tfrecord", "validate09.tfrecord", "testzz.tfrecord", "mine.tfrecord")
    assert [split_of(Path(name)) for name in names] == ["train", "validation", "test-strong", ""]


def test_nothing_to_use_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    path.write_bytes(b"no record at all, but longer than its head")
    with pytest.raises(KnownError, match="no record that can be used"):
        frame_record_pairs([path], "mine")
    with pytest.raises(KnownError, match="cannot be read"):
        frame_record_pairs([tmp_path / "absent"], "mine")
