# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the viewer says below the picture: the timecode of what is shown, the loudness of the music that is heard."""

from __future__ import annotations

import math
from fractions import Fraction

from PySide6.QtCore import QCoreApplication

from needledrop.core.cue import Cue
from needledrop.core.picture import AudioStream
from needledrop.core.times import parse_time
from needledrop.export.timecode import frame_timecode
from needledrop.gui.cue_facts import signed
from needledrop.gui.document import Document
from needledrop.gui.open_video import OpenVideo

_CHANNELS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}


def _tr(text: str) -> str:
    return QCoreApplication.translate("Viewer", text)


def start_of(video: OpenVideo) -> Fraction:
    """The first picture's place on the clock of the file, in exact seconds."""
    return parse_time(video.start_timecode, video.frame_rate) if video.start_timecode else Fraction(0)


def timecode_text(video: OpenVideo, start_s: Fraction, position_s: float) -> str:
    """The timecode of the picture that is shown at a place; drop-frame where the frame rate has it, unless the clock
    of the file or of the project says that it counts every frame."""
    rate = video.frame_rate
    frame = int(Fraction(max(0.0, position_s)).limit_denominator(1_000_000) * rate + Fraction(1, 1000))
    is_counted = bool(video.start_timecode) and ";" not in video.start_timecode
    return frame_timecode(round(start_s * rate) + frame, Fraction(math.ceil(rate)) if is_counted else rate)


def heard_cue(document: Document, position_s: float) -> Cue | None:
    """The cue under the playhead: the suggestion that is auditioned, else one of the timeline's."""
    suggestion = document.auditioned
    cues = (suggestion.cue, *document.cues) if suggestion is not None else document.cues
    return next((cue for cue in cues if cue.record_in_s <= position_s < cue.record_out_s), None)


def music_text(document: Document, position_s: float) -> str:
    """ "Music +2.0 dB · ducked 9 dB under voice", of the cue under the playhead."""
    cue = heard_cue(document, position_s)
    if cue is None:
        return ""
    lufs = document.wish().mix.music_lufs
    facts = [_tr("Music aimed at %s LUFS").replace("%s", signed(lufs, 0))]
    if any(start_s <= position_s <= end_s for start_s, end_s in cue.ducking.speech_s):
        facts.append(_tr("ducked %s dB under voice").replace("%s", f"{-cue.ducking.depth_db:.0f}"))
    elif cue.ducking.speech_s:
        facts.append(_tr("ducks %s dB under voice").replace("%s", f"{-cue.ducking.depth_db:.0f}"))
    return " · ".join(facts)


def stream_name(number: int, stream: AudioStream) -> str:
    """ "1 · Dialogue · stereo"."""
    shape = _CHANNELS.get(stream.channels, _tr("%s channels").replace("%s", str(stream.channels)))
    language = stream.language if stream.language != "und" else ""  # ISO 639-2: undetermined
    return " · ".join(part for part in (str(number + 1), stream.title, language, shape) if part)
