# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Problems are remembered by file and forgotten when asked."""

from __future__ import annotations

from pathlib import Path

from needledrop.core.errors import BrokenMedia, KnownError
from needledrop.library.library import Library


def test_a_problem_is_kept_until_the_file_changes(library: Library) -> None:
    error = BrokenMedia("x.mp3 is empty.", remedy="Copy it again.", cause="0 bytes \ud800")
    library.put_problem(b"/m/\xff.mp3", error, size=0, mtime_ns=5)
    first = library.problems()[0]
    library.put_problem(b"/m/\xff.mp3", KnownError("Other.", code="other"), size=1, mtime_ns=6)

    (problem,) = library.problems()
    assert (problem.path, problem.display, problem.code) == (b"/m/\xff.mp3", "/m/\\xff.mp3", "other")
    assert problem.first_seen == first.first_seen
    assert library.known_problems() == {b"/m/\xff.mp3": (1, 6)}


def test_problems_are_forgotten_by_path_by_folder_or_all(library: Library) -> None:
    for name in (b"/m/a", b"/m/b", b"/mm/c", b"/n/d"):
        library.put_problem(name, KnownError("Broken."), size=1, mtime_ns=1)
    library.clear_problems([b"/m/a"])
    library.clear_problems_below(Path("/m"))
    assert [problem.path for problem in library.problems()] == [b"/mm/c", b"/n/d"]
    library.clear_problems()
    assert library.problems() == []
