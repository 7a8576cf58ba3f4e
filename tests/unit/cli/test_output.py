# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables, widths of characters, progress lines, errors."""

from __future__ import annotations

import io
import json

import pytest

from needledrop.cli.output import ProgressLine, cell_width, print_error, print_json, print_table, progress_text
from needledrop.core.errors import KnownError
from needledrop.core.progress import Progress


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("été", 3),
        ("e\u0301", 1),
        ("音楽", 4),
        ("🎵", 2),
        ("ﾊﾝｶｸ", 4),
        ("a\u200db", 2),
        ("❤\ufe0f", 1),
    ],
)
def test_columns_of_characters(text: str, width: int) -> None:
    assert cell_width(text) == width


def test_columns_line_up_and_the_last_one_is_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    rows = [("1", "音楽", "short"), ("10", "abc", "a very long title that does not fit")]
    print_table(("id", "name", "title"), rows, right=frozenset({0}))
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["id  name  title", " 1  音楽  short", "10  abc   a very long title t…"]
    assert max(cell_width(line) for line in lines) <= 30


def test_json_is_sorted_plain_and_strict(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"b": "é", "a": 1})
    assert capsys.readouterr().out == '{\n  "a": 1,\n  "b": "é"\n}\n'
    with pytest.raises(ValueError, match="JSON"):
        print_json(float("nan"))


def test_errors_go_where_they_are_read(capsys: pytest.CaptureFixture[str]) -> None:
    error = KnownError("It broke.", remedy="Mend it.", cause="why", code="broken")
    print_error(error, as_json=False)
    assert capsys.readouterr() == ("", "needledrop: It broke. Mend it.\n")
    print_error(error, as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said == {"error": {"code": "broken", "sentence": "It broke.", "remedy": "Mend it.", "cause": "why"}}


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress("Working", 0, None, 0.0), "Working 0"),
        (Progress("Working", 1284, 3902, 1884.0, "name"), "Working 1,284 / 3,902 · 41/min · 1:04:01 left · name"),
        (Progress("Working", 500, 1000, 10.0), "Working 500 / 1,000 · 50/s · 0:10 left"),
        (Progress("Working", 10, 10, 10.0), "Working 10 / 10 · 60/min"),
    ],
)
def test_progress_in_words(progress: Progress, text: str) -> None:
    assert progress_text(progress) == text


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_has_one_line_that_is_cleared() -> None:
    terminal = Terminal()
    line = ProgressLine(is_quiet=False, stream=terminal)
    for done in range(100):
        line(Progress("Working", done, 100, 1.0))
    line.clear()
    line.clear()
    said = terminal.getvalue()
    assert said.startswith("\r\x1b[KWorking 0 / 100") and "\n" not in said
    assert said.endswith("\r\x1b[K") and said.count("\r") == 2


def test_a_log_gets_a_line_now_and_then_and_quiet_means_quiet() -> None:
    log, nothing = io.StringIO(), Terminal()
    ProgressLine(is_quiet=False, stream=log)(Progress("Working", 1, 2, 1.0))
    ProgressLine(is_quiet=True, stream=nothing)(Progress("Working", 1, 2, 1.0))
    assert (log.getvalue(), nothing.getvalue()) == ("", "")
