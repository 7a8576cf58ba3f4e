# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences that packages below the window say in English, as patterns, so that the window can say them otherwise.

Those packages know nothing of Qt. `%1`, `%2` stand for what changes; a pattern that is more exact stands before one
that is less. What no pattern fits is shown as it was said.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication


def _later(text: str) -> str:
    """Marks a pattern for translation; `in_words` translates it in the context "Said"."""
    return text


# What `suggest.explain` says; the parts of a bracket, between semicolons, are patterns of their own.
REASONS = (
    _later("%1 of %2 fall on beats"),
    _later("%1 cut"),
    _later("%1 cuts"),
    _later("%1 on a downbeat"),
    _later("%1 ms apart in the median, %2 ms after the cut on average"),
    _later("%1 ms apart in the median, %2 ms before the cut on average"),
    _later("%1 ms apart in the median"),
    _later("the same shots in %1 other orders reach %2 on average"),
    _later("this order fits better than %1 of them"),
    _later("no steady beat: %1"),
    _later("no cuts in the range: %1"),
    _later("beats fall on accents of the movement"),
    _later("placed by energy alone"),
    _later("placed by where the music sounds and ends, for the picture hardly moves"),
    _later("tempo %1 fits %2"),
    _later("%1 cuts per bar"),
    _later("one cut every %1 bars"),
    _later("one cut every %1 beats"),
    _later("energy rises at %1 as the motion does"),
    _later("its loudness and attacks change where the picture does, as learned from other pairs"),
    _later("correlation %1 above what so many starts reach by chance"),
    _later("its energy follows the movement of the picture"),
    _later("correlation %1"),
    _later("%1 picture, %2 music"),
    _later("calm"),
    _later("lively"),
    _later("driving"),
    _later("%1 cuts a minute"),
    _later("%1 notes a second"),
    _later("%1 picture; %2 key"),
    _later("warm"),
    _later("cool"),
    _later("bright"),
    _later("dark"),
    _later("grey"),
    _later("major"),
    _later("minor"),
    _later("matches '%1' in %2, a word found about the video"),
    _later("matches '%1' in %2"),
    _later("title"),
    _later("artist"),
    _later("album"),
    _later("genre and mood"),
    _later("its words are near in meaning to %1"),
    _later("the words found about it"),
    _later("a model that heard it names: %1"),
    _later("similarity %1 of 1"),
    _later("sounds like %1"),
    _later("the reference"),
    _later("the %1 references"),
    _later("you used it under pictures like these: '%1' at %2"),
    _later("starts at the beginning of the track"),
    _later("starts at %1 of the track, %2"),
    _later("starts at %1 of the track"),
    _later("on a downbeat"),
    _later("on a beat"),
    _later("ends with the track's own ending at %1"),
    _later("fades out from %1 %2"),
    _later("over about a bar"),
    _later("over %1 s"),
    _later("shorter than the range: %1 bars (%2 to %3) are repeated %4, joined on bar lines"),
    _later("once"),
    _later("twice"),
    _later("%1 times"),
    _later("ends %1 before the picture does; silence follows"),
    _later("repeats itself %1: it may tire in a range this long"),
    _later("share-alike (%1): the finished video must carry the same licence"),
    _later("non-commercial use only (%1)"),
    _later("no derivatives (%1): music under picture needs the author's permission"),
)

# What jobs are called while they run.
JOBS = (
    _later("Opening %1"),
    _later("Watching the video"),
    _later("Watching %1"),
    _later("Finding music"),
    _later("Thumbnails"),
    _later("Preparing the gallery"),
    _later("Reading the words"),
    _later("Reading tags"),
    _later("Analysing music"),
    _later("Making a proxy, seconds"),
    _later("Listening to the track, seconds"),
    _later("Rendering the film, seconds"),
    _later("Rendering the music, seconds"),
    _later("Rendering the preview, seconds"),
    _later("Writing the sound, seconds"),
    _later("Writing the track, seconds"),
    _later("Fetching %1"),
    _later("Naming what is heard"),
    _later("Naming what is seen"),
    _later("Comparing lists"),
    _later("Landmarks"),
    _later("Finding the shots again"),
    _later("Laying the timeline together, seconds"),
    _later("Past edits"),
    _later("Remembering the shots"),
    _later("Learning"),
)


def reason_in_words(text: str) -> str:
    """A reason or warning of `suggest.explain` in the window's language."""
    return _reason(text, _language_mark())


def job_in_words(text: str) -> str:
    """The name of a job, or what it says of its progress, in the window's language."""
    return _said(text, JOBS, _language_mark())


def matched(text: str, patterns: Sequence[str]) -> tuple[str, tuple[str, ...]] | None:
    """The first pattern that a text fits, and what stands in its places; None where none does."""
    for pattern in patterns:
        found = _expression(pattern).fullmatch(text)
        if found is not None:
            return pattern, found.groups()
    return None


@functools.lru_cache(maxsize=512)
def _reason(text: str, language: str) -> str:
    whole = matched(text, REASONS)
    bracket = re.fullmatch(r"(.+) \(([^()]*)\)", text)
    if bracket is None or (whole is not None and not whole[1]):
        return _said(text, REASONS, language)
    main, details = bracket.groups()
    if matched(main, REASONS) is None:
        return _said(text, REASONS, language)
    said = "; ".join(_said(one, REASONS, language) for one in details.split("; "))
    return f"{_said(main, REASONS, language)} ({said})"


@functools.lru_cache(maxsize=1024)
def _said(text: str, patterns: tuple[str, ...], language: str) -> str:
    found = matched(text, patterns)
    if found is None:
        return text
    pattern, places = found
    said = QCoreApplication.translate("Said", pattern)
    parts: Mapping[str, str] = {
        # What stands in quotation marks is a word of the user's, or of a tag.
        mark: place if f"'{mark}'" in pattern else _each_said(place, patterns, language)
        for mark, place in ((f"%{number}", place) for number, place in enumerate(places, start=1))
    }
    return re.sub(r"%\d", lambda place: parts.get(place.group(), place.group()), said)


def _each_said(listed: str, patterns: tuple[str, ...], language: str) -> str:
    return ", ".join(_said(one, patterns, language) for one in listed.split(", "))


@functools.cache
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"%\d", "(.+?)", re.escape(pattern).replace("\\%", "%")))


def _language_mark() -> str:
    """What kept sentences are told apart by: a word that every translation has otherwise."""
    return QCoreApplication.translate("Said", "once")
