# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three kinds of error: the world's (KnownError), the user's wish (Cancelled), and bugs (all else)."""

from __future__ import annotations

import functools


class KnownError(Exception):
    """The world did something we know: a missing file, a full disk, broken media, a locked database.

    Args:
        sentence: What happened, in one plain sentence that names the file or thing.
        remedy: What the user can do about it, one sentence. May be empty only where nothing can be done.
        cause: The technical detail, for "copy details"; never shown first.
        code: A stable word for programs: "missing", "broken-media", "disk-full", "locked", "unsupported"...
    """

    def __init__(self, sentence: str, *, remedy: str = "", cause: str = "", code: str = "error") -> None:
        super().__init__(sentence, remedy, cause, code)
        self.sentence = sentence
        self.remedy = remedy
        self.cause = cause
        self.code = code

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle and copy by name: exceptions do so by position, which keyword-only arguments refuse."""
        return functools.partial(type(self), remedy=self.remedy, cause=self.cause, code=self.code), (self.sentence,)

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".strip()


class BrokenMedia(KnownError):
    """A file that claims to be media cannot be read as such."""

    def __init__(self, sentence: str, *, remedy: str = "", cause: str = "", code: str = "broken-media") -> None:
        super().__init__(sentence, remedy=remedy, cause=cause, code=code)


class Cancelled(Exception):
    """The user stopped the work. Silent: finished work is kept, nothing is reported as failed."""
