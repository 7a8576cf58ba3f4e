# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A suggestion in words: one line of reasons, the parts of its match, what a screen reader says. Decides no ranking."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from needledrop.core.query import Reason, Suggestion
from needledrop.core.times import format_time
from needledrop.gui.sentences import reason_in_words
from needledrop.library.rows import TrackRow

MOST_LISTED_TIMES = 4
_SUMMED_UP = 2
_WELL, _FAIRLY = 0.66, 0.4
# By the words `suggest.explain` writes.
_ASKED_FIRST = ("energy rises", "sounds like", "matches", "fall on beats", "energy follows", "picture, ")


@dataclass(frozen=True)
class Run:
    """A stretch of a sentence; at_s is the instant it leads to when it is clicked, None for plain words."""

    text: str
    at_s: float | None = None


@dataclass(frozen=True)
class Part:
    """One part of a match: its name, how far it fits in 0..1 (None: nothing was asked of it), and why, in words."""

    name: str
    share: float | None
    words: str


def _tr(text: str) -> str:
    return QCoreApplication.translate("Suggestions", text)


def facts_line(track: TrackRow) -> str:
    """ "Artist · 136 BPM · D min · 3:34", without what is not known."""
    tempo = track.facts.tempo_bpm
    facts = [
        track.tags.artist,
        f"{tempo:.0f} BPM" if tempo else "",
        track.facts.key_name or "",
        format_time(track.duration_s),
    ]
    return " · ".join(fact for fact in facts if fact)


def title_of(track: TrackRow) -> str:
    """The title, or the file's name where the tags say nothing."""
    return track.tags.title or track.name


def licence_badge(track: TrackRow) -> str:
    """The licence without its version, "CC-BY"; a sentence of its own words stays as it is."""
    return re.sub(r"-\d+(\.\d+)*$", "", track.licence.name) or _tr("no licence")


def summary(suggestion: Suggestion) -> tuple[Run, ...]:
    """The most telling reasons in one line, without their figures in brackets."""
    chosen = sorted(suggestion.reasons, key=_rank)[:_SUMMED_UP]
    runs: list[Run] = []
    for reason in chosen:
        plain = Reason(re.sub(r"\s*\([^()]*\)", "", reason_in_words(reason.text)), reason.times_s)
        runs += [*sentence(plain, most_times=0 if len(reason.times_s) > 1 else 1), Run(" ")]
    return tuple(runs[:-1])


def _rank(reason: Reason) -> int:
    """What an editor asks first: does it do what the picture does, and are the cuts on beats."""
    for place, sign in enumerate(_ASKED_FIRST):
        if sign in reason.text:
            return place
    return 9


def sentence(reason: Reason, *, most_times: int = MOST_LISTED_TIMES) -> tuple[Run, ...]:
    """A reason with a capital and a full stop; the times it speaks of lead there, those it only counts are listed."""
    said = reason_in_words(reason.text)
    text = said[:1].upper() + said[1:]
    by_text = {format_time(at_s): at_s for at_s in reason.times_s}
    named = {shown: at_s for shown, at_s in by_text.items() if re.search(_alone(shown), text)}
    if named:
        pattern = "|".join(_alone(shown) for shown in named)
        pieces = re.split(f"({pattern})", text)
        return (*(Run(piece, named.get(piece)) for piece in pieces if piece), Run("."))
    runs = [Run(text)]
    times = reason.times_s[:most_times]
    if len(reason.times_s) == 1 and times:
        runs += [Run(_tr(" (at ")), Run(format_time(times[0]), times[0]), Run(").")]
        return tuple(runs)
    if times:
        runs.append(Run(": "))
        for number, at_s in enumerate(times):
            runs += [Run(", ")] * (number > 0) + [Run(format_time(at_s), at_s)]
        if len(reason.times_s) > len(times):
            runs.append(Run(" …"))
            return tuple(runs)
    return (*runs, Run("."))


def _alone(shown: str) -> str:
    return rf"(?<![\d:]){re.escape(shown)}(?![\d:])"


def plain(runs: Sequence[Run]) -> str:
    """Runs as one text."""
    return "".join(run.text for run in runs)


def match_parts(suggestion: Suggestion) -> tuple[Part, ...]:
    """What the match is made of, always the same four and, where a reference was given, the likeness to it."""
    parts = suggestion.parts
    found = [
        Part(_tr("Picture"), _mean(parts, ("energy", "pace", "mood")), _picture_words(parts)),
        Part(_tr("Rhythm"), parts.get("cue_cuts") if suggestion.has_pulse else None, _rhythm_words(suggestion)),
    ]
    asked = "text" if "text" in parts else "words"
    said = {"text": _tr("your words against its tags"), "words": _tr("words found in the file against its tags")}
    nothing = _tr("no words were asked for")
    found.append(Part(_tr("Words"), parts.get(asked), said[asked] if asked in parts else nothing))
    if "like" in parts:
        found.append(Part(_tr("Reference"), parts["like"], _tr("how near it sounds to the reference")))
    taste = parts.get("taste")
    found.append(
        Part(_tr("Your taste"), taste, _tr("what you took before") if taste is not None else _tr("not learnt yet"))
    )
    return tuple(found)


def _mean(parts: Mapping[str, float], names: Sequence[str]) -> float | None:
    there = [parts[name] for name in names if name in parts]
    return sum(there) / len(there) if there else None


def _picture_words(parts: Mapping[str, float]) -> str:
    names = {"energy": _tr("energy"), "pace": _tr("pace"), "mood": _tr("mood")}
    grades: dict[str, list[str]] = {}
    for name, shown in names.items():
        if name in parts:
            grades.setdefault(_grade(parts[name]), []).append(shown)
    return "; ".join(f"{grade} {', '.join(said)}" for grade, said in grades.items())


def _grade(share: float) -> str:
    return _tr("good:") if share >= _WELL else _tr("fair:") if share >= _FAIRLY else _tr("weak:")


def _rhythm_words(suggestion: Suggestion) -> str:
    if not suggestion.has_pulse:
        return _tr("no steady beat")
    if not suggestion.cuts:
        return _tr("no cuts in the range")
    return _tr("%1 of %2 cuts on beats").replace("%1", str(suggestion.cut_hits)).replace("%2", str(suggestion.cuts))


def spoken(number: int, suggestion: Suggestion, track: TrackRow) -> str:
    """All of a card as a screen reader says it."""
    parts = [f"{number}. {title_of(track)}", facts_line(track), licence_badge(track), plain(summary(suggestion))]
    return ". ".join(part.rstrip(".") for part in parts if part)
