# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why this track, here: plain sentences with their numbers and the instants they speak of.

Every sentence states something measured on this pair of picture and music; what was not found is not claimed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from needledrop.core.query import Query, RankedSegment, Reason
from needledrop.core.times import format_time
from needledrop.index.summary import arousal, mean_descriptor
from needledrop.suggest.align import HIT_S, ChanceHits, beat_offsets
from needledrop.suggest.details import TrackDetails
from needledrop.suggest.picture_shape import PictureShape
from needledrop.suggest.place import Placement

_PLAIN_RATIOS = (1, 2, 3, 4, 8)
_PLAIN_TOLERANCE = 0.08
_CLEAR_CORRELATION = 0.35
_CLEAR_STEPS = 0.1
_SAME_ENERGY = 0.15
_CLEAR_MOOD = 0.08
_SURE_KEY = 0.15
_BRIGHT, _DARK = 0.48, 0.34
_GREY = 0.12
_CLEAR_SIMILARITY = 0.3
# Silence before the out-point that is worth a word.
_NOTICED_S = 0.25
_OFTEN = 3
_SHORTEST_WORD = 3
# A match in one of these tells nobody anything.
_EMPTY_WORDS = frozenset(
    [
        "and",
        "but",
        "first",
        "for",
        "from",
        "into",
        "not",
        "over",
        "that",
        "the",
        "then",
        "this",
        "through",
        "under",
        "with",
    ]
)


@dataclass(frozen=True)
class Subject:
    """Everything an explanation may speak of."""

    query: Query
    shape: PictureShape
    track: TrackDetails
    segment: RankedSegment
    placement: Placement
    chance: ChanceHits | None

    def timeline_s(self, instant_s: float) -> float:
        """An instant of the range on the timeline."""
        return round(self.shape.start_s + instant_s, 3)


@dataclass(frozen=True)
class Explanation:
    """Reasons, the most telling first, and warnings."""

    reasons: tuple[Reason, ...]
    warnings: tuple[str, ...]


def explain(subject: Subject) -> Explanation:
    """Say why, and what to beware of."""
    known = (_words, _likeness, _past_use, _tags)
    makers = (*known, _cuts, _pace, _turn, _course, _movement, _energy, _mood, _entry, _ending, _loop)
    reasons = tuple(reason for make in makers for reason in make(subject))
    return Explanation(reasons, tuple(_warnings(subject)))


def _cuts(subject: Subject) -> Iterator[Reason]:
    placement, cuts_s = subject.placement, subject.shape.cuts_s
    hits = placement.hits
    if not placement.line.has_pulse:
        yield Reason(f"no steady beat: {_placed_without_beats(subject)}")
        return
    if len(cuts_s) == 0:
        basis = "beats fall on accents of the movement" if _has_accents(subject) else _placed_without_beats(subject)
        yield Reason(f"no cuts in the range: {basis}")
        return
    downbeats = int((placement.on_downbeat & hits).sum())
    text = f"{int(hits.sum())} of {_counted(len(cuts_s), 'cut')} fall on beats"
    details = [f"{downbeats} on a downbeat"] if downbeats else []
    if hits.any():
        details.append(_distance(placement))
    if subject.chance is not None:
        details.append(_against_chance(subject.chance))
    times = tuple(subject.timeline_s(float(cut_s)) for cut_s in cuts_s[hits])
    yield Reason(f"{text} ({'; '.join(details)})" if details else text, times)


def _against_chance(chance: ChanceHits) -> str:
    """What the track does for the same shots in other orders; a count, for a share of what would have to be said."""
    beaten = round(chance.orders * chance.percentile / 100)
    return (
        f"the same shots in {chance.orders} other orders reach {chance.mean:.0f} on average;"
        f" this order fits better than {beaten} of them"
    )


def _distance(placement: Placement) -> str:
    """How far the beats lie from the cuts they fall on, and to which side if they lean to one."""
    apart = float(np.median(np.abs(placement.cut_offsets_s[placement.hits])))
    lean = 1000.0 * placement.mean_offset_s
    side = f", {abs(lean):.0f} ms {'after' if lean > 0 else 'before'} the cut on average" if abs(lean) >= 2.0 else ""
    return f"{1000.0 * apart:.0f} ms apart in the median{side}"


