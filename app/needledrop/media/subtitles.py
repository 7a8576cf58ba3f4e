# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The spoken lines of subtitle files (.srt, .vtt, .ass) and of the packets of subtitle streams, without their markup.

Takes bytes; never fails over what they hold: what cannot be read is left out.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterable

SUBTITLE_SUFFIXES = (".srt", ".vtt", ".ass", ".ssa")
# A feature film's subtitles take 0.2 MB; what is larger carries fonts or pictures, behind the lines.
MOST_BYTES = 4 << 20
MOST_LINES = 20_000
_LONGEST_LINE = 1000
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# The last one may have been cut off with its line.
_TAG = re.compile(r"<[^<>]{0,200}(?:>|$)|\{[^{}]{0,500}(?:\}|$)")
_TIMING = re.compile(r"^\s*[\d:.,]+\s*-->")
_NUMBER = re.compile(r"^\s*\d+\s*$")
_VTT_BLOCK = re.compile(r"^(WEBVTT|NOTE|STYLE|REGION|Kind:|Language:|X-TIMESTAMP-MAP)")
_ASS_TEXT_FIELD = 9
_ASS_EVENT_FIELDS = 8
# Of text in an unknown encoding read as Windows-1252: more foreign letters than this were never Western.
_MOST_FOREIGN = 0.25


def decoded(data: bytes) -> str | None:
    """The text of a subtitle file; None where its encoding cannot be told.

    UTF-8 and UTF-16 are recognised, with and without a mark; what is neither is read as Windows-1252, unless it would
    then hold more accents than any Western language does.
    """
    data = data[:MOST_BYTES]
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if (zeros := data[:4096].count(0)) > len(data[:4096]) // 4:
        first = data[:4096:2].count(0)
        return data.decode("utf-16-be" if first > zeros - first else "utf-16-le", "replace")
    try:
        # A character cut in two by the limit is no fault of the file.
        return codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    letters = [sign for sign in text if sign.isalpha() or sign == "\ufffd"]
    foreign = sum(ord(sign) > 127 for sign in letters)
    return text if foreign <= _MOST_FOREIGN * max(len(letters), 1) else None


def subtitle_lines(text: str) -> list[str]:
    """What is said in the text of an .srt, .vtt or .ass file, one string a line, without numbers, times and tags."""
    lines = text.splitlines()
    is_ass = any(line.startswith(("[Script Info]", "Dialogue:")) for line in lines[:5000])
    said = (_ass_lines if is_ass else _plain_lines)(lines)
    return _cleaned(said)


def event_lines(events: Iterable[str]) -> list[str]:
    """What is said in events of a decoded stream: "ReadOrder,Layer,Style,Name,MarginL,MarginR,MarginV,Effect,Text"."""
    return _cleaned(event.split(",", _ASS_EVENT_FIELDS)[-1] for event in events)


def _plain_lines(lines: Iterable[str]) -> Iterable[str]:
    is_skipping = False
    for line in lines:
        if not line.strip():
            is_skipping = False
        elif _VTT_BLOCK.match(line):
            is_skipping = True
        elif _TIMING.match(line) or _NUMBER.match(line):
            is_skipping = False
        elif not is_skipping:
            yield line


def _ass_lines(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        if line.startswith("Dialogue:"):
            fields = line.split(",", _ASS_TEXT_FIELD)
            # Drawings are vectors, not words.
            if len(fields) > _ASS_TEXT_FIELD and "\\p1" not in fields[-1]:
                yield fields[-1]


def _cleaned(lines: Iterable[str]) -> list[str]:
    """Lines without markup, empty ones left out, bounded in number and length."""
    kept: list[str] = []
    for line in lines:
        text = _TAG.sub(" ", line[:_LONGEST_LINE].replace("\\N", " ").replace("\\n", " ").replace("\\h", " "))
        text = _TAG.sub(" ", html.unescape(text)).strip()
        if text:
            kept.append(text)
        if len(kept) == MOST_LINES:
            break
    return kept
