# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was learned of the user, in sentences. Only words: it computes and changes nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from needledrop.core.times import format_time

if TYPE_CHECKING:
    from needledrop.workflows.taste import LearnReport
    from needledrop.workflows.taste_view import BothLists, Change, TasteOverview


def _tr(text: str) -> str:
    return QCoreApplication.translate("Taste", text)


def title(overview: TasteOverview) -> str:
    """What counts, in a few words."""
    current = overview.state.current
    if current == "base":
        return _tr("The base alone counts")
    if current == "live":
        if overview.labels:
            return _tr("Your choices count as they come")
        return _tr("Your past edits count") if overview.past_count else _tr("Nothing learned yet")
    return _tr("Version %s counts").replace("%s", current)


def standing(overview: TasteOverview) -> str:
    """What it was learned from and how it did where it was held out."""
    current = overview.state.current
    if current == "base":
        return _tr("Your choices and every version are kept. Any of them can count again.")
    if current == "live":
        return _tr("No version was learned yet. Each choice pulls the list a little; the more agree, the more.")
    about = next((one for one in overview.versions if str(one.get("version")) == current), None)
    return held_out(about) if about is not None else ""


def held_out(about: Mapping[str, Any]) -> str:
    """The figures of a version."""
    made = time.strftime("%d %b %Y", time.localtime(float(about.get("made_at", 0.0))))
    text = _tr("Learned on %1 from %2 tracks you used in %3 projects.")
    text = text.replace("%1", made).replace("%2", f"{int(about.get('likes', 0)):,}")
    text = text.replace("%3", f"{int(about.get('projects', 0)):,}")
    chosen = about.get("chosen")
    if not isinstance(chosen, Mapping):
        return text
    check = _tr("In projects held out, what you took stood at place %1 of %2; the base had it at %3.")
    check = check.replace("%1", f"{chosen['rank']:.0f}").replace("%2", f"{int(chosen['tracks']):,}")
    check = check.replace("%3", f"{chosen['base_rank']:.0f}")
    return f"{text} {check}"


def habit(change: Change) -> str:
    """What the user takes beside what the base would."""
    return _filled(_tr("You use %1 tracks than the base suggests: %2."), change)


def moved(change: Change) -> str:
    """What the taste changes in the lists."""
    return _filled(_tr("%1 tracks come first: %2."), change)


def learned(report: LearnReport) -> str:
    """What a run came to."""
    found = report.learned
    if not found.is_enough:
        text = _tr("Too little to check a taste on yet: %1 tracks you used, in %2 projects. It takes 5, in 4.")
        text = text.replace("%1", str(found.likes)).replace("%2", str(found.projects))
        return f"{text} {_tr('What you chose counts already, by itself.')}"
    if report.version is None:
        return _tr("Nothing was surely better on projects held out, so nothing changes.")
    return _tr("Version %s is better on projects held out. It counts from now on.").replace("%s", str(report.version))


def news(overview: TasteOverview) -> str:
    """What has come since the last run."""
    if overview.is_interrupted:
        return _tr("A run was interrupted; it goes on where it was.")
    return " ".join(part for part in (_new_choices(overview), _past_finds(overview.past_count)) if part)


def _new_choices(overview: TasteOverview) -> str:
    if not overview.news:
        return _tr("Nothing new since the last run.") if overview.labels else _tr("No choices yet.")
    text = _tr("1 new choice") if overview.news == 1 else _tr("%s new choices").replace("%s", f"{overview.news:,}")
    return f"{text} {_tr('since the last run.')}" if overview.state.seen_id else f"{text}."


def _past_finds(count: int) -> str:
    if not count:
        return ""
    if count == 1:
        return _tr("1 piece of music in past edits counts.")
    return _tr("%s pieces of music in past edits count.").replace("%s", f"{count:,}")


def verdict(name: str) -> str:
    """A verdict as the list of choices says it."""
    words = {
        "accept": _tr("used"),
        "export": _tr("exported"),
        "audition": _tr("heard for long"),
        "skip": _tr("passed over"),
        "reject": _tr("turned down"),
        "more": _tr("more like it"),
    }
    return words.get(name, name)


def asked(lists: BothLists) -> str:
    """A range of a video: "beach.mp4 · 0:08-0:20"."""
    start_s, end_s = lists.range_s
    return f"{video_name(lists.video)} · {format_time(start_s)}-{format_time(end_s)}"


def video_name(display: str) -> str:
    """A video's file name."""
    return PurePath(display).name or display


def _filled(sentence: str, change: Change) -> str:
    less, more = _WORDS.get(change.fact, ("", ""))
    word = _tr(more if change.yours > change.base else less)
    sentence = sentence.replace("%1", word).replace("%2", _values(change))
    return sentence[:1].upper() + sentence[1:]


_WORDS = {
    "tempo": ("slower", "faster"),
    "loudness": ("quieter", "louder"),
    "onsets a second": ("sparser", "busier"),
    "drive (0 still, 1 driving)": ("calmer", "more driving"),
    "mood (0 dark, 1 bright)": ("darker", "brighter"),
    "length": ("shorter", "longer"),
}


def _values(change: Change) -> str:
    """Both figures with their unit: "96 against 118 BPM"."""
    both = _tr("%1 against %2")
    if change.fact == "length":
        shown, unit = [format_time(value) for value in (change.yours, change.base)], ""
    elif change.fact in ("tempo", "loudness"):
        shown, unit = [f"{value:.0f}".replace("-", "−") for value in (change.yours, change.base)], change.unit
    elif change.fact == "onsets a second":
        shown, unit = [f"{value:.1f}" for value in (change.yours, change.base)], _tr("notes a second")
    else:
        name = _tr("drive") if change.fact.startswith("drive") else _tr("brightness")
        shown, unit = [f"{value:.2f}" for value in (change.yours, change.base)], _tr("%s, of 1").replace("%s", name)
    return f"{both.replace('%1', shown[0]).replace('%2', shown[1])} {unit}".strip()