def _placed_without_beats(subject: Subject) -> str:
    """What the cue was placed by where beats could not say: the energy, if the picture moves at all."""
    if subject.placement.correlation is None and subject.shape.turning_s is None:
        return "placed by where the music sounds and ends, for the picture hardly moves"
    return "placed by energy alone"


def _has_accents(subject: Subject) -> bool:
    return subject.placement.line.has_pulse and len(subject.shape.accents_s) > 1


def _pace(subject: Subject) -> Iterator[Reason]:
    beat_s, shot_s = subject.placement.beat_s, subject.shape.shot_s
    if beat_s <= 0 or shot_s <= 0 or len(subject.shape.cuts_s) < 2:
        return
    bar_s = beat_s * max(subject.track.rhythm.beats_per_bar, 1)
    for ratio, text in (
        (bar_s / shot_s, "{:.1f} cuts per bar"),
        (shot_s / bar_s, "one cut every {:.1f} bars"),
        (shot_s / beat_s, "one cut every {:.1f} beats"),
    ):
        if round(ratio) in _PLAIN_RATIOS and abs(ratio / round(ratio) - 1.0) <= _PLAIN_TOLERANCE:
            yield Reason(f"tempo {60.0 / beat_s:.0f} fits {text.format(ratio)}")
            return


def _turn(subject: Subject) -> Iterator[Reason]:
    rise_s = subject.placement.rise_s
    if rise_s is not None:
        instant = subject.timeline_s(rise_s)
        yield Reason(f"energy rises at {format_time(instant)} as the motion does", (instant,))


def _course(subject: Subject) -> Iterator[Reason]:
    above_chance = subject.segment.parts.get("steps", 0.0)
    if above_chance >= _CLEAR_STEPS:
        yield Reason(
            "its loudness and attacks change where the picture does, as learned from other pairs"
            f" (correlation {above_chance:.2f} above what so many starts reach by chance)"
        )


def _movement(subject: Subject) -> Iterator[Reason]:
    correlation = subject.placement.correlation
    if correlation is not None and correlation >= _CLEAR_CORRELATION:
        yield Reason(f"its energy follows the movement of the picture (correlation {correlation:.2f})")


def _energy(subject: Subject) -> Iterator[Reason]:
    track = subject.track
    music = arousal(track.rhythm, track.loudness, mean_descriptor(track.clips))
    picture = subject.shape.arousal
    if abs(music - picture) > _SAME_ENERGY:
        return
    word = "calm" if picture < 0.36 else "lively" if picture < 0.62 else "driving"
    yield Reason(
        f"{word} picture, {word} music ({subject.shape.cuts_per_minute:.0f} cuts a minute; "
        f"{track.rhythm.onset_density_hz:.1f} notes a second)"
    )


def _mood(subject: Subject) -> Iterator[Reason]:
    shape, tonality = subject.shape, subject.track.tonality
    if shape.valence is None or tonality.tonic < 0 or tonality.confidence < _SURE_KEY:
        return
    lean = shape.valence - 0.5
    if abs(lean) < _CLEAR_MOOD or (lean > 0) != tonality.is_major:
        return
    warmth = "warm" if shape.warmth > 0.1 else "cool" if shape.warmth < -0.1 else ""
    light = "bright" if shape.brightness > _BRIGHT else "dark" if shape.brightness < _DARK else ""
    colour = "grey" if shape.saturation < _GREY else ""
    mode = "major" if tonality.is_major else "minor"
    words = [word for word in (warmth, light, colour) if word]
    if words:
        yield Reason(f"{', '.join(words)} picture; {mode} key ({tonality.key_name})")


def content_words(text: str) -> frozenset[str]:
    """The words of a text that say something, in small letters."""
    return frozenset(w for w in re.findall(r"\w+", text.casefold()) if len(w) >= _SHORTEST_WORD) - _EMPTY_WORDS


def _words(subject: Subject) -> Iterator[Reason]:
    query = subject.query
    if query.text and query.text_scores is not None:
        yield from _matching_words(subject, query.text, query.text_scores, f"'{query.text}'", "")
    if query.found_text and query.found_scores is not None:
        origin = ", a word found about the video"
        yield from _matching_words(subject, query.found_text, query.found_scores, "the words found about it", origin)


