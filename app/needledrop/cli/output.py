# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the commands print: tables for people, JSON for programs, one progress line on the terminal."""

from __future__ import annotations

import json
import shutil
import sys
import time
import unicodedata
from collections.abc import Sequence
from typing import Any, TextIO

from needledrop.core.errors import KnownError
from needledrop.core.progress import Progress
from needledrop.core.times import format_time

_NO_WIDTH = ("Mn", "Me", "Cf")
_REDRAW_S = 0.1
_LINE_EVERY_S = 15.0  # Without a terminal (a log file, CI): a line now and then.


def print_json(value: Any) -> None:
    """Print a value as JSON, keys sorted, so that two runs can be compared."""
    print(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False))


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> None:
    """Print aligned columns; those in `right` are numbers. The last column is cut to the terminal's width."""
    widths = [max(cell_width(row[column]) for row in [headings, *rows]) for column in range(len(headings))]
    room = max(20, shutil.get_terminal_size((120, 40)).columns - sum(widths[:-1]) - 2 * (len(widths) - 1))
    widths[-1] = min(widths[-1], room)
    for row in [headings, *rows]:
        cells = [_fit(cell, widths[column], column in right) for column, cell in enumerate(row)]
        print("  ".join(cells).rstrip())


def counted(number: int, word: str) -> str:
    """ "1 track", "2,000 tracks"."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def cell_width(text: str) -> int:
    """Columns a text takes in a terminal: wide East Asian characters and emoji take two, marks and joiners none."""
    return sum(
        0 if unicodedata.category(char) in _NO_WIDTH else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _fit(text: str, width: int, is_right: bool) -> str:
    if cell_width(text) > width:
        while text and cell_width(text) > width - 1:
            text = text[:-1]
        text += "…"
    padding = " " * (width - cell_width(text))
    return padding + text if is_right else text + padding


def print_error(error: KnownError, *, as_json: bool) -> None:
    """Say what went wrong and what to do: on stderr, or as JSON on stdout."""
    if as_json:
        print_json({"error": error_facts(error)})
    else:
        print(f"needledrop: {error}", file=sys.stderr)


def error_facts(error: KnownError) -> dict[str, str]:
    """A known error as JSON shows it."""
    return {"code": error.code, "sentence": error.sentence, "remedy": error.remedy, "cause": error.cause}


class ProgressLine:
    """One line that is redrawn on a terminal, or a line now and then elsewhere. Silent when asked."""

    def __init__(self, *, is_quiet: bool, stream: TextIO = sys.stderr) -> None:
        self._is_quiet = is_quiet
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._last = float("-inf") if self._is_terminal else time.monotonic()
        self._is_dirty = False

    def __call__(self, progress: Progress) -> None:
        """Show progress; cheap enough to be called for every item."""
        now = time.monotonic()
        if self._is_quiet or now - self._last < (_REDRAW_S if self._is_terminal else _LINE_EVERY_S):
            return
        self._last = now
        text = progress_text(progress)
        if self._is_terminal:
            room = shutil.get_terminal_size((100, 40)).columns - 1
            self._stream.write("\r\x1b[K" + _fit(text, min(room, cell_width(text)), False))
            self._is_dirty = True
        else:
            self._stream.write(text + "\n")
        self._stream.flush()

    def clear(self) -> None:
        """Take the line away before anything else is printed."""
        if self._is_dirty:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._is_dirty = False


def progress_text(progress: Progress) -> str:
    """ "Analysing music 1,284 / 3,902 · 41/min · 4 min left · name"."""
    parts = [f"{progress.label} {progress.done:,}" + (f" / {progress.total:,}" if progress.total is not None else "")]
    if progress.rate_hz > 0:
        per_minute = progress.rate_hz * 60
        parts.append(f"{progress.rate_hz:.0f}/s" if progress.rate_hz >= 10 else f"{per_minute:.0f}/min")
    if progress.left_s is not None and progress.done < (progress.total or 0):
        parts.append(f"{format_time(progress.left_s)} left")
    if progress.detail:
        parts.append(progress.detail)
    return " · ".join(parts)
