# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subtitle files as they are found: three formats, every encoding, markup, damage, and far too large."""

from __future__ import annotations

import random

import pytest

from needledrop.media.subtitles import MOST_BYTES, MOST_LINES, decoded, event_lines, subtitle_lines

SRT = '1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>The river</i> &amp; <font color="#fff">the sea</font>\r\n\r\n'
SRT += "2\r\n00:00:03,000 --> 00:00:04,000\r\n{\\an8}Été à la mer\r\n♪ Ρίο ♪\r\n"
VTT = (
    "WEBVTT - a film\nKind: captions\n\nSTYLE\n::cue { color: lime }\n\nNOTE said by nobody\n\nintro\n"
    "00:01.000 --> 00:04.000 align:start\n<v Ada>Good <c.loud>morning</c></v>\n"
)
ASS = (
    "[Script Info]\nTitle: x\n[Events]\n"
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    "Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,not said\n"
    "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\b1}Hello,{\\b0} the\\Nglacier\n"
    "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\p1}m 0 0 l 10 10{\\p0}\n"
)


def words(lines: list[str]) -> list[str]:
    return " ".join(lines).split()


def test_srt_without_its_markup() -> None:
    assert words(subtitle_lines(SRT)) == ["The", "river", "&", "the", "sea", "Été", "à", "la", "mer", "♪", "Ρίο", "♪"]


def test_vtt_without_its_notes_and_styles() -> None:
    assert words(subtitle_lines(VTT)) == ["intro", "Good", "morning"]


def test_ass_without_comments_and_drawings() -> None:
    assert words(subtitle_lines(ASS)) == ["Hello,", "the", "glacier"]
    assert event_lines(["0,0,Default,,0,0,0,,One, two", "broken", ""]) == ["One, two", "broken"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_in_every_form(encoding: str) -> None:
    text = decoded(SRT.encode(encoding))
    assert text is not None and subtitle_lines(text) == subtitle_lines(SRT)


def test_western_text_is_read_and_other_old_encodings_are_not_guessed() -> None:
    western = "L'été à la mer, où le garçon rêve d'une île très éloignée"
    assert decoded(western.encode("cp1252")) == western
    assert decoded("восход над рекой и холодное море".encode("cp1251")) is None
    assert decoded("日の出の山を歩く".encode("shift_jis")) is None


def test_a_character_cut_by_the_limit_is_no_fault() -> None:
    data = ("a" * (MOST_BYTES - 1) + "é").encode()
    assert decoded(data) == "a" * (MOST_BYTES - 1)


def test_ten_megabytes_are_read_in_part() -> None:
    cue = "1\n00:00:01,000 --> 00:00:02,000\nriver\n\n"
    text = decoded((cue * (10_000_000 // len(cue))).encode())
    assert text is not None and len(text) <= MOST_BYTES
    assert len(subtitle_lines(text)) == MOST_LINES
    assert len(subtitle_lines("<" * 3_000_000)) == 1
    assert subtitle_lines("{" + "b" * 3_000_000 + "}")[0].startswith("{b")
    assert subtitle_lines("<b>" * 1_000_000) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_garbage_never_raises(seed: int) -> None:
    data = random.Random(seed).randbytes(50_000)
    for start in (b"", b"WEBVTT\n", b"[Script Info]\nDialogue:", b"\xff\xfe", b"\xef\xbb\xbf"):
        text = decoded(start + data)
        assert text is None or all(isinstance(line, str) for line in subtitle_lines(text))
    assert subtitle_lines("") == []