def _matching_words(
    subject: Subject, text: str, scores: Mapping[int, float], named: str, origin: str
) -> Iterator[Reason]:
    """How the track's own words match a text, which is `named` so; origin says where it is from."""
    track = subject.track
    own = {"title": track.title, "artist": track.artist, "album": track.album, "genre and mood": track.words}
    own["what a model heard in it"] = " ".join(track.tags)
    wanted = content_words(text)
    for place, said in own.items():
        found = sorted(wanted & set(re.findall(r"\w+", said.casefold())))
        if found:
            yield Reason(f"matches '{' '.join(found)}' in {place}{origin}")
            return
    similarity = scores.get(track.track_id, 0.0)
    if similarity >= _CLEAR_SIMILARITY:
        yield Reason(f"its words are near in meaning to {named} (similarity {similarity:.2f} of 1)")


def _likeness(subject: Subject) -> Iterator[Reason]:
    similarity = subject.segment.parts.get("like", 0.0)
    if similarity >= _CLEAR_SIMILARITY:
        count = len(subject.query.like_vectors)
        named = "the reference" if count == 1 else f"the {count} references"
        yield Reason(f"sounds like {named} (similarity {similarity:.2f} of 1)")


def _past_use(subject: Subject) -> Iterator[Reason]:
    use = subject.query.past_uses.get(subject.track.track_id)
    if use is not None:
        yield Reason(f"you used it under pictures like these: '{use.video}' at {format_time(use.start_s)}")


def _tags(subject: Subject) -> Iterator[Reason]:
    if subject.track.tags:
        yield Reason(f"a model that heard it names: {', '.join(subject.track.tags)}")


def _entry(subject: Subject) -> Iterator[Reason]:
    placement = subject.placement
    start_s = placement.cue.pieces[0].source_in_s
    if start_s < 0.05:
        yield Reason("starts at the beginning of the track", (subject.timeline_s(0.0),))
        return
    instant = np.array([placement.start_s])
    on_downbeat = np.abs(beat_offsets(placement.line.downbeats_s, instant))[0] <= HIT_S
    on_beat = np.abs(beat_offsets(placement.line.beats_s, instant))[0] <= HIT_S
    where = ", on a downbeat" if on_downbeat else ", on a beat" if on_beat else ""
    yield Reason(f"starts at {format_time(start_s)} of the track{where}", (subject.timeline_s(0.0),))


def _ending(subject: Subject) -> Iterator[Reason]:
    placement, cue = subject.placement, subject.placement.cue
    music_end_s = round(cue.record_out_s - max(0.0, cue.duration_s - (placement.line.end_s - placement.start_s)), 3)
    if placement.ends_naturally:
        yield Reason(f"ends with the track's own ending at {format_time(music_end_s)}", (music_end_s,))
        return
    fade_s = round(cue.record_out_s - cue.fade_out_s, 3)
    bars = cue.fade_out_s / placement.bar_s
    length = "over about a bar" if placement.line.has_pulse and 0.5 < bars < 1.7 else f"over {cue.fade_out_s:.1f} s"
    yield Reason(f"fades out from {format_time(fade_s)} {length}", (fade_s,))


def _loop(subject: Subject) -> Iterator[Reason]:
    loop, cue = subject.placement.line.loop, subject.placement.cue
    if loop is None or len(cue.pieces) < 2:
        return
    joints = np.cumsum([piece.duration_s for piece in cue.pieces])[:-1] + cue.record_in_s
    yield Reason(
        f"shorter than the range: {loop.bars} bars ({format_time(loop.in_s)} to {format_time(loop.out_s)}) "
        f"are repeated {_times(len(cue.pieces) - 1)}, joined on bar lines",
        tuple(round(float(joint_s), 3) for joint_s in joints),
    )


def _warnings(subject: Subject) -> Iterator[str]:
    placement = subject.placement
    if placement.early_s > _NOTICED_S:
        early = f"{placement.early_s:.1f} s" if placement.early_s < 10 else format_time(placement.early_s)
        yield f"ends {early} before the picture does; silence follows"
    if len(placement.cue.pieces) > _OFTEN + 1:
        yield f"repeats itself {_times(len(placement.cue.pieces) - 1)}: it may tire in a range this long"
    yield from _licence_warnings(subject)


def _licence_warnings(subject: Subject) -> Iterator[str]:
    licence = subject.track.licence
    if licence.is_share_alike:
        yield f"share-alike ({licence.name}): the finished video must carry the same licence"
    if licence.forbids_commercial_use:
        yield f"non-commercial use only ({licence.name})"
    if licence.forbids_derivatives:
        yield f"no derivatives ({licence.name}): music under picture needs the author's permission"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
