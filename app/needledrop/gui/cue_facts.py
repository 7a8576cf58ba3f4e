# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is true of the video and of the cue that is heard, in the few words of the title bar and the status line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from needledrop.core.cue import Cue
from needledrop.core.times import format_time
from needledrop.gui.document import Document
from needledrop.gui.open_video import OpenVideo

if TYPE_CHECKING:
    from needledrop.core.query import Suggestion

LONGEST_IN_SECONDS_S = 90.0


def _tr(text: str) -> str:
    return QCoreApplication.translate("CueFacts", text)


def video_facts(video: OpenVideo) -> str:
    """Length, frame rate and cuts: "52.2 s · 24 fps · 14 cuts"."""
    is_short = video.duration_s < LONGEST_IN_SECONDS_S
    rate = f"{float(video.frame_rate):.3f}".rstrip("0").rstrip(".")
    facts = [f"{video.duration_s:.1f} s" if is_short else format_time(video.duration_s), f"{rate} fps"]
    if video.is_variable_frame_rate:
        facts[-1] = _tr("about %s").replace("%s", facts[-1])
    if video.features is not None:
        count = len(video.cuts_s)
        facts.append(_tr("1 cut") if count == 1 else _tr("%s cuts").replace("%s", f"{count:,}"))
    return " · ".join(facts)


def heard_facts(document: Document) -> str:
    """The suggestion that is auditioned, else the selected cue, else what to do next."""
    suggestion = document.auditioned
    if suggestion is not None:
        return suggestion_facts(suggestion)
    if document.selected is not None:
        cue = document.cues[document.selected]
        return " · ".join([*_sync_facts(document, cue), cue_facts(cue)])
    return ""


def suggestion_facts(suggestion: Suggestion) -> str:
    """Cuts on beats, offset, gain: "Cuts on beats 11/14 · offset −8 ms"."""
    facts = []
    if suggestion.has_pulse and suggestion.cuts:
        facts += _beat_facts(suggestion.cut_hits, suggestion.cuts, suggestion.mean_offset_s)
    elif not suggestion.has_pulse:
        facts.append(_tr("no steady beat"))
    return " · ".join([*facts, cue_facts(suggestion.cue)])


def _sync_facts(document: Document, cue: Cue) -> list[str]:
    """The cuts under the cue that its beats meet, as it lies now; nothing until cuts and beats are there."""
    from needledrop.workflows.cue_sync import cue_sync

    rhythm = document.rhythm(cue.track_id)
    if rhythm is None or document.video is None or document.video.features is None:
        return []
    sync = cue_sync(cue, rhythm, document.video.features.shots.cuts_s)
    if sync is None:
        return [_tr("no steady beat")] if not len(rhythm.beats_s) else []
    return _beat_facts(sync.cut_hits, sync.cuts, sync.mean_offset_s)


def _beat_facts(cut_hits: int, cuts: int, mean_offset_s: float) -> list[str]:
    facts = [_tr("Cuts on beats %s").replace("%s", f"{cut_hits}/{cuts}")]
    if cut_hits:
        facts.append(_tr("offset %s ms").replace("%s", signed(1000 * mean_offset_s, 0)))
    return facts


def cue_facts(cue: Cue) -> str:
    """Where in the track it starts, its speed where it is not its own, its gain."""
    facts = [_tr("from %s").replace("%s", format_time(cue.pieces[0].source_in_s))] if cue.pieces else []
    if abs(cue.stretch - 1.0) > 5e-4:
        facts.append(f"{signed(cue.speed_percent - 100.0, 1)} %")
    facts.append(f"{signed(cue.gain_db, 1)} dB")
    return " · ".join(facts)


def signed(value: float, digits: int) -> str:
    """A number with its sign, the minus as a minus: "+1.5", "−8", "0"."""
    text = f"{value:+.{digits}f}"
    if float(text) == 0.0:
        return text[1:]
    return text.replace("-", "−")
